// What the centre says and takes: names for the types generated from its interface (`npm run types`), and the few shapes
// that the interface's document does not hold. Times are RFC 3339 UTC; spans end in `_s`; positions are WGS-84.
import type { components } from './schema.gen';

type Given = components['schemas'];

export type Position = Given['Position'];
/** A place as it is sent; the centre adds the district and the class of area by its own map. */
export type Place = Pick<Given['Place'], 'position' | 'address' | 'waiting_place'>;
export interface Page<T> { items: T[]; next: string | null }

export type Level = Given['LevelWord'];
export type Skill = Given['SkillWord'];
export type Sex = Given['SexWord'];
export type Severity = Given['SeverityWord'];
export type AlertKind = Given['AlertWord'];
export type ScoreKind = Given['ScoreWord'];
export type Chart = Given['Chart'];
export type Vitals = Given['Vitals'];
export type Basis = Given['BasisWord'];
export type Area = Given['AreaWord'];

export type Call = Given['Call'];
export type CallSource = Given['CallSourceWord'];
export type CallState = Given['CallStateWord'];
export type CallEnd = Given['CallEndWord'];
export type TextLine = Given['Line'];
export type TextCall = Given['TextCall'];

export type Stage = Given['StageWord'];
export type Outcome = Given['OutcomeWord'];
export type StampSource = Given['StampSourceWord'];
export type IncidentKind = Given['IncidentKindWord'];
export type Incident = Given['Incident'];
export type Patient = Given['Patient'];
export interface PatientSketch { name: string; sex: Sex | null; age_years: number | null }
/** What is sent to make or better an incident. */
export interface Sketch {
  kind: IncidentKind;
  complaint: string;
  triage: { level: Level; determinant: string | null };
  place: Place;
  patients: PatientSketch[];
  needs: Pick<Given['Needs'], 'units' | 'skills'> & Partial<Given['Needs']>;
  notes: string;
  wish: string | null;
  text_only: boolean;
  test: boolean;
  scheduled_at: string | null;
}

export type PaperForm = Omit<Given['PaperFormBody'], 'place'> & { place: Place };
export type PaperRun = Given['PaperRunBody'];

export type Colour = Given['ColourWord'];
export type Accident = Given['Accident'];
export type AccidentChange = Given['AccidentChangeBody'];
export type Casualty = Given['Casualty'];
export type Sharing = Given['Sharing'];

export type Handoff = Given['Handoff'];
export type Conflict = Given['Conflict'];

export type Candidate = Given['Candidate'];
export type Proposal = Given['Proposal'];
export type SecondOpinion = Given['SecondOpinion'];
export type DestinationChoice = Given['DestinationChoice'];
export type Eta = Given['Eta'];
/** The document cannot say that the times are keyed by stage; the pages rely on it. */
export type Assignment = Omit<Given['Assignment'], 'times'> & { times: Partial<Record<Stage, Given['CountedTime']>> };

export type Readiness = Given['ReadinessWord'];
export type Role = Given['CrewRoleWord'];
export type Unit = Given['Unit'];
export type Invitation = Given['Invitation'];
export type Station = Given['Station'];
export type Hospital = Given['Hospital'];
export type Arrival = Given['Arrival'];
export type Arrivals = Given['Arrivals'];
export type Closure = Given['Closure'];
/** What an escalation is about is one of the four. */
export type Escalation = Omit<Given['Escalation'], 'about'> & { about: { call?: string; incident?: string; assignment?: string; unit?: string } };
export type NodeStanding = Given['LeadershipView'];
export type BroughtIn = Given['BroughtInView'];
export type Flood = Given['Flood'];
export type Tick = Given['LiveTick'];
export type Rules = Given['Rules'];
export type OverrideReason = Given['OverrideReason'];
export type TimeNow = Given['TimeNow'];
export type CityMap = Given['Map'];
export type RoadNearby = Given['RoadNearby'];

export type Report = Given['Report'];
export type Figure = Given['Figure'];
export type FigureRow = Given['FigureRow'];

export type UnitPosition = Given['UnitPosition'];
export type PositionReport = Given['LivePosition'];
export interface Frame { seq: number; epoch?: unknown; at: string; type: string; data: unknown }
export interface Changed {
  calls?: Call[]; incidents?: Incident[]; accidents?: Accident[]; assignments?: Assignment[]; units?: Unit[];
  hospitals?: Hospital[]; closures?: Closure[]; proposals?: Proposal[];
}
export interface FactData { by: string | null; about: string[]; changed: Changed; escalations: Escalation[] | null }

export type Plan = Given['Plan'];
export type PlanBody = Given['PlanBody'];
export type PlanChange = Given['PlanChangeBody'];
export type PlanDay = Given['PlanDay'];
export type Comparison = Given['Comparison'];
export type ComparisonSide = Given['ComparisonSide'];
export type Difference = Given['Difference'];
