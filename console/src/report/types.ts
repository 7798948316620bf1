// The response-time report as the centre computes it from its journal.
import type { CallSource, IncidentKind, Level, Outcome, Stage, StampSource } from '../api/types';

export type Area = 'city_core' | 'county_core' | 'rural';
export interface Bin { within_s: number; n: number; share: number | null }
export interface FigureRow {
  area: Area | null;
  n: number;
  mean_s: number | null;
  p50_s: number | null;
  p90_s: number | null;
  p95_s: number | null;
  target_s: number | null;
  n_with_target: number;
  in_target: number;
  share_in_target: number | null;
  mean_in_target: boolean | null;
  bins: Bin[];
}
export interface Figure {
  measure: string;
  zh: string;
  en: string;
  definition_zh: string;
  definition_en: string;
  share_wanted: number | null;
  rows: FigureRow[];
}
export interface RunLine {
  number: string;
  unit: string;
  assignment: string;
  kind: IncidentKind;
  area: Area;
  level: Level;
  test: boolean;
  received_at: string;
  times: { stage: Stage; at: string; source: StampSource }[];
  first_on_scene: boolean;
  outcome: Outcome | null;
  figures: Record<string, number>;
  left_out: string[];
}
export interface CallLine {
  call: string;
  source: CallSource;
  text: boolean;
  rang_at: string;
  answered_at: string | null;
  number: string | null;
  figures: Record<string, number>;
}
export interface ReportData {
  period: { name: string; from: string; to: string };
  events: number;
  percentile_zh: string;
  percentile_en: string;
  figures: Figure[];
  exclusions: { reason: string; zh: string; en: string; n: number; items: string[] }[];
  outcomes: { outcome: Outcome | null; zh: string; en: string; n: number }[];
  call_counts: { voice: number; text: number; unanswered: number; emergencies: number; cancelled: number; without_order: number };
  runs: RunLine[];
  calls: CallLine[];
  /** Number and hash of the newest journal event that the report rests on. */
  head: { seq: number; hash: string };
}
