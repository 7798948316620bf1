// The order of the lists, and when a clock is late.
import { describe, expect, it } from 'vitest';
import type { Assignment, Call, Escalation, Incident, Unit } from '../api/types';
import { AlarmNumbers, callQueue, departure_s, incidentQueue, standing, tone, unitList } from './queue';

const call = (id: string, state: Call['state'], rang_at: string, source: Call['source'] = 'telephone') => ({ id, state, rang_at, source }) as Call;
const incident = (id: string, level: string, phase: string, created_at: string, units_short = phase === 'waiting' ? 1 : 0) =>
  ({ id, phase, units_short, created_at, triage: { level, determinant: null } }) as Incident;
const escalation = (name: string, urgency: Escalation['urgency'], raised_at: string, taken = false) =>
  ({ name, urgency, raised_at, acknowledged: taken ? { at: raised_at, by: '王芳' } : null }) as Escalation;

describe('the lists', () => {
  it('put the call that rang first at the top, written or spoken', () => {
    const queue = callQueue([call('b', 'ringing', '13:00:02'), call('c', 'answered', '12:59:00'), call('a', 'ringing', '13:00:01', 'text'), call('d', 'taken', '12:00:00')]);
    expect(queue.map((one) => one.id)).toEqual(['a', 'b', 'c']);
  });

  it('never let an incident without a unit stand below one that has its units', () => {
    const queue = incidentQueue([
      incident('rolling', 'I', 'rolling', '12:00'), incident('waits', 'III', 'waiting', '13:00'), incident('short', 'II', 'rolling', '12:30', 1),
      incident('held', 'II', 'held', '11:00'), incident('ended', 'I', 'ended', '10:00'), incident('critical', 'I', 'waiting', '13:05'),
    ]);
    expect(queue.map((one) => one.id)).toEqual(['critical', 'short', 'waits', 'held', 'rolling']);
  });

  it('put silent units first and units out of service last', () => {
    const units = (['no_crew', 'ready', 'silent', 'taken', 'paused'] as const).map((readiness) => ({ id: readiness, readiness }) as Unit);
    expect(unitList(units).map((unit) => unit.id)).toEqual(['silent', 'taken', 'ready', 'paused', 'no_crew']);
  });
});

describe('a clock', () => {
  it.each([[null, 'plain'], [0, 'plain'], [119.9, 'plain'], [120, 'amber'], [179.9, 'amber'], [180, 'red'], [999, 'red']] as const)('%s s is %s', (elapsed, expected) =>
    expect(tone(elapsed, 120, 180)).toBe(expected));

  it('of the departure stops when the wheels roll', () => {
    const now = Date.parse('2026-11-21T13:10:00Z');
    const ordered = { at: '2026-11-21T13:00:00Z', source: 'centre' } as const;
    expect(departure_s({ times: { ordered }, end: null } as unknown as Assignment, now)).toBe(600);
    expect(departure_s({ times: { ordered, rolling: { at: '2026-11-21T13:02:00Z', source: 'terminal' } }, end: null } as unknown as Assignment, now)).toBe(120);
  });
});

describe('alarms', () => {
  it('stand by whether somebody took them on, then loudness, then age', () => {
    const all = standing([escalation('old taken', 'alarm', '1', true), escalation('warning', 'warning', '1'), escalation('new alarm', 'alarm', '3'), escalation('old alarm', 'alarm', '2')]);
    expect(all.map((one) => one.name)).toEqual(['old alarm', 'new alarm', 'warning', 'old taken']);
  });

  it('keep their number as long as they stand', () => {
    const numbers = new AlarmNumbers();
    const [a, b, c] = [escalation('a', 'alarm', '1'), escalation('b', 'alarm', '2'), escalation('c', 'alarm', '3')];
    expect([...numbers.number([a, b])]).toEqual([['a', 1], ['b', 2]]);
    expect(numbers.number([b]).get('b')).toBe(2);
    expect(numbers.number([b, c]).get('c')).toBe(1);
  });
});
