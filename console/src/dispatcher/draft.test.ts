// What a call needs before it can become an incident, and what is sent.
import { describe, expect, it } from 'vitest';
import type { Call } from '../api/types';
import { ageYears, bookedAt, emptyDraft, missing, sketchOf } from './draft';

describe('a draft', () => {
  it('needs a complaint and a level, and nothing else', () => {
    const draft = emptyDraft(null);
    expect(missing(draft)).toEqual(['complaint', 'level']);
    expect(missing({ ...draft, complaint: '胸痛', level: 'I' })).toEqual([]);
    expect(missing({ ...draft, complaint: ' ', level: 'I' })).toEqual(['complaint']);
    expect(missing({ ...draft, complaint: '胸痛', level: 'I', age: '两' })).toEqual(['age']);
    expect(missing({ ...draft, complaint: '胸痛', level: 'I', units: 0 })).toEqual(['units']);
  });

  it('takes over what the call knows, and the words of a written one', () => {
    const call = {
      id: 'call_1', source: 'text', text_only: true, lines: [{ at: '', from: 'caller', text: '胸口疼' }],
      place: { position: { longitude: 114.3, latitude: 30.6 }, address: '滨江路 12 号', waiting_place: '' },
    } as unknown as Call;
    expect(emptyDraft(call)).toMatchObject({ call: 'call_1', complaint: '胸口疼', address: '滨江路 12 号', text_only: true, position: { longitude: 114.3 } });
  });

  it('names no patient when nothing is known of one', () => {
    const draft = { ...emptyDraft(null), complaint: ' 胸痛 ', level: 'II' as const };
    expect(sketchOf(draft)).toMatchObject({ complaint: '胸痛', patients: [], triage: { level: 'II' } });
    expect(sketchOf({ ...draft, age: '58', sex: 'male' }).patients).toEqual([{ name: '', sex: 'male', age_years: 58 }]);
  });

  it('says a booked time in UTC, and books no emergency', () => {
    const draft = { ...emptyDraft(null), booked: '2026-11-22T14:30' };
    expect(bookedAt({ ...draft, kind: 'transfer' }, 28_800)).toBe('2026-11-22T06:30:00.000Z');
    expect(bookedAt(draft, 28_800)).toBeNull();
    expect(bookedAt({ ...draft, kind: 'transfer', booked: '' }, 28_800)).toBeNull();
  });

  it.each([['0', 0], ['58', 58], ['130', 130], ['131', null], ['5.5', null], ['', null], ['-1', null]])('age %s is %s', (text, age) => expect(ageYears(text)).toBe(age));
});
