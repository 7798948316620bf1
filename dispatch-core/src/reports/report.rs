//! The response-time report of one period, made from a ledger.

use std::collections::BTreeMap;

use serde::Serialize;

use super::measure::MEASURES;
use super::run::RunTime;
use super::runs::Lines;
use super::{Figure, Ledger, Measure, Overrides, PERCENTILE_EN, PERCENTILE_ZH, Period};
use crate::assignment::Outcome;
use crate::ids::{AssignmentId, CallId, HospitalId, OverrideCode, UnitId};
use crate::incident::{AreaClass, CallSource, IncidentKind, IncidentNumber, Level};
use crate::time::{Span, UtcTime};

/// The report: figures with their definitions, what was left out, and the runs and calls behind every figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What it is about: incidents and calls by the time the first call was received.
    pub period: Period,
    /// How many journal events it rests on.
    pub events: u64,
    /// How percentiles are counted, Chinese.
    pub percentile_zh: &'static str,
    /// How percentiles are counted, English.
    pub percentile_en: &'static str,
    /// The figures.
    pub figures: Vec<Figure>,
    /// What no figure or not every figure counts.
    pub exclusions: Vec<Exclusion>,
    /// How the emergency runs of the period ended; tests left out.
    pub outcomes: Vec<OutcomeCount>,
    /// How often and why another than the first proposed was sent.
    pub overrides: Overrides,
    /// The calls of the period.
    pub call_counts: CallCounts,
    /// Every run of the period, with the values it adds to each figure.
    pub runs: Vec<RunLine>,
    /// Every call of the period, with the value it adds.
    pub calls: Vec<CallLine>,
}

/// One run of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four things that are or are not so of a run, each by itself"
)]
pub struct RunLine {
    /// The number of the incident that people say.
    pub number: IncidentNumber,
    /// The unit.
    pub unit: UnitId,
    /// The assignment.
    pub assignment: AssignmentId,
    /// The kind of job.
    pub kind: IncidentKind,
    /// The class of area.
    pub area: AreaClass,
    /// The triage level.
    pub level: Level,
    /// A test or drill: in no figure.
    pub test: bool,
    /// Led on paper, and entered afterwards with its true times.
    pub from_paper: bool,
    /// When the first call was received, UTC; the creation of an incident without a call.
    pub received_at: UtcTime,
    /// The times that count, with their sources.
    pub times: Vec<RunTime>,
    /// When the crew pressed rolling, UTC.
    pub departure_pressed_at: Option<UtcTime>,
    /// When the motion proves rolling, UTC.
    pub departure_moved_at: Option<UtcTime>,
    /// The first unit of its incident on scene.
    pub first_on_scene: bool,
    /// How it ended; `None` while it goes on.
    pub outcome: Option<Outcome>,
    /// Where the patient was taken.
    pub destination: Option<HospitalId>,
    /// Chosen from a proposal.
    pub proposed: bool,
    /// The best proposed that could have gone, where another was sent.
    pub passed_over: Option<UnitId>,
    /// The code given for that.
    pub override_code: Option<OverrideCode>,
    /// What it adds to each figure: exactly these values, and no others, are behind the figures.
    pub figures: BTreeMap<Measure, Span>,
    /// Why it is missing from figures it might be expected in.
    pub left_out: Vec<ExclusionReason>,
}

/// One call of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallLine {
    /// The call.
    pub call: CallId,
    /// How it came in.
    pub source: CallSource,
    /// In writing: counted apart.
    pub text: bool,
    /// When it rang or arrived, UTC.
    pub rang_at: UtcTime,
    /// When it was answered, UTC.
    pub answered_at: Option<UtcTime>,
    /// The number of the incident it led to or joined.
    pub number: Option<IncidentNumber>,
    /// What it adds to the figures.
    pub figures: BTreeMap<Measure, Span>,
    /// Why it is missing from them.
    pub left_out: Vec<ExclusionReason>,
}

