// What is put together on this page, and how it is asked for. Pure.
import type { Difference, PlanBody, PlanChange, Position, Station } from '../api/types';

export type Base = '' | 'closest' | 'closest-preempt' | 'closest-guarded' | 'matching';
export type ChangeKind = PlanChange['change'];
export const KINDS: ChangeKind[] = ['add_station', 'move_station', 'add_unit', 'move_unit', 'remove_unit', 'close_road'];

export interface Draft { day: string; base: Base; posts: boolean; busy: number; calls_times: number; changes: PlanChange[] }

/** The name of the policy; nothing for the one of that day. */
export function policyName(draft: Pick<Draft, 'base' | 'posts' | 'busy'>): string | null {
  if (draft.base === '') return null;
  return draft.posts ? `${draft.base}+dmexclp:${draft.busy}` : draft.base;
}

export function body(draft: Draft): PlanBody {
  return { day: draft.day, policy: policyName(draft), changes: draft.changes, calls_times: draft.calls_times, seed: 1 };
}

/** A change in one line: what is written on its row. */
export function inShort(change: PlanChange): string {
  switch (change.change) {
    case 'add_station':
    case 'move_station':
      return `${change.station} (${change.position.longitude.toFixed(5)}, ${change.position.latitude.toFixed(5)})`;
    case 'add_unit':
    case 'move_unit':
      return `${change.unit} → ${change.station}`;
    case 'remove_unit':
      return change.unit;
    case 'close_road':
      return change.road;
  }
}

/** The stations as they would be: what the map shows and what a unit can be put at. */
export function stationsUnder(changes: PlanChange[], stations: Station[]): Station[] {
  const all = new Map(stations.map((station) => [station.id, station]));
  for (const change of changes) {
    if (change.change !== 'add_station' && change.change !== 'move_station') continue;
    const known = all.get(change.station);
    all.set(change.station, { id: change.station, name: known?.name ?? change.station, position: change.position });
  }
  return [...all.values()];
}

/** The first code of a kind that nobody has: S12 after S11. */
export function freeCode(prefix: string, taken: Iterable<string>): string {
  const known = new Set(taken);
  for (let number = 1; ; number += 1) {
    const code = `${prefix}${String(number).padStart(2, '0')}`;
    if (!known.has(code)) return code;
  }
}

/** Five decimals: about a metre. */
export function rounded(at: Position): Position {
  const round = (degrees: number) => Math.round(degrees * 1e5) / 1e5;
  return { longitude: round(at.longitude), latitude: round(at.latitude) };
}

/** Another unit, or a response that differs by a second or more. */
export function isChanged(line: Difference): boolean {
  return line.modelled?.unit !== line.planned?.unit || Math.abs(changeOf(line) ?? 0) >= 1;
}

/** How much later (or, negative, sooner) the first unit is there under the plan; nothing where it cannot be said. */
export function changeOf(line: Difference): number | null {
  const [then, now] = [line.modelled?.response_s, line.planned?.response_s];
  return then === null || then === undefined || now === null || now === undefined ? null : now - then;
}
