// A sketch of the way: the route and the vehicle in the box of a picture, north up, without a map behind it.
import type { Place } from './state';

export interface Sketch { path: string; target: [number, number] | null; vehicle: [number, number] | null }

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
  if (all.length === 0) return { path: '', target: null, vehicle: null };
  const shrink = Math.cos(((all[0]?.latitude_deg ?? 0) * Math.PI) / 180);
  const xs = all.map((place) => place.longitude_deg * shrink);
  const ys = all.map((place) => place.latitude_deg);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min((width - 2 * margin) / Math.max(right - left, 1e-6), (height - 2 * margin) / Math.max(high - low, 1e-6));
  const [dx, dy] = [(width - (right - left) * scale) / 2, (height - (high - low) * scale) / 2];
  const at = (place: Place): [number, number] => [
    dx + (place.longitude_deg * shrink - left) * scale,
    height - dy - (place.latitude_deg - low) * scale,
  ];
  const points = route.map((place) => at(place).map((value) => value.toFixed(1)).join(' '));
  return { path: points.length > 1 ? `M${points.join('L')}` : '', target: target && at(target), vehicle: vehicle && at(vehicle) };
}
