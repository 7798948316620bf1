import { describe, expect, it } from 'vitest';
import type { Accident, Assignment, Casualty, Colour } from '../api/types';
import { casualtyList, countsInWords, foundAt, loadable, openAccidents } from './accidents';

const casualty = (tag: number, colour: Colour, at = 'scene', scene = 'i1') => ({ tag, colour, scene, whereabouts: { at } }) as unknown as Casualty;
const accident = (id: string, more: Partial<Accident> = {}) =>
  ({ id, declared_at: id, end: null, casualties: [], scenes: [{ incident: 'i1' }], ...more }) as unknown as Accident;

describe('accidents', () => {
  it('those that go on, newest first', () => {
    const closed = accident('3', { end: { at: '', reason: '' } });
    expect(openAccidents([accident('1'), closed, accident('2')]).map(({ id }) => id)).toEqual(['2', '1']);
  });
  it('the form of a scene is filled with who was found there', () => {
    const one = accident('1', { casualties: [casualty(1, 'red'), casualty(2, 'red', 'hospital'), casualty(3, 'green', 'scene', 'i2')] });
    expect(foundAt(one, 'i1')).toEqual({ red: 2, yellow: 0, green: 0, black: 0 });
  });
  it('the list begins with those who wait, the most urgent first', () => {
    const one = accident('1', { casualties: [casualty(1, 'green'), casualty(2, 'red', 'hospital'), casualty(3, 'red'), casualty(4, 'red', 'aboard')] });
    expect(casualtyList(one, false).map(({ tag }) => tag)).toEqual([3, 1, 4]);
    expect(casualtyList(one, true).map(({ tag }) => tag)).toEqual([3, 1, 4, 2]);
  });
  it('somebody is loaded only into an ambulance at a scene', () => {
    const run = (id: string, stage: string, incident = 'i1', end: unknown = null) => ({ id, stage, incident, end }) as unknown as Assignment;
    const runs = [run('a', 'rolling'), run('b', 'on_scene'), run('c', 'on_scene', 'i9'), run('d', 'left_scene'), run('e', 'at_patient', 'i1', {})];
    expect(loadable(accident('1'), runs).map(({ id }) => id)).toEqual(['b', 'd']);
  });
  it('counts are said without noughts', () => {
    const word = (colour: Colour) => colour;
    expect(countsInWords({ red: 1, yellow: 0, green: 2, black: 0 }, word)).toBe('red 1 green 2');
    expect(countsInWords({ red: 0, yellow: 0, green: 0, black: 0 }, word)).toBe('–');
  });
});
