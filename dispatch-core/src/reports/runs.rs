//! Turns the ledger's rows into the lines of a report: what each run and each call adds to which figure, and what it does not.

use std::collections::BTreeMap;

use super::report::{CallCounts, CallLine, ExclusionReason, RunLine};
use super::run::{CallRow, IncidentRow, Left, Run};
use super::{Ledger, Measure, Period};
use crate::assignment::{Outcome, Stage, StampSource};
use crate::ids::{AssignmentId, IncidentId};
use crate::incident::{AreaClass, IncidentKind, IncidentNumber, Level};
use crate::time::{Span, UtcTime};

/// The lines of one period.
pub(super) struct Lines {
    pub(super) runs: Vec<RunLine>,
    pub(super) calls: Vec<CallLine>,
    pub(super) call_counts: CallCounts,
}

/// An incident with what all its runs together say.
struct Job<'a> {
    row: &'a IncidentRow,
    test: bool,
    received_at: UtcTime,
    answered_at: Option<UtcTime>,
    first_ordered: Option<(UtcTime, AssignmentId)>,
    first_on_scene: Option<(UtcTime, AssignmentId)>,
}

/// One emergency of a period, with what counts for it; drills, transfers and standing by are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    /// The incident.
    pub incident: IncidentId,
    /// The number that people say.
    pub number: IncidentNumber,
    /// The triage level.
    pub level: Level,
    /// The class of area.
    pub area: AreaClass,
    /// When the first call was received, UTC; its creation, where nobody called.
    pub received_at: UtcTime,
    /// The first order: when, UTC, and which.
    pub first_ordered: Option<(UtcTime, AssignmentId)>,
    /// The first unit on scene: when, UTC, and by which order.
    pub first_on_scene: Option<(UtcTime, AssignmentId)>,
    /// Called off.
    pub cancelled: bool,
}

impl Ledger {
    /// Every emergency of a period, in the order of their numbers.
    pub fn emergencies(&self, period: &Period) -> Vec<Emergency> {
        let mut emergencies: Vec<Emergency> = jobs(self)
            .into_iter()
            .filter(|(_, job)| period.contains(job.received_at) && job.excluded().is_none())
            .map(|(incident, job)| Emergency {
                incident,
                number: job.row.number,
                level: job.row.level,
                area: job.row.area,
                received_at: job.received_at,
                first_ordered: job.first_ordered,
                first_on_scene: job.first_on_scene,
                cancelled: job.row.cancelled,
            })
            .collect();
        emergencies.sort_by_key(|it| (it.number, it.incident));
        emergencies
    }
}

impl Lines {
    pub(super) fn of(ledger: &Ledger, period: &Period) -> Self {
        let mut jobs = jobs(ledger);
        jobs.retain(|_, job| period.contains(job.received_at));
        let mut runs: Vec<RunLine> = ledger
            .runs()
            .filter_map(|run| {
                let (id, _) = ledger.standing(run.incident)?;
                jobs.get(&id).map(|job| run_line(run, job))
            })
            .collect();
        runs.sort_by_key(|line| {
            (line.number, line.times.first().map(|time| time.at), line.unit, line.assignment)
        });
        let mut calls: Vec<CallLine> = ledger
            .calls()
            .filter(|call| period.contains(call.rang_at))
            .map(|call| call_line(call, ledger))
            .collect();
        calls.sort_by_key(|line| (line.rang_at, line.call));
        let call_counts = count(&calls, &jobs);
        Self { runs, calls, call_counts }
    }
}

/// Every incident that was not merged into another, with its runs taken together.
fn jobs(ledger: &Ledger) -> BTreeMap<IncidentId, Job<'_>> {
    let mut jobs: BTreeMap<IncidentId, Job<'_>> = ledger
        .incidents
        .iter()
        .filter(|(_, row)| row.merged_into.is_none())
        .map(|(&id, row)| (id, Job::of(row, ledger)))
        .collect();
    for run in ledger.runs() {
        let Some(job) = ledger.standing(run.incident).and_then(|(id, _)| jobs.get_mut(&id)) else {
            continue;
        };
        // A merged incident that was a test stays one.
        job.test |= run.test;
        let earliest = |known: Option<(UtcTime, AssignmentId)>, stage: Stage| {
            let new = run.times.at(stage).map(|at| (at, run.assignment));
            known.into_iter().chain(new).min()
        };
        job.first_ordered = earliest(job.first_ordered, Stage::Ordered);
        job.first_on_scene = earliest(job.first_on_scene, Stage::OnScene);
    }
    jobs
}

