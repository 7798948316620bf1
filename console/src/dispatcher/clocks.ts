// The clocks of an incident: what each counts, from when, and where it stops. Pure, so that a table can test it.
import type { Assignment, Call, Incident } from '../api/types';
import { secondsSince } from '../live/time';
import { departure_s, tone, waits, type Tone } from './queue';

export type ClockName = 'clock_intake' | 'clock_sending' | 'clock_departure' | 'clock_response';
export interface Clock { name: ClockName; seconds: number | null; tone: Tone; running: boolean }
/** Deadlines in seconds, as the centre's rules set them. */
export interface Deadlines { assign_s: number; warn_s: number; alarm_s: number }

/** Intake and sending, and once a unit was sent its departure and the response. Nothing runs on when the incident has ended. */
export function clocksOf(incident: Incident, assignments: Assignment[], call: Call | undefined, deadlines: Deadlines, now: number): Clock[] {
  const end = incident.phase === 'ended' ? Date.parse(incident.end?.at ?? incident.created_at) : null;
  const until = end ?? now;
  const sent = end === null ? assignments.find((assignment) => !assignment.end) : counted(assignments);
  const ordered = sent?.times.ordered?.at;
  const sending = secondsSince(incident.created_at, ordered ? Date.parse(ordered) : until);
  const clocks: Clock[] = [
    { name: 'clock_intake', seconds: secondsSince(call?.rang_at, Date.parse(incident.created_at)), tone: 'plain', running: false },
    {
      name: 'clock_sending',
      seconds: sending,
      tone: waits(incident) ? tone(sending, deadlines.assign_s / 2, deadlines.assign_s) : 'plain',
      running: !ordered && end === null,
    },
  ];
  if (sent) {
    const departure = departure_s(sent, until);
    const running = (stage: string | undefined) => !stage && end === null;
    const scene = sent.times.on_scene?.at;
    clocks.push(
      { name: 'clock_departure', seconds: departure, tone: tone(departure, deadlines.warn_s, deadlines.alarm_s), running: running(sent.times.rolling?.at) },
      { name: 'clock_response', seconds: secondsSince(call?.rang_at ?? incident.created_at, scene ? Date.parse(scene) : until), tone: 'plain', running: running(scene) },
    );
  }
  return clocks;
}

/** Of an incident that has ended: the unit that was there first, or the first that was sent. */
function counted(assignments: Assignment[]): Assignment | undefined {
  const there = assignments.filter((assignment) => assignment.times.on_scene);
  there.sort((a, b) => (a.times.on_scene?.at ?? '').localeCompare(b.times.on_scene?.at ?? ''));
  return there[0] ?? assignments[0];
}
