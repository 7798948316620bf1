// Periods as the health commission cuts them: at 30 June and 31 December. Days are the city's own.

export type Choice = { kind: 'H1' | 'H2' | 'year'; year: number } | { kind: 'days'; from: string; to: string };

/** The half-year in which `day` (2026-11-21) lies. */
export function halfYearOf(day: string): Choice {
  return { kind: Number(day.slice(5, 7)) <= 6 ? 'H1' : 'H2', year: Number(day.slice(0, 4)) };
}

/** The query of the interface; nothing when the days make no period. */
export function query(choice: Choice, utcOffset_s: number): string | null {
  if (choice.kind === 'year') return `period=${choice.year}`;
  if (choice.kind !== 'days') return `period=${choice.year}-${choice.kind}`;
  const [from, to] = [instant(choice.from, utcOffset_s), instant(choice.to, utcOffset_s)];
  return from && to && from < to ? `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}` : null;
}

function instant(day: string, utcOffset_s: number): string | null {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? null : new Date(at - utcOffset_s * 1000).toISOString();
}
