// The vital signs in a few words: what a doctor looks at first stands first, what was not measured is left out.
import type { Vitals } from '../api/types';

export type Sign = 'pressure' | 'heart_rate_per_min' | 'spo2_percent' | 'respiration_per_min' | 'temperature_c' | 'glucose_mmol_l' | 'etco2_mmhg';
export interface Shown { sign: Sign; text: string; grave: boolean; course: '↑' | '↓' | '' }

type Measured = Pick<Vitals, 'systolic_mmhg' | 'diastolic_mmhg' | Exclude<Sign, 'pressure'>>;
type Whole = keyof Measured;

/** Outside of these an adult is in danger: of an early-warning score (NEWS2) the values that alone call for a doctor. */
const SAFE: Partial<Record<Whole, [number, number]>> = {
  systolic_mmhg: [91, 219],
  heart_rate_per_min: [41, 130],
  spo2_percent: [92, 100],
  respiration_per_min: [9, 24],
  temperature_c: [35.1, 41],
  glucose_mmol_l: [3, 20],
};
/** A change that is worth an arrow. */
const NOTABLE: Partial<Record<Whole, number>> = { systolic_mmhg: 10, heart_rate_per_min: 10, spo2_percent: 2, respiration_per_min: 4 };
const ORDER: [Sign, Whole][] = [
  ['pressure', 'systolic_mmhg'],
  ['heart_rate_per_min', 'heart_rate_per_min'],
  ['spo2_percent', 'spo2_percent'],
  ['respiration_per_min', 'respiration_per_min'],
  ['temperature_c', 'temperature_c'],
  ['glucose_mmol_l', 'glucose_mmol_l'],
  ['etco2_mmhg', 'etco2_mmhg'],
];

const rounded = (value: number) => (Math.round(value * 10) / 10).toString();

/** `before`: an earlier measuring, for the arrows. */
export function signs(now: Measured, before: Measured | null = null): Shown[] {
  return ORDER.flatMap(([sign, field]) => {
    const value = now[field];
    if (value === null || value === undefined) return [];
    const [low, high] = SAFE[field] ?? [-Infinity, Infinity];
    const change = value - (before?.[field] ?? value);
    const course = Math.abs(change) < (NOTABLE[field] ?? Infinity) ? '' : change > 0 ? '↑' : '↓';
    const text = sign === 'pressure' ? `${rounded(value)}/${now.diastolic_mmhg ?? '–'}` : rounded(value);
    return [{ sign, text, grave: value < low || value > high, course }];
  });
}
