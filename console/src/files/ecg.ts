// An electrocardiogram as devices write it for others: HL7's annotated ECG (aECG). What is not understood is left out, never guessed.

export interface Lead { name: string; /** Millivolts. */ samples: Float32Array }
export interface Ecg { rate_hz: number; leads: Lead[] }

const LEADS_MAX = 24;
const SAMPLES_MAX = 120_000;
const LEAD = 'MDC_ECG_LEAD_';
/** As they are printed. */
const NAMES: Record<string, string> = { AVR: 'aVR', AVL: 'aVL', AVF: 'aVF' };
const PER_MV: Record<string, number> = { mV: 1, uV: 1_000, nV: 1_000_000 };
const PER_S: Record<string, number> = { s: 1, ms: 1_000, us: 1_000_000 };

/** `null`: it is not an ECG that can be drawn. */
export function readEcg(text: string): Ecg | null {
  const page = new DOMParser().parseFromString(text, 'application/xml');
  if (page.getElementsByTagName('parsererror').length > 0) return null;
  // The first recorded series: a device's own mean beat, where there is one, stands behind it.
  const set = all(page, 'sequenceSet')[0];
  if (!set) return null;
  const sequences = all(set, 'sequence');
  const rate_hz = sequences.map(rateOf).find((rate) => rate > 0) ?? 0;
  const leads = sequences.map(leadOf).filter((lead) => lead !== null).slice(0, LEADS_MAX);
  return rate_hz > 0 && leads.length > 0 ? { rate_hz, leads } : null;
}

function all(inside: Document | Element, name: string): Element[] {
  return [...inside.getElementsByTagNameNS('*', name)];
}

function value(inside: Element, name: string, units: Record<string, number>): number | null {
  const element = all(inside, name)[0];
  const per = units[element?.getAttribute('unit') ?? ''];
  const number = Number(element?.getAttribute('value') ?? Number.NaN);
  return per === undefined || !Number.isFinite(number) ? null : number / per;
}

function rateOf(sequence: Element): number {
  const step_s = value(sequence, 'increment', PER_S);
  return step_s === null || step_s <= 0 ? 0 : Math.round(1 / step_s);
}

function leadOf(sequence: Element): Lead | null {
  const code = all(sequence, 'code')[0]?.getAttribute('code') ?? '';
  const scale_mv = value(sequence, 'scale', PER_MV);
  const digits = all(sequence, 'digits')[0]?.textContent?.trim() ?? '';
  if (!code.startsWith(LEAD) || scale_mv === null || digits === '') return null;
  const origin_mv = value(sequence, 'origin', PER_MV) ?? 0;
  const samples = Float32Array.from(digits.split(/\s+/).slice(0, SAMPLES_MAX), (digit) => origin_mv + scale_mv * Number(digit));
  const name = code.slice(LEAD.length);
  return samples.every(Number.isFinite) ? { name: NAMES[name] ?? name, samples } : null;
}