/// Why something is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExclusionReason {
    /// A test or a drill.
    Test,
    /// A transfer between hospitals.
    Transfer,
    /// Standing by at an event.
    Standby,
    /// It ended before the wheels rolled: recalled, refused, broken off.
    EndedBeforeRolling,
    /// It goes on and has not rolled.
    NotYetRolling,
    /// It went, and nobody recorded when.
    RollingMissing,
    /// It arrived after another unit: not in the response time, which is the incident's.
    LaterUnit,
    /// The arrival was entered or corrected at the desk, or written on paper: shown apart from the response time.
    DeskArrival,
    /// Two times stand in the wrong order: an interval is left out until they are corrected.
    TimesOutOfOrder,
    /// The call was never answered.
    Unanswered,
    /// The call was taken on paper, and the form does not say when it was answered.
    AnswerNotOnPaper,
}

/// Something that is not counted, how often, and which.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exclusion {
    /// Why.
    pub reason: ExclusionReason,
    /// In words, Chinese.
    pub zh: &'static str,
    /// In words, English.
    pub en: &'static str,
    /// How many runs or calls.
    pub n: usize,
    /// Which: `20261121-0042 A12`, or the call.
    pub items: Vec<String>,
}

/// How many runs ended in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutcomeCount {
    /// The way; `None` for those that go on.
    pub outcome: Option<Outcome>,
    /// In words, Chinese.
    pub zh: &'static str,
    /// In words, English.
    pub en: &'static str,
    /// How many.
    pub n: usize,
}

/// How many calls and incidents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CallCounts {
    /// Calls by voice.
    pub voice: usize,
    /// Calls in writing.
    pub text: usize,
    /// Calls never answered, of both.
    pub unanswered: usize,
    /// Emergencies that another centre took.
    pub handed_off: usize,
    /// Those that went to a service of another kind, being not urgent.
    pub redirected: usize,
    /// Emergencies of this centre: tests and the two above left out, merged ones counted once.
    pub emergencies: usize,
    /// Of these, called off.
    pub cancelled: usize,
    /// Of these, without any order.
    pub without_order: usize,
    /// Incidents of every kind that were led on paper and entered afterwards; tests left out.
    pub from_paper: usize,
}

impl ExclusionReason {
    /// In words, Chinese and English.
    pub fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Test => ("测试或演练：不计入任何指标", "tests and drills: in no figure"),
            Self::Transfer => {
                ("转院：不计入急救指标", "transfers between hospitals: not in the emergency figures")
            }
            Self::Standby => ("保障：不计入急救指标", "standing by at events: not in the emergency figures"),
            Self::EndedBeforeRolling => {
                ("出车前结束：不计入出车时间", "ended before rolling: not in the departure time")
            }
            Self::NotYetRolling => {
                ("尚未出车：暂不计入出车时间", "not rolling yet: not in the departure time so far")
            }
            Self::RollingMissing => {
                ("出车时间缺失：不计入出车时间", "rolling not recorded: not in the departure time")
            }
            Self::LaterUnit => {
                ("非首到车：不计入急救反应时间", "not the first on scene: not in the response time")
            }
            Self::DeskArrival => (
                "到达由席位代录、更正或纸质补录：另列",
                "arrival entered or corrected at the desk, or from paper: listed apart",
            ),
            Self::TimesOutOfOrder => {
                ("时间顺序有误：该时段不计", "times in the wrong order: that interval left out")
            }
            Self::Unanswered => ("未接来电：不计入接听时间", "never answered: not in the answer time"),
            Self::AnswerNotOnPaper => (
                "纸质单未记摘机时间：不计入接听时间",
                "no answer time on the paper form: not in the answer time",
            ),
        }
    }

    const ALL: [Self; 11] = [
        Self::Test,
        Self::Transfer,
        Self::Standby,
        Self::EndedBeforeRolling,
        Self::NotYetRolling,
        Self::RollingMissing,
        Self::LaterUnit,
        Self::DeskArrival,
        Self::TimesOutOfOrder,
        Self::Unanswered,
        Self::AnswerNotOnPaper,
    ];
}

