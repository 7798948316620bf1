//! What the crew and its monitors tell of the patients: numbered, on disk, shown here at once, and sent until the centre answers.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use link::v1::{FileKind, PatientAck, PatientReport, ReportOutcome, Stage, patient_report};

use super::cables::{FIRST_PATIENT, MONITORS_MAX};
use super::{Duty, NotTaken, packed};
use crate::monitors::{Reading, Thinning};
use crate::spool::{Change, PATIENT_ROWS_KEPT_MAX, PatientAnswer, PatientRow, REPORTS_MAX, SpoolError};

/// What is known of the patients of the orders on the screen, and what waits for the centre.
#[derive(Debug, Default)]
pub struct Patients {
    /// By (boot, seq).
    rows: BTreeMap<(u64, u64), PatientRow>,
    seq: u64,
    waiting: usize,
    /// What each monitor said that was kept.
    monitors: HashMap<String, Thinning>,
}

impl Patients {
    pub(super) fn new(stored: Vec<PatientRow>) -> Self {
        let waiting = stored.iter().filter(|row| !row.answered).count();
        let rows = stored.into_iter().map(|row| ((row.report.boot, row.report.seq), row)).collect();
        Self { rows, waiting, ..Self::default() }
    }

    /// What a monitor measures next is kept, however like the last it is.
    pub(super) fn forget_course_of(&mut self, device: &str) {
        self.monitors.remove(device);
    }
}

impl Duty {
    /// Enters something about a patient of an order. Returns the time recorded.
    pub fn chart(
        &mut self,
        wall: Instant,
        assignment: &str,
        patient: u32,
        content: patient_report::Content,
    ) -> Result<i64, NotTaken> {
        self.chart_with(wall, assignment, patient, content, None)
    }

    /// The same, with what is in the file that it is the card of.
    pub(super) fn chart_with(
        &mut self,
        wall: Instant,
        assignment: &str,
        patient: u32,
        content: patient_report::Content,
        file: Option<Vec<u8>>,
    ) -> Result<i64, NotTaken> {
        if !self.orders.iter().any(|held| held.order().assignment_id == assignment) {
            return Err(NotTaken::UnknownAssignment(assignment.to_owned()));
        }
        if self.patients.waiting >= REPORTS_MAX {
            return Err(SpoolError::Full.into());
        }
        let now = self.clock.now_unix_ms(wall);
        let report = PatientReport {
            boot: self.spool.boot(),
            seq: self.patients.seq + 1,
            happened_at_unix_ms: now,
            assignment_id: assignment.to_owned(),
            patient,
            content: Some(content),
        };
        link::patient::check(&report).map_err(|problem| NotTaken::BadRequest(problem.to_string()))?;
        self.spool.apply(&Change { patient_report: Some(report.clone()), file, ..Change::default() })?;
        self.patients.seq = report.seq;
        self.patients.waiting += 1;
        self.patients
            .rows
            .insert((report.boot, report.seq), PatientRow { report, answered: false, refused: None });
        self.drop_old_rows(assignment);
        self.touch();
        Ok(now)
    }

