import { describe, expect, it } from 'vitest';
import type { Assignment, Call, Incident } from '../api/types';
import { clocksOf } from './clocks';

const deadlines = { assign_s: 60, warn_s: 120, alarm_s: 180 };
const at = (minute: number, second = 0) => `2026-11-22T08:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}Z`;
const call = { rang_at: at(0) } as Call;
const incident = (more: object) => ({ created_at: at(0, 30), phase: 'under_way', units_short: 0, ...more }) as unknown as Incident;
const sent = (times: Record<string, string>, end: string | null = null) =>
  ({ times: Object.fromEntries(Object.entries(times).map(([stage, time]) => [stage, { at: time }])), end: end && { at: end } }) as unknown as Assignment;
const read = (clocks: ReturnType<typeof clocksOf>) => Object.fromEntries(clocks.map((clock) => [clock.name, [clock.seconds, clock.running]]));

describe('the clocks of an incident', () => {
  it('run until the unit is sent, rolls and is there', () => {
    const clocks = clocksOf(incident({}), [sent({ ordered: at(1), rolling: at(2) })], call, deadlines, Date.parse(at(5)));
    expect(read(clocks)).toEqual({ clock_intake: [30, false], clock_sending: [30, false], clock_departure: [60, false], clock_response: [300, true] });
  });
  it('of an ended incident stand still at what counted', () => {
    const run = sent({ ordered: at(1), rolling: at(2), on_scene: at(7) }, at(20));
    const ended = incident({ phase: 'ended', end: { at: at(20) } });
    const clocks = clocksOf(ended, [sent({ ordered: at(1) }, at(3)), run], call, deadlines, Date.parse(at(55)));
    expect(read(clocks)).toEqual({ clock_intake: [30, false], clock_sending: [30, false], clock_departure: [60, false], clock_response: [420, false] });
  });
  it('of one cancelled before anybody was sent stop with it', () => {
    const clocks = clocksOf(incident({ phase: 'ended', end: { at: at(2) } }), [], call, deadlines, Date.parse(at(40)));
    expect(read(clocks)).toEqual({ clock_intake: [30, false], clock_sending: [90, false] });
  });
});
