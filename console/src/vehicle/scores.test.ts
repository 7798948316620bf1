import { describe, expect, it } from 'vitest';
import { SCORES, SCORE_KINDS, total } from './scores';

describe('scores', () => {
  it('have the ranges that their books give', () => {
    const range = (kind: (typeof SCORE_KINDS)[number]) => {
      const points = SCORES[kind].map((item) => item.choices.map((choice) => choice.points));
      return [points.reduce((sum, all) => sum + Math.min(...all), 0), points.reduce((sum, all) => sum + Math.max(...all), 0)];
    };
    expect(SCORE_KINDS.map((kind) => [kind, ...range(kind)])).toEqual([
      ['gcs', 3, 15], ['trauma_index', 2, 30], ['apgar', 0, 10], ['fast', 0, 3],
    ]);
  });
  it('offer no points twice, and name every choice', () => {
    for (const item of SCORE_KINDS.flatMap((kind) => SCORES[kind])) {
      expect(new Set(item.choices.map((choice) => choice.points)).size, item.en).toBe(item.choices.length);
      for (const choice of item.choices) expect(choice.zh.length * choice.en.length, item.en).toBeGreaterThan(0);
    }
  });
  it('have a total only when all is chosen', () => {
    expect(total([4, 5, 6])).toBe(15);
    expect(total([4, null, 6])).toBeNull();
    expect(total([0, 0, 0])).toBe(0);
  });
});
