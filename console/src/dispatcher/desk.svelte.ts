// One seat: who sits there, what is in hand, what is being typed, and what the last action came to.
import { freshKey } from '../api/key';
import { Problem, Unreachable } from '../api/request';
import { read, Writes } from '../api/centre';
import type { Call, Candidate, Incident, Position, Proposal } from '../api/types';
import type { CentrePicture } from '../live/picture.svelte';
import { language, named } from '../words/language.svelte';
import { say } from '../words/desk';
import { drop, emptyDraft, keep, kept, missing, sketchOf, type CallDraft } from './draft';
import { advisedUnits, type Advised } from './moveUps';
import { Offer } from './offer.svelte';
import { emptyPaper, paperOf, type PaperDraft } from './paper';
import { ofOpinion, type Said } from './overrides';
import { waits } from './queue';

export interface Seat { seat: string; person: string }
const SEAT_KEPT_UNDER = 'jichi.seat';

export class Desk {
  seat = $state<Seat | null>(keptSeat());
  /** The incident in hand. */
  hand = $state<string | null>(null);
  /** The call form, when open; it covers the incident in hand. */
  form = $state<CallDraft | null>(null);
  /** The form of the paper hours that is being copied. */
  paper = $state<PaperDraft | null>(null);
  /** By the record a unit of that form was elsewhere: the reason is asked for. */
  paperOverlaps = $state(false);
  /** The unit somebody looks at. */
  unit = $state<string | null>(null);
  /** What a click on the map is taken as. */
  picking = $state<'nothing' | 'place' | 'road'>('nothing');
  road = $state<Position | null>(null);
  /** One more unit is asked for though the incident has what it wanted. */
  wantsMore = $state(false);
  /** The unit somebody wants though it is not the first: the reason is asked for. */
  wanted = $state.raw<{ candidate: Candidate; proposal: Proposal } | null>(null);
  /** Where the map is asked to go. */
  centre = $state.raw<Position | null>(null);
  said = $state<{ text: string; good: boolean } | null>(null);
  busy = $state(false);
  help = $state(false);
  /** Whether the list of hospitals is open. */
  hospitals = $state(false);
  /** Whether the card of accidents is open, and which of them. */
  accidents = $state(false);
  accident = $state<string | null>(null);
  /** The short numbers of the standing alarms, by name. */
  alarms = $state.raw<Map<string, number>>(new Map());
  readonly offer = new Offer();
  readonly writes = new Writes(() => this.seat ?? { person: '', seat: '' });

  constructor(readonly picture: CentrePicture) {}

  sit(seat: Seat): void {
    this.seat = seat;
    try {
      localStorage.setItem(SEAT_KEPT_UNDER, JSON.stringify(seat));
    } catch {
      // The seat is asked for again at the next start.
    }
  }

  get incident(): Incident | null {
    return this.hand === null ? null : (this.picture.incidents.get(this.hand) ?? null);
  }

  /** Does one thing and says what came of it. Never throws: a refusal is words for a person. */
  async attempt<T>(what: () => Promise<T>, done: string): Promise<T | null> {
    this.busy = true;
    try {
      const answer = await what();
      this.tell(done, true);
      return answer;
    } catch (error) {
      this.tell(this.wordsFor(error), false);
      return null;
    } finally {
      this.busy = false;
    }
  }

  tell(text: string, good: boolean): void {
    this.said = { text, good };
  }

  private wordsFor(error: unknown): string {
    if (error instanceof Problem) return say('refused', { why: error.words(language.current) });
    if (error instanceof Unreachable) return say('unreachable');
    return say('failed', { why: String(error) });
  }

  /** Takes an incident in hand and learns its newest proposal. */
  async take(id: string): Promise<void> {
    if (this.hand !== id) {
      this.hand = id;
      this.wanted = null;
      this.wantsMore = false;
      this.offer.open(this.picture.proposals.get(id) ?? null);
    }
    if (this.form) this.putFormAside();
    if (this.paper) this.putPaperAside();
    await this.picture.complete(id);
  }

  /** Whether units are offered now: Enter and the digits send nobody otherwise. */
  get offers(): boolean {
    const incident = this.incident;
    if (!incident || incident.phase === 'ended' || this.form) return false;
    return waits(incident) || this.wantsMore || this.lateToRoll(incident);
  }

  /** Somebody did not roll in time: the next unit is worth seeing. */
  private lateToRoll(incident: Incident): boolean {
    return this.picture.escalations.some((one) => one.kind === 'not_rolling' && incident.assignments.includes(one.about.assignment ?? ''));
  }

