// The live connection: frames in order, resumed after the last one seen, and never from a leader that was replaced.
import type { Frame } from '../api/types';

export interface Listener {
  frame(frame: Frame): void;
  /** Called when the connection comes up (`true`) or is found gone (`false`). */
  connected(up: boolean): void;
}

/** No frame for so long, though one comes each second or five: the connection is dead whatever the socket says. */
const SILENCE_MS_MAX = 12_000;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 8_000;

export class LiveSocket {
  private socket: WebSocket | null = null;
  private last: number | null = null;
  private highest: number[] = [];
  /** Whether this connection's hello came from a leader that still leads, as far as this page knows. */
  private trusted = true;
  private retry = 0;
  private heard = 0;
  private stopped = false;
  private timers: ReturnType<typeof setTimeout>[] = [];

  constructor(private readonly listener: Listener, private readonly path = '/api/v1/live') {}

  start(): void {
    this.stopped = false;
    this.open();
    this.timers.push(setInterval(() => this.checkSilence(), 2_000));
  }

  stop(): void {
    this.stopped = true;
    this.timers.forEach(clearTimeout);
    this.socket?.close();
  }

  private open(): void {
    if (this.stopped) return;
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const after = this.last === null ? '' : `?after=${this.last}`;
    const socket = new WebSocket(`${scheme}//${location.host}${this.path}${after}`);
    this.socket = socket;
    this.heard = Date.now();
    socket.onmessage = (message) => this.take(String(message.data));
    socket.onclose = () => this.lost(socket);
  }

  private take(text: string): void {
    this.heard = Date.now();
    const frame = JSON.parse(text) as Frame;
    if (!this.accepts(frame)) return;
    if (this.retry >= 0) {
      this.retry = -1;
      this.listener.connected(true);
    }
    const starts = frame.type === 'hello' || frame.type === 'reset';
    if (starts || frame.seq > (this.last ?? -1)) this.last = frame.seq;
    this.listener.frame(frame);
  }

  /** Who says hello under a lower epoch than one seen before was replaced. Events that a leader tells anew keep the epoch they were made in. */
  private accepts(frame: Frame): boolean {
    const epoch = epochOf(frame.epoch);
    const against = compareEpochs(epoch, this.highest);
    if (against > 0) this.highest = epoch;
    if (frame.type === 'hello') this.trusted = against >= 0;
    if (!this.trusted) this.socket?.close();
    return this.trusted;
  }

  private lost(socket: WebSocket): void {
    if (socket !== this.socket || this.stopped) return;
    this.socket = null;
    this.retry = Math.max(0, this.retry) + 1;
    this.listener.connected(false);
    const longest = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** this.retry);
    this.timers.push(setTimeout(() => this.open(), RETRY_MS_MIN + Math.random() * (longest - RETRY_MS_MIN)));
  }

  private checkSilence(): void {
    const socket = this.socket;
    if (socket && Date.now() - this.heard > SILENCE_MS_MAX) {
      socket.close();
      this.lost(socket);
    }
  }
}

/** An epoch is an ordered pair (term, node), written as a number, a pair or `{term, node}`. */
export function epochOf(epoch: unknown): number[] {
  if (typeof epoch === 'number') return [epoch, 0];
  if (Array.isArray(epoch)) return epoch.map(Number);
  if (epoch && typeof epoch === 'object' && 'term' in epoch) {
    const { term, node } = epoch as { term: unknown; node?: unknown };
    return [Number(term), Number(node ?? 0)];
  }
  return typeof epoch === 'string' ? epoch.split(/[./-]/).map(Number) : [];
}

export function compareEpochs(a: number[], b: number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return 0;
}
