// The proposal as it stands on the screen. It never changes under the finger: a newer one waits beside it, and a press
// meant for the old one shows the new one and asks again.
import type { Candidate, Proposal } from '../api/types';

/** What a press on rank `n` came to. */
export type Press =
  | { kind: 'assign'; candidate: Candidate; proposal: Proposal }
  | { kind: 'reason'; candidate: Candidate; proposal: Proposal }
  | { kind: 'changed' }
  | { kind: 'nothing' };

const SHOWN_FIRST = 5;

export class Offer {
  /** The proposal on the screen. */
  shown = $state.raw<Proposal | null>(null);
  /** The newest one known for the incident in hand. */
  newest = $state.raw<Proposal | null>(null);
  /** How many of its units are on the screen: a key never sends one that is not seen. */
  depth = $state(SHOWN_FIRST);
  /** Whether the last press found the proposal changed, so that the screen says so. */
  asksAgain = $state(false);

  get outdated(): boolean {
    return this.newest !== null && this.shown !== null && this.newest.id !== this.shown.id;
  }

  /** The proposal that a unit was sent from: it is used up, and a second press of the same key must send nobody. */
  private used: string | null = null;

  /** Another incident is taken in hand. */
  open(newest: Proposal | null): void {
    this.shown = newest;
    this.newest = newest;
    this.asksAgain = false;
    this.depth = SHOWN_FIRST;
  }

  /** A proposal came in. The first one is shown at once: nobody has aimed at it yet. */
  learn(proposal: Proposal): void {
    if (proposal.id === this.used) return;
    this.newest = proposal;
    if (this.shown === null || this.shown.incident !== proposal.incident) this.open(proposal);
    // The same with a second opinion: nothing that a key would send has changed.
    else if (this.shown.id === proposal.id) this.shown = proposal;
  }

  /** A unit was sent from the proposal on the screen. */
  spend(): void {
    this.used = this.shown?.id ?? this.used;
    this.open(null);
  }

  /** The person wants to see the newest. */
  renew(): void {
    this.shown = this.newest;
    this.asksAgain = false;
  }

  /** The person pressed Enter (rank 0) or a digit. */
  press(rank: number): Press {
    if (this.shown === null) return { kind: 'nothing' };
    if (this.outdated) {
      this.shown = this.newest;
      this.asksAgain = true;
      return { kind: 'changed' };
    }
    const candidate = rank < this.depth ? this.shown.candidates[rank] : undefined;
    if (!candidate) return { kind: 'nothing' };
    this.asksAgain = false;
    if (candidate.level === 'refuse') return { kind: 'nothing' };
    return { kind: rank === 0 && candidate.level !== 'block' ? 'assign' : 'reason', candidate, proposal: this.shown };
  }
}
