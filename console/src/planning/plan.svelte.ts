// The state of the page: what the centre has, what is put together, and what came of it.
import { all, read } from '../api/centre';
import { get, Problem, write } from '../api/request';
import type { CityMap, Hospital, Plan, PlanChange, PlanDay, Position, RoadNearby, Station, Unit } from '../api/types';
import { language } from '../words/language.svelte';
import { body, type Draft } from './draft';

const LOOK_EVERY_MS = 700;
const SEAT_KEPT_UNDER = 'jichi.seat';

export class Planner {
  days = $state.raw<PlanDay[] | null>(null);
  stations = $state.raw<Station[]>([]);
  hospitals = $state.raw<Hospital[]>([]);
  units = $state.raw<Unit[]>([]);
  map = $state.raw<CityMap | null>(null);
  offset = $state(8 * 3600);
  draft = $state<Draft>({ day: '', base: '', posts: false, busy: 0.4, calls_times: 1, changes: [] });
  /** Where the map was clicked last. */
  clicked = $state.raw<Position | null>(null);
  road = $state.raw<RoadNearby | null>(null);
  acting = $state(seatHere());
  plan = $state.raw<Plan | null>(null);
  earlier = $state.raw<Plan[]>([]);
  failure = $state<string | null>(null);
  private looking: ReturnType<typeof setTimeout> | undefined;

  async start(): Promise<void> {
    await this.attempt(async () => {
      const [days, stations, hospitals, units, map, rules] = await Promise.all([
        get<{ items: PlanDay[] }>('/api/v1/plans/days'), all<Station>('/stations'), all<Hospital>('/hospitals'), all<Unit>('/units'),
        read.map().catch(() => null), read.rules(),
      ]);
      [this.days, this.stations, this.hospitals, this.units, this.map] = [days.items, stations, hospitals, units, map];
      this.offset = Number((rules as Record<string, unknown>)['utc_offset_s'] ?? this.offset);
      this.draft.day ||= days.items[0]?.day ?? '';
      await this.listEarlier();
    });
  }

  stop(): void {
    clearTimeout(this.looking);
  }

  async click(at: Position, wantsRoad: boolean): Promise<void> {
    this.clicked = at;
    if (wantsRoad) this.road = (await this.attempt(() => read.roadNearby(at))) ?? null;
  }

  add(change: PlanChange): void {
    this.draft.changes = [...this.draft.changes, change];
    this.clicked = this.road = null;
  }

  takeOut(index: number): void {
    this.draft.changes = this.draft.changes.filter((_, other) => other !== index);
  }

  async run(): Promise<void> {
    keepSeat(this.acting);
    const made = await this.attempt(() => write<Plan>('POST', '/api/v1/plans', body(this.draft), { acting: this.acting }));
    if (made) this.follow(made);
  }

  async open(id: string): Promise<void> {
    const plan = await this.attempt(() => get<Plan>(`/api/v1/plans/${id}`));
    if (plan) this.follow(plan);
  }

  /** Looks again until the plan is done or has failed. */
  private follow(plan: Plan): void {
    this.plan = plan;
    clearTimeout(this.looking);
    if (plan.state === 'waiting' || plan.state === 'running') this.looking = setTimeout(() => void this.open(plan.id), LOOK_EVERY_MS);
    else void this.attempt(() => this.listEarlier());
  }

  private async listEarlier(): Promise<void> {
    this.earlier = (await get<{ items: Plan[] }>('/api/v1/plans')).items.filter((plan) => plan.state === 'done');
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const done = await work();
      this.failure = null;
      return done;
    } catch (error) {
      this.failure = error instanceof Problem ? error.words(language.current) : String((error as Error).message);
      return undefined;
    }
  }
}

/** Who sits at this screen, when somebody signed on here as a dispatcher. */
function seatHere(): { person: string; seat: string } {
  try {
    const kept = JSON.parse(localStorage.getItem(SEAT_KEPT_UNDER) ?? '{}') as { person?: string; seat?: string };
    return { person: kept.person ?? '', seat: kept.seat ?? '' };
  } catch {
    return { person: '', seat: '' };
  }
}

function keepSeat(seat: { person: string; seat: string }): void {
  try {
    localStorage.setItem(SEAT_KEPT_UNDER, JSON.stringify(seat));
  } catch {
    // Storage may be forbidden: asked again next time.
  }
}
