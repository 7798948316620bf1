// Which open incidents a call may be about: near in place or of the same words, and young enough.
import type { Incident, Position } from '../api/types';

const NEAR_M_MAX = 600;
const AGE_S_MAX = 45 * 60;
const SHOWN_MAX = 4;

/** Metres between two positions; good enough for a city. */
export function distance_m(a: Position, b: Position): number {
  const radians = Math.PI / 180;
  const x = (b.longitude - a.longitude) * radians * Math.cos(((a.latitude + b.latitude) / 2) * radians);
  return Math.hypot(x, (b.latitude - a.latitude) * radians) * 6_371_000;
}

export function nearbyIncidents(
  incidents: Iterable<Incident>, at: Position | null, address: string, now_ms: number,
): { incident: Incident; distance: number | null }[] {
  const words = address.trim();
  return [...incidents]
    .filter((incident) => incident.phase !== 'ended' && (now_ms - Date.parse(incident.created_at)) / 1000 < AGE_S_MAX)
    .map((incident) => ({ incident, distance: at && incident.place.position ? distance_m(at, incident.place.position) : null }))
    .filter(({ incident, distance }) => (distance !== null && distance < NEAR_M_MAX) || (words.length >= 3 && incident.place.address.includes(words)))
    .sort((a, b) => (a.distance ?? Infinity) - (b.distance ?? Infinity))
    .slice(0, SHOWN_MAX);
}
