import { describe, expect, it } from 'vitest';
import type { Hospital } from '../api/types';
import { diverts, hospitalList } from './hospitals';

const NOW = Date.parse('2026-11-22T08:00:00Z');
const hospital = (id: string, until: string | null) =>
  ({ id, diversion: until && { until, since: '', reason: '满', authority: '医务处' } }) as unknown as Hospital;

describe('the list of hospitals', () => {
  it('a diversion that has run out counts no more', () => {
    expect(diverts(hospital('H1', '2026-11-22T08:00:01Z'), NOW)).toBe(true);
    expect(diverts(hospital('H1', '2026-11-22T08:00:00Z'), NOW)).toBe(false);
    expect(diverts(hospital('H1', null), NOW)).toBe(false);
  });
  it('begins with those that divert', () => {
    const list = [hospital('H2', null), hospital('H3', '2026-11-22T09:00:00Z'), hospital('H1', '2026-11-22T07:00:00Z')];
    expect(hospitalList(list, NOW).map(({ id }) => id)).toEqual(['H3', 'H1', 'H2']);
  });
});
