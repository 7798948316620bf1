// An ECG on its paper: 25 mm a second, 10 mm a millivolt, three rows of four leads and the second lead below them, as it hangs on every ward.
import type { Ecg, Lead } from './ecg';

export const SPEED_MM_S = 25;
export const GAIN_MM_MV = 10;
const ROWS: string[][] = [['I', 'aVR', 'V1', 'V4'], ['II', 'aVL', 'V2', 'V5'], ['III', 'aVF', 'V3', 'V6']];
const RHYTHM = 'II';
const COLUMN_S = 2.5;
const ROW_MM = 24;
const MARGIN_MM = 4;
const WIDTH_MM = ROWS[0]!.length * COLUMN_S * SPEED_MM_S + 2 * MARGIN_MM;
const HEIGHT_MM = (ROWS.length + 1) * ROW_MM + 2 * MARGIN_MM;

/** Height of the paper for a width. */
export const heightFor = (width: number) => (width * HEIGHT_MM) / WIDTH_MM;

export interface Ink { paper: string; fine: string; coarse: string; trace: string }

export function drawEcg(pen: CanvasRenderingContext2D, width: number, ecg: Ecg, ink: Ink): void {
  const px = width / WIDTH_MM;
  pen.fillStyle = ink.paper;
  pen.fillRect(0, 0, width, HEIGHT_MM * px);
  grid(pen, px, 1, ink.fine, 0.5);
  grid(pen, px, 5, ink.coarse, 1);
  pen.strokeStyle = ink.trace;
  pen.fillStyle = ink.trace;
  pen.lineJoin = 'round';
  pen.lineWidth = Math.max(1.1, px * 0.3);
  pen.font = `600 ${Math.max(11, px * 3.4)}px sans-serif`;
  const found = (name: string) => ecg.leads.find((lead) => lead.name === name);
  ROWS.forEach((row, line) => {
    row.forEach((name, column) => strip(pen, px, found(name), name, ecg.rate_hz, line, column * COLUMN_S, COLUMN_S));
  });
  strip(pen, px, found(RHYTHM), RHYTHM, ecg.rate_hz, ROWS.length, 0, ROWS[0]!.length * COLUMN_S);
}

function grid(pen: CanvasRenderingContext2D, px: number, every_mm: number, colour: string, line: number): void {
  pen.strokeStyle = colour;
  pen.lineWidth = line;
  pen.beginPath();
  for (let mm = MARGIN_MM % every_mm; mm <= WIDTH_MM; mm += every_mm) {
    pen.moveTo(mm * px, 0);
    pen.lineTo(mm * px, HEIGHT_MM * px);
  }
  for (let mm = MARGIN_MM % every_mm; mm <= HEIGHT_MM; mm += every_mm) {
    pen.moveTo(0, mm * px);
    pen.lineTo(WIDTH_MM * px, mm * px);
  }
  pen.stroke();
}

/** One lead from one second on, each at its own time: what stands side by side was not measured at once. */
function strip(pen: CanvasRenderingContext2D, px: number, lead: Lead | undefined, name: string, rate_hz: number, line: number, from_s: number, length_s: number): void {
  const left = (MARGIN_MM + from_s * SPEED_MM_S) * px;
  const middle = (MARGIN_MM + (line + 0.62) * ROW_MM) * px;
  pen.fillText(name, left + px, middle - 8 * px);
  if (!lead) return;
  const first = Math.round(from_s * rate_hz);
  const count = Math.min(Math.round(length_s * rate_hz), lead.samples.length - first);
  if (count < 2) return;
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, length_s * SPEED_MM_S * px, HEIGHT_MM * px);
  pen.clip();
  pen.beginPath();
  for (let at = 0; at < count; at += 1) {
    const x = left + (at / rate_hz) * SPEED_MM_S * px;
    const y = middle - (lead.samples[first + at] ?? 0) * GAIN_MM_MV * px;
    if (at === 0) pen.moveTo(x, y);
    else pen.lineTo(x, y);
  }
  pen.stroke();
  pen.restore();
}
