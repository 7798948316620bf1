// Who is advised to move stands in the order of what it gains, and only while it is free.
import { describe, expect, it } from 'vitest';
import type { Unit } from '../api/types';
import { advisedUnits, percent } from './moveUps';

const unit = (id: string, gain: number | null, readiness = 'ready') =>
  ({ id, readiness, move_up: gain === null ? null : { to: { station: 'S02', name: '二桥站' }, gain, since: '2026-11-21T13:00:00Z' } }) as unknown as Unit;

describe('advice to move up', () => {
  it('is for free units, the greatest gain first', () => {
    const units = [unit('A03', 0.01), unit('A01', 0.03), unit('A02', null), unit('A04', 0.05, 'taken'), unit('A05', 0.03)];
    expect(advisedUnits(units).map((one) => one.id)).toEqual(['A01', 'A05', 'A03']);
  });
  it('says its gain as a share', () => expect(percent(0.0384)).toBe('3.8%'));
});
