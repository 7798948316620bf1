//! Rows of what was led on paper: the times are those of the form, and the rows say where they come from.

use super::Ledger;
use crate::assignment::StampSource;
use crate::event::{Event, Fact};
use crate::ids::IncidentId;
use crate::paper::PaperRun;
use crate::reports::run::{CallRow, Run, RunTime, RunTimes};

impl Ledger {
    pub(super) fn apply_paper(&mut self, event: &Event) {
        match &event.fact {
            Fact::CallEnteredFromPaper { call, paper } => {
                let row = CallRow {
                    call: *call,
                    source: paper.source,
                    text_only: paper.text_only,
                    rang_at: paper.received_at,
                    answered_at: paper.answered_at,
                    incident: None,
                    end: None,
                    from_paper: true,
                };
                self.calls.insert(*call, row);
            }
            Fact::IncidentEnteredFromPaper { incident, number, call, sketch, paper } => {
                self.create(*incident, *number, Some(*call), sketch, paper.created_at);
                if let Some(row) = self.incidents.get_mut(incident) {
                    row.from_paper = true;
                    row.cancelled = paper.called_off.is_some();
                }
                for run in &paper.runs {
                    self.runs.insert(run.assignment, entered_run(run, *incident, sketch.test));
                }
            }
            _ => {}
        }
    }
}

fn entered_run(run: &PaperRun, incident: IncidentId, test: bool) -> Run {
    let mut times = RunTimes::default();
    for (stage, at) in run.steps() {
        times.record(RunTime { stage, at, source: StampSource::Paper });
    }
    Run {
        assignment: run.assignment,
        incident,
        unit: run.unit,
        test,
        times,
        outcome: Some(run.outcome),
        destination: run.hospital,
        proposed: false,
        choice: None,
    }
}
