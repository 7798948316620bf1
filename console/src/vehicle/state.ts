// What the vehicle's own program says, as docs/vehicle-terminal.md has it. Times are the vehicle's own, UTC.
import type { PatientFile } from '../files/file';
import type { AlertKind, Level, Role, ScoreKind, Severity, Sex, Skill, Stage } from '../api/types';

export interface Place { longitude_deg: number; latitude_deg: number }
/** The map that was packed ahead for this vehicle. */
export interface PackedMap { zoom_min: number; zoom_max: number; attribution: string }
export type Navigation = 'geo' | 'amap' | 'baidu';
/** What this vehicle has, as long as its program runs. */
export interface Equipment { map: PackedMap | null; navigation: Navigation | null }
export interface HospitalEntry { id: string; name: string; location: Place | null; skills: Skill[]; diverted: string }
export interface StageMark { stage: Stage; at: string; source: 'crew' | 'motion' | 'centre'; sent: boolean; refused: string | null }
export interface Named { zh: string; en: string }
export interface Order {
  assignment: string;
  incident: string;
  incident_number: string;
  level: Level;
  complaint: string;
  patient: string;
  address: string;
  waiting_place: string;
  location: Place | null;
  caller_phone: string;
  text_not_ring: boolean;
  notes: string;
  test: boolean;
  ordered_at: string;
  received_at: string;
  travel_time_s: number | null;
  route: Place[];
  hospital: null | { id: string; name: string; phone: string; location: Place | null; route: Place[] };
  stages: StageMark[];
  next: (Named & { stage: Stage }) | null;
  may_refuse: boolean;
  abort_reasons: (Named & { reason: string })[];
  end: null | { kind: EndKind; reason: string; at: string };
  patients: Patient[];
  /** Those heard on this order, and on whom each is. */
  monitors: { device: string; patient: number }[];
}
export interface Vitals {
  heart_rate_per_min: number | null;
  systolic_mmhg: number | null;
  diastolic_mmhg: number | null;
  spo2_percent: number | null;
  respiration_per_min: number | null;
  temperature_c: number | null;
  etco2_mmhg: number | null;
  glucose_mmol_l: number | null;
}
export interface Entered { at: string; sent: boolean }
export interface Findings {
  name: string;
  sex: Sex | null;
  age_years: number | null;
  severity: Severity | null;
  complaint: string;
  history: string;
  judgement: string;
  measures: string;
}
/** What the crew and its monitors entered of one patient. */
export interface Patient {
  patient: number;
  course: (Vitals & Entered & { source: 'crew' | 'monitor'; device: string; doubtful: boolean })[];
  findings: (Findings & Entered) | null;
  scores: (Entered & { kind: ScoreKind; items: number[]; total: number; gravity: Gravity | null })[];
  alerts: (Entered & { kind: AlertKind })[];
  files: (PatientFile & Entered & { at_centre: number })[];
}
export type Gravity = 'light' | 'moderate' | 'grave';
export type EndKind = 'recalled_cancelled' | 'recalled_diverted' | 'recalled_replaced' | 'available' | 'refused' | 'aborted' | 'by_centre';
export interface TerminalState {
  unit: { id: string; label: string };
  program: { name: string; version: string };
  now: string;
  clock: { source: string; rate: number };
  crew: { name: string; role: Role; staff_number: string; since: string }[];
  link: { state: 'connecting' | 'connected' | 'refused'; since: string; unsent: number; unsent_positions: number; refusal: string | null };
  gnss: {
    state: 'fix' | 'lost' | 'none';
    age_s?: number;
    /** Whole seconds without a position; nothing with one. */
    no_fix_for_s: number | null;
    quality?: string;
    satellites?: number | null;
    position: (Place & { speed_kmh: number | null; heading_deg: number | null }) | null;
  };
  settings: { acknowledge_within_s: number; departure_warn_s: number; departure_alarm_s: number; double_press_guard_s: number };
  steps: (Named & { stage: Stage })[];
  hospitals: HospitalEntry[];
  orders: Order[];
  messages: { id: string; assignment: string | null; text: string; from: string; at: string; urgent: boolean; read: boolean }[];
  notices: (Named & { at: string })[];
}
