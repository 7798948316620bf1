// What the centre says and takes, as docs/api.md has it. Times are RFC 3339 UTC; spans end in `_s`; positions are WGS-84.

export interface Position { longitude: number; latitude: number }
export interface Place {
  position: Position | null;
  address: string;
  waiting_place: string;
  district?: string | null;
  area?: 'city_core' | 'county_core' | 'rural';
}
export interface Page<T> { items: T[]; next: string | null }

export type Level = 'I' | 'II' | 'III' | 'IV';
export type Skill = 'als' | 'chest_pain' | 'stroke' | 'trauma' | 'maternal' | 'newborn' | 'negative_pressure' | 'bariatric';
export type Sex = 'male' | 'female';
export type Basis = 'road' | 'straight_line';

export type CallSource = 'telephone' | 'text' | 'police' | 'fire' | 'hospital' | 'crew';
export type CallState = 'ringing' | 'answered' | 'taken' | 'ended';
export type CallEnd = 'advice' | 'non_urgent' | 'other_centre' | 'silent' | 'nuisance' | 'work' | 'finished';
export interface TextLine { at: string; from: 'caller' | 'centre'; text: string }
export interface Call {
  id: string;
  source: CallSource;
  state: CallState;
  phone_masked: string | null;
  text_only: boolean;
  place: Place;
  rang_at: string;
  answered_at: string | null;
  incident: string | null;
  end: CallEnd | null;
  lines: TextLine[];
}

export type Stage =
  | 'ordered' | 'acknowledged' | 'rolling' | 'on_scene' | 'at_patient'
  | 'left_scene' | 'at_hospital' | 'handed_over' | 'available';
export type Outcome =
  | 'conveyed' | 'treated_on_scene' | 'no_patient' | 'refused_transport' | 'dead' | 'aborted'
  | 'refused_order' | 'cancelled_before_rolling' | 'cancelled_rolling' | 'diverted';

export interface Triage { level: Level; determinant: string | null }
export interface Needs { units: number; skills: Skill[] }
export interface PatientSketch { name: string; sex: Sex | null; age_years: number | null }
export interface Patient { name_masked: string; sex: Sex | null; age_years: number | null }
export type IncidentKind = 'emergency' | 'transfer' | 'standby';
export interface Sketch {
  kind: IncidentKind;
  complaint: string;
  triage: Triage;
  place: Place;
  patients: PatientSketch[];
  needs: Needs;
  notes: string;
  wish: string | null;
  text_only: boolean;
  test: boolean;
}
export interface Incident extends Omit<Sketch, 'patients'> {
  patients: Patient[];
  id: string;
  number: string;
  version: number;
  created_at: string;
  phase: 'waiting' | 'held' | 'ended' | Stage;
  calls: string[];
  assignments: string[];
  proposal: string | null;
  units_short: number;
  none_free_since: string | null;
  proposal_wanted_since: string | null;
  hold: { reason: string; since: string; until: string | null } | null;
  end: { at: string; how: { outcome: 'done' | 'cancelled' | 'merged'; reason?: string; into?: string } } | null;
}

export interface Reason { zh: string; en: string }
export interface Candidate {
  unit: string;
  station: string | null;
  state: 'at_station' | 'standing' | 'driving';
  mobilisation_s: number;
  travel_s: number;
  arrival_s: number;
  basis: Basis;
  position_age_s: number;
  lacks: Skill[];
  reasons: (Reason & { reason: string })[];
}
export interface DestinationChoice {
  hospital: string;
  name: string;
  travel_s: number | null;
  basis: Basis;
  reasons: (Reason & { heading: 'nearness' | 'urgency' | 'specialty' | 'wish' })[];
  diverted: boolean;
}
export interface Proposal {
  id: string;
  incident: string;
  made_at: string;
  policy: string;
  road_weights: string;
  candidates: Candidate[];
  left_out: (Reason & { unit: string; why: string })[];
  destinations: DestinationChoice[];
}

export type StampSource = 'terminal' | 'motion' | 'desk' | 'correction' | 'centre';
export interface Eta { at: string; earliest_s: number; latest_s: number; basis: Basis }
export interface Assignment {
  id: string;
  incident: string;
  number: string;
  unit: string;
  version: number;
  stage: Stage;
  next: Stage | null;
  times: Partial<Record<Stage, { at: string; source: StampSource }>>;
  stamps: { stage: Stage; at: string; entered_at: string; source: StampSource; by: string | null; reason: string | null }[];
  departure: { pressed_at: string | null; moved_at: string | null; disagreement_s: number | null };
  proposal: string | null;
  override_reason: string | null;
  delivered_at: string | null;
  destination: null | {
    hospital: string; name: string; chosen_at: string; reason: string;
    acknowledged: null | { at: string; by: string };
  };
  eta: Eta | null;
  end: null | { at: string; outcome: Outcome; reason: string | null };
}

export type Readiness = 'ready' | 'taken' | 'no_crew' | 'paused' | 'silent';
export type Role = 'driver' | 'doctor' | 'nurse' | 'stretcher';
export interface UnitPosition extends Position { speed_kmh: number; heading_deg: number | null; at: string }
export interface Unit {
  id: string;
  station: string;
  station_name: string;
  plate: string;
  phone: string;
  skills: Skill[];
  readiness: Readiness;
  stage: Stage | null;
  crew: { name: string; role: Role; since: string }[];
  pause: { reason: string; since: string } | null;
  assignments: string[];
  silent_since: string | null;
  link: 'up' | 'down';
  position: UnitPosition | null;
}
export interface Station { id: string; name: string; position: Position }
export interface Hospital {
  id: string;
  name: string;
  position: Position;
  skills?: Skill[];
  diversion?: null | { reason: string; authority: string; since?: string; until: string | null };
}
export interface Arrival {
  assignment: string;
  unit: string;
  number: string;
  level: Level;
  complaint: string;
  skills: Skill[];
  patients: Patient[];
  stage: Stage;
  eta: Eta | null;
  at_hospital_at: string | null;
  chosen_at: string;
  acknowledged: null | { at: string; by: string };
  last_heard_at: string | null;
}
export interface Arrivals { hospital: string; name: string; at: string; items: Arrival[]; handing_over: Arrival[] }

export interface Closure {
  id: string; ways: number[]; name: string; reason: string; since: string; lines: Position[][];
  reopened_at?: string | null;
}
export interface Escalation {
  name: string;
  kind: string;
  about: { call?: string; incident?: string; assignment?: string; unit?: string };
  urgency: 'notice' | 'warning' | 'alarm';
  zh: string;
  en: string;
  raised_at: string;
  acknowledged: null | { at: string; by: string };
}
export interface Rules { [name: string]: number | string | boolean }
export interface CityMap {
  name: string;
  bounds: { west: number; south: number; east: number; north: number } | null;
  attribution: string;
  basis: Basis;
}
export interface RoadNearby { way: number; name: string; bridge: boolean; distance_m: number }

export interface Changed {
  calls?: Call[]; incidents?: Incident[]; assignments?: Assignment[]; units?: Unit[];
  hospitals?: Hospital[]; closures?: Closure[]; proposals?: Proposal[];
}
export interface PositionReport extends UnitPosition { unit: string; link: 'up' | 'down' }
export interface Frame { seq: number; epoch?: unknown; at: string; type: string; data: unknown }
export interface FactData { by: unknown; about: string[]; changed: Changed; escalations: Escalation[] | null }
