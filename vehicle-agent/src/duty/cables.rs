//! On whom each monitor is. A monitor does not know: with one patient it is that one, with several the crew says it, and it stays so through
//! a restart until that order has left.

use std::time::Instant;

use link::patient::{PATIENT_NAME_CHARS_MAX, PATIENTS_MAX};
use link::v1::{VitalsSource, patient_report};
use serde::{Deserialize, Serialize};

use super::{Duty, NotTaken};
use crate::spool::Change;

/// A monitor and its patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cable {
    /// As the device calls itself; empty if it does not.
    pub device: String,
    /// The order.
    pub assignment: String,
    /// Whose, from 1.
    pub patient: u32,
}

/// Whom a monitor is on as long as nobody says anything else.
pub(super) const FIRST_PATIENT: u32 = 1;
/// Monitors on one vehicle, with those that came and went.
pub(super) const MONITORS_MAX: usize = 16;

impl Duty {
    /// The crew says on whom a monitor is. What it measures next is kept at once. Returns the time.
    pub fn put_on(
        &mut self,
        wall: Instant,
        device: &str,
        assignment: &str,
        patient: u32,
    ) -> Result<i64, NotTaken> {
        if !self.holds(assignment) {
            return Err(NotTaken::UnknownAssignment(assignment.to_owned()));
        }
        if !(1..=PATIENTS_MAX).contains(&patient) {
            return Err(NotTaken::BadRequest(format!("patient: write 1 to {PATIENTS_MAX}")));
        }
        if device.chars().count() > PATIENT_NAME_CHARS_MAX {
            let problem = format!("device: write at most {PATIENT_NAME_CHARS_MAX} characters");
            return Err(NotTaken::BadRequest(problem));
        }
        let stays = |cable: &&Cable| cable.device != device && self.holds(&cable.assignment);
        let mut cables: Vec<Cable> = self.cables.iter().filter(stays).cloned().collect();
        if cables.len() >= MONITORS_MAX {
            return Err(NotTaken::BadRequest(format!(
                "{MONITORS_MAX} monitors are on patients; no more fit"
            )));
        }
        cables.push(Cable { device: device.to_owned(), assignment: assignment.to_owned(), patient });
        let json = serde_json::to_string(&cables)
            .map_err(|error| NotTaken::BadRequest(format!("device: {error}")))?;
        self.spool.apply(&Change { cables: Some(json), ..Change::default() })?;
        self.cables = cables;
        self.patients.forget_course_of(device);
        self.touch();
        Ok(self.clock.now_unix_ms(wall))
    }

    /// The monitors of an order, in a fixed sequence: those the crew has put on somebody of it, and those heard on it.
    pub fn monitors_of(&self, assignment: &str) -> Vec<Cable> {
        let mut devices: Vec<&str> = self
            .charted(assignment)
            .filter_map(|row| match &row.report.content {
                Some(patient_report::Content::Vitals(it)) if it.source() == VitalsSource::Monitor => {
                    Some(it.device.as_str())
                }
                _ => None,
            })
            .chain(self.cables.iter().map(|cable| cable.device.as_str()))
            .collect();
        devices.sort_unstable();
        devices.dedup();
        let cable = |device: &str| match self.cable(device) {
            Some(cable) => Some(cable.clone()).filter(|cable| cable.assignment == assignment),
            None => Some(Cable {
                device: device.to_owned(),
                assignment: assignment.to_owned(),
                patient: FIRST_PATIENT,
            }),
        };
        devices.into_iter().filter_map(cable).take(MONITORS_MAX).collect()
    }

    /// What the crew has said of a monitor, while that order is held.
    pub(super) fn cable(&self, device: &str) -> Option<&Cable> {
        self.cables.iter().find(|cable| cable.device == device && self.holds(&cable.assignment))
    }

    fn holds(&self, assignment: &str) -> bool {
        self.orders.iter().any(|held| held.order().assignment_id == assignment)
    }
}
