// The proposal never changes under the finger.
import { describe, expect, it } from 'vitest';
import type { Candidate, Proposal } from '../api/types';
import { Offer } from './offer.svelte';

const proposal = (id: string, ...units: string[]): Proposal => ({
  id, incident: 'incident_1', made_at: '2026-11-21T13:00:00Z', policy: 'closest', road_weights: '', left_out: [], destinations: [], team: [], second_opinion: null, about_to_be_free: [], traffic: null,
  candidates: units.map((unit): Candidate => ({
    unit, station: 'S01', state: 'at_station', mobilisation_s: 1, travel_s: 1, free_in_s: null, arrival_s: 2, basis: 'road', position_age_s: 0, lacks: [], level: 'allow', aid: null, own_area: false, cover_loss: null, reasons: [],
  })),
});

function offer(first: Proposal, then?: Proposal): Offer {
  const made = new Offer();
  made.learn(first);
  if (then) made.learn(then);
  return made;
}

describe('a proposal on the screen', () => {
  it('sends the first without a question and asks why for another', () => {
    const made = offer(proposal('p1', 'A05', 'A11'));
    expect(made.press(0)).toMatchObject({ kind: 'assign', candidate: { unit: 'A05' } });
    expect(made.press(1)).toMatchObject({ kind: 'reason', candidate: { unit: 'A11' } });
    expect(made.press(2)).toEqual({ kind: 'nothing' });
  });

  it('stays when a newer one comes in, and a press shows the new one and asks again', () => {
    const made = offer(proposal('p1', 'A05'), proposal('p2', 'A11'));
    expect(made.shown?.id).toBe('p1');
    expect(made.outdated).toBe(true);
    expect(made.press(0)).toEqual({ kind: 'changed' });
    expect(made.asksAgain).toBe(true);
    expect(made.shown?.id).toBe('p2');
    expect(made.press(0)).toMatchObject({ kind: 'assign', candidate: { unit: 'A11' } });
  });

  it('takes in a second opinion on what is shown, and a press is meant for it all the same', () => {
    const made = offer(proposal('p1', 'A05', 'A11'));
    const opinion = { verdict: 'prefers' as const, unit: 'A11', scenarios: 200, horizon_s: 5400, seed: '0', outlooks: [], zh: '', en: '' };
    made.learn({ ...proposal('p1', 'A05', 'A11'), second_opinion: opinion });
    expect(made.outdated).toBe(false);
    expect(made.shown?.second_opinion?.unit).toBe('A11');
    expect(made.press(0)).toMatchObject({ kind: 'assign', candidate: { unit: 'A05' } });
  });

  it('is the newest after the person asked for it', () => {
    const made = offer(proposal('p1', 'A05'), proposal('p2', 'A11'));
    made.renew();
    expect(made.outdated).toBe(false);
    expect(made.press(0)).toMatchObject({ kind: 'assign', candidate: { unit: 'A11' } });
  });

  it('sends no unit that is not on the screen', () => {
    const made = offer(proposal('p1', 'A1', 'A2', 'A3', 'A4', 'A5', 'A6'));
    expect(made.press(5)).toEqual({ kind: 'nothing' });
    made.depth = 6;
    expect(made.press(5)).toMatchObject({ kind: 'reason', candidate: { unit: 'A6' } });
  });

  it('is used up once a unit was sent from it: the same key pressed twice sends one', () => {
    const made = offer(proposal('p1', 'A05'));
    made.spend();
    made.learn(proposal('p1', 'A05'));
    expect(made.press(0)).toEqual({ kind: 'nothing' });
    made.learn(proposal('p2', 'A11'));
    expect(made.press(0)).toMatchObject({ kind: 'assign', candidate: { unit: 'A11' } });
  });

  it('does nothing before there is one', () => expect(new Offer().press(0)).toEqual({ kind: 'nothing' }));

  it('asks for a reason where the rules block, and sends nobody where they refuse', () => {
    const offer = new Offer();
    const plain = proposal('p1', 'A01', 'A02');
    const [first, second] = plain.candidates.map((candidate, rank): Candidate => ({ ...candidate, level: rank === 0 ? 'block' : 'refuse' }));
    offer.learn({ ...plain, candidates: [first, second].filter((candidate) => candidate !== undefined) });
    expect(offer.press(0).kind).toBe('reason');
    expect(offer.press(1).kind).toBe('nothing');
  });
});
