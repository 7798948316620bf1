// Which open incidents a call may be about.
import { describe, expect, it } from 'vitest';
import type { Incident } from '../api/types';
import { distance_m, nearbyIncidents } from './nearby';

const NOW = Date.parse('2026-11-21T13:00:00Z');
const here = { longitude: 114.3, latitude: 30.6 };
const incident = (id: string, longitude: number, minutes: number, address = '', phase = 'waiting') =>
  ({ id, phase, created_at: new Date(NOW - minutes * 60_000).toISOString(), place: { position: { longitude, latitude: 30.6 }, address } }) as Incident;

describe('nearby incidents', () => {
  it('measure in metres', () => expect(distance_m(here, { longitude: 114.301, latitude: 30.6 })).toBeCloseTo(95.7, 0));

  it('are near and young and open, the nearest first', () => {
    const all = [incident('far', 114.32, 5), incident('near', 114.302, 5), incident('nearest', 114.3005, 10), incident('old', 114.3, 50), incident('ended', 114.3, 5, '', 'ended')];
    expect(nearbyIncidents(all, here, '', NOW).map(({ incident: one }) => one.id)).toEqual(['nearest', 'near']);
  });

  it('are found by words while there is no position', () => {
    const all = [incident('same road', 114.9, 5, '滨江路 12 号'), incident('other', 114.9, 5, '解放路')];
    expect(nearbyIncidents(all, null, '滨江路', NOW).map(({ incident: one }) => one.id)).toEqual(['same road']);
    expect(nearbyIncidents(all, null, '', NOW)).toEqual([]);
  });
});
