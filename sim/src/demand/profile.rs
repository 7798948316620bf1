//! What was learned from a log of calls: how many when and where, and how long what takes. A small file that can be given away: it holds
//! no call.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::fit::Fitted;
use crate::case::CaseError;

/// What was learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The form of this file.
    pub version: u32,
    /// From what it was learned, in words.
    pub learned_from: String,
    /// How many calls that was.
    pub calls: usize,
    /// Calls in each hour of the week, from Monday midnight, local time.
    pub calls_per_hour: Vec<f64>,
    /// Shares of high, medium and low priority.
    pub priorities: [f64; 3],
    /// Cells of H3 with the share of calls in each.
    pub cells: Vec<(String, f64)>,
    /// Share of patients that are taken along.
    pub transported: f64,
    /// Share of units sent that were called back before they arrived.
    pub cancelled: f64,
    /// How long things take.
    pub times: Times,
}

/// How long things take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// From the call's arrival to its being understood.
    pub triage: Fitted,
    /// From then until a unit is sent, queues included.
    pub decision: Fitted,
    /// From the order to rolling wheels.
    pub turnout: Fitted,
    /// On scene, where the patient is taken along.
    pub scene: Fitted,
    /// On scene, where nobody is.
    pub scene_only: Fitted,
    /// From the scene to the hospital.
    pub transport: Fitted,
    /// From arrival at the hospital to being free.
    pub hospital: Fitted,
    /// From the order to being called back.
    pub cancellation: Fitted,
}

impl Profile {
    /// Reads a profile.
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        let shown = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| CaseError::new(&shown, error.to_string()))?;
        let profile: Self =
            serde_json::from_slice(&bytes).map_err(|error| CaseError::new(&shown, error.to_string()))?;
        match profile.flaw() {
            None => Ok(profile),
            Some(flaw) => Err(CaseError::new(shown, flaw)),
        }
    }

    /// Calls in each hour of the week, on average, a day.
    pub fn calls_per_day(&self) -> f64 {
        self.calls_per_hour.iter().sum::<f64>() / 7.0
    }

    /// What keeps it from being used.
    fn flaw(&self) -> Option<String> {
        let amounts = |values: &[f64]| values.iter().all(|value| value.is_finite() && *value >= 0.0);
        let share = |value: f64| (0.0..=1.0).contains(&value);
        if self.version != VERSION {
            return Some(format!(
                "is of version {}, this reads version {VERSION}: learn it again",
                self.version
            ));
        }
        if self.calls_per_hour.len() != HOURS || !amounts(&self.calls_per_hour) || self.calls_per_day() <= 0.0
        {
            return Some(format!("`calls_per_hour` must be {HOURS} amounts, not all 0"));
        }
        if !amounts(&self.priorities) || self.priorities.iter().sum::<f64>() <= 0.0 {
            return Some("`priorities` must be three shares, not all 0".to_owned());
        }
        if !self
            .cells
            .iter()
            .all(|(cell, share)| cell.parse::<h3o::CellIndex>().is_ok() && amounts(&[*share]))
        {
            return Some("`cells` must be cells of H3 with a share each".to_owned());
        }
        if !share(self.transported) || !share(self.cancelled) {
            return Some("`transported` and `cancelled` must be from 0 to 1".to_owned());
        }
        let unsound = self.times.named().into_iter().find(|(_, fitted)| !fitted.model.is_sound());
        unsound.map(|(name, _)| format!("`{name}` has parameters that are none"))
    }
}

impl Times {
    /// All of them by name.
    pub fn named(&self) -> [(&'static str, &Fitted); 8] {
        [
            ("triage", &self.triage),
            ("decision", &self.decision),
            ("turnout", &self.turnout),
            ("scene", &self.scene),
            ("scene_only", &self.scene_only),
            ("transport", &self.transport),
            ("hospital", &self.hospital),
            ("cancellation", &self.cancellation),
        ]
    }
}

/// The form that this program writes and reads.
pub const VERSION: u32 = 1;
/// Hours of a week.
pub const HOURS: usize = 168;
