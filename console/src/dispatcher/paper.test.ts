// A paper form: the day of a clock time, what is still missing, and what is sent.
import { describe, expect, it } from 'vitest';
import { emptyPaper, emptyRun, instantOn, lacksOf, paperOf, type PaperDraft } from './paper';

const BEIJING = 8 * 3600;
const NOW = Date.parse('2026-11-21T13:04:17Z');

function whole(): PaperDraft {
  const run = emptyRun();
  run.unit = 'A12';
  run.times = { ...run.times, ordered: '2351', rolling: '23:53', ended: '0:40' };
  return { ...emptyPaper(NOW, BEIJING), received: '23:50', complaint: ' 胸痛 ', level: 'I', runs: [run] };
}

describe('a clock time of a form', () => {
  it.each([
    ['23:50', '2026-11-21T15:50:00.000Z'],
    ['23:58:30', '2026-11-21T15:58:30.000Z'],
    ['0:40', '2026-11-21T16:40:00.000Z'],
    // A slip of the pen stays on the day, so that the centre says which two times do not fit.
    ['23:45', '2026-11-21T15:45:00.000Z'],
  ])('%s after a call at 23:50 is %s', (text, at) => expect(instantOn(text, '2026-11-21', '23:50', BEIJING)).toBe(at));
  it('that cannot be read is none', () => {
    expect(instantOn('24:00', '2026-11-21', '23:50', BEIJING)).toBeNull();
    expect(instantOn('12:00', '', '23:50', BEIJING)).toBeNull();
  });
});

describe('a form', () => {
  it('says what it lacks', () => {
    expect(lacksOf(emptyPaper(NOW, BEIJING)).sort()).toEqual(['complaint', 'ended', 'level', 'ordered', 'received', 'unit']);
    expect(lacksOf(whole())).toEqual([]);
    expect(lacksOf({ ...whole(), runs: [] })).toEqual(['run']);
    expect(lacksOf({ ...whole(), runs: [], called_off: '23:59' })).toEqual(['why']);
    expect(lacksOf({ ...whole(), answered: '99' })).toEqual(['time']);
  });
  it('is sent with the true times, and with nothing where nothing was written', () => {
    const sent = paperOf(whole(), BEIJING);
    expect(sent).toMatchObject({ complaint: '胸痛', patients: [], called_off: null, overlap_reason: null });
    expect(sent.call).toMatchObject({ received_at: '2026-11-21T15:50:00.000Z', answered_at: null, phone: null });
    expect(sent.runs?.[0]).toMatchObject({ unit: 'A12', ordered_at: '2026-11-21T15:51:00.000Z', on_scene_at: null, ended_at: '2026-11-21T16:40:00.000Z' });
  });
});
