//! The response-time report: figures, definitions, counts and the runs behind them. No name, address or telephone number is
//! in the figures' own rows, and none can be added here without being written down.

use std::collections::BTreeMap;

use dispatch_core::Span;
use dispatch_core::reports::{
    Bin, CallCounts, CallLine, Exclusion, ExclusionReason, Figure, FigureRow, Measure, OutcomeCount, Period,
    Report, RunLine, RunTime,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::overrides::OverridesView;
use super::place::{Time, seconds};
use super::words::{
    AreaWord, CallSourceWord, IncidentKindWord, LevelWord, OutcomeWord, StageWord, StampSourceWord,
};

/// The report of a period, checkable against the journal by its head.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Report)]
pub(crate) struct ReportView {
    /// Number and hash of the newest journal event it rests on.
    pub(crate) head: HeadView,
    period: PeriodView,
    /// How many journal events it rests on.
    events: u64,
    percentile_zh: String,
    percentile_en: String,
    figures: Vec<FigureView>,
    exclusions: Vec<ExclusionView>,
    /// How the runs ended.
    outcomes: Vec<OutcomeView>,
    overrides: OverridesView,
    call_counts: CallCountsView,
    runs: Vec<RunView>,
    calls: Vec<CallLineView>,
}

/// A place in the journal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JournalHead)]
pub(crate) struct HeadView {
    pub(crate) seq: u64,
    /// SHA-256 of the event and everything before it.
    pub(crate) hash: String,
}

/// From its start up to and without its end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Period)]
pub(crate) struct PeriodView {
    name: String,
    from: Time,
    to: Time,
}

/// One figure with its definition.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Figure)]
pub(crate) struct FigureView {
    measure: MeasureWord,
    zh: String,
    en: String,
    definition_zh: String,
    definition_en: String,
    /// The share that should be in target, where one is set.
    share_wanted: Option<f64>,
    /// The total first, then area by area.
    rows: Vec<FigureRowView>,
}

/// The numbers of one figure in one area.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FigureRow)]
pub(crate) struct FigureRowView {
    /// `null` is the total.
    area: Option<AreaWord>,
    n: usize,
    mean_s: Option<f64>,
    p50_s: Option<f64>,
    p90_s: Option<f64>,
    p95_s: Option<f64>,
    target_s: Option<f64>,
    /// How many of the values have a target, by their area.
    n_with_target: usize,
    in_target: usize,
    share_in_target: Option<f64>,
    mean_in_target: Option<bool>,
    bins: Vec<BinView>,
}

/// How many values lie at or under a limit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Bin)]
pub(crate) struct BinView {
    within_s: f64,
    n: usize,
    share: Option<f64>,
}

/// Something that is not counted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Exclusion)]
pub(crate) struct ExclusionView {
    reason: ExclusionWord,
    zh: String,
    en: String,
    n: usize,
    /// Which: `20261121-0042 A12`, or the call.
    items: Vec<String>,
}

/// How many runs ended in one way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OutcomeCount)]
pub(crate) struct OutcomeView {
    /// `null` for those that go on.
    outcome: Option<OutcomeWord>,
    zh: String,
    en: String,
    n: usize,
}

/// How many calls and incidents.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallCounts)]
pub(crate) struct CallCountsView {
    voice: usize,
    text: usize,
    unanswered: usize,
    /// Emergencies that another centre took.
    handed_off: usize,
    /// What went to a service of another kind, being not urgent.
    redirected: usize,
    emergencies: usize,
    cancelled: usize,
    without_order: usize,
    /// Incidents led on paper and entered afterwards; drills left out.
    from_paper: usize,
}

/// One run with what it adds to each figure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunLine)]
pub(crate) struct RunView {
    number: String,
    unit: String,
    assignment: String,
    kind: IncidentKindWord,
    area: AreaWord,
    level: LevelWord,
    test: bool,
    /// Led on paper, and entered afterwards with its true times.
    from_paper: bool,
    received_at: Time,
    times: Vec<RunTimeView>,
    departure_pressed_at: Option<Time>,
    departure_moved_at: Option<Time>,
    first_on_scene: bool,
    outcome: Option<OutcomeWord>,
    destination: Option<String>,
    /// The best proposed that could have gone, where another was sent.
    passed_over: Option<String>,
    /// The code given for that.
    override_code: Option<String>,
    /// Seconds by measure.
    figures: BTreeMap<MeasureWord, f64>,
    left_out: Vec<ExclusionWord>,
}

/// One time of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunTime)]
pub(crate) struct RunTimeView {
    stage: StageWord,
    at: Time,
    source: StampSourceWord,
}

/// One call with what it adds to each figure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallLine)]
pub(crate) struct CallLineView {
    call: String,
    source: CallSourceWord,
    text: bool,
    rang_at: Time,
    answered_at: Option<Time>,
    number: Option<String>,
    figures: BTreeMap<MeasureWord, f64>,
    left_out: Vec<ExclusionWord>,
}

super::words::words! {
    /// What is measured.
    MeasureWord = Measure {
        Answer, AnswerText, Dispatch, Departure, DeparturePressed, DepartureMoved, DepartureFromAcknowledged, Response,
        ResponseFromAnswer, ResponseDesk, Scene, Transport, Handover,
    }
    /// Why something is not counted.
    ExclusionWord = ExclusionReason {
        Test, Transfer, Standby, EndedBeforeRolling, NotYetRolling, RollingMissing, LaterUnit, DeskArrival,
        TimesOutOfOrder, Unanswered, AnswerNotOnPaper,
    }
}

impl ReportView {
    pub(crate) fn of(report: &Report, head: HeadView) -> Self {
        Self {
            head,
            period: PeriodView::from(&report.period),
            events: report.events,
            percentile_zh: report.percentile_zh.to_owned(),
            percentile_en: report.percentile_en.to_owned(),
            figures: report.figures.iter().map(FigureView::from).collect(),
            exclusions: report.exclusions.iter().map(ExclusionView::from).collect(),
            outcomes: report.outcomes.iter().map(OutcomeView::from).collect(),
            overrides: OverridesView::from(&report.overrides),
            call_counts: CallCountsView::from(&report.call_counts),
            runs: report.runs.iter().map(RunView::from).collect(),
            calls: report.calls.iter().map(CallLineView::from).collect(),
        }
    }
}

impl From<&Period> for PeriodView {
    fn from(period: &Period) -> Self {
        Self { name: period.name.clone(), from: period.from.into(), to: period.to.into() }
    }
}

impl From<&Figure> for FigureView {
    fn from(figure: &Figure) -> Self {
        Self {
            measure: figure.measure.into(),
            zh: figure.zh.to_owned(),
            en: figure.en.to_owned(),
            definition_zh: figure.definition_zh.to_owned(),
            definition_en: figure.definition_en.to_owned(),
            share_wanted: figure.share_wanted,
            rows: figure.rows.iter().map(FigureRowView::from).collect(),
        }
    }
}

impl From<&FigureRow> for FigureRowView {
    fn from(row: &FigureRow) -> Self {
        Self {
            area: row.area.map(AreaWord::from),
            n: row.n,
            mean_s: row.mean_s.map(seconds),
            p50_s: row.p50_s.map(seconds),
            p90_s: row.p90_s.map(seconds),
            p95_s: row.p95_s.map(seconds),
            target_s: row.target_s.map(seconds),
            n_with_target: row.n_with_target,
            in_target: row.in_target,
            share_in_target: row.share_in_target,
            mean_in_target: row.mean_in_target,
            bins: row.bins.iter().map(BinView::from).collect(),
        }
    }
}

impl From<&Bin> for BinView {
    fn from(bin: &Bin) -> Self {
        Self { within_s: seconds(bin.within_s), n: bin.n, share: bin.share }
    }
}

impl From<&Exclusion> for ExclusionView {
    fn from(exclusion: &Exclusion) -> Self {
        let (zh, en) = (exclusion.zh.to_owned(), exclusion.en.to_owned());
        Self { reason: exclusion.reason.into(), zh, en, n: exclusion.n, items: exclusion.items.clone() }
    }
}

impl From<&OutcomeCount> for OutcomeView {
    fn from(count: &OutcomeCount) -> Self {
        let (zh, en) = (count.zh.to_owned(), count.en.to_owned());
        Self { outcome: count.outcome.map(OutcomeWord::from), zh, en, n: count.n }
    }
}

impl From<&CallCounts> for CallCountsView {
    fn from(counts: &CallCounts) -> Self {
        let &CallCounts {
            voice,
            text,
            unanswered,
            handed_off,
            redirected,
            emergencies,
            cancelled,
            without_order,
            from_paper,
        } = counts;
        Self {
            voice,
            text,
            unanswered,
            handed_off,
            redirected,
            emergencies,
            cancelled,
            without_order,
            from_paper,
        }
    }
}

impl From<&RunLine> for RunView {
    fn from(run: &RunLine) -> Self {
        Self {
            number: run.number.to_string(),
            unit: run.unit.to_string(),
            assignment: run.assignment.to_string(),
            kind: run.kind.into(),
            area: run.area.into(),
            level: run.level.into(),
            test: run.test,
            from_paper: run.from_paper,
            received_at: run.received_at.into(),
            times: run.times.iter().map(RunTimeView::from).collect(),
            departure_pressed_at: run.departure_pressed_at.map(Time::from),
            departure_moved_at: run.departure_moved_at.map(Time::from),
            first_on_scene: run.first_on_scene,
            outcome: run.outcome.map(OutcomeWord::from),
            destination: run.destination.map(|hospital| hospital.to_string()),
            passed_over: run.passed_over.map(|unit| unit.to_string()),
            override_code: run.override_code.map(|code| code.to_string()),
            figures: by_word(&run.figures),
            left_out: run.left_out.iter().copied().map(ExclusionWord::from).collect(),
        }
    }
}

impl From<&RunTime> for RunTimeView {
    fn from(time: &RunTime) -> Self {
        Self { stage: time.stage.into(), at: time.at.into(), source: time.source.into() }
    }
}

impl From<&CallLine> for CallLineView {
    fn from(call: &CallLine) -> Self {
        Self {
            call: call.call.to_string(),
            source: call.source.into(),
            text: call.text,
            rang_at: call.rang_at.into(),
            answered_at: call.answered_at.map(Time::from),
            number: call.number.map(|number| number.to_string()),
            figures: by_word(&call.figures),
            left_out: call.left_out.iter().copied().map(ExclusionWord::from).collect(),
        }
    }
}

fn by_word(figures: &BTreeMap<Measure, Span>) -> BTreeMap<MeasureWord, f64> {
    figures.iter().map(|(measure, span)| ((*measure).into(), seconds(*span))).collect()
}
