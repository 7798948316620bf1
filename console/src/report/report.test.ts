// Periods, columns and the sentences that answer the question.
import { describe, expect, it } from 'vitest';
import { columns } from './columns';
import { halfYearOf, query } from './period';
import type { FigureRow, Report as ReportData } from '../api/types';
import { percent, sentences } from './words';

const BEIJING = 8 * 3600;
const row = (over: Partial<FigureRow> = {}): FigureRow => ({
  area: null, n: 10, mean_s: 151, p50_s: 140, p90_s: 200, p95_s: 230, target_s: 180, n_with_target: 10, in_target: 9, share_in_target: 0.934, mean_in_target: true,
  bins: [{ within_s: 120, n: 4, share: 0.4 }, { within_s: 180, n: 9, share: 0.9 }], ...over,
});
const report = (total: FigureRow): ReportData =>
  ({ figures: [{ measure: 'departure', zh: '出车时间', en: 'departure', definition_zh: '', definition_en: '', share_wanted: 0.95, rows: [total] }] }) as unknown as ReportData;

describe('a period', () => {
  it('is cut at the half-year', () => {
    expect(halfYearOf('2026-06-30')).toEqual({ kind: 'H1', year: 2026 });
    expect(halfYearOf('2026-07-01')).toEqual({ kind: 'H2', year: 2026 });
  });
  it('is asked for by name, or by the city’s own days', () => {
    expect(query({ kind: 'H2', year: 2026 }, BEIJING)).toBe('period=2026-H2');
    expect(query({ kind: 'year', year: 2026 }, BEIJING)).toBe('period=2026');
    expect(query({ kind: 'days', from: '2026-11-21', to: '2026-11-22' }, BEIJING)).toBe('from=2026-11-20T16%3A00%3A00.000Z&to=2026-11-21T16%3A00%3A00.000Z');
    expect(query({ kind: 'days', from: '2026-11-22', to: '2026-11-21' }, BEIJING)).toBeNull();
    expect(query({ kind: 'days', from: '', to: '2026-11-21' }, BEIJING)).toBeNull();
  });
});

describe('the distribution', () => {
  it('turns counts up to a limit into columns, and what lies beyond into one more', () => {
    expect(columns(row())).toEqual([
      { from_s: 0, to_s: 120, n: 4, cumulative: 0.4 },
      { from_s: 120, to_s: 180, n: 5, cumulative: 0.9 },
      { from_s: 180, to_s: null, n: 1, cumulative: 1 },
    ]);
    expect(columns(row({ n: 9 })).length).toBe(2);
  });
});

describe('the answer', () => {
  it('says the mean and the share apart: a centre can meet one and miss the other', () => {
    expect(sentences(report(row()))).toEqual(['本期平均出车 2 分 31 秒, 达标 (≤ 3 分钟)。', '3 分钟内出车 93.4 %, 未达 95.0 %。']);
  });
  it('says when there is nothing to count', () => expect(sentences(report(row({ n: 0 })))).toEqual(['本期没有可统计的出车。']));
  it.each([[null, '–'], [0, '0.0 %'], [0.9141, '91.4 %'], [1, '100.0 %']])('%s is %s', (share, text) => expect(percent(share)).toBe(text));
});
