// One sound per priority, made here so that no file is needed. Silence is for a time, never for good.
import type { CentrePicture } from '../live/picture.svelte';
import { play } from '../live/tones';

type Urgency = 'ringing' | 'alarm' | 'warning';
/** Frequencies in hertz, one after the other. */
const TONES: Record<Urgency, number[]> = { ringing: [880, 660, 880, 660], alarm: [980, 740, 980], warning: [520] };
const REPEAT_MS = 2_500;
export const MUTE_S_MAX = 120;

export class Sounds {
  /** Until when there is silence, in wall milliseconds. */
  mutedUntil = $state(0);
  wall = $state(Date.now());
  allowed = $state(false);
  private context: AudioContext | null = null;
  private warned = new Set<string>();

  constructor(private readonly picture: CentrePicture) {}

  get mutedFor_s(): number {
    return Math.max(0, Math.ceil((this.mutedUntil - this.wall) / 1000));
  }

  start(): () => void {
    const unlock = () => this.unlock();
    addEventListener('pointerdown', unlock);
    addEventListener('keydown', unlock);
    const second = setInterval(() => (this.wall = Date.now()), 1_000);
    const repeat = setInterval(() => this.sound(), REPEAT_MS);
    return () => {
      removeEventListener('pointerdown', unlock);
      removeEventListener('keydown', unlock);
      clearInterval(second);
      clearInterval(repeat);
    };
  }

  /** A browser lets a page sound only after a person has touched it. */
  unlock(): void {
    if (this.allowed) return;
    this.context ??= new AudioContext();
    void this.context.resume().then(() => (this.allowed = this.context?.state === 'running'));
  }

  mute(): void {
    this.mutedUntil = this.mutedFor_s > 0 ? 0 : Date.now() + MUTE_S_MAX * 1000;
    this.wall = Date.now();
  }

  private sound(): void {
    const open = this.picture.escalations.filter((escalation) => escalation.acknowledged === null);
    const ringing = [...this.picture.calls.values()].some((call) => call.state === 'ringing');
    const fresh = open.filter((escalation) => escalation.urgency === 'warning' && !this.warned.has(escalation.name));
    this.warned = new Set(open.map((escalation) => escalation.name));
    if (this.mutedFor_s > 0) return;
    if (open.some((escalation) => escalation.urgency === 'alarm')) play(this.context, TONES.alarm);
    else if (ringing) play(this.context, TONES.ringing);
    else if (fresh.length > 0) play(this.context, TONES.warning);
  }
}
