//! How a form of the paper hours enters the record: over as it is. It moves no clock, wants no unit, and leaves every unit where it is.

use std::sync::Arc;

use crate::assignment::{Assignment, AssignmentEnd, Destination, Stage, StageTimes, Stamp, StampSource};
use crate::event::{Event, Fact};
use crate::ids::IncidentId;
use crate::incident::{Call, CallEnd, Incident, IncidentEnd, IncidentOutcome};
use crate::paper::{PaperMark, PaperRun};
use crate::record::{Ended, Record};

impl Record {
    pub(super) fn apply_paper(&mut self, event: &Event) {
        match &event.fact {
            Fact::CallEnteredFromPaper { call, paper } => {
                let written = Call {
                    id: *call,
                    source: paper.source,
                    phone: paper.phone.clone(),
                    text_only: paper.text_only,
                    place: paper.place.clone(),
                    rang_at: paper.received_at,
                    answered_at: paper.answered_at,
                    incident: None,
                    handoff: None,
                    entered_from_paper_at: Some(event.at),
                    end: Some(CallEnd::Finished),
                    lines: Vec::new(),
                };
                self.calls.insert(*call, Arc::new(written));
                self.ended.insert((event.at, Ended::Call(*call)));
            }
            Fact::IncidentEnteredFromPaper { .. } => self.enter_incident(event),
            _ => {}
        }
    }

    fn enter_incident(&mut self, event: &Event) {
        let Fact::IncidentEnteredFromPaper { incident, number, call, sketch, paper } = &event.fact else {
            return;
        };
        let how = match &paper.called_off {
            Some(called_off) => IncidentOutcome::Cancelled { reason: called_off.reason.clone() },
            None => IncidentOutcome::Done,
        };
        let mark = PaperMark {
            entered_at: event.at,
            entered_by: event.by.clone(),
            form_number: paper.form_number.clone(),
            overlap_reason: paper.overlap_reason.clone(),
        };
        let entered = Incident {
            id: *incident,
            number: *number,
            version: 1,
            created_at: paper.created_at,
            calls: vec![*call],
            sketch: Arc::clone(sketch),
            assignments: paper.runs.iter().map(|run| run.assignment).collect(),
            proposal: None,
            proposal_wanted_since: None,
            short_since: None,
            none_free_since: None,
            hold: None,
            reserved: None,
            handoff: None,
            paper: Some(Box::new(mark)),
            end: Some(IncidentEnd { at: paper.ended_at(), how }),
        };
        self.incidents.insert(*incident, Arc::new(entered));
        self.last_number = Some(*number);
        if let Some(call) = self.call_mut(*call) {
            call.incident = Some(*incident);
        }
        for run in &paper.runs {
            self.assignments.insert(run.assignment, Arc::new(entered_run(run, *incident, event)));
        }
        // It is kept as long as what ended now, so that whoever entered it can look at it; its call leaves with it.
        self.ended.remove(&(event.at, Ended::Call(*call)));
        self.ended.insert((event.at, Ended::Incident(*incident)));
    }
}

fn entered_run(run: &PaperRun, incident: IncidentId, event: &Event) -> Assignment {
    let mut times = StageTimes::for_a_run();
    for (stage, at) in run.steps() {
        times.record(Stamp {
            stage,
            at,
            entered_at: event.at,
            source: StampSource::Paper,
            by: event.by.clone(),
            reason: String::new(),
        });
    }
    let left_at = run.times.get(&Stage::LeftScene).copied().unwrap_or(run.ordered_at);
    let destination = run.hospital.map(|hospital| Destination {
        hospital,
        chosen_at: left_at,
        reason: String::new(),
        acknowledged: None,
    });
    let (outcome, reason) = (run.outcome, run.reason.clone());
    Assignment {
        id: run.assignment,
        incident,
        unit: run.unit,
        version: 1,
        stage: run.stage(),
        times,
        proposal: None,
        override_reason: None,
        choice: None,
        delivered_at: None,
        destination,
        end: Some(AssignmentEnd { at: run.ended_at, outcome, reason, stage: run.stage() }),
        charts: Vec::new(),
    }
}