  /** One more unit than the incident wanted so far. */
  async more(): Promise<void> {
    this.wantsMore = true;
    if (this.hand) await this.proposeAgain(this.hand);
  }

  async proposeAgain(incident: string): Promise<void> {
    const proposal = await this.attempt(() => this.writes.propose(incident), say('proposed'));
    if (!proposal) return;
    this.picture.put({ proposals: [proposal] });
    this.offer.learn(proposal);
    this.offer.renew();
  }

  centreOn(position: Position): void {
    this.centre = { ...position };
  }

  /** A unit was clicked: what it is on comes in hand. */
  async takeUnit(id: string): Promise<void> {
    this.unit = id;
    const assignment = this.picture.assignments.get(this.picture.units.get(id)?.assignments.at(-1) ?? '');
    if (assignment) await this.take(assignment.incident);
  }

  /** Units that go to the incident in hand, or the three that would. */
  threads(): { position: Position; proposed: boolean }[] {
    const going = (this.incident?.assignments ?? []).map((id) => this.picture.assignments.get(id)).filter((a) => a && !a.end);
    const offered = going.length > 0 ? [] : (this.offer.shown?.candidates ?? []).slice(0, 3);
    const units = [...going.map((a) => ({ id: a?.unit ?? '', proposed: false })), ...offered.map((c) => ({ id: c.unit, proposed: true }))];
    return units.flatMap(({ id, proposed }) => {
      const position = this.picture.units.get(id)?.position;
      return position ? [{ position, proposed }] : [];
    });
  }

  /** Opens or closes the list of hospitals; one card at a time lies over the map. */
  openHospitals(open: boolean): void {
    this.hospitals = open;
    if (open) {
      this.unit = null;
      this.accidents = false;
    }
  }

  openAccidents(open: boolean, accident: string | null = this.accident): void {
    this.accidents = open;
    this.accident = accident;
    if (open) {
      this.unit = null;
      this.hospitals = false;
    }
  }

  /** The map was clicked for the form's place; the road's name fills an empty address. */
  async placeAt(at: Position): Promise<void> {
    const form = this.form ?? this.paper;
    if (!form) return;
    form.position = at;
    try {
      const road = await read.roadNearby(at);
      if (form.address.trim() === '' && road.name) form.address = say('near_road', { road: road.name });
    } catch {
      // The position stands without a name.
    }
  }

  openForm(call: Call | null): void {
    if (this.form) this.putFormAside();
    this.form = kept<CallDraft>(call?.id ?? 'new') ?? emptyDraft(call);
    this.picking = 'place';
  }

  /** A call is about another event than the incident it belongs to: the form is for the event of its own. */
  openSplit(call: Call): void {
    if (this.form) this.putFormAside();
    this.form = emptyDraft(call, true);
    this.picking = 'place';
  }

  /** Closes the form; what was typed waits for the next time it is opened. */
  putFormAside(): void {
    if (this.form) keep(this.form.call ?? 'new', $state.snapshot(this.form));
    this.form = null;
    this.picking = 'nothing';
  }

  /** Throws away what was typed: only on a person's word, or after it was sent. */
  discardForm(): void {
    if (this.form) drop(this.form.call ?? 'new');
    this.form = null;
    this.picking = 'nothing';
  }

  openPaper(): void {
    if (this.form) this.putFormAside();
    const clock = this.picture.clock;
    this.paper = kept<PaperDraft>('paper') ?? emptyPaper(clock.now, clock.utcOffset);
    this.picking = 'place';
  }

  putPaperAside(): void {
    if (this.paper) keep('paper', $state.snapshot(this.paper));
    this.paper = null;
    this.picking = 'nothing';
  }

  discardPaper(): void {
    drop('paper');
    this.paper = null;
    this.paperOverlaps = false;
    this.picking = 'nothing';
  }

  /** Puts the form on record. A refusal stays on the screen with everything that was typed; other words are another request. */
  async enterPaper(): Promise<boolean> {
    const draft = this.paper;
    if (!draft) return false;
    const enter = async () => {
      try {
        return await this.writes.enterPaper(paperOf(draft, this.picture.clock.utcOffset), draft.key);
      } catch (error) {
        if (error instanceof Problem) {
          draft.key = freshKey();
          this.paperOverlaps ||= error.kind === 'paper-overlap';
        }
        throw error;
      }
    };
    const made = await this.attempt(enter, say('paper_done'));
    if (!made) return false;
    this.discardPaper();
    this.picture.put({ incidents: [made] });
    await this.take(made.id);
    return true;
  }

