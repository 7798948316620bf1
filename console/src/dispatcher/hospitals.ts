// Which hospitals take patients now, and in which order they are listed. Pure, so that a table can test it.
import type { Hospital } from '../api/types';

/** For how many hours a hospital may ask to be spared at one press. */
export const HOURS = [1, 2, 4, 8] as const;

/** Whether it asks not to be sent patients at this moment: a request that has run out counts no more. */
export function diverts(hospital: Hospital, now_ms: number): boolean {
  return hospital.diversion !== null && Date.parse(hospital.diversion.until) > now_ms;
}

/** Those that divert first, then by their codes. */
export function hospitalList(hospitals: Iterable<Hospital>, now_ms: number): Hospital[] {
  return [...hospitals].sort((a, b) => Number(diverts(b, now_ms)) - Number(diverts(a, now_ms)) || a.id.localeCompare(b.id));
}
