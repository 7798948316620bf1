//! Accidents (重大事故、批量伤员): several incidents, or one with many casualties, led as one. Who is hurt and how badly, where each of them
//! is, which hospital keeps a bed for whom.
//!
//! The sums always add up because nothing is counted twice: every casualty is one entry with one place, a bed is one entry's, and every
//! total is made by counting entries ([`AccidentTable`]).

mod apply;
mod casualty;
mod change;
mod colour;
mod sharing;
mod table;

pub use crate::number::AccidentNumber;
pub use casualty::{Casualty, CasualtyNote, Release, Tag, Whereabouts};
pub use change::{AccidentChange, AccidentRequest, Allotment};
pub use colour::{ByColour, COLOURS, Colour};
pub use sharing::{Shared, Sharing, SharingCasualty, SharingHospital, SharingInputs, SharingWay, share_out};
pub use table::{AccidentTable, ColourRow, HospitalRow, SceneRow};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{AccidentId, AssignmentId, HospitalId, IncidentId};
use crate::time::UtcTime;

/// Several incidents, or one with many casualties, led as one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Accident {
    /// Its id.
    pub id: AccidentId,
    /// The short number that people say; restarts each day.
    pub number: AccidentNumber,
    /// Grows by one with every change: the `ETag`.
    pub version: u32,
    /// When it was declared, UTC.
    pub declared_at: UtcTime,
    /// What happened, and how grave it is called.
    pub sketch: AccidentSketch,
    /// A drill: every scene is a test, and nothing of it enters a figure.
    pub test: bool,
    /// Its scenes, in the order in which they joined.
    pub scenes: Vec<IncidentId>,
    /// Every casualty ever counted and not struck out, in the order of the tags.
    pub casualties: Vec<Casualty>,
    /// The tag given last.
    pub last_tag: Tag,
    /// The beds that hospitals offer for it, those put to use among them.
    pub beds: BTreeMap<HospitalId, ByColour>,
    /// When and why it was closed.
    pub end: Option<AccidentEnd>,
}

/// What happened, and how grave it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccidentSketch {
    /// What people call it (二桥连环车祸).
    pub title: String,
    /// The grade of the emergency plan, once somebody has said it.
    #[serde(default)]
    pub grade: Option<AccidentGrade>,
    /// Words for everybody.
    #[serde(default)]
    pub notes: String,
}

/// The four grades of the national emergency plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccidentGrade {
    /// 特别重大.
    I,
    /// 重大.
    II,
    /// 较大.
    III,
    /// 一般.
    IV,
}

/// When and why an accident was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccidentEnd {
    /// When, UTC.
    pub at: UtcTime,
    /// In words.
    pub reason: String,
}

impl Accident {
    /// The most casualties of one accident.
    pub const CASUALTIES_MAX: usize = 2000;
    /// The most scenes of one accident.
    pub const SCENES_MAX: usize = 50;
    /// The most beds of one colour that one hospital offers.
    pub const BEDS_MAX: u16 = 500;
    /// The most casualties in one vehicle: a bus.
    pub const ABOARD_MAX: usize = 60;

    /// Still somebody's work.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// Whether an incident is one of its scenes.
    pub fn has_scene(&self, incident: IncidentId) -> bool {
        self.scenes.contains(&incident)
    }

    /// A casualty by its tag.
    pub fn casualty(&self, tag: Tag) -> Option<&Casualty> {
        self.casualties.binary_search_by_key(&tag, |it| it.tag).ok().map(|place| &self.casualties[place])
    }

    /// Those who wait for conveyance at one scene.
    pub fn waiting_at(&self, scene: IncidentId) -> impl Iterator<Item = &Casualty> {
        self.casualties.iter().filter(move |it| it.scene == scene && it.is_waiting())
    }

    /// Those in one ambulance.
    pub fn aboard(&self, assignment: AssignmentId) -> impl Iterator<Item = &Casualty> {
        self.casualties.iter().filter(move |it| it.whereabouts == Whereabouts::Aboard { assignment })
    }

    /// How many beds of a colour one hospital still has to give.
    pub fn beds_free(&self, hospital: HospitalId, colour: Colour) -> u16 {
        let offered = self.beds.get(&hospital).map_or(0, |beds| beds.of(colour));
        offered.saturating_sub(self.beds_given(hospital, colour))
    }

    /// How many beds of a colour one hospital has given.
    pub fn beds_given(&self, hospital: HospitalId, colour: Colour) -> u16 {
        let given = self.casualties.iter().filter(|it| it.bed == Some(hospital) && it.colour == colour);
        u16::try_from(given.count()).unwrap_or(u16::MAX)
    }

    /// How many casualties of a colour were found at one scene, wherever they are now.
    pub fn found(&self, scene: IncidentId, colour: Colour) -> u16 {
        let found = self.casualties.iter().filter(|it| it.scene == scene && it.colour == colour);
        u16::try_from(found.count()).unwrap_or(u16::MAX)
    }
}