  async answer(call: Call): Promise<void> {
    const answered = call.state === 'ringing' ? await this.attempt(() => this.writes.answer(call.id), say('answered')) : call;
    if (!answered) return;
    this.picture.put({ calls: [answered] });
    this.openForm(answered);
  }

  async create(): Promise<void> {
    const draft = this.form;
    if (!draft || missing(draft).length > 0) return;
    const made = await this.attempt(() => this.createOnce(draft), say('created'));
    if (!made) return;
    this.discardForm();
    this.picture.put({ incidents: [made] });
    await this.take(made.id);
  }

  /** A key that was used for other words was used by an attempt whose answer got lost: it is renewed, and the person looks first. */
  private async createOnce(draft: CallDraft): Promise<Incident> {
    try {
      if (draft.split && draft.call) return await this.writes.splitCall(draft.call, sketchOf(draft, this.picture.clock.utcOffset), draft.key);
      return await this.writes.create(draft.call, sketchOf(draft, this.picture.clock.utcOffset), draft.key);
    } catch (error) {
      if (error instanceof Problem && error.kind === 'key-reused') draft.key = freshKey();
      throw error;
    }
  }

  /** Enter (0) or a digit on the proposal in hand. */
  async choose(rank: number): Promise<void> {
    if (this.busy || !this.offers) return;
    const press = this.offer.press(rank);
    if (press.kind === 'changed') this.tell(say('proposal_changed'), false);
    else if (press.kind === 'reason') this.wanted = press;
    else if (press.kind === 'assign') await this.assign(press.proposal.incident, press.candidate.unit, press.proposal.id, null);
  }

  /** The unit that the second opinion prefers is sent, and the record says why. */
  async followOpinion(): Promise<void> {
    const opinion = this.offer.shown?.second_opinion;
    if (this.busy || !this.offers || opinion?.verdict !== 'prefers') return;
    const rank = this.offer.shown?.candidates.findIndex((candidate) => candidate.unit === opinion.unit) ?? -1;
    if (rank < 0) return;
    // It is named on the screen, in the list or not.
    this.offer.depth = Math.max(this.offer.depth, rank + 1);
    const press = this.offer.press(rank);
    if (press.kind === 'changed') this.tell(say('proposal_changed'), false);
    if (press.kind !== 'reason' && press.kind !== 'assign') return;
    const words = say('opinion_recorded', { opinion: named(opinion), n: opinion.scenarios, seed: opinion.seed });
    await this.assign(press.proposal.incident, press.candidate.unit, press.proposal.id, ofOpinion(this.picture.rules?.override_reasons ?? [], words));
  }

  /** The first advice on the screen is followed. */
  async followMoveUp(): Promise<void> {
    const first = advisedUnits(this.picture.units.values())[0];
    if (first && !this.busy) await this.answerMoveUp(first, true);
  }

  /** A unit goes where it is advised to stand by, or the advice is taken down. */
  async answerMoveUp({ id, move_up }: Advised, accept: boolean): Promise<void> {
    const done = accept ? say('move_up_followed', { unit: id, station: move_up.to.name }) : say('move_up_declined', { unit: id });
    const unit = await this.attempt(() => this.writes.moveUp(id, move_up.to.station, accept), done);
    if (unit) this.picture.put({ units: [unit] });
  }

  /** Everybody who has a slot in the proposal on the screen is sent, one after the other; it ends where one is refused. */
  async sendTeam(): Promise<void> {
    const proposal = this.offer.shown;
    if (this.busy || !this.offers || !proposal) return;
    if (this.offer.outdated) {
      this.offer.press(0);
      this.tell(say('proposal_changed'), false);
      return;
    }
    for (const { unit } of proposal.team) {
      if (unit === null || unit === undefined) continue;
      const sent = await this.attempt(() => this.writes.assign(proposal.incident, unit, proposal.id, null), say('sent', { unit }));
      if (!sent) return;
      this.picture.put({ assignments: [sent] });
    }
    this.offer.spend();
    this.wantsMore = false;
  }

  async assign(incident: string, unit: string, proposal: string | null, why: Said | null): Promise<void> {
    const assignment = await this.attempt(() => this.writes.assign(incident, unit, proposal, why), say('sent', { unit }));
    if (assignment) {
      this.picture.put({ assignments: [assignment] });
      this.offer.spend();
      this.wantsMore = false;
    } else void read.proposal(incident).then((newest) => this.picture.put({ proposals: [newest] }), () => undefined);
    this.wanted = null;
  }
}

function keptSeat(): Seat | null {
  try {
    const text = localStorage.getItem(SEAT_KEPT_UNDER);
    return text === null ? null : (JSON.parse(text) as Seat);
  } catch {
    return null;
  }
}
