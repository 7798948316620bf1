// The command line's language, as a pure function from what was typed to what is meant.
import type { Stage } from '../api/types';

export type Command =
  | { verb: 'show'; incident: string }
  | { verb: 'assign'; incident: string; unit: string; reason: string }
  | { verb: 'acknowledge'; alarm: number }
  | { verb: 'hold'; incident: string; reason: string }
  | { verb: 'wake'; incident: string }
  | { verb: 'cancel'; incident: string; reason: string }
  | { verb: 'recall'; unit: string; reason: string }
  | { verb: 'status'; unit: string; stage: Stage }
  | { verb: 'pause'; unit: string; reason: string }
  | { verb: 'resume'; unit: string }
  | { verb: 'message'; unit: string; text: string }
  | { verb: 'new' }
  | { verb: 'paper' }
  | { verb: 'help' };

export type Unclear = { verb: 'unclear'; usage: string };

interface Row {
  usage: string;
  read: (words: string[], rest: (from: number) => string) => Command | null;
}

const STAGES: Record<string, Stage> = {
  ack: 'acknowledged', roll: 'rolling', scene: 'on_scene', patient: 'at_patient',
  left: 'left_scene', hosp: 'at_hospital', over: 'handed_over', free: 'available',
};
export const STAGE_WORDS = Object.keys(STAGES);

/** Every command, by its first word. */
export const COMMANDS: Record<string, Row> = {
  D: {
    usage: 'D 42 A12 [原因 code reason]',
    read: ([incident, unit], rest) => (isNumber(incident) && unit ? { verb: 'assign', incident, unit: code(unit), reason: rest(2) } : null),
  },
  ACK: { usage: 'ACK 7', read: ([alarm]) => (isNumber(alarm) ? { verb: 'acknowledge', alarm: Number(alarm) } : null) },
  HOLD: {
    usage: 'HOLD 42 原因 reason',
    read: ([incident], rest) => (isNumber(incident) && rest(1) ? { verb: 'hold', incident, reason: rest(1) } : null),
  },
  WAKE: { usage: 'WAKE 42', read: ([incident]) => (isNumber(incident) ? { verb: 'wake', incident } : null) },
  C: {
    usage: 'C 42 原因 reason',
    read: ([incident], rest) => (isNumber(incident) && rest(1) ? { verb: 'cancel', incident, reason: rest(1) } : null),
  },
  REC: {
    usage: 'REC A12 原因 reason',
    read: ([unit], rest) => (unit && rest(1) ? { verb: 'recall', unit: code(unit), reason: rest(1) } : null),
  },
  S: {
    usage: `S A12 ${STAGE_WORDS.join('|')}`,
    read: ([unit, word]) => {
      const stage = STAGES[word?.toLowerCase() ?? ''];
      return unit && stage ? { verb: 'status', unit: code(unit), stage } : null;
    },
  },
  P: {
    usage: 'P A12 原因 reason',
    read: ([unit], rest) => (unit && rest(1) ? { verb: 'pause', unit: code(unit), reason: rest(1) } : null),
  },
  RES: { usage: 'RES A12', read: ([unit]) => (unit ? { verb: 'resume', unit: code(unit) } : null) },
  M: {
    usage: 'M A12 文字 text',
    read: ([unit], rest) => (unit && rest(1) ? { verb: 'message', unit: code(unit), text: rest(1) } : null),
  },
  N: { usage: 'N', read: () => ({ verb: 'new' }) },
  PAPER: { usage: 'PAPER', read: () => ({ verb: 'paper' }) },
  '?': { usage: '?', read: () => ({ verb: 'help' }) },
};

export function parse(line: string): Command | Unclear {
  const words = line.trim().split(/\s+/);
  const first = (words[0] ?? '').toUpperCase();
  if (isNumber(first) && words.length === 1) return { verb: 'show', incident: first };
  const row = COMMANDS[first === '？' ? '?' : first];
  if (!row) return { verb: 'unclear', usage: '?' };
  const rest = (from: number) => words.slice(from + 1).join(' ');
  return row.read(words.slice(1), rest) ?? { verb: 'unclear', usage: row.usage };
}

/** Whether `number` (20261121-0042) is what somebody means who types `typed` (42). */
export function isIncident(number: string, typed: string): boolean {
  return number === typed || Number(number.split('-').at(-1)) === Number(typed);
}

/** What the desk knows by name: incidents by number, units, alarms, and the codes for another unit than the first. */
export interface Known { incidents: string[]; units: string[]; alarms: number[]; codes: string[] }

/** What could stand where the cursor is, best first. */
export function complete(line: string, known: Known): string[] {
  const words = line.trimStart().split(/\s+/);
  const typed = words.at(-1) ?? '';
  const before = line.slice(0, line.length - typed.length);
  const verb = (words[0] ?? '').toUpperCase();
  return choices(verb, words.length, known)
    .filter((choice) => choice.toUpperCase().startsWith(typed.toUpperCase()) && choice.toUpperCase() !== typed.toUpperCase())
    .slice(0, 8)
    .map((choice) => before + choice);
}

function choices(verb: string, at: number, known: Known): string[] {
  if (at === 1) return Object.keys(COMMANDS);
  if (at === 2 && ['D', 'HOLD', 'WAKE', 'C'].includes(verb)) return known.incidents.map((number) => String(Number(number.split('-').at(-1))));
  if (at === 2 && verb === 'ACK') return known.alarms.map(String);
  if ((at === 3 && verb === 'D') || (at === 2 && ['REC', 'S', 'P', 'RES', 'M'].includes(verb))) return known.units;
  if (at === 4 && verb === 'D') return known.codes;
  return at === 3 && verb === 'S' ? STAGE_WORDS : [];
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text);
}

function code(text: string): string {
  return text.toUpperCase();
}
