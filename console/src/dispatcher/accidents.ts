// What the accident's card shows, computed from what the centre gives. Pure, so that tables can test it.
import type { Accident, Assignment, Casualty, Colour } from '../api/types';

export const COLOURS: readonly Colour[] = ['red', 'yellow', 'green', 'black'];
/** The columns of the table of casualties; `found` is the sum of the others. */
export const PLACES = ['found', 'without_bed', 'with_bed', 'aboard', 'at_hospital', 'released'] as const;
export type Counts = Record<Colour, number>;

/** Those that go on, newest first. */
export function openAccidents(accidents: Iterable<Accident>): Accident[] {
  return [...accidents].filter((one) => one.end === null).sort((a, b) => b.declared_at.localeCompare(a.declared_at));
}

/** `M02`: the part of a number that people say. */
export function shortAccident(number: string): string {
  return number.split('-').at(-1) ?? number;
}

/** How many of each colour were found at one scene, as the form is filled. */
export function foundAt(accident: Accident, scene: string): Counts {
  const counts: Counts = { red: 0, yellow: 0, green: 0, black: 0 };
  for (const one of accident.casualties) if (one.scene === scene) counts[one.colour] += 1;
  return counts;
}

/** Ambulances at the scenes, into which somebody can be loaded. */
export function loadable(accident: Accident, assignments: Iterable<Assignment>): Assignment[] {
  const scenes = new Set(accident.scenes.map((row) => row.incident));
  const stages = new Set(['on_scene', 'at_patient', 'left_scene']);
  return [...assignments].filter((one) => !one.end && scenes.has(one.incident) && stages.has(one.stage));
}

/** Whoever somebody must still do something about comes first: red before yellow before green. */
export function casualtyList(accident: Accident, all: boolean): Casualty[] {
  const rank = { scene: 0, aboard: 1, hospital: 2, released: 3 };
  const shown = accident.casualties.filter((one) => all || rank[one.whereabouts.at] < 2);
  return shown.sort((a, b) => rank[a.whereabouts.at] - rank[b.whereabouts.at] || COLOURS.indexOf(a.colour) - COLOURS.indexOf(b.colour) || a.tag - b.tag);
}

/** `红 1 黄 2`: the colours that are not nought. */
export function countsInWords(counts: Counts, word: (colour: Colour) => string): string {
  return COLOURS.filter((colour) => counts[colour] > 0).map((colour) => `${word(colour)} ${counts[colour]}`).join(' ') || '–';
}