impl<'a> Job<'a> {
    fn of(row: &'a IncidentRow, ledger: &Ledger) -> Self {
        let answered_at = match row.first_call {
            Some((_, call)) => ledger.calls.get(&call).and_then(|call| call.answered_at),
            None => Some(row.created_at),
        };
        let received_at = row.first_call.map_or(row.created_at, |(rang_at, _)| rang_at);
        Self { row, test: row.test, received_at, answered_at, first_ordered: None, first_on_scene: None }
    }

    /// Why no run of it is in any figure.
    fn excluded(&self) -> Option<ExclusionReason> {
        match (self.test, self.row.kind) {
            (true, _) => Some(ExclusionReason::Test),
            (false, IncidentKind::Transfer) => Some(ExclusionReason::Transfer),
            (false, IncidentKind::Standby) => Some(ExclusionReason::Standby),
            (false, IncidentKind::Emergency) => None,
        }
    }
}

fn run_line(run: &Run, job: &Job<'_>) -> RunLine {
    let is_first = |first: Option<(UtcTime, AssignmentId)>| first.is_some_and(|(_, id)| id == run.assignment);
    let mut values = Values::default();
    if let Some(reason) = job.excluded() {
        values.leave_out(reason);
    } else {
        values.departure(run);
        values.intervals(run);
        if is_first(job.first_ordered) {
            values.add(Measure::Dispatch, job.answered_at, run.times.at(Stage::Ordered));
        }
        if is_first(job.first_on_scene) {
            values.response(run, job);
        } else if run.times.at(Stage::OnScene).is_some() {
            values.leave_out(ExclusionReason::LaterUnit);
        }
    }
    RunLine {
        number: job.row.number,
        unit: run.unit,
        assignment: run.assignment,
        kind: job.row.kind,
        area: job.row.area,
        level: job.row.level,
        test: job.test,
        from_paper: job.row.from_paper,
        received_at: job.received_at,
        times: run.times.all(),
        departure_pressed_at: run.times.by(Stage::Rolling, StampSource::Terminal),
        departure_moved_at: run.times.by(Stage::Rolling, StampSource::Motion),
        first_on_scene: is_first(job.first_on_scene),
        outcome: run.outcome,
        destination: run.destination,
        proposed: run.proposed,
        passed_over: run.choice.as_ref().and_then(|choice| choice.passed_over),
        override_code: run.choice.as_ref().and_then(|choice| choice.code),
        figures: values.figures,
        left_out: values.left_out,
    }
}

fn call_line(call: &CallRow, ledger: &Ledger) -> CallLine {
    let about = call.incident.and_then(|incident| ledger.standing(incident));
    let own = call.incident.and_then(|incident| ledger.incidents.get(&incident));
    let test = about.is_some_and(|(_, row)| row.test) || own.is_some_and(|row| row.test);
    let measure = if call.is_text() { Measure::AnswerText } else { Measure::Answer };
    let mut values = Values::default();
    if test {
        values.leave_out(ExclusionReason::Test);
    } else if call.answered_at.is_none() && call.from_paper {
        values.leave_out(ExclusionReason::AnswerNotOnPaper);
    } else if call.answered_at.is_none() {
        values.leave_out(ExclusionReason::Unanswered);
    } else {
        values.add(measure, Some(call.rang_at), call.answered_at);
    }
    CallLine {
        call: call.call,
        source: call.source,
        text: call.is_text(),
        rang_at: call.rang_at,
        answered_at: call.answered_at,
        number: about.map(|(_, row)| row.number),
        figures: values.figures,
        left_out: values.left_out,
    }
}

/// What one run or call adds to the figures.
#[derive(Default)]
struct Values {
    figures: BTreeMap<Measure, Span>,
    left_out: Vec<ExclusionReason>,
}

