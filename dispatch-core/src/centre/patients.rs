//! Decisions about what is entered of patients.

use super::steps::{check_crew, true_time};
use super::{Decision, DispatchCentre, TEXT_CHARS_MAX};
use crate::actor::Actor;
use crate::assignment::StampSource;
use crate::event::Fact;
use crate::ids::AssignmentId;
use crate::patient::{FILES_MAX, PATIENTS_MAX, PatientEntry};
use crate::refusal::Refusal;
use crate::time::UtcTime;

impl DispatchCentre {
    /// A crew charts its own patients, also after the run: what was seen in a tunnel arrives late. A repeat changes nothing.
    pub(super) fn chart_patient(
        &self,
        id: AssignmentId,
        patient: u8,
        at: UtcTime,
        entry: &PatientEntry,
        by: &Actor,
        now: UtcTime,
    ) -> Decision {
        let it = self.record.assignment(id).ok_or(Refusal::UnknownAssignment { assignment: id })?;
        check_crew(it, by)?;
        if !(1..=PATIENTS_MAX).contains(&patient) {
            return Err(Refusal::TooMany { what: "patients", count_max: usize::from(PATIENTS_MAX) });
        }
        check_words(entry)?;
        let at = true_time(it, at, StampSource::Terminal, now)?;
        if it.chart(patient).is_some_and(|chart| chart.has(at, entry)) {
            return Ok(Vec::new());
        }
        let files = it.chart(patient).map_or(0, |chart| chart.files.len());
        if matches!(entry, PatientEntry::File(_)) && files >= FILES_MAX {
            return Err(Refusal::TooMany { what: "files", count_max: FILES_MAX });
        }
        let (incident, entry) = (it.incident, Box::new(entry.clone()));
        Ok(vec![Fact::PatientCharted { assignment: id, incident, patient, at, entry }])
    }
}

/// Nothing may be longer than a screen shows.
fn check_words(entry: &PatientEntry) -> Result<(), Refusal> {
    let fits = |text: &str| text.chars().count() <= TEXT_CHARS_MAX;
    let fit = match entry {
        PatientEntry::Vitals(it) => fits(&it.device),
        PatientEntry::Findings(it) => {
            [it.name.reveal(), &it.complaint, &it.history, &it.judgement, &it.measures].into_iter().all(fits)
        }
        PatientEntry::Score(it) => it.items.len() <= ITEMS_MAX,
        PatientEntry::Alert(_) => true,
        PatientEntry::File(it) => [&it.media_type, &it.sha256, &it.device].into_iter().all(|text| fits(text)),
    };
    if fit { Ok(()) } else { Err(Refusal::TooLong { chars_max: TEXT_CHARS_MAX }) }
}

/// Items of the longest score.
const ITEMS_MAX: usize = 8;
