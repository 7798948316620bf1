//! One casualty of an accident: counted or known by name, and at every moment in exactly one place.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Colour;
use crate::ids::{AssignmentId, HospitalId, IncidentId};
use crate::incident::{Sex, Skill};
use crate::private::Private;

/// The number on a casualty's tag, from 1 within one accident; never used twice.
pub type Tag = u16;

/// One casualty. A count at the scene makes casualties of whom nothing but the colour is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Casualty {
    /// The number on the tag.
    pub tag: Tag,
    /// The scene where the casualty was found.
    pub scene: IncidentId,
    /// How the casualty is tagged now.
    pub colour: Colour,
    /// Where the casualty is.
    pub whereabouts: Whereabouts,
    /// The hospital that keeps a bed of this colour for the casualty, or has put it to use.
    pub bed: Option<HospitalId>,
    /// What is known beyond the colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<CasualtyNote>>,
}

/// Where a casualty is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Whereabouts {
    /// At the scene, waiting.
    Scene,
    /// In an ambulance.
    Aboard {
        /// The order under which it drives.
        assignment: AssignmentId,
    },
    /// In a hospital's hands.
    Hospital {
        /// Which, where it was said.
        hospital: Option<HospitalId>,
    },
    /// No more the centre's: helped at the scene, gone, or dead.
    Released {
        /// In what way.
        how: Release,
    },
}

/// How somebody left the centre's care without being conveyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// Treated at the scene.
    Treated,
    /// Went away, or was taken away by others.
    Left,
    /// Dead at the scene.
    Dead,
}

/// What is known of a casualty beyond the colour.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CasualtyNote {
    /// Full name, shown only to who may see it.
    #[serde(default, with = "crate::private::journal")]
    pub name: Private,
    /// Sex, if known.
    #[serde(default)]
    pub sex: Option<Sex>,
    /// Age in years, if known or guessed.
    #[serde(default)]
    pub age_years: Option<u8>,
    /// What a hospital must be equipped for.
    #[serde(default)]
    pub skills: BTreeSet<Skill>,
    /// The injury, in words.
    #[serde(default)]
    pub injury: String,
}

impl Casualty {
    /// At the scene and somebody's work: not beyond help.
    pub fn is_waiting(&self) -> bool {
        self.whereabouts == Whereabouts::Scene && self.colour.is_conveyed()
    }

    /// Only counted so far: nobody knows more than the colour, and nothing was done.
    pub fn is_only_counted(&self) -> bool {
        self.whereabouts == Whereabouts::Scene && self.bed.is_none() && self.note.is_none()
    }
}
