// The live connection resumes after the last frame and refuses a leader that was replaced.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Frame } from '../api/types';
import { LiveSocket } from './socket';

class Line {
  static all: Line[] = [];
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(readonly address: string) {
    Line.all.push(this);
  }
  say(frame: Partial<Frame>) {
    this.onmessage?.({ data: JSON.stringify({ at: '', data: {}, ...frame }) });
  }
  close() {
    this.onclose?.();
  }
}

const heard: string[] = [];
let socket: LiveSocket;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', Line);
  vi.stubGlobal('location', { protocol: 'http:', host: 'centre' });
  Line.all = [];
  heard.length = 0;
  socket = new LiveSocket({ frame: (frame) => heard.push(`${frame.type} ${frame.seq}`), connected: (up) => heard.push(up ? 'up' : 'down') });
  socket.start();
});
afterEach(() => {
  socket.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const line = () => Line.all.at(-1) as Line;

describe('the live connection', () => {
  it('starts with the present and resumes after what it has seen', () => {
    expect(line().address).toBe('ws://centre/api/v1/live');
    line().say({ type: 'hello', seq: 41 });
    line().say({ type: 'unit_assigned', seq: 42 });
    line().say({ type: 'positions', seq: 42 });
    line().close();
    vi.advanceTimersByTime(10_000);
    expect(line().address).toBe('ws://centre/api/v1/live?after=42');
    expect(heard).toEqual(['up', 'hello 41', 'unit_assigned 42', 'positions 42', 'down']);
    line().say({ type: 'hello', seq: 42 });
    expect(heard.at(-2)).toBe('up');
  });

  it('takes silence for a dead line', () => {
    line().say({ type: 'hello', seq: 1 });
    vi.advanceTimersByTime(30_000);
    expect(heard).toContain('down');
    expect(Line.all.length).toBeGreaterThan(1);
  });

  it('takes what a new leader tells of the time before it', () => {
    line().say({ type: 'hello', seq: 5, epoch: '1.1' });
    line().close();
    vi.advanceTimersByTime(10_000);
    line().say({ type: 'hello', seq: 5, epoch: '2.1' });
    line().say({ type: 'unit_assigned', seq: 6, epoch: '1.1' });
    expect(heard.at(-1)).toBe('unit_assigned 6');
  });

  it('refuses a leader that was replaced', () => {
    line().say({ type: 'hello', seq: 5, epoch: { term: 3, node: 1 } });
    line().close();
    vi.advanceTimersByTime(10_000);
    line().say({ type: 'hello', seq: 9, epoch: { term: 2, node: 2 } });
    line().say({ type: 'unit_assigned', seq: 9, epoch: { term: 2, node: 2 } });
    expect(heard).toEqual(['up', 'hello 5', 'down', 'down']);
  });

  it('goes back when the centre says reset', () => {
    line().say({ type: 'hello', seq: 50 });
    line().say({ type: 'reset', seq: 20 });
    line().close();
    vi.advanceTimersByTime(10_000);
    expect(line().address).toBe('ws://centre/api/v1/live?after=20');
  });
});
