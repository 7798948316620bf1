// The centre as this page sees it: lists loaded once, then replaced by id as live frames tell.
import { SvelteMap } from 'svelte/reactivity';
import { all, read } from '../api/centre';
import type * as t from '../api/types';
import { CentreClock } from './clock.svelte';
import { LiveSocket } from './socket';

/** The rules that are numbers. */
type Limit = { [Name in keyof t.Rules]: t.Rules[Name] extends number ? Name : never }[keyof t.Rules];
export type Connection = 'loading' | 'live' | 'lost';

/** Frames kept while the lists load; beyond that the lists are loaded again. */
const WAITING_FRAMES_MAX = 5_000;
const LOAD_AGAIN_MS = 2_000;
const ENDED_KEPT_MAX = 300;
/** A vehicle is not called silent sooner than this by the wall's clock. */
const SILENT_WALL_S = 5;

export class CentrePicture {
  readonly clock = new CentreClock();
  readonly calls = new SvelteMap<string, t.Call>();
  readonly incidents = new SvelteMap<string, t.Incident>();
  readonly accidents = new SvelteMap<string, t.Accident>();
  readonly assignments = new SvelteMap<string, t.Assignment>();
  readonly units = new SvelteMap<string, t.Unit>();
  readonly hospitals = new SvelteMap<string, t.Hospital>();
  readonly stations = new SvelteMap<string, t.Station>();
  readonly closures = new SvelteMap<string, t.Closure>();
  readonly proposals = new SvelteMap<string, t.Proposal>();
  escalations = $state.raw<t.Escalation[]>([]);
  /** Who sends more than it may: refused, and named here. */
  floods = $state.raw<t.Flood[]>([]);
  rules = $state.raw<t.Rules | null>(null);
  map = $state.raw<t.CityMap | null>(null);
  connection = $state<Connection>('loading');
  lostAt = $state<number | null>(null);
  /** Grows with every batch of positions, so that the map knows. */
  positionsSeen = $state(0);
  private waiting: t.Frame[] | null = [];
  private loading = false;
  /** The lists being loaded are known to be too old already. */
  private again = false;
  private ended: string[] = [];
  private readonly socket = new LiveSocket({
    frame: (frame) => this.take(frame),
    connected: (up) => this.connected(up),
  });

  /** Starts; answers with how to stop. */
  start(): () => void {
    this.socket.start();
    const stopClock = this.clock.run();
    return () => {
      stopClock();
      this.socket.stop();
    };
  }

  /** A rule's number, or the policy's own where the centre does not say. */
  rule(name: Limit, otherwise: number): number {
    return this.rules?.[name] ?? otherwise;
  }

  /** After how many domain seconds a position is old. A vehicle reports by the wall's clock: a demonstration that runs faster must not show it as silent. */
  get stale_s(): number {
    return Math.max(this.rule('silent_after_s', 30), SILENT_WALL_S * this.clock.rate);
  }

  /** Puts the answer to a write in at once: the frame with the same content follows. */
  put(changed: t.Changed): void {
    for (const call of changed.calls ?? []) {
      if (call.state === 'ended' && call.incident === null) this.calls.delete(call.id);
      else this.calls.set(call.id, call);
    }
    for (const incident of changed.incidents ?? []) this.putIncident(incident);
    for (const accident of changed.accidents ?? []) {
      if (accident.end) this.accidents.delete(accident.id);
      else this.accidents.set(accident.id, accident);
    }
    for (const assignment of changed.assignments ?? []) this.assignments.set(assignment.id, assignment);
    for (const unit of changed.units ?? []) this.putUnit(unit);
    for (const hospital of changed.hospitals ?? []) this.hospitals.set(hospital.id, hospital);
    for (const proposal of changed.proposals ?? []) this.putProposal(proposal);
    for (const closure of changed.closures ?? []) this.closures.set(closure.id, closure);
  }

  private putUnit(unit: t.Unit): void {
    const seen = this.units.get(unit.id)?.position;
    const older = seen && unit.position && Date.parse(seen.at) > Date.parse(unit.position.at);
    this.units.set(unit.id, older || !unit.position ? { ...unit, position: seen ?? unit.position } : unit);
  }

  /** Late data never moves the present backwards. */
  private putProposal(proposal: t.Proposal): void {
    const known = this.proposals.get(proposal.incident);
    if (!known || Date.parse(known.made_at) <= Date.parse(proposal.made_at)) this.proposals.set(proposal.incident, proposal);
  }

  private connected(up: boolean): void {
    if (up) {
      if (this.waiting === null) this.connection = 'live';
      this.lostAt = null;
    } else if (this.connection !== 'lost') {
      this.connection = 'lost';
      this.lostAt = this.clock.now;
    }
  }

