// What the vehicle's own program says, as docs/vehicle-terminal.md has it. Times are the vehicle's own, UTC.
import type { Level, Role, Stage } from '../api/types';

export interface Place { longitude_deg: number; latitude_deg: number }
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
}
export type EndKind = 'recalled_cancelled' | 'recalled_diverted' | 'recalled_replaced' | 'available' | 'refused' | 'aborted' | 'by_centre';
export interface TerminalState {
  unit: { id: string; label: string };
  agent: string;
  now: string;
  clock: { source: string; rate: number };
  crew: { name: string; role: Role; staff_number: string; since: string }[];
  link: { state: 'connecting' | 'connected' | 'refused'; since: string; unsent: number; unsent_positions: number; refusal: string | null };
  gnss: {
    state: 'fix' | 'lost' | 'none';
    age_s: number | null;
    quality?: string;
    satellites: number | null;
    position: (Place & { speed_kmh: number | null; heading_deg: number | null }) | null;
  };
  settings: { acknowledge_within_s: number; departure_warn_s: number; departure_alarm_s: number; double_press_guard_s: number };
  steps: (Named & { stage: Stage })[];
  orders: Order[];
  messages: { id: string; assignment: string | null; text: string; from: string; at: string; urgent: boolean; read: boolean }[];
  notices: (Named & { at: string })[];
}
