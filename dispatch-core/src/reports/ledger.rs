//! Builds the rows of the figures from journal events, one by one.

mod cases;
mod paper;

use std::collections::BTreeMap;

pub use cases::Case;

use super::run::{CallRow, IncidentRow, Left, Run, RunTime, RunTimes};
use crate::assignment::{Stage, StampSource};
use crate::event::{Event, Fact};
use crate::ids::{AssignmentId, CallId, IncidentId, OverrideCode};
use crate::incident::{CallEnd, IncidentChange, IncidentKind, IncidentNumber, IncidentSketch, Offered};
use crate::rules::Rules;
use crate::time::{Span, UtcTime};

/// Every call, incident and run of the journal, as far as events were taken in and rows were not put away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    pub(super) calls: BTreeMap<CallId, CallRow>,
    pub(super) incidents: BTreeMap<IncidentId, IncidentRow>,
    pub(super) runs: BTreeMap<AssignmentId, Run>,
    utc_offset: Span,
    /// The newest labels of every code that was ever on the list.
    override_labels: BTreeMap<OverrideCode, (String, String)>,
    events: u64,
}

impl Default for Ledger {
    fn default() -> Self {
        let utc_offset = Rules::default().utc_offset_s;
        Self {
            calls: BTreeMap::new(),
            incidents: BTreeMap::new(),
            runs: BTreeMap::new(),
            utc_offset,
            override_labels: BTreeMap::new(),
            events: 0,
        }
    }
}

