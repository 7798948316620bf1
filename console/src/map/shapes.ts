// State as shape, word and colour: one table for the list, the map and the legend.
import type { Unit } from '../api/types';

export type ShapeName = 'ready' | 'ordered' | 'driving' | 'scene' | 'loaded' | 'hospital' | 'paused' | 'silent';
export interface Shape { name: ShapeName; sign: string; colour: string }

/** `colour` names a design token. */
export const SHAPES: Record<ShapeName, Shape> = {
  ready: { name: 'ready', sign: '○', colour: '--good' },
  ordered: { name: 'ordered', sign: '◇', colour: '--amber' },
  driving: { name: 'driving', sign: '▲', colour: '--accent' },
  scene: { name: 'scene', sign: '■', colour: '--accent' },
  loaded: { name: 'loaded', sign: '▶', colour: '--accent' },
  hospital: { name: 'hospital', sign: '✚', colour: '--accent' },
  paused: { name: 'paused', sign: '‖', colour: '--quiet' },
  silent: { name: 'silent', sign: '✕', colour: '--red' },
};

export function unitShape(unit: Pick<Unit, 'readiness' | 'stage'>): Shape {
  if (unit.readiness === 'silent') return SHAPES.silent;
  if (unit.readiness === 'paused' || unit.readiness === 'no_crew') return SHAPES.paused;
  if (unit.readiness === 'ready' || unit.stage === null) return SHAPES.ready;
  switch (unit.stage) {
    case 'ordered':
    case 'acknowledged':
      return SHAPES.ordered;
    case 'rolling':
      return SHAPES.driving;
    case 'on_scene':
    case 'at_patient':
      return SHAPES.scene;
    case 'left_scene':
      return SHAPES.loaded;
    case 'at_hospital':
    case 'handed_over':
      return SHAPES.hospital;
    case 'available':
      return SHAPES.ready;
  }
}
