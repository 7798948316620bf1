// Advice where free units should stand by, the most worth first. Pure, so that a table can test it.
import type { Unit } from '../api/types';

export type Advised = Unit & { move_up: NonNullable<Unit['move_up']> };

/** Units with standing advice, the greatest gain first; among equals by call sign. */
export function advisedUnits(units: Iterable<Unit>): Advised[] {
  const advised = [...units].filter((unit): unit is Advised => Boolean(unit.move_up) && unit.readiness === 'ready');
  return advised.sort((a, b) => b.move_up.gain - a.move_up.gain || a.id.localeCompare(b.id));
}

/** A share of all demand as people read it. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
