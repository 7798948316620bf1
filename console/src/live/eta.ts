// An expected arrival as a range that shrinks with the clock. A board shows no single minute that nobody can promise.
import type { Eta } from '../api/types';

export interface Range { from_min: number; to_min: number; overdue: boolean }

/** Minutes from now; `overdue` once even the latest has passed. */
export function etaRange(eta: Eta | null, now_ms: number): Range | null {
  if (!eta) return null;
  const passed = (now_ms - Date.parse(eta.at)) / 1000;
  const [earliest, latest] = [eta.earliest_s - passed, eta.latest_s - passed];
  if (Number.isNaN(latest)) return null;
  const from = Math.max(0, Math.floor(earliest / 60));
  return { from_min: from, to_min: Math.max(from + 1, Math.ceil(latest / 60)), overdue: latest < 0 };
}
