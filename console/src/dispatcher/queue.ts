// The order of things in the lists at the left, and when a clock is late. Pure, so that a table can test it.
import type { Assignment, Call, Escalation, Incident, Level, Unit } from '../api/types';
import { secondsSince } from '../live/time';

const LEVELS: Record<Level, number> = { I: 0, II: 1, III: 2, IV: 3 };

/** Calls nobody has dealt with, the longest waiting first; a text call stands where its time puts it. */
export function callQueue(calls: Iterable<Call>): Call[] {
  return [...calls]
    .filter((call) => call.state === 'ringing' || call.state === 'answered')
    .sort((a, b) => Number(a.state === 'answered') - Number(b.state === 'answered') || a.rang_at.localeCompare(b.rang_at));
}

/** Whether it waits for somebody at a desk: no unit, or too few. */
export function waits(incident: Incident): boolean {
  return incident.phase === 'waiting' || (incident.units_short > 0 && incident.phase !== 'held' && incident.phase !== 'ended');
}

/** Incidents: those that wait first by level and age, then held ones, then those under way by level. */
export function incidentQueue(incidents: Iterable<Incident>): Incident[] {
  const rank = (incident: Incident) => (waits(incident) ? 0 : incident.phase === 'held' ? 1 : 2);
  return [...incidents]
    .filter((incident) => incident.phase !== 'ended')
    .sort(
      (a, b) =>
        rank(a) - rank(b) ||
        LEVELS[a.triage.level] - LEVELS[b.triage.level] ||
        a.created_at.localeCompare(b.created_at),
    );
}

const READINESS: Record<Unit['readiness'], number> = { silent: 0, taken: 1, ready: 2, paused: 3, no_crew: 4 };

export function unitList(units: Iterable<Unit>): Unit[] {
  return [...units].sort((a, b) => READINESS[a.readiness] - READINESS[b.readiness] || a.id.localeCompare(b.id));
}

export type Tone = 'plain' | 'amber' | 'red';

/** Plain, amber from `warn_s`, red from `alarm_s`. */
export function tone(elapsed_s: number | null, warn_s: number, alarm_s: number): Tone {
  if (elapsed_s === null || elapsed_s < warn_s) return 'plain';
  return elapsed_s < alarm_s ? 'amber' : 'red';
}

/** The departure clock of an assignment: from the order to rolling; it stops at what counts. */
export function departure_s(assignment: Assignment, now_ms: number): number | null {
  const ordered = assignment.times.ordered?.at;
  const rolling = assignment.times.rolling?.at ?? (assignment.end ? assignment.end.at : null);
  return secondsSince(ordered, rolling ? Date.parse(rolling) : now_ms);
}

const URGENCY: Record<Escalation['urgency'], number> = { alarm: 0, warning: 1, notice: 2 };

/** What stands, the unacknowledged and the loudest first, the oldest of equals first. */
export function standing(escalations: Escalation[]): Escalation[] {
  return [...escalations].sort(
    (a, b) =>
      Number(a.acknowledged !== null) - Number(b.acknowledged !== null) ||
      URGENCY[a.urgency] - URGENCY[b.urgency] ||
      a.raised_at.localeCompare(b.raised_at),
  );
}

/** Short numbers for the command line: the same alarm keeps its number as long as it stands. */
export class AlarmNumbers {
  private readonly given = new Map<string, number>();

  number(all: Escalation[]): Map<string, number> {
    const stands = new Set(all.map((escalation) => escalation.name));
    for (const name of this.given.keys()) if (!stands.has(name)) this.given.delete(name);
    const used = new Set(this.given.values());
    for (const { name } of [...all].sort((a, b) => a.raised_at.localeCompare(b.raised_at))) {
      if (this.given.has(name)) continue;
      let next = 1;
      while (used.has(next)) next += 1;
      used.add(next);
      this.given.set(name, next);
    }
    return new Map(this.given);
  }
}
