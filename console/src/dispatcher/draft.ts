// What is being typed, kept by this tab until it is sent: a reload, a crash of the page or a lost connection loses no word.
import { freshKey } from '../api/key';
import type { Call, IncidentKind, Level, Position, Sex, Sketch, Skill } from '../api/types';

/** An incident as the call-taker builds it up. `key` makes sending it twice harmless. */
export interface CallDraft {
  key: string;
  call: string | null;
  /** The call belongs to another incident, and is found to be about another event. */
  split: boolean;
  kind: IncidentKind;
  complaint: string;
  level: Level | null;
  address: string;
  waiting_place: string;
  position: Position | null;
  name: string;
  sex: Sex | null;
  age: string;
  units: number;
  skills: Skill[];
  notes: string;
  wish: string | null;
  text_only: boolean;
  test: boolean;
  /** The time of a booked run as it is typed, by the clocks of the city: `2026-11-22T14:30`. */
  booked: string;
}

export const AGE_YEARS_MAX = 130;
export const UNITS_MAX = 50;

export function emptyDraft(call: Call | null, split = false): CallDraft {
  const text = call?.source === 'text' ? (call.lines.find((line) => line.from === 'caller')?.text ?? '') : '';
  return {
    key: freshKey(),
    call: call?.id ?? null,
    split,
    kind: 'emergency',
    complaint: text.slice(0, 60),
    level: null,
    address: call?.place.address ?? '',
    waiting_place: call?.place.waiting_place ?? '',
    position: call?.place.position ?? null,
    name: '',
    sex: null,
    age: '',
    units: 1,
    skills: [],
    notes: '',
    wish: null,
    text_only: call?.text_only ?? false,
    test: false,
    booked: '',
  };
}

export type Missing = 'complaint' | 'level' | 'age' | 'units';

/** What must be there before an incident can be created; nothing else is asked for. */
export function missing(draft: CallDraft): Missing[] {
  const lacks: Missing[] = [];
  if (draft.complaint.trim() === '') lacks.push('complaint');
  if (draft.level === null) lacks.push('level');
  if (draft.age.trim() !== '' && ageYears(draft.age) === null) lacks.push('age');
  if (!Number.isInteger(draft.units) || draft.units < 1 || draft.units > UNITS_MAX) lacks.push('units');
  return lacks;
}

export function ageYears(text: string): number | null {
  const age = Number(text.trim());
  return text.trim() !== '' && Number.isInteger(age) && age >= 0 && age <= AGE_YEARS_MAX ? age : null;
}

/** A time typed by the clocks of the city as RFC 3339 in UTC; nothing for an emergency. */
export function bookedAt(draft: CallDraft, utcOffset_s: number): string | null {
  if (draft.kind === 'emergency' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(draft.booked)) return null;
  return new Date(Date.parse(`${draft.booked}:00Z`) - utcOffset_s * 1000).toISOString();
}

export function sketchOf(draft: CallDraft, utcOffset_s = 0): Sketch {
  const known = draft.name.trim() !== '' || draft.sex !== null || ageYears(draft.age) !== null;
  return {
    kind: draft.kind,
    complaint: draft.complaint.trim(),
    triage: { level: draft.level ?? 'I', determinant: null },
    place: { position: draft.position, address: draft.address.trim(), waiting_place: draft.waiting_place.trim() },
    patients: known ? [{ name: draft.name.trim(), sex: draft.sex, age_years: ageYears(draft.age) }] : [],
    needs: { units: draft.units, skills: [...draft.skills] },
    notes: draft.notes.trim(),
    wish: draft.wish,
    text_only: draft.text_only,
    test: draft.test,
    scheduled_at: bookedAt(draft, utcOffset_s),
  };
}

const PREFIX = 'jichi.draft.';

export function keep(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // A full or forbidden store must not stop the typing itself.
  }
}

export function kept<T>(name: string): T | null {
  try {
    const text = sessionStorage.getItem(PREFIX + name);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

export function drop(name: string): void {
  try {
    sessionStorage.removeItem(PREFIX + name);
  } catch {
    // Nothing was kept then.
  }
}
