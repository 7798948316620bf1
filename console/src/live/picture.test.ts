// The picture follows the frames: replaced by id, never moved backwards, bounded.
import { describe, expect, it } from 'vitest';
import type { Changed, Frame, Incident, Proposal, Unit } from '../api/types';
import { CentrePicture } from './picture.svelte';

let seq = 0;
const fact = (type: string, changed: Changed, more: { about?: string[]; escalations?: unknown } = {}): Frame => ({
  seq: (seq += 1), at: '2026-11-21T13:00:00Z', type, data: { by: null, about: more.about ?? [], changed, escalations: more.escalations ?? null },
});
const incident = (id: string, phase = 'waiting') => ({ id, phase, calls: [], assignments: [] }) as unknown as Incident;
const unit = (at: string, longitude = 114) => ({ id: 'A03', link: 'up', position: { longitude, latitude: 30, speed_kmh: 0, heading_deg: null, at } }) as Unit;

/** A picture whose lists are loaded. */
function loaded(): CentrePicture {
  const picture = new CentrePicture();
  (picture as unknown as { waiting: null }).waiting = null;
  return picture;
}

describe('the picture', () => {
  it('replaces by id', () => {
    const picture = loaded();
    picture.take(fact('incident_created', { incidents: [incident('i')] }));
    picture.take(fact('unit_assigned', { incidents: [incident('i', 'ordered')] }));
    expect(picture.incidents.get('i')?.phase).toBe('ordered');
  });

  it('keeps the newer position when a late one comes in', () => {
    const picture = loaded();
    picture.take(fact('signed_on', { units: [unit('2026-11-21T13:00:10Z', 114.2)] }));
    picture.take({ seq: 1, at: '', type: 'positions', data: { items: [{ unit: 'A03', link: 'down', ...unit('2026-11-21T13:00:05Z', 114.1).position }] } });
    expect(picture.units.get('A03')?.position?.longitude).toBe(114.2);
    picture.take(fact('stage_reported', { units: [unit('2026-11-21T13:00:01Z', 114.0)] }));
    expect(picture.units.get('A03')?.position?.longitude).toBe(114.2);
    picture.take({ seq: 1, at: '', type: 'positions', data: { items: [{ unit: 'A03', link: 'up', ...unit('2026-11-21T13:00:11Z', 114.3).position }] } });
    expect(picture.units.get('A03')?.position?.longitude).toBe(114.3);
  });

  it('names who sends too much, until the centre says that it is over', () => {
    const picture = loaded();
    const tick = (floods: unknown[]): Frame => ({ seq: 1, at: '', type: 'tick', data: { now: '2026-11-21T13:00:00Z', rate: 1, floods } });
    picture.take(tick([{ what: 'vehicle', source: 'A05', refused: 100, lasts_s: 3 }]));
    expect(picture.floods.map((one) => one.source)).toEqual(['A05']);
    picture.take(tick([]));
    expect(picture.floods).toEqual([]);
  });

  it('keeps the newest proposal', () => {
    const picture = loaded();
    const proposal = (id: string, made_at: string) => ({ id, made_at, incident: 'i', candidates: [] }) as unknown as Proposal;
    picture.take(fact('proposal_made', { proposals: [proposal('new', '2026-11-21T13:00:10Z')] }));
    picture.take(fact('proposal_made', { proposals: [proposal('late', '2026-11-21T13:00:05Z')] }));
    expect(picture.proposals.get('i')?.id).toBe('new');
  });

  it('opens a road again when the centre says so', () => {
    const picture = loaded();
    picture.take(fact('road_closed', { closures: [{ id: 'c', ways: [], name: '二桥', reason: '', since: '', lines: [] }] }));
    picture.take(fact('road_opened', { closures: [] }, { about: ['c'] }));
    expect(picture.closures.size).toBe(0);
  });

  it('takes the standing alarms as a whole, and leaves them when nothing is said', () => {
    const picture = loaded();
    picture.take(fact('escalation_raised', {}, { escalations: [{ name: 'a' }, { name: 'b' }] }));
    picture.take(fact('call_answered', {}));
    expect(picture.escalations.map((one) => one.name)).toEqual(['a', 'b']);
    picture.take(fact('stage_reported', {}, { escalations: [] }));
    expect(picture.escalations).toEqual([]);
  });

  it('does not grow for ever', () => {
    const picture = loaded();
    for (let index = 0; index < 1_000; index += 1) picture.take(fact('incident_done', { incidents: [incident(`i${index}`, 'ended')] }));
    expect(picture.incidents.size).toBe(300);
    expect(picture.incidents.has('i999')).toBe(true);
  });
});
