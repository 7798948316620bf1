// How long the receiver has had no fix, as a crew says it: in whole minutes, for seconds that count up keep nobody calm.
import type { Values } from '../words/language.svelte';

interface Long { key: 'no_fix_moments' | 'no_fix_minutes' | 'no_fix_hours'; values: Values }

/** The words' key and their numbers; nothing where the vehicle's program does not say. */
export function longWithout(seconds: number | null | undefined): Long | null {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return null;
  const minutes = Math.floor(Math.max(0, seconds) / 60);
  if (minutes === 0) return { key: 'no_fix_moments', values: {} };
  if (minutes < 60) return { key: 'no_fix_minutes', values: { n: minutes } };
  return { key: 'no_fix_hours', values: { h: Math.floor(minutes / 60), n: minutes % 60 } };
}
