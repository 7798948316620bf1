// Critical first, then by the time they are expected; without an expectation last of their level.
import type { Arrival, Level } from '../api/types';
import { etaRange } from '../live/eta';

const LEVELS: Record<Level, number> = { I: 0, II: 1, III: 2, IV: 3 };

export function inOrder(arrivals: Arrival[], now_ms: number): Arrival[] {
  const expected = (arrival: Arrival) => etaRange(arrival.eta, now_ms)?.from_min ?? Number.MAX_SAFE_INTEGER;
  const critical = (arrival: Arrival) => (LEVELS[arrival.level] === 0 ? 0 : 1);
  return [...arrivals].sort(
    (a, b) => critical(a) - critical(b) || expected(a) - expected(b) || LEVELS[a.level] - LEVELS[b.level] || a.chosen_at.localeCompare(b.chosen_at),
  );
}
