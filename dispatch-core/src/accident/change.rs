//! What can be asked of an accident, and what can have happened to it.

use serde::{Deserialize, Serialize};

use super::{AccidentSketch, ByColour, CasualtyNote, Colour, Release, Tag};
use crate::ids::{AssignmentId, HospitalId, IncidentId};

/// A bed of one hospital for one casualty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allotment {
    /// For whom.
    pub casualty: Tag,
    /// Where.
    pub hospital: HospitalId,
}

/// What can be asked of an open accident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum AccidentRequest {
    /// Say what happened, and how grave it is called.
    Describe { sketch: AccidentSketch },
    /// Another incident is part of it.
    AddScene { incident: IncidentId },
    /// An incident is no part of it after all. Only without casualties.
    RemoveScene { incident: IncidentId },
    /// So many were found at a scene in all, those already taken away among them.
    Count { scene: IncidentId, found: ByColour },
    /// What is known of one casualty; `None` stays as it is.
    Note { casualty: Tag, colour: Option<Colour>, note: Option<CasualtyNote> },
    /// A hospital takes so many in all, those already there among them.
    OfferBeds { hospital: HospitalId, beds: ByColour },
    /// Keep beds for casualties at the scene, all of them or none.
    KeepBeds { allotments: Vec<Allotment> },
    /// Give kept beds back, of casualties still at the scene.
    FreeBeds { casualties: Vec<Tag> },
    /// Casualties are in an ambulance.
    Load { assignment: AssignmentId, casualties: Vec<Tag> },
    /// They are back at the scene.
    Unload { casualties: Vec<Tag> },
    /// Casualties reached a hospital by other means than our ambulances.
    Arrive { casualties: Vec<Tag>, hospital: HospitalId },
    /// Casualties at the scene need no conveyance any more.
    Release { casualties: Vec<Tag>, how: Release },
    /// They need it after all.
    Restore { casualties: Vec<Tag> },
}

/// What can have happened to an accident by such a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AccidentChange {
    /// It was said what happened.
    Described { sketch: AccidentSketch },
    /// An incident became part of it.
    SceneAdded { incident: IncidentId },
    /// An incident is no part of it any more.
    SceneRemoved { incident: IncidentId },
    /// So many more were found; they get the next tags.
    Found { scene: IncidentId, colour: Colour, count: u16 },
    /// Counted by mistake: these never were.
    Struck { casualties: Vec<Tag> },
    /// More became known of one.
    Noted { casualty: Tag, colour: Colour, note: Option<Box<CasualtyNote>> },
    /// A hospital said how many it takes.
    BedsOffered { hospital: HospitalId, beds: ByColour },
    /// Beds are kept.
    BedsKept { allotments: Vec<Allotment> },
    /// Kept beds were given back.
    BedsFreed { casualties: Vec<Tag> },
    /// Casualties are in an ambulance.
    Loaded { assignment: AssignmentId, casualties: Vec<Tag> },
    /// They are back at the scene.
    Unloaded { casualties: Vec<Tag> },
    /// They reached a hospital by other means.
    Arrived { casualties: Vec<Tag>, hospital: HospitalId },
    /// They need no conveyance any more.
    Released { casualties: Vec<Tag>, how: Release },
    /// They need it after all.
    Restored { casualties: Vec<Tag> },
}
