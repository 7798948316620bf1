// What an escalation is about, in the words people use: the incident's number, the unit's call sign.
import type { Escalation } from '../api/types';
import type { CentrePicture } from '../live/picture.svelte';

/** `0042`: the part of a number that people say. */
export function shortNumber(number: string): string {
  return number.split('-').at(-1) ?? number;
}

export function incidentOf(escalation: Escalation, picture: CentrePicture): string | null {
  const { incident, assignment, unit, call } = escalation.about;
  if (incident) return incident;
  if (assignment) return picture.assignments.get(assignment)?.incident ?? null;
  if (call) return picture.calls.get(call)?.incident ?? null;
  return unit ? (picture.assignments.get(picture.units.get(unit)?.assignments[0] ?? '')?.incident ?? null) : null;
}

export function unitOf(escalation: Escalation, picture: CentrePicture): string | null {
  return escalation.about.unit ?? picture.assignments.get(escalation.about.assignment ?? '')?.unit ?? null;
}

export function unitPhone(escalation: Escalation, picture: CentrePicture): string {
  return picture.units.get(unitOf(escalation, picture) ?? '')?.phone ?? '';
}

export function subjectOf(escalation: Escalation, picture: CentrePicture): string {
  const incident = picture.incidents.get(incidentOf(escalation, picture) ?? '');
  const call = picture.calls.get(escalation.about.call ?? '');
  const words = [
    unitOf(escalation, picture),
    incident && `${shortNumber(incident.number)} ${incident.complaint}`,
    incident?.place.address,
    call && (call.place.address || call.lines.at(-1)?.text),
    call?.phone_masked,
  ];
  return words.filter(Boolean).join(' · ');
}
