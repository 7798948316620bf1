// What lies on the map, and what the shapes say.
import { describe, expect, it } from 'vitest';
import type { CityMap, Incident, Stage, Unit } from '../api/types';
import { sketch } from '../vehicle/route';
import { boundsOf } from './bounds';
import { incidentFeatures, unitFeatures } from './features';
import { unitShape } from './shapes';

const NOW = Date.parse('2026-11-21T13:00:00Z');
const unit = (over: Partial<Unit>): Unit =>
  ({ id: 'A03', readiness: 'ready', stage: null, link: 'up', position: { longitude: 114.3, latitude: 30.6, speed_kmh: 40, heading_deg: 90, at: '2026-11-21T12:59:58Z' }, ...over }) as Unit;

describe('a unit on the map', () => {
  it('is drawn as stale when its position is old or its link is down, and then shows its age', () => {
    const properties = (one: Unit) => unitFeatures([one], NOW, 30).features[0]?.properties;
    expect(properties(unit({}))).toMatchObject({ icon: 'unit-ready', label: 'A03', moving: true });
    expect(properties(unit({ link: 'down' }))).toMatchObject({ icon: 'unit-ready-stale', moving: false });
    const position = { longitude: 114.3, latitude: 30.6, speed_kmh: 40, heading_deg: 90, at: '2026-11-21T12:58:00Z' };
    expect(properties(unit({ position }))).toMatchObject({ icon: 'unit-ready-stale', label: 'A03 2min', moving: false });
  });
  it('without a position is not drawn', () => expect(unitFeatures([unit({ position: null })], NOW, 30).features).toEqual([]));

  it.each<[Unit['readiness'], Stage | null, string]>([
    ['silent', 'rolling', 'silent'], ['no_crew', null, 'paused'], ['paused', null, 'paused'], ['ready', null, 'ready'],
    ['taken', 'ordered', 'ordered'], ['taken', 'acknowledged', 'ordered'], ['taken', 'rolling', 'driving'], ['taken', 'on_scene', 'scene'],
    ['taken', 'left_scene', 'loaded'], ['taken', 'at_hospital', 'hospital'],
  ])('%s %s has the shape %s', (readiness, stage, name) => expect(unitShape(unit({ readiness, stage })).name).toBe(name));
});

describe('an incident', () => {
  it('is drawn while it is open and has a position', () => {
    const incident = (id: string, phase: string, position: unknown) => ({ id, phase, number: '20261121-0042', complaint: '胸痛', triage: { level: 'II' }, place: { position } }) as Incident;
    const here = { longitude: 114.3, latitude: 30.6 };
    const drawn = incidentFeatures([incident('a', 'waiting', here), incident('b', 'ended', here), incident('c', 'waiting', null)], 'a');
    expect(drawn.features.map((feature) => feature.properties)).toEqual([{ id: 'a', icon: 'incident-2', label: '0042 胸痛', hand: true, rank: -1 }]);
  });
});

describe('bounds', () => {
  it('are read by their names', () => {
    expect(boundsOf({ bounds: { west: 1, south: 2, east: 3, north: 4 } } as CityMap)).toEqual([1, 2, 3, 4]);
    expect(boundsOf({ bounds: null } as CityMap)).toBeNull();
    expect(boundsOf(null)).toBeNull();
  });
});

describe('the sketch of a route', () => {
  const at = (longitude_deg: number, latitude_deg: number) => ({ longitude_deg, latitude_deg });
  it('stays in the picture with north up', () => {
    const drawn = sketch([at(114, 30), at(114.1, 30.1)], at(114.1, 30.1), at(114, 30), 400, 300, 20);
    const [target, vehicle] = [drawn.target ?? ([0, 0] as const), drawn.vehicle ?? ([0, 0] as const)];
    expect(target[1]).toBeLessThan(vehicle[1]);
    for (const [x, y] of [target, vehicle]) {
      expect(x).toBeGreaterThanOrEqual(19);
      expect(x).toBeLessThanOrEqual(381);
      expect(y).toBeGreaterThanOrEqual(19);
      expect(y).toBeLessThanOrEqual(281);
    }
  });
  it('parts the way at the vehicle', () => {
    const way = [at(114, 30), at(114.05, 30), at(114.1, 30)];
    const drawn = sketch(way, at(114.1, 30), at(114.025, 30.0001), 400, 300, 20);
    expect(drawn.driven.split('L')).toHaveLength(2);
    expect(drawn.ahead.split('L')).toHaveLength(3);
    expect(sketch(way, null, null, 400, 300).driven).toBe('');
  });
  it('leaves the way whole for a vehicle that drives elsewhere', () => {
    const way = [at(114, 30), at(114.1, 30)];
    expect(sketch(way, null, at(114.05, 30.05), 400, 300, 20).driven).toBe('');
  });
  it('has a bar of round metres that fits', () => {
    const { bar } = sketch([at(114, 30), at(114.1, 30.1)], null, null, 400, 300, 20);
    expect(bar?.length_m).toBe(2000);
    expect(bar?.length_px).toBeLessThan(110);
  });
  it('of nothing is nothing', () => expect(sketch([], null, null, 400, 300)).toEqual({ ahead: '', driven: '', target: null, vehicle: null, bar: null }));
});