  /** One live frame, in order. */
  take(frame: t.Frame): void {
    if (frame.type === 'tick') {
      const { now, rate, floods } = frame.data as t.Tick;
      this.clock.set(now, rate);
      this.floods = floods ?? [];
    } else if (frame.type === 'hello' || frame.type === 'reset') {
      if (frame.type === 'reset' || this.waiting !== null) void this.load();
    } else if (this.waiting !== null) {
      if (this.waiting.length < WAITING_FRAMES_MAX) this.waiting.push(frame);
      else void this.load();
    } else {
      this.apply(frame);
    }
  }

  private apply(frame: t.Frame): void {
    if (frame.type === 'positions') {
      this.move((frame.data as { items: t.PositionReport[] }).items);
      return;
    }
    const { about, changed, escalations } = frame.data as t.FactData;
    if (changed) this.put(changed);
    if (escalations) this.escalations = escalations;
    if (frame.type === 'road_opened') {
      const standing = new Set(changed?.closures?.map((closure) => closure.id));
      for (const id of about ?? []) if (!standing.has(id)) this.closures.delete(id);
    }
  }

  private move(items: t.PositionReport[]): void {
    for (const { unit: id, link, ...position } of items) {
      const unit = this.units.get(id);
      if (unit && (!unit.position || Date.parse(unit.position.at) <= Date.parse(position.at))) {
        this.units.set(id, { ...unit, link, position });
      }
    }
    this.positionsSeen += 1;
  }

  /** Loads what an incident in hand needs and the open lists do not hold: its proposal, older assignments, its calls. */
  async complete(id: string): Promise<void> {
    const incident = this.incidents.get(id);
    if (!incident) return;
    const missingCalls = incident.calls.filter((call) => !this.calls.has(call));
    const missingRuns = incident.assignments.some((assignment) => !this.assignments.has(assignment));
    const none = () => null;
    const [proposal, assignments, ...calls] = await Promise.all([
      this.proposals.has(id) ? null : read.proposal(id).catch(none),
      missingRuns ? read.assignmentsOf(id).catch(none) : null,
      ...missingCalls.map((call) => read.call(call).catch(none)),
    ]);
    this.put({
      proposals: proposal ? [proposal] : [],
      assignments: assignments?.items ?? [],
      calls: calls.filter((call) => call !== null),
    });
  }

  /** What ended stays for a while, not for a whole shift of memory. */
  private putIncident(incident: t.Incident): void {
    if (incident.phase === 'ended' && this.incidents.get(incident.id)?.phase !== 'ended') this.ended.push(incident.id);
    this.incidents.set(incident.id, incident);
    while (this.ended.length > ENDED_KEPT_MAX) this.forget(this.ended.shift() ?? '');
  }

  private forget(id: string): void {
    const incident = this.incidents.get(id);
    incident?.assignments.forEach((assignment) => this.assignments.delete(assignment));
    incident?.calls.forEach((call) => this.calls.delete(call));
    this.proposals.delete(id);
    this.incidents.delete(id);
  }

  private async load(): Promise<void> {
    if (this.loading) {
      this.again = true;
      return;
    }
    this.loading = true;
    this.again = false;
    this.waiting = [];
    try {
      const [calls, incidents, accidents, assignments, units, hospitals, stations, closures, escalations, rules, time, map] = await Promise.all([
        all<t.Call>('/calls?state=open'),
        all<t.Incident>('/incidents?state=open'),
        all<t.Accident>('/accidents?state=open'),
        all<t.Assignment>('/assignments?state=open'),
        all<t.Unit>('/units'),
        all<t.Hospital>('/hospitals'),
        all<t.Station>('/stations'),
        all<t.Closure>('/closures'),
        all<t.Escalation>('/escalations'),
        read.rules(),
        read.time(),
        read.map().catch(() => null),
      ]);
      if (this.again) throw new Error('the lists were overtaken');
      this.clear();
      this.put({ calls, incidents, accidents, assignments, units, hospitals, closures });
      for (const station of stations) this.stations.set(station.id, station);
      this.escalations = escalations;
      this.rules = rules;
      this.map = map;
      this.clock.set(time.now, time.rate);
      this.clock.utcOffset = this.rule('utc_offset_s', this.clock.utcOffset);
      const frames = this.waiting ?? [];
      this.waiting = null;
      frames.forEach((frame) => this.apply(frame));
      this.connection = this.lostAt === null ? 'live' : 'lost';
    } catch {
      setTimeout(() => void this.load(), LOAD_AGAIN_MS);
    } finally {
      this.loading = false;
    }
  }

  private clear(): void {
    for (const list of [this.calls, this.incidents, this.accidents, this.assignments, this.units, this.hospitals, this.stations, this.closures]) list.clear();
    this.proposals.clear();
    this.ended = [];
  }
}
