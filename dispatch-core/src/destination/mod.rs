//! Hospitals, and where a patient goes: by nearness, urgency, specialty and the patient's wish (就近、就急、满足专业需要、兼顾患者意愿).

mod choice;

pub use choice::{
    DestinationChoice, DestinationInput, DestinationInputs, Heading, HeadingReason, rank_destinations,
};

use std::collections::BTreeSet;

use roads::Wgs84;
use serde::{Deserialize, Serialize};

use crate::ids::HospitalId;
use crate::incident::Skill;
use crate::time::UtcTime;

/// What is registered of a hospital.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HospitalSpec {
    /// Its code.
    pub id: HospitalId,
    /// Its name.
    pub name: String,
    /// Where ambulances arrive, WGS-84.
    pub position: Wgs84,
    /// Which critical patients it is equipped for.
    #[serde(default)]
    pub skills: BTreeSet<Skill>,
}

/// A hospital as the centre knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hospital {
    /// What is registered of it.
    pub spec: HospitalSpec,
    /// It asks not to be sent patients, by whose leave and until when.
    pub diversion: Option<Diversion>,
}

/// A hospital that asks not to be sent patients. Critical departments close only with the health bureau's consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diversion {
    /// Why.
    pub reason: String,
    /// Who allowed it.
    pub authority: String,
    /// Since when, UTC.
    pub since: UtcTime,
    /// Until when, UTC.
    pub until: UtcTime,
}
