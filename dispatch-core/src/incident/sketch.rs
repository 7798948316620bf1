//! What is known of an incident, as the call-taker builds it up.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Place, Triage, UnitsWanted};
use crate::ids::HospitalId;
use crate::private::Private;
use crate::refusal::Refusal;
use crate::time::UtcTime;

/// What is known of an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentSketch {
    /// What kind of job it is.
    pub kind: IncidentKind,
    /// The chief complaint in words (胸痛).
    pub complaint: String,
    /// How bad.
    pub triage: Triage,
    /// Where.
    pub place: Place,
    /// Who, as far as known.
    #[serde(default)]
    pub patients: Vec<Patient>,
    /// What must come.
    #[serde(default)]
    pub needs: Needs,
    /// Words for the crew.
    #[serde(default)]
    pub notes: String,
    /// The hospital the patient or family asks for.
    #[serde(default)]
    pub wish: Option<HospitalId>,
    /// The caller cannot hear or speak: the crew writes and does not ring.
    #[serde(default)]
    pub text_only: bool,
    /// A test or a drill: runs through everything and enters no figure.
    #[serde(default)]
    pub test: bool,
    /// When a booked run begins, UTC: it enters the queue some time before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<UtcTime>,
}

/// What kind of job an incident is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// Somebody fell ill or was hurt (现场急救).
    Emergency,
    /// From one hospital to another (转院).
    Transfer,
    /// Standing by at an event (保障).
    Standby,
}

/// What must come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// How many units.
    pub units: u8,
    /// What each of them must be able to do.
    #[serde(default)]
    pub skills: BTreeSet<Skill>,
    /// What some of them must be able to do besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<UnitsWanted>,
    /// The response plan that this comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}

impl Default for Needs {
    fn default() -> Self {
        Self { units: 1, skills: BTreeSet::new(), kinds: Vec::new(), plan: None }
    }
}

/// What a unit can do, an incident needs, or a hospital offers to a patient who comes by ambulance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skill {
    /// Advanced life support: a doctor on board, defibrillator, drugs.
    Als,
    /// 胸痛中心.
    ChestPain,
    /// 卒中中心.
    Stroke,
    /// 创伤中心.
    Trauma,
    /// 危重孕产妇.
    Maternal,
    /// 危重儿童和新生儿.
    Newborn,
    /// 负压.
    NegativePressure,
    /// Heavy patients.
    Bariatric,
}

/// A patient as far as the call tells.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Patient {
    /// Full name, shown only to who may see it.
    #[serde(default, with = "crate::private::journal")]
    pub name: Private,
    /// Sex, if known.
    #[serde(default)]
    pub sex: Option<Sex>,
    /// Age in years, if known.
    #[serde(default)]
    pub age_years: Option<u8>,
}

/// Sex as recorded by the caller's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

/// What changes of an incident; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct IncidentChange {
    /// A new chief complaint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complaint: Option<String>,
    /// A new triage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triage: Option<Triage>,
    /// A new place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The patients as now known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patients: Option<Vec<Patient>>,
    /// What must come; a higher number of units asks for reinforcement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Needs>,
    /// Words for the crew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The hospital asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wish: Option<HospitalId>,
}

impl IncidentSketch {
    /// The longest text in any field, in characters.
    pub const TEXT_CHARS_MAX: usize = 2000;
    /// The most patients of one incident; more is an accident with a table of casualties.
    pub const PATIENTS_MAX: usize = 100;
    /// The most units one incident may want.
    pub const UNITS_MAX: u8 = 50;

    /// This sketch with a change made to it.
    #[must_use]
    pub fn changed(mut self, change: &IncidentChange) -> Self {
        fn put<T: Clone>(field: &mut T, new: Option<&T>) {
            if let Some(new) = new {
                *field = new.clone();
            }
        }
        put(&mut self.complaint, change.complaint.as_ref());
        put(&mut self.triage, change.triage.as_ref());
        put(&mut self.place, change.place.as_ref());
        put(&mut self.patients, change.patients.as_ref());
        put(&mut self.needs, change.needs.as_ref());
        put(&mut self.notes, change.notes.as_ref());
        if change.wish.is_some() {
            self.wish = change.wish;
        }
        self
    }

    /// Refuses texts and counts beyond their bounds. How many units a desk asks for has one; how many an accident comes to want has not.
    pub(crate) fn check(&self, by_a_desk: bool) -> Result<(), Refusal> {
        let texts = [&self.complaint, &self.notes, &self.place.address, &self.place.waiting_place];
        if texts.iter().any(|text| text.chars().count() > Self::TEXT_CHARS_MAX) {
            return Err(Refusal::TooLong { chars_max: Self::TEXT_CHARS_MAX });
        }
        if self.patients.len() > Self::PATIENTS_MAX {
            return Err(Refusal::TooMany { what: "patients", count_max: Self::PATIENTS_MAX });
        }
        if self.needs.units == 0 || by_a_desk && self.needs.units > Self::UNITS_MAX {
            return Err(Refusal::UnitsWanted { units_max: Self::UNITS_MAX });
        }
        if self.needs.kinds.len() > usize::from(Self::UNITS_MAX) {
            return Err(Refusal::TooMany { what: "kinds of unit", count_max: usize::from(Self::UNITS_MAX) });
        }
        Ok(())
    }
}
