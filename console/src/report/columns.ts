// The report counts values up to each limit; a column shows those between two limits, and one more what lies beyond.
import type { FigureRow } from '../api/types';

export interface Column { from_s: number; to_s: number | null; n: number; cumulative: number }

export function columns(row: FigureRow): Column[] {
  let before = 0;
  let from_s = 0;
  const list: Column[] = row.bins.map((bin) => {
    const column = { from_s, to_s: bin.within_s, n: bin.n - before, cumulative: row.n === 0 ? 0 : bin.n / row.n };
    before = bin.n;
    from_s = bin.within_s;
    return column;
  });
  if (row.n > before) list.push({ from_s, to_s: null, n: row.n - before, cumulative: 1 });
  return list;
}
