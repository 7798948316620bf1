// The city's box, in whichever of its two common forms the centre writes it.
import type { CityMap } from '../api/types';

export function boundsOf(map: CityMap | null): [number, number, number, number] | null {
  if (!map) return null;
  const box = map.bounds as unknown;
  if (Array.isArray(box) && box.length === 4) return box.map(Number) as [number, number, number, number];
  if (box === null || typeof box !== 'object') return null;
  const named = box as Record<string, unknown>;
  const corner = (name: string) => named[name] as { longitude: number; latitude: number } | undefined;
  const [low, high] = [corner('south_west') ?? corner('min'), corner('north_east') ?? corner('max')];
  if (low && high) return [low.longitude, low.latitude, high.longitude, high.latitude];
  const numbers = ['west', 'south', 'east', 'north'].map((name) => Number(named[name]));
  return numbers.every(Number.isFinite) ? (numbers as [number, number, number, number]) : null;
}
