// A form of the paper hours as it is copied: clock times as they were written, and what is sent. Pure: the day and the city's offset
// are arguments.
import { freshKey } from '../api/key';
import type { CallSource, Level, Outcome, PaperForm, PaperRun, Position, Sex } from '../api/types';
import { calendarDay } from '../live/time';
import { ageYears } from './draft';

/** The clock times of a unit in their order on the form; the first and the last are always there. */
export const RUN_TIMES = ['ordered', 'acknowledged', 'rolling', 'on_scene', 'left_scene', 'at_hospital', 'handed_over', 'ended'] as const;
export type RunTime = (typeof RUN_TIMES)[number];

export interface RunDraft { unit: string; times: Record<RunTime, string>; hospital: string; outcome: Outcome; reason: string }

export interface PaperDraft {
  key: string;
  form_number: string;
  /** The day of the call by the clocks of the city. */
  day: string;
  source: CallSource;
  phone: string;
  received: string;
  answered: string;
  complaint: string;
  level: Level | null;
  address: string;
  position: Position | null;
  name: string;
  sex: Sex | null;
  age: string;
  notes: string;
  test: boolean;
  runs: RunDraft[];
  /** Called off: when and why; empty where it was not. */
  called_off: string;
  called_off_why: string;
  /** Asked for once the centre says that a unit was elsewhere. */
  overlap_reason: string;
}

export const OUTCOMES: Outcome[] = [
  'conveyed', 'treated_on_scene', 'no_patient', 'refused_transport', 'dead', 'cancelled_before_rolling', 'cancelled_rolling',
  'refused_order', 'aborted', 'diverted', 'relieved',
];

export function emptyRun(): RunDraft {
  const times = Object.fromEntries(RUN_TIMES.map((time) => [time, ''])) as Record<RunTime, string>;
  return { unit: '', times, hospital: '', outcome: 'conveyed', reason: '' };
}

export function emptyPaper(now_ms: number, utcOffset_s: number): PaperDraft {
  return {
    key: freshKey(), form_number: '', day: calendarDay(now_ms, utcOffset_s), source: 'telephone', phone: '', received: '', answered: '',
    complaint: '', level: null, address: '', position: null, name: '', sex: null, age: '', notes: '', test: false,
    runs: [emptyRun()], called_off: '', called_off_why: '', overlap_reason: '',
  };
}

/** `21:04`, `2104`, `21:04:17`: seconds of the day, or nothing. */
function secondsOfDay(text: string): number | null {
  const match = /^(\d{1,2})[:：]?(\d{2})(?:[:：]?(\d{2}))?$/.exec(text.trim());
  if (!match) return null;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  return hours > 23 || minutes > 59 || seconds > 59 ? null : (hours * 60 + minutes) * 60 + seconds;
}

/** The most by which a time may lie before the call and still be a slip of the pen, and not the next morning. */
const SLIP_S = 6 * 3600;

/** The instant of a clock time of a form whose call rang at `received` on `day`; well before the call it is the next day's. */
export function instantOn(text: string, day: string, received: string, utcOffset_s: number): string | null {
  const [at, rang] = [secondsOfDay(text), secondsOfDay(received)];
  const midnight = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  if (at === null || rang === null || Number.isNaN(midnight)) return null;
  const seconds = at < rang - SLIP_S ? at + 86_400 : at;
  return new Date(midnight + (seconds - utcOffset_s) * 1000).toISOString();
}

export type PaperLack = 'day' | 'received' | 'complaint' | 'level' | 'age' | 'unit' | 'ordered' | 'ended' | 'time' | 'run' | 'why';

/** What must be there, or mended, before the form can be entered. */
export function lacksOf(draft: PaperDraft): PaperLack[] {
  const lacks = new Set<PaperLack>();
  const good = (text: string) => secondsOfDay(text) !== null;
  if (!/^\d{4}-\d\d-\d\d$/.test(draft.day)) lacks.add('day');
  if (!good(draft.received)) lacks.add('received');
  if (draft.complaint.trim() === '') lacks.add('complaint');
  if (draft.level === null) lacks.add('level');
  if (draft.age.trim() !== '' && ageYears(draft.age) === null) lacks.add('age');
  if (draft.runs.length === 0 && draft.called_off === '') lacks.add('run');
  if (draft.called_off !== '' && draft.called_off_why.trim() === '') lacks.add('why');
  for (const run of draft.runs) {
    if (run.unit === '') lacks.add('unit');
    if (!good(run.times.ordered)) lacks.add('ordered');
    if (!good(run.times.ended)) lacks.add('ended');
  }
  const others = [draft.answered, draft.called_off, ...draft.runs.flatMap((run) => Object.values(run.times))];
  if (others.some((text) => text.trim() !== '' && !good(text))) lacks.add('time');
  return [...lacks];
}

/** What is sent. Call it only on a draft that lacks nothing. */
export function paperOf(draft: PaperDraft, utcOffset_s: number): PaperForm {
  const at = (text: string) => (text.trim() === '' ? null : instantOn(text, draft.day, draft.received, utcOffset_s));
  const known = draft.name.trim() !== '' || draft.sex !== null || ageYears(draft.age) !== null;
  const received_at = at(draft.received) ?? '';
  return {
    form_number: draft.form_number.trim(),
    call: { source: draft.source, phone: draft.phone.trim() || null, text_only: false, received_at, answered_at: at(draft.answered) },
    complaint: draft.complaint.trim(),
    triage: { level: draft.level ?? 'I', determinant: null },
    place: { position: draft.position, address: draft.address.trim(), waiting_place: '' },
    patients: known ? [{ name: draft.name.trim(), sex: draft.sex, age_years: ageYears(draft.age) }] : [],
    notes: draft.notes.trim(),
    test: draft.test,
    runs: draft.runs.map((run) => runOf(run, at)),
    called_off: draft.called_off.trim() === '' ? null : { at: at(draft.called_off) ?? '', reason: draft.called_off_why.trim() },
    overlap_reason: draft.overlap_reason.trim() || null,
  };
}

function runOf(run: RunDraft, at: (text: string) => string | null): PaperRun {
  const { times } = run;
  return {
    unit: run.unit,
    ordered_at: at(times.ordered) ?? '',
    acknowledged_at: at(times.acknowledged),
    rolling_at: at(times.rolling),
    on_scene_at: at(times.on_scene),
    left_scene_at: at(times.left_scene),
    at_hospital_at: at(times.at_hospital),
    handed_over_at: at(times.handed_over),
    hospital: run.hospital || null,
    ended_at: at(times.ended) ?? '',
    outcome: run.outcome,
    reason: run.reason.trim(),
  };
}