impl Values {
    fn leave_out(&mut self, reason: ExclusionReason) {
        if !self.left_out.contains(&reason) {
            self.left_out.push(reason);
        }
    }

    /// Adds the time between two moments, where both are known.
    fn add(&mut self, measure: Measure, from: Option<UtcTime>, to: Option<UtcTime>) {
        let Some(took) = from.zip(to).map(|(from, to)| to.since(from)) else { return };
        if took < Span::ZERO {
            self.leave_out(ExclusionReason::TimesOutOfOrder);
        } else {
            self.figures.insert(measure, took);
        }
    }

    fn departure(&mut self, run: &Run) {
        if matches!(run.outcome, Some(Outcome::CancelledBeforeRolling | Outcome::RefusedOrder)) {
            return self.leave_out(ExclusionReason::EndedBeforeRolling);
        }
        let (ordered, rolling) = (run.times.at(Stage::Ordered), run.times.at(Stage::Rolling));
        if rolling.is_none() {
            let went_on = run.times.all().iter().any(|time| time.stage > Stage::Rolling);
            return self.leave_out(match run.outcome {
                _ if went_on => ExclusionReason::RollingMissing,
                Some(_) => ExclusionReason::EndedBeforeRolling,
                None => ExclusionReason::NotYetRolling,
            });
        }
        self.add(Measure::Departure, ordered, rolling);
        self.add(Measure::DeparturePressed, ordered, run.times.by(Stage::Rolling, StampSource::Terminal));
        self.add(Measure::DepartureMoved, ordered, run.times.by(Stage::Rolling, StampSource::Motion));
        self.add(Measure::DepartureFromAcknowledged, run.times.at(Stage::Acknowledged), rolling);
    }

    fn intervals(&mut self, run: &Run) {
        let at = |stage| run.times.at(stage);
        self.add(Measure::Scene, at(Stage::OnScene), at(Stage::LeftScene));
        self.add(Measure::Transport, at(Stage::LeftScene), at(Stage::AtHospital));
        self.add(Measure::Handover, at(Stage::AtHospital), at(Stage::HandedOver));
    }

    fn response(&mut self, run: &Run, job: &Job<'_>) {
        let Some(arrived) = run.times.counted(Stage::OnScene) else { return };
        match arrived.source {
            StampSource::Desk | StampSource::Correction | StampSource::Paper => {
                self.leave_out(ExclusionReason::DeskArrival);
                self.add(Measure::ResponseDesk, Some(job.received_at), Some(arrived.at));
            }
            StampSource::Terminal | StampSource::Motion | StampSource::Centre => {
                self.add(Measure::Response, Some(job.received_at), Some(arrived.at));
                self.add(Measure::ResponseFromAnswer, job.answered_at, Some(arrived.at));
            }
        }
    }
}

fn count(calls: &[CallLine], jobs: &BTreeMap<IncidentId, Job<'_>>) -> CallCounts {
    let counted = |line: &&CallLine| !line.left_out.contains(&ExclusionReason::Test);
    let calls: Vec<_> = calls.iter().filter(counted).collect();
    let counted: Vec<_> = jobs.values().filter(|job| job.excluded().is_none()).collect();
    let from_paper = jobs.values().filter(|job| job.row.from_paper && !job.test).count();
    let left = |how: Left| counted.iter().filter(|job| job.row.left == Some(how)).count();
    // What another took was no work of ours: nobody was left without help.
    let emergencies: Vec<_> = counted.iter().filter(|job| job.row.left.is_none()).collect();
    CallCounts {
        voice: calls.iter().filter(|line| !line.text).count(),
        text: calls.iter().filter(|line| line.text).count(),
        unanswered: calls.iter().filter(|line| line.left_out.contains(&ExclusionReason::Unanswered)).count(),
        emergencies: emergencies.len(),
        handed_off: left(Left::HandedOff),
        redirected: left(Left::Redirected),
        cancelled: emergencies.iter().filter(|job| job.row.cancelled).count(),
        from_paper,
        without_order: emergencies.iter().filter(|job| job.first_ordered.is_none()).count(),
    }
}
