// A sketch of the way: the route and the vehicle in the box of a picture, north up, without a map behind it.
import type { Place } from './state';

export interface Sketch {
  /** The way that lies ahead, and the part already driven; empty without a route. */
  ahead: string;
  driven: string;
  target: Spot | null;
  vehicle: Spot | null;
  /** A bar of a round number of metres. */
  bar: { length_m: number; length_px: number } | null;
}
export type Spot = [number, number];

/** Metres as the crow flies; said as such, since no road was asked. */
export function crow_m(from: Place | null, to: Place | null): number | null {
  if (!from || !to) return null;
  const radians = Math.PI / 180;
  const x = (to.longitude_deg - from.longitude_deg) * radians * Math.cos(from.latitude_deg * radians);
  return Math.hypot(x, (to.latitude_deg - from.latitude_deg) * radians) * 6_371_000;
}

/** Fits places into a picture of the given size with a margin; longitudes are shortened by the latitude. */
export function sketch(route: Place[], target: Place | null, vehicle: Place | null, width: number, height: number, margin = 28): Sketch {
  const all = [...route, ...(target ? [target] : []), ...(vehicle ? [vehicle] : [])];
  if (all.length === 0) return { ahead: '', driven: '', target: null, vehicle: null, bar: null };
  const shrink = Math.cos(((all[0]?.latitude_deg ?? 0) * Math.PI) / 180);
  const xs = all.map((place) => place.longitude_deg * shrink);
  const ys = all.map((place) => place.latitude_deg);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const across = Math.max(right - left, SPAN_DEG_MIN);
  const up = Math.max(high - low, SPAN_DEG_MIN);
  const scale = Math.min((width - 2 * margin) / across, (height - 2 * margin) / up);
  const [dx, dy] = [(width - (right - left) * scale) / 2, (height - (high - low) * scale) / 2];
  const at = (place: Place): Spot => [
    dx + (place.longitude_deg * shrink - left) * scale,
    height - dy - (place.latitude_deg - low) * scale,
  ];
  const line = route.map(at);
  const spot = vehicle && at(vehicle);
  const [driven, ahead] = parted(line, spot);
  return { ahead: drawn(ahead), driven: drawn(driven), target: target && at(target), vehicle: spot, bar: bar(scale) };
}

/** Parts a line where it comes nearest to the vehicle; without one, or far off the line, all of it lies ahead. */
function parted(line: Spot[], vehicle: Spot | null): [Spot[], Spot[]] {
  if (!vehicle) return [[], line];
  let best: { index: number; spot: Spot; off: number } | null = null;
  for (const [index, from] of line.entries()) {
    const to = line[index + 1];
    if (!to) break;
    const spot = nearest(from, to, vehicle);
    const off = Math.hypot(spot[0] - vehicle[0], spot[1] - vehicle[1]);
    if (!best || off < best.off) best = { index, spot, off };
  }
  if (!best || best.off > OFF_PX_MAX) return [[], line];
  return [[...line.slice(0, best.index + 1), best.spot], [best.spot, ...line.slice(best.index + 1)]];
}

function nearest(from: Spot, to: Spot, point: Spot): Spot {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const share = (x * (point[0] - from[0]) + y * (point[1] - from[1])) / (x * x + y * y || 1);
  const along = Math.min(1, Math.max(0, share));
  return [from[0] + along * x, from[1] + along * y];
}

function drawn(line: Spot[]): string {
  return line.length > 1 ? `M${line.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}` : '';
}

/** The longest round number of metres that fits into a finger's width. */
function bar(px_per_degree: number): Sketch['bar'] {
  const px_per_m = px_per_degree / METRES_PER_DEGREE;
  const length_m = ROUND_M.filter((metres) => metres * px_per_m <= BAR_PX_MAX).at(-1);
  return length_m === undefined ? null : { length_m, length_px: length_m * px_per_m };
}

const METRES_PER_DEGREE = 111_195;
/** No picture shows less than about a hundred metres: at the door the way must not be blown up to a blur. */
const SPAN_DEG_MIN = 0.001;
const BAR_PX_MAX = 110;
const ROUND_M = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000];
/** Farther off the line than this on the picture, the crew drives another way. */
const OFF_PX_MAX = 40;
