// What comes to one hospital: read every few seconds and whenever the centre says that something changed.
import { read } from '../api/centre';
import { write } from '../api/request';
import type { Arrival, Arrivals, Assignment } from '../api/types';
import { CentreClock } from '../live/clock.svelte';
import { LiveSocket } from '../live/socket';
import { play } from '../live/tones';

const READ_EVERY_MS = 3_000;
/** Without a good answer for so long the board is old, and looks it. */
const OLD_AFTER_MS = 9_000;
const NEW_TONES = [660, 880];
const CRITICAL_TONES = [980, 740, 980, 740];

export class ArrivalsFeed {
  readonly clock = new CentreClock();
  shown = $state.raw<Arrivals | null>(null);
  old = $state(false);
  /** When the board last agreed with the centre, in the centre's milliseconds. */
  goodAt = $state<number | null>(null);
  failure = $state<'unknown' | null>(null);
  acknowledgeWithin_s = $state(60);
  private goodWall = Date.now();
  private known: Set<string> | null = null;
  private reading = false;
  private context: AudioContext | null = null;

  constructor(readonly hospital: string) {}

  start(): () => void {
    const socket = new LiveSocket({ frame: (frame) => this.heard(frame.type, frame.data), connected: () => void this.read() });
    socket.start();
    const stopClock = this.clock.run();
    const every = setInterval(() => void this.read(), READ_EVERY_MS);
    const watch = setInterval(() => (this.old = Date.now() - this.goodWall > OLD_AFTER_MS), 1_000);
    void read.time().then(({ now, rate }) => this.clock.set(now, rate), () => undefined);
    void read.rules().then((rules) => this.adopt(rules), () => undefined);
    void this.read();
    return () => {
      socket.stop();
      stopClock();
      clearInterval(every);
      clearInterval(watch);
    };
  }

  /** A browser lets a page sound only after somebody touched it. */
  allowSound(): void {
    this.context ??= new AudioContext();
    void this.context.resume();
  }

  async acknowledge(arrival: Arrival, person: string): Promise<boolean> {
    try {
      await write<Assignment>('POST', `/api/v1/assignments/${arrival.assignment}/arrival-acknowledgement`, undefined, {
        acting: { person, hospital: this.hospital },
      });
      await this.read();
      return true;
    } catch {
      return false;
    }
  }

  private adopt(rules: Record<string, unknown>): void {
    this.acknowledgeWithin_s = Number(rules['hospital_acknowledge_within_s'] ?? this.acknowledgeWithin_s);
    this.clock.utcOffset = Number(rules['utc_offset_s'] ?? this.clock.utcOffset);
  }

  private heard(type: string, data: unknown): void {
    if (type === 'tick') {
      const { now, rate } = data as { now: string; rate: number };
      this.clock.set(now, rate);
    } else if (type !== 'positions') void this.read();
  }

  private async read(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      const answer = await read.arrivals(this.hospital);
      this.announce(answer);
      this.shown = answer;
      this.goodWall = Date.now();
      this.goodAt = this.clock.now;
      this.old = false;
      this.failure = null;
    } catch (error) {
      if ((error as { status?: number }).status === 404) this.failure = 'unknown';
    } finally {
      this.reading = false;
    }
  }

  /** One sound for what is new, another for what is new and critical; none for what was there when the board came up. */
  private announce(answer: Arrivals): void {
    const fresh = answer.items.filter((arrival) => !this.known?.has(arrival.assignment));
    if (this.known !== null && fresh.length > 0) {
      play(this.context, fresh.some((arrival) => arrival.level === 'I') ? CRITICAL_TONES : NEW_TONES);
    }
    this.known = new Set(answer.items.map((arrival) => arrival.assignment));
  }
}
