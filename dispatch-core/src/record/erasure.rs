//! How an erasure changes what is in the record: the same that a record shows which was built after the keys were gone.

use std::sync::Arc;

use crate::assignment::Assignment;
use crate::erasure::{ERASED, Subject, blot, of_call, of_findings, of_note, of_sketch};
use crate::ids::IncidentId;
use crate::patient::Chart;
use crate::private::Private;
use crate::record::Record;

impl Record {
    pub(super) fn erase(&mut self, subjects: &[Subject]) {
        for subject in subjects {
            match subject {
                Subject::Call(id) => {
                    if let Some(call) = self.call_mut(*id) {
                        of_call(call, &mut blot(ERASED));
                    }
                }
                Subject::Incident(id) => {
                    if let Some(it) = self.incident_mut(*id) {
                        of_sketch(Arc::make_mut(&mut it.sketch), &mut blot(ERASED));
                        it.version += 1;
                    }
                    self.erase_charts(*id);
                }
                Subject::Accident(id) => {
                    if let Some(it) = self.accidents.get_mut(id).map(Arc::make_mut) {
                        for note in it.casualties.iter_mut().filter_map(|casualty| casualty.note.as_mut()) {
                            of_note(note, &mut blot(ERASED));
                        }
                        it.version += 1;
                    }
                }
            }
        }
    }

    /// What was charted under an incident's key may stand at another one by now: two were made one, or one two.
    fn erase_charts(&mut self, incident: IncidentId) {
        let under = |chart: &Chart| {
            let findings = chart.findings.iter().map(|(under, _)| *under);
            findings.chain(chart.files.iter().map(|(under, _)| *under)).any(|under| under == incident)
        };
        let kept = |it: &Assignment| it.charts.iter().any(under);
        let kept: Vec<_> = self.assignments.values().filter(|it| kept(it)).map(|it| it.id).collect();
        for id in kept {
            let Some(it) = self.assignment_mut(id) else { continue };
            for chart in &mut it.charts {
                if let Some((_, findings)) = chart.findings.as_mut().filter(|(under, _)| *under == incident) {
                    of_findings(&mut findings.it, &mut blot(ERASED));
                }
                for (_, file) in chart.files.iter_mut().filter(|(under, _)| *under == incident) {
                    file.it.key = Private::new(ERASED);
                }
            }
            it.version += 1;
        }
    }
}