/// The response-time report of a period.
pub fn response_times(ledger: &Ledger, period: &Period) -> Report {
    let Lines { runs, calls, call_counts } = Lines::of(ledger, period);
    let figure = |measure: Measure| {
        let of_runs = runs.iter().filter_map(|line| Some((line.area, *line.figures.get(&measure)?)));
        // A call has no area of its own; the figures about answering are not counted by area.
        let of_calls =
            calls.iter().filter_map(|line| Some((AreaClass::CityCore, *line.figures.get(&measure)?)));
        Figure::of(measure, &of_runs.chain(of_calls).collect::<Vec<_>>())
    };
    Report {
        period: period.clone(),
        events: ledger.events(),
        percentile_zh: PERCENTILE_ZH,
        percentile_en: PERCENTILE_EN,
        figures: MEASURES.iter().map(|row| figure(row.measure)).collect(),
        exclusions: ExclusionReason::ALL.iter().map(|&reason| exclusion(reason, &runs, &calls)).collect(),
        outcomes: outcomes(&runs),
        overrides: Overrides::of(ledger, &runs),
        call_counts,
        runs,
        calls,
    }
}

impl Report {
    /// One figure.
    pub fn figure(&self, measure: Measure) -> &Figure {
        &self.figures[measure as usize]
    }

    /// The runs behind a figure in an area (`None`: all areas).
    pub fn runs_behind(&self, measure: Measure, area: Option<AreaClass>) -> impl Iterator<Item = &RunLine> {
        let in_area = move |line: &&RunLine| area.is_none_or(|area| line.area == area);
        self.runs.iter().filter(in_area).filter(move |line| line.figures.contains_key(&measure))
    }
}

fn exclusion(reason: ExclusionReason, runs: &[RunLine], calls: &[CallLine]) -> Exclusion {
    let (zh, en) = reason.texts();
    let of_runs = runs.iter().filter(|line| line.left_out.contains(&reason));
    let of_calls = calls.iter().filter(|line| line.left_out.contains(&reason));
    let items: Vec<String> = of_runs
        .map(|line| format!("{} {}", line.number, line.unit))
        .chain(of_calls.map(|line| line.call.to_string()))
        .collect();
    Exclusion { reason, zh, en, n: items.len(), items }
}

fn outcomes(runs: &[RunLine]) -> Vec<OutcomeCount> {
    let counted: Vec<_> =
        runs.iter().filter(|line| !line.test && line.kind == IncidentKind::Emergency).collect();
    OUTCOMES
        .iter()
        .map(|&(outcome, zh, en)| {
            let n = counted.iter().filter(|line| line.outcome == outcome).count();
            OutcomeCount { outcome, zh, en, n }
        })
        .collect()
}

/// Every way a run may stand, in the order of the report.
const OUTCOMES: [(Option<Outcome>, &str, &str); 12] = [
    (Some(Outcome::Conveyed), "送达医院", "conveyed"),
    (Some(Outcome::TreatedOnScene), "现场处置", "treated on scene"),
    (Some(Outcome::NoPatient), "空车：无患者", "no patient"),
    (Some(Outcome::RefusedTransport), "空车：拒绝送院", "refused transport"),
    (Some(Outcome::Dead), "死亡未送", "dead, not conveyed"),
    (Some(Outcome::Aborted), "中止", "broken off"),
    (Some(Outcome::RefusedOrder), "拒绝出车", "order refused"),
    (Some(Outcome::CancelledBeforeRolling), "回车：出车前取消", "cancelled before rolling"),
    (Some(Outcome::CancelledRolling), "空车：途中取消", "cancelled on the way"),
    (Some(Outcome::Diverted), "改派", "diverted"),
    (Some(Outcome::Relieved), "由更近车组接替", "relieved by a nearer unit"),
    (None, "进行中", "under way"),
];
