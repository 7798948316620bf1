// What a plan asks for, and what of a result has changed.
import { describe, expect, it } from 'vitest';
import type { Difference, PlanChange, Station } from '../api/types';
import { body, changeOf, freeCode, inShort, isChanged, policyName, stationsUnder } from './draft';

const position = { longitude: 114.31, latitude: 30.52 };
const answer = (unit: string, response_s: number | null) => ({ unit, ordered_at: '2026-11-21T01:00:00Z', departure_s: 60, response_s });
const line = (modelled: Difference['modelled'], planned: Difference['planned']): Difference =>
  ({ number: '20261121-0042', incident: 'incident_1', level: 'I', area: 'city_core', received_at: '2026-11-21T01:00:00Z', recorded: null, modelled, planned });

describe('a plan', () => {
  it.each([
    [{ base: '', posts: true, busy: 0.4 }, null],
    [{ base: 'closest', posts: false, busy: 0.4 }, 'closest'],
    [{ base: 'closest-preempt', posts: true, busy: 0.35 }, 'closest-preempt+dmexclp:0.35'],
  ] as const)('names its policy: %o', (draft, name) => expect(policyName(draft)).toBe(name));

  it('is asked for as the interface takes it', () => {
    const changes: PlanChange[] = [{ change: 'remove_unit', unit: 'A12' }];
    expect(body({ day: '2026-11-21', base: '', posts: false, busy: 0.4, calls_times: 2, changes }))
      .toEqual({ day: '2026-11-21', policy: null, changes, calls_times: 2, seed: 1 });
  });

  it('shows stations where they would be', () => {
    const stations: Station[] = [{ id: 'S01', name: '城东', position: { longitude: 114, latitude: 30 } }];
    const changes: PlanChange[] = [{ change: 'move_station', station: 'S01', position }, { change: 'add_station', station: 'S99', position }];
    expect(stationsUnder(changes, stations)).toEqual([{ id: 'S01', name: '城东', position }, { id: 'S99', name: 'S99', position }]);
    expect(changes.map(inShort)).toEqual(['S01 (114.31000, 30.52000)', 'S99 (114.31000, 30.52000)']);
  });

  it('gives a new thing a code that nobody has', () => expect(freeCode('S', ['S01', 'S02', 'S04'])).toBe('S03'));
});

describe('a difference', () => {
  it.each([
    [line(answer('A01', 600), answer('A01', 600.4)), false, 0.4],
    [line(answer('A01', 600), answer('A02', 600)), true, 0],
    [line(answer('A01', 600), answer('A01', 480)), true, -120],
    [line(answer('A01', null), answer('A01', 480)), false, null],
    [line(null, answer('A01', 480)), true, null],
  ])('case %#', (difference, changed, by) => {
    expect(isChanged(difference)).toBe(changed);
    const found = changeOf(difference);
    if (by === null) expect(found).toBeNull();
    else expect(found).toBeCloseTo(by);
  });
});
