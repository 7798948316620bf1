// Times and spans in figures, at the centre's own offset.
import { describe, expect, it } from 'vitest';
import { etaRange } from './eta';
import { calendarDay, clockTime, instantOf, secondsSince, span } from './time';
import { compareEpochs, epochOf } from './socket';

const BEIJING = 8 * 3600;
const NOW = Date.parse('2026-11-21T13:04:17Z');

describe('a span', () => {
  it.each([[0, '0:00'], [41.9, '0:41'], [130, '2:10'], [3600, '1:00:00'], [3730, '1:02:10'], [-5, '−0:05'], [null, '–'], [NaN, '–']])('%s s is %s', (seconds, text) =>
    expect(span(seconds)).toBe(text));
  it('is counted from a start and is never negative', () => {
    expect(secondsSince('2026-11-21T13:04:00Z', NOW)).toBe(17);
    expect(secondsSince('2026-11-21T14:00:00Z', NOW)).toBe(0);
    expect(secondsSince(null, NOW)).toBeNull();
  });
});

describe('a time of day', () => {
  it('is the city’s', () => {
    expect(clockTime('2026-11-21T13:04:17Z', BEIJING)).toBe('21:04:17');
    expect(clockTime(NOW, BEIJING, false)).toBe('21:04');
    expect(calendarDay('2026-11-21T17:00:00Z', BEIJING)).toBe('2026-11-22');
  });
  it.each([
    ['21:03:00', '2026-11-21T13:03:00.000Z'],
    ['2103', '2026-11-21T13:03:00.000Z'],
    ['21：03：10', '2026-11-21T13:03:10.000Z'],
    ['23:50:00', '2026-11-20T15:50:00.000Z'],
    ['25:00', null],
    ['soon', null],
  ])('%s means the last such time', (text, at) => expect(instantOf(text, NOW, BEIJING)).toBe(at));
});

describe('an expected arrival', () => {
  const eta = { at: '2026-11-21T13:00:17Z', earliest_s: 600, latest_s: 800, basis: 'road' as const };
  it('shrinks with the clock and is always a range', () => {
    expect(etaRange(eta, NOW)).toEqual({ from_min: 6, to_min: 10, overdue: false });
    expect(etaRange(eta, NOW + 700_000)).toEqual({ from_min: 0, to_min: 1, overdue: true });
    expect(etaRange(null, NOW)).toBeNull();
  });
});

describe('an epoch', () => {
  it('is an ordered pair in each of its forms', () => {
    expect(compareEpochs(epochOf({ term: 2, node: 1 }), epochOf([1, 9]))).toBeGreaterThan(0);
    expect(compareEpochs(epochOf(3), epochOf({ term: 3, node: 0 }))).toBe(0);
    expect(compareEpochs(epochOf('2.1'), epochOf('2.2'))).toBeLessThan(0);
    expect(compareEpochs(epochOf(undefined), [])).toBe(0);
  });
});
