// One request to the centre: who acts, a key that makes a repeat harmless, and refusals as values with words.
import { freshKey } from './key';

/** Whoever acts; every write names them. */
export interface Acting { person: string; seat?: string; hospital?: string }

/** What the centre said instead of doing it, after RFC 9457. */
export class Problem extends Error {
  readonly status: number;
  readonly kind: string;
  readonly members: Record<string, unknown>;

  constructor(status: number, members: Record<string, unknown>) {
    super(String(members['detail'] ?? members['title'] ?? status));
    this.status = status;
    this.kind = String(members['type'] ?? '').replace('/problems/', '');
    this.members = members;
  }

  /** The words for people, in their language where the centre gave both. */
  words(language: 'zh' | 'en'): string {
    return String(this.members[language] ?? this.members[`detail_${language}`] ?? this.message);
  }
}

/** The centre did not answer at all: nobody knows whether it was done, so the same key is sent again. */
export class Unreachable extends Error {}

export interface Options { acting?: Acting | undefined; ifMatch?: number; key?: string; headers?: Record<string, string> }

const TRIES_MAX = 3;
const TRY_TIMEOUT_MS = 10_000;

export async function get<T>(path: string, options: Options = {}): Promise<T> {
  return (await once('GET', path, undefined, options)) as T;
}

/** Writes; a silence is answered with the same request under the same key. */
export async function write<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body: unknown, options: Options = {}): Promise<T> {
  const keyed = { ...options, key: options.key ?? freshKey() };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await once(method, path, body, keyed)) as T;
    } catch (error) {
      const passing = error instanceof Unreachable || (error instanceof Problem && error.status === 503);
      if (!passing || attempt >= TRIES_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, 400 * attempt));
    }
  }
}

async function once(method: string, path: string, body: unknown, options: Options): Promise<unknown> {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), TRY_TIMEOUT_MS);
  try {
    const answer = await fetch(path, {
      method,
      headers: headersFor(body, options),
      body: body === undefined ? null : JSON.stringify(body),
      signal: cut.signal,
      cache: 'no-store',
    });
    const text = await answer.text();
    if (!answer.ok) throw new Problem(answer.status, problemMembers(text, answer.statusText));
    return text === '' ? null : JSON.parse(text);
  } catch (error) {
    if (error instanceof Problem || error instanceof SyntaxError) throw error;
    throw new Unreachable('no answer');
  } finally {
    clearTimeout(timer);
  }
}

function headersFor(body: unknown, { acting, ifMatch, key, headers }: Options): Record<string, string> {
  const all: Record<string, string> = { Accept: 'application/json', ...headers };
  if (body !== undefined) all['Content-Type'] = 'application/json';
  if (key !== undefined) all['Idempotency-Key'] = key;
  if (ifMatch !== undefined) all['If-Match'] = `"${ifMatch}"`;
  if (acting) all['Jichi-Person'] = encodeURIComponent(acting.person);
  if (acting?.seat) all['Jichi-Seat'] = encodeURIComponent(acting.seat);
  if (acting?.hospital) all['Jichi-Hospital'] = acting.hospital;
  return all;
}

function problemMembers(text: string, fallback: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { title: fallback, detail: text.slice(0, 200) || fallback };
  }
}
