// The page's line to the vehicle's own program: state by server-sent events, presses by small posts. No centre is needed.
import { CentreClock } from '../live/clock.svelte';
import { play } from '../live/tones';
import type { Equipment, TerminalState } from './state';

const ORDER_TONES = [880, 660, 880, 660, 880];
const RECALL_TONES = [520, 390];
/** The program sends its state at every change and the clock moves: silence for so long means that it is gone. */
const ASK_AGAIN_MS = 3_000;

export class Agent {
  readonly clock = new CentreClock();
  state = $state.raw<TerminalState | null>(null);
  /** The vehicle's own program does not answer. */
  lost = $state(false);
  /** Why the last press was not recorded, as the program's code. */
  refusal = $state<string | null>(null);
  equipment = $state.raw<Equipment>({ map: null, navigation: null });
  private known: Map<string, boolean> | null = null;
  private context: AudioContext | null = null;

  start(): () => void {
    const stopClock = this.clock.run();
    void this.lookForEquipment();
    const source = new EventSource('/api/live');
    source.addEventListener('state', (event) => this.take(JSON.parse((event as MessageEvent<string>).data) as TerminalState));
    source.onerror = () => void this.ask();
    const again = setInterval(() => void this.ask(), ASK_AGAIN_MS);
    return () => {
      source.close();
      clearInterval(again);
      stopClock();
    };
  }

  allowSound(): void {
    this.context ??= new AudioContext();
    void this.context.resume();
  }

  /** Does one thing; answers whether it is recorded. */
  async post(path: string, body: unknown): Promise<boolean> {
    try {
      const answer = await fetch(`/api/${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
      if (answer.ok) {
        this.refusal = null;
        await this.ask();
        return true;
      }
      const problem = (await answer.json().catch(() => ({}))) as { code?: string };
      this.refusal = problem.code ?? 'unknown';
    } catch {
      this.refusal = 'unknown';
    }
    return false;
  }

  /** Keeps a file of a patient on the vehicle; it goes to the centre by itself. */
  async keep(assignment: string, patient: number, kind: 'ecg' | 'photo', file: Blob): Promise<boolean> {
    const of = new URLSearchParams({ assignment, patient: patient.toString(), kind }).toString();
    try {
      const answer = await fetch(`/api/patient/file?${of}`, { method: 'POST', headers: { 'Content-Type': file.type }, body: file });
      await this.ask();
      return answer.ok;
    } catch {
      return false;
    }
  }

  private async ask(): Promise<void> {
    try {
      const answer = await fetch('/api/state', { cache: 'no-store' });
      this.take((await answer.json()) as TerminalState);
    } catch {
      this.lost = true;
    }
  }

  private async lookForEquipment(): Promise<void> {
    try {
      this.equipment = (await (await fetch('/api/equipment')).json()) as Equipment;
    } catch {
      // The way alone is drawn then, and no other program is offered.
    }
  }

  private take(state: TerminalState): void {
    this.lost = false;
    this.clock.set(state.now, state.clock.rate);
    this.announce(state);
    this.state = state;
  }

  /** A new order sounds, and so does one that was taken back. */
  private announce(state: TerminalState): void {
    for (const order of state.orders) {
      const ended = this.known?.get(order.assignment);
      if (this.known && ended === undefined && order.end === null) play(this.context, ORDER_TONES);
      if (ended === false && order.end?.kind.startsWith('recalled')) play(this.context, RECALL_TONES);
    }
    this.known = new Map(state.orders.map((order) => [order.assignment, order.end !== null]));
  }
}