impl Ledger {
    /// A ledger of the events of a journal, from its first.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut ledger = Self::default();
        events.into_iter().for_each(|event| ledger.apply(event));
        ledger
    }

    /// Takes in the next event.
    pub fn apply(&mut self, event: &Event) {
        self.events += 1;
        match &event.fact {
            Fact::RulesAdopted { rules } => {
                self.utc_offset = rules.utc_offset_s;
                let known = rules.override_reasons.0.iter();
                self.override_labels.extend(known.map(|r| (r.code, (r.zh.clone(), r.en.clone()))));
            }
            Fact::CallEnteredFromPaper { .. } | Fact::IncidentEnteredFromPaper { .. } => {
                self.apply_paper(event);
            }
            Fact::CallReceived { .. }
            | Fact::CallAnswered { .. }
            | Fact::CallJoined { .. }
            | Fact::CallParted { .. }
            | Fact::CallEnded { .. } => self.apply_call(event),
            Fact::IncidentCreated { incident, number, call, sketch } => {
                self.create(*incident, *number, *call, sketch, event.at);
            }
            Fact::IncidentChanged { incident, change } => self.change(*incident, change),
            Fact::IncidentMerged { incident, into } => self.merge(*incident, *into),
            Fact::IncidentSplit { incident, from } => self.split(*incident, *from),
            Fact::IncidentCancelled { incident, .. } => {
                if let Some(row) = self.incidents.get_mut(incident) {
                    row.cancelled = true;
                }
            }
            Fact::IncidentRedirected { incident, .. } => self.leave(*incident, Left::Redirected),
            Fact::HandoffAccepted { about: Offered::Incident(incident), .. } => {
                self.leave(*incident, Left::HandedOff);
            }
            Fact::HandoffAccepted { about: Offered::Call(call), .. } => {
                if let Some(row) = self.calls.get_mut(call) {
                    row.end = Some(CallEnd::OtherCentre);
                }
            }
            Fact::UnitAssigned { .. }
            | Fact::StageReported { .. }
            | Fact::StageCorrected { .. }
            | Fact::AssignmentEnded { .. }
            | Fact::DestinationChosen { .. } => self.apply_run(event),
            _ => {}
        }
    }

    /// How far the city's clocks are ahead of UTC, by the rules in force.
    pub fn utc_offset(&self) -> Span {
        self.utc_offset
    }

    /// How a code reads, Chinese and English; the code itself where no list ever named it.
    pub(super) fn override_label(&self, code: OverrideCode) -> (String, String) {
        let known = self.override_labels.get(&code).cloned();
        known.unwrap_or_else(|| (code.to_string(), code.to_string()))
    }

    /// How many events were taken in.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Every run, in the order of the assignments' ids.
    pub fn runs(&self) -> impl DoubleEndedIterator<Item = &Run> {
        self.runs.values()
    }

    /// How many emergencies there were of each level, I to IV; no tests, and what was merged into another once.
    pub fn levels(&self) -> [u64; 4] {
        let mut counts = [0; 4];
        let rows = self.incidents.values().filter(|row| row.kind == IncidentKind::Emergency);
        for row in rows.filter(|row| !row.test && row.merged_into.is_none()) {
            counts[row.level as usize] += 1;
        }
        counts
    }

    /// Every call, in the order of their ids.
    pub fn calls(&self) -> impl Iterator<Item = &CallRow> {
        self.calls.values()
    }

    /// One run.
    pub fn run(&self, assignment: AssignmentId) -> Option<&Run> {
        self.runs.get(&assignment)
    }

    /// The incident that a merged one has become; itself, when it was not merged.
    pub fn standing_id(&self, incident: IncidentId) -> Option<IncidentId> {
        self.standing(incident).map(|(id, _)| id)
    }

    /// The incident that a merged one has become.
    pub(super) fn standing(&self, incident: IncidentId) -> Option<(IncidentId, &IncidentRow)> {
        let mut id = incident;
        // A merge leads to an open incident, so the chain ends; the bound keeps a damaged journal from going in circles.
        for _ in 0..MERGES_MAX {
            let row = self.incidents.get(&id)?;
            match row.merged_into {
                Some(into) => id = into,
                None => return Some((id, row)),
            }
        }
        None
    }

    fn apply_call(&mut self, event: &Event) {
        match &event.fact {
            Fact::CallReceived { call, source, text_only, .. } => {
                let row = CallRow {
                    call: *call,
                    source: *source,
                    text_only: *text_only,
                    rang_at: event.at,
                    answered_at: None,
                    incident: None,
                    end: None,
                    from_paper: false,
                };
                self.calls.insert(*call, row);
            }
            Fact::CallAnswered { call } => {
                if let Some(row) = self.calls.get_mut(call) {
                    row.answered_at.get_or_insert(event.at);
                }
            }
            Fact::CallJoined { call, incident } => self.join(*call, *incident),
            Fact::CallParted { call, from } => {
                if let Some(row) = self.calls.get_mut(call) {
                    row.incident = None;
                }
                self.begin_anew(*from);
            }
            Fact::CallEnded { call, how } => {
                if let Some(row) = self.calls.get_mut(call) {
                    row.end = Some(*how);
                }
            }
            _ => {}
        }
    }

    fn create(
        &mut self,
        incident: IncidentId,
        number: IncidentNumber,
        call: Option<CallId>,
        sketch: &IncidentSketch,
        at: UtcTime,
    ) {
        let row = IncidentRow {
            number,
            kind: sketch.kind,
            level: sketch.triage.level,
            area: sketch.place.area,
            test: sketch.test,
            created_at: at,
            first_call: None,
            merged_into: None,
            cancelled: false,
            left: None,
            from_paper: false,
            open_runs: Vec::new(),
        };
        self.incidents.insert(incident, row);
        if let Some(call) = call {
            self.join(call, incident);
        }
    }

    fn join(&mut self, call: CallId, incident: IncidentId) {
        let Some(row) = self.calls.get_mut(&call) else { return };
        row.incident = Some(incident);
        let rang = (row.rang_at, call);
        if let Some(about) = self.incidents.get_mut(&incident) {
            about.first_call = Some(about.first_call.map_or(rang, |first| first.min(rang)));
        }
    }

    fn leave(&mut self, incident: IncidentId, how: Left) {
        if let Some(row) = self.incidents.get_mut(&incident) {
            row.left = Some(how);
        }
    }

    fn change(&mut self, incident: IncidentId, change: &IncidentChange) {
        let Some(row) = self.incidents.get_mut(&incident) else { return };
        if let Some(place) = &change.place {
            row.area = place.area;
        }
        if let Some(triage) = &change.triage {
            row.level = triage.level;
        }
    }

    /// The calls and units of `incident` are those of `into` from here on: the clock of the event began with its first call.
    fn merge(&mut self, incident: IncidentId, into: IncidentId) {
        let Some(row) = self.incidents.get_mut(&incident) else { return };
        row.merged_into = Some(into);
        let (first, runs) = (row.first_call, std::mem::take(&mut row.open_runs));
        // Units on their way are the other's for good, also if the two are split again.
        for run in &runs {
            if let Some(run) = self.runs.get_mut(run) {
                run.incident = into;
            }
        }
        if let Some(target) = self.incidents.get_mut(&into) {
            target.first_call = [target.first_call, first].into_iter().flatten().min();
            target.open_runs.extend(runs);
        }
    }

    /// The two are two after all: the clock of each began with its own first call.
    fn split(&mut self, incident: IncidentId, from: IncidentId) {
        let Some(row) = self.incidents.get_mut(&incident) else { return };
        row.merged_into = None;
        self.begin_anew(incident);
        self.begin_anew(from);
    }

    /// Finds the first call about an incident anew, those of what was merged into it among them.
    fn begin_anew(&mut self, incident: IncidentId) {
        let about = |call: &&CallRow| {
            call.incident.and_then(|about| self.standing(about)).is_some_and(|(id, _)| id == incident)
        };
        let first = self.calls.values().filter(about).map(|call| (call.rang_at, call.call)).min();
        if let Some(row) = self.incidents.get_mut(&incident) {
            row.first_call = first;
        }
    }

    fn apply_run(&mut self, event: &Event) {
        match &event.fact {
            Fact::UnitAssigned { assignment, incident, unit, proposal, choice, .. } => {
                let mut times = RunTimes::default();
                times.record(RunTime { stage: Stage::Ordered, at: event.at, source: StampSource::Centre });
                let (assignment, incident, unit) = (*assignment, *incident, *unit);
                let test = self.incidents.get(&incident).is_some_and(|row| row.test);
                let run = Run {
                    assignment,
                    incident,
                    unit,
                    test,
                    times,
                    outcome: None,
                    destination: None,
                    proposed: proposal.is_some(),
                    choice: choice.clone(),
                };
                self.runs.insert(assignment, run);
                if let Some(row) = self.incidents.get_mut(&incident) {
                    row.open_runs.push(assignment);
                }
            }
            Fact::StageReported { assignment, stage, at, source, .. } => {
                self.record(*assignment, RunTime { stage: *stage, at: *at, source: *source });
            }
            Fact::StageCorrected { assignment, stage, at, .. } => {
                self.record(*assignment, RunTime { stage: *stage, at: *at, source: StampSource::Correction });
            }
            Fact::AssignmentEnded { assignment, outcome, .. } => {
                if let Some(run) = self.runs.get_mut(assignment) {
                    run.outcome = Some(*outcome);
                    if let Some(row) = self.incidents.get_mut(&run.incident) {
                        row.open_runs.retain(|open| open != assignment);
                    }
                }
            }
            Fact::DestinationChosen { assignment, hospital, .. } => {
                if let Some(run) = self.runs.get_mut(assignment) {
                    run.destination = Some(*hospital);
                }
            }
            _ => {}
        }
    }

    fn record(&mut self, assignment: AssignmentId, time: RunTime) {
        if let Some(run) = self.runs.get_mut(&assignment) {
            run.times.record(time);
        }
    }
}

/// No incident was ever merged on more often than this.
const MERGES_MAX: usize = 100;
