// Times and spans in figures. Pure: the centre's offset is an argument, so that every desk shows the city's time.

/** Seconds from `since` to `now_ms`; nothing while there is no start. */
export function secondsSince(since: string | null | undefined, now_ms: number): number | null {
  if (!since) return null;
  const at = Date.parse(since);
  return Number.isNaN(at) ? null : Math.max(0, (now_ms - at) / 1000);
}

/** `0:41`, `12:05`, `1:02:10`. */
export function span(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '–';
  const whole = Math.floor(Math.abs(seconds));
  const sign = seconds < 0 ? '−' : '';
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, '0');
  return hours > 0 ? `${sign}${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${sign}${minutes}:${tail}`;
}

/** `21:04:17` at the centre. */
export function clockTime(at: string | number | null | undefined, utcOffset_s: number, seconds = true): string {
  const local = localDate(at, utcOffset_s);
  return local === null ? '–' : local.toISOString().slice(11, seconds ? 19 : 16);
}

/** `2026-11-21` at the centre. */
export function calendarDay(at: string | number | null | undefined, utcOffset_s: number): string {
  return localDate(at, utcOffset_s)?.toISOString().slice(0, 10) ?? '–';
}

/** The instant that `21:04:17` means: the last such time of day that is not after `now_ms`. */
export function instantOf(text: string, now_ms: number, utcOffset_s: number): string | null {
  const match = /^(\d{1,2})[:：]?(\d{2})(?:[:：]?(\d{2}))?$/.exec(text.trim());
  if (!match) return null;
  const [hours, minutes, rest] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (hours > 23 || minutes > 59 || rest > 59) return null;
  const local = new Date(now_ms + utcOffset_s * 1000);
  const day = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
  let at = day + ((hours * 60 + minutes) * 60 + rest) * 1000 - utcOffset_s * 1000;
  if (at > now_ms) at -= 86_400_000;
  return new Date(at).toISOString();
}

function localDate(at: string | number | null | undefined, utcOffset_s: number): Date | null {
  if (at === null || at === undefined) return null;
  const ms = typeof at === 'number' ? at : Date.parse(at);
  return Number.isNaN(ms) ? null : new Date(ms + utcOffset_s * 1000);
}