    /// A monitor has measured. It is the patient that the crew has put it on who is meant, else the first of the order under way.
    /// `Ok(false)`: it was not worth keeping, or there is no patient.
    pub fn measured(&mut self, wall: Instant, reading: &Reading) -> Result<bool, NotTaken> {
        let under_way = |held: &&super::HeldOrder| {
            let reached = held.reached().unwrap_or(Stage::Unspecified);
            held.record.end.is_none() && (Stage::Rolling..Stage::HandedOver).contains(&reached)
        };
        let id = |held: &super::HeldOrder| held.order().assignment_id.clone();
        let furthest = self.orders.iter().filter(under_way).max_by_key(|held| held.reached()).map(id);
        let is_under_way =
            |assignment: &str| self.orders.iter().filter(under_way).any(|it| id(it) == assignment);
        let told = self.cable(&reading.device).filter(|cable| is_under_way(&cable.assignment));
        let told = told.map(|cable| (cable.assignment.clone(), cable.patient));
        let Some((assignment, patient)) = told.or(furthest.map(|it| (it, FIRST_PATIENT))) else {
            return Ok(false);
        };
        for file in &reading.files {
            let (kind, media_type) = (FileKind::Ecg, file.media_type.to_owned());
            let new = packed(kind, media_type, reading.device.clone(), file.content.clone())?;
            self.keep_file(wall, &assignment, patient, new)?;
        }
        let Some(vitals) = reading.vitals.clone() else { return Ok(!reading.files.is_empty()) };
        let thinning = self.patients.monitors.entry(reading.device.clone()).or_default();
        if !thinning.is_worth_keeping(wall, &vitals) {
            return Ok(!reading.files.is_empty());
        }
        self.chart(wall, &assignment, patient, patient_report::Content::Vitals(vitals.clone()))?;
        if self.patients.monitors.len() > MONITORS_MAX {
            self.patients.monitors.clear();
        }
        self.patients.monitors.entry(reading.device.clone()).or_default().kept(wall, vitals);
        Ok(true)
    }

    /// What the centre has not answered, in order, after `after`; at most `count_max`.
    pub fn patient_reports_after(&self, after: Option<(u64, u64)>, count_max: usize) -> Vec<PatientReport> {
        let from = after.map_or((0, 0), |(boot, seq)| (boot, seq + 1));
        let waiting = self.patients.rows.range(from..).filter(|(_, row)| !row.answered);
        waiting.take(count_max).map(|(_, row)| row.report.clone()).collect()
    }

    /// How many wait for the centre.
    pub fn unsent_of_patients(&self) -> usize {
        self.patients.waiting
    }

    /// The centre's answer.
    pub fn patient_answered(&mut self, ack: &PatientAck) -> Result<(), SpoolError> {
        let key = (ack.boot, ack.seq);
        let Some(row) = self.patients.rows.get(&key).filter(|row| !row.answered) else { return Ok(()) };
        let (assignment, row_content) = (row.report.assignment_id.clone(), row.report.content.clone());
        let refused = (ack.outcome() != ReportOutcome::Accepted).then(|| ack.text.clone());
        let answer = PatientAnswer { key, refused: refused.clone() };
        self.spool.apply(&Change { patient_answer: Some(answer), ..Change::default() })?;
        self.patients.waiting -= 1;
        if let Some(patient_report::Content::File(card)) = &row_content {
            self.files.carded(card, refused.is_none());
        }
        if let Some(row) = self.patients.rows.get_mut(&key) {
            (row.answered, row.refused) = (true, refused.clone());
        }
        if !self.orders.iter().any(|held| held.order().assignment_id == assignment) {
            self.patients.rows.remove(&key);
        }
        if let Some(text) = refused {
            let zh = format!("患者信息未被中心接受: {text}");
            self.notice(&zh, &format!("Not accepted by the centre, of a patient: {text}"));
        }
        self.touch();
        Ok(())
    }

    /// What is known of the patients of an order, in the order it was entered.
    pub fn charted<'a>(&'a self, assignment: &'a str) -> impl Iterator<Item = &'a PatientRow> {
        self.patients.rows.values().filter(move |row| row.report.assignment_id == assignment)
    }

    /// An order has left: what was answered leaves with it.
    pub(super) fn forget_patients(&mut self, assignment: &str) {
        self.patients.rows.retain(|_, row| !row.answered || row.report.assignment_id != assignment);
        self.files.forget(assignment);
    }

    /// As many as the disk keeps.
    fn drop_old_rows(&mut self, assignment: &str) {
        let count = self.charted(assignment).count();
        let surplus = count.saturating_sub(PATIENT_ROWS_KEPT_MAX);
        let old = self.patients.rows.iter().filter(|(_, row)| row.report.assignment_id == assignment);
        let old: Vec<_> = old.take(surplus).filter(|(_, row)| row.answered).map(|(key, _)| *key).collect();
        for key in old {
            self.patients.rows.remove(&key);
        }
    }
}
