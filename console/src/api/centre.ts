// The centre's interface as functions, one for each thing a desk does.
import { get, write, type Acting } from './request';
import type * as t from './types';

const V1 = '/api/v1';
const ITEMS_PER_PAGE = 1000;
const PAGES_MAX = 100;

/** A whole list, page after page, up to a bound. */
export async function all<T>(path: string): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query: string = `${path.includes('?') ? '&' : '?'}limit=${ITEMS_PER_PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const answer: t.Page<T> = await get<t.Page<T>>(`${V1}${path}${query}`);
    items.push(...answer.items);
    cursor = answer.next ?? null;
    if (cursor === null) break;
  }
  return items;
}

export const read = {
  rules: () => get<t.Rules>(`${V1}/rules`),
  leadership: () => get<t.NodeStanding>(`${V1}/leadership`),
  time: () => get<t.TimeNow>(`${V1}/time`),
  map: () => get<t.CityMap>(`${V1}/map`),
  proposal: (incident: string) => get<t.Proposal>(`${V1}/incidents/${incident}/proposal`),
  similar: (incident: string) => get<t.Page<t.Incident>>(`${V1}/incidents/${incident}/similar`),
  call: (id: string) => get<t.Call>(`${V1}/calls/${id}`),
  assignmentsOf: (incident: string) => get<t.Page<t.Assignment>>(`${V1}/incidents/${incident}/assignments`),
  destinations: (assignment: string) => get<{ items: t.DestinationChoice[] }>(`${V1}/assignments/${assignment}/destinations`),
  arrivals: (hospital: string) => get<t.Arrivals>(`${V1}/hospitals/${hospital}/arrivals`),
  sharing: (accident: string) => get<t.Sharing>(`${V1}/accidents/${accident}/sharing`),
  roadNearby: (at: t.Position) => get<t.RoadNearby>(`${V1}/roads/nearest?longitude=${at.longitude}&latitude=${at.latitude}`),
};

/** What somebody at a desk does: every one names the person and the seat. */
export class Writes {
  constructor(private readonly acting: () => Acting) {}

  private post<T>(path: string, body?: unknown, ifMatch?: number): Promise<T> {
    return write<T>('POST', `${V1}${path}`, body, { acting: this.acting(), ...(ifMatch === undefined ? {} : { ifMatch }) });
  }

  answer = (call: string) => this.post<t.Call>(`/calls/${call}/answer`);
  ring = (source: t.CallSource, phone: string, text_only: boolean, place: t.Place) =>
    this.post<t.Call>('/calls', { source, phone, text_only, place, text: null });
  line = (call: string, text: string) => this.post<t.Call>(`/calls/${call}/lines`, { text });
  join = (call: string, incident: string) => this.post<t.Call>(`/calls/${call}/join`, { incident });
  letOut = (assignment: string) => this.post<t.NodeStanding>('/leadership/confirmed-orders', { assignment });
  bringIn = () => this.post<t.BroughtIn>('/leadership/bring-in');
  endCall = (call: string, how: t.CallEnd) => this.post<t.Call>(`/calls/${call}/end`, { how });
  reveal = (call: string) => this.post<{ phone: string }>(`/calls/${call}/reveal`);

  create = (call: string | null, sketch: t.Sketch, key: string) =>
    write<t.Incident>('POST', `${V1}/incidents`, { call, ...sketch }, { acting: this.acting(), key });
  enterPaper = (form: t.PaperForm, key: string) => write<t.Incident>('POST', `${V1}/paper-forms`, form, { acting: this.acting(), key });
  change = (incident: t.Incident, change: Partial<t.Sketch>) =>
    write<t.Incident>('PATCH', `${V1}/incidents/${incident.id}`, change, { acting: this.acting(), ifMatch: incident.version });
  hold = (incident: string, reason: string, for_s: number) => this.post<t.Incident>(`/incidents/${incident}/hold`, { reason, for_s });
  wake = (incident: string) => this.post<t.Incident>(`/incidents/${incident}/wake`);
  cancel = (incident: string, reason: string) => this.post<t.Incident>(`/incidents/${incident}/cancel`, { reason });
  splitIncident = (incident: string) => this.post<t.Incident>(`/incidents/${incident}/split`);
  splitCall = (call: string, sketch: t.Sketch, key: string) => write<t.Incident>('POST', `${V1}/calls/${call}/split`, sketch, { acting: this.acting(), key });
  offer = <T extends t.Call | t.Incident>(about: 'calls' | 'incidents', id: string, to: string, reason: string) => this.post<T>(`/${about}/${id}/handoff`, { to, reason });
  accepted = <T extends t.Call | t.Incident>(about: 'calls' | 'incidents', id: string, accepted_by: string) => this.post<T>(`/${about}/${id}/handoff/accept`, { accepted_by });
  withdraw = <T extends t.Call | t.Incident>(about: 'calls' | 'incidents', id: string, reason: string) => this.post<T>(`/${about}/${id}/handoff/withdraw`, { reason });
  redirect = (incident: string, to: string, reason: string) => this.post<t.Incident>(`/incidents/${incident}/redirect`, { to, reason });
  reserve = (incident: string, unit: string) => this.post<t.Incident>(`/incidents/${incident}/reservation`, { unit });
  release = (incident: string) => write<t.Incident>('DELETE', `${V1}/incidents/${incident}/reservation`, undefined, { acting: this.acting() });
  merge = (incident: string, into: string) => this.post<t.Incident>(`/incidents/${incident}/merge`, { into });
  propose = (incident: string) => this.post<t.Proposal>(`/incidents/${incident}/proposal`);
  assign = (incident: string, unit: string, proposal: string | null, why: { code: string | null; words: string } | null) =>
    this.post<t.Assignment>(`/incidents/${incident}/assignments`, { unit, proposal, reason: why?.words || null, code: why?.code ?? null });

  declareAccident = (title: string, scenes: string[]) => this.post<t.Accident>('/accidents', { title, scenes });
  changeAccident = (accident: string, change: t.AccidentChange) => this.post<t.Accident>(`/accidents/${accident}/changes`, change);
  closeAccident = (accident: string, reason: string) => this.post<t.Accident>(`/accidents/${accident}/close`, { reason });

  status = (assignment: string, stage: t.Stage) => this.post<t.Assignment>(`/assignments/${assignment}/status`, { stage, at: null });
  outcome = (assignment: string, outcome: t.Outcome, reason: string) =>
    this.post<t.Assignment>(`/assignments/${assignment}/status`, { outcome, reason, at: null });
  correct = (assignment: string, stage: t.Stage, at: string, reason: string) =>
    this.post<t.Assignment>(`/assignments/${assignment}/corrections`, { stage, at, reason });
  recall = (assignment: string, reason: string) => this.post<t.Assignment>(`/assignments/${assignment}/recall`, { reason });
  destination = (assignment: string, hospital: string, reason: string) =>
    this.post<t.Assignment>(`/assignments/${assignment}/destination`, { hospital, reason });
  acknowledgeArrival = (assignment: string) => this.post<t.Assignment>(`/assignments/${assignment}/arrival-acknowledgement`);

  pause = (unit: string, reason: string) => this.post<t.Unit>(`/units/${unit}/pause`, { reason });
  resume = (unit: string) => this.post<t.Unit>(`/units/${unit}/resume`);
  moveUp = (unit: string, station: string, accept: boolean) => this.post<t.Unit>(`/units/${unit}/move-up`, { station, accept });
  invite = (unit: string) => this.post<t.Invitation>(`/units/${unit}/invitation`, {});
  standBy = (unit: string, station: string) => this.post<t.Unit>(`/units/${unit}/posting`, { station });
  message = (unit: string, text: string) => this.post<t.Unit>(`/units/${unit}/messages`, { text });

  close = (near: t.Position, reason: string) => this.post<t.Closure>('/closures', { near, reason });
  reopen = (closure: string) => write<null>('DELETE', `${V1}/closures/${closure}`, undefined, { acting: this.acting() });
  divert = (hospital: string, reason: string, authority: string, for_s: number) => this.post<t.Hospital>(`/hospitals/${hospital}/diversion`, { reason, authority, for_s });
  receive = (hospital: string) => write<t.Hospital>('DELETE', `${V1}/hospitals/${hospital}/diversion`, undefined, { acting: this.acting() });
  signOn = (unit: string, name: string, role: t.Role) => this.post<t.Unit>(`/units/${unit}/crew`, { name, role });
  signOff = (unit: string, name: string) => write<t.Unit>('DELETE', `${V1}/units/${unit}/crew/${encodeURIComponent(name)}`, undefined, { acting: this.acting() });
  acknowledge = (escalation: string) => this.post<t.Escalation>(`/escalations/${encodeURIComponent(escalation)}/acknowledge`);
}
