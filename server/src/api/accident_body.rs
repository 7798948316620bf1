//! What clients may ask of an accident, turned into the core's own requests.

use dispatch_core::accident::{AccidentRequest, AccidentSketch, Allotment, ByColour, CasualtyNote, Tag};
use dispatch_core::ids::{AssignmentId, HospitalId, IncidentId};
use dispatch_core::private::Private;
use serde::Deserialize;
use utoipa::ToSchema;

use super::views::{ColourWord, GradeWord, ReleaseWord, SexWord, SkillWord};

/// One change of an accident.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "request", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum AccidentChangeBody {
    /// Say what happened, and how grave it is called.
    Describe {
        title: String,
        grade: Option<GradeWord>,
        #[serde(default)]
        notes: String,
    },
    /// Another incident is part of it.
    AddScene {
        #[schema(value_type = String)]
        incident: IncidentId,
    },
    /// An incident is no part of it after all. Only without casualties.
    RemoveScene {
        #[schema(value_type = String)]
        incident: IncidentId,
    },
    /// So many were found at a scene in all, those already taken away among them.
    Count {
        #[schema(value_type = String)]
        scene: IncidentId,
        found: ColoursBody,
    },
    /// What is known of one casualty; what is left out stays.
    Note { casualty: Tag, colour: Option<ColourWord>, note: Option<CasualtyNoteBody> },
    /// A hospital takes so many in all, those already there among them.
    OfferBeds {
        #[schema(value_type = String, example = "H01")]
        hospital: HospitalId,
        beds: ColoursBody,
    },
    /// Keep beds for casualties at the scene, all of them or none.
    KeepBeds { allotments: Vec<AllotmentBody> },
    /// Give kept beds back, of casualties still at the scene.
    FreeBeds { casualties: Vec<Tag> },
    /// Casualties are in an ambulance.
    Load {
        #[schema(value_type = String)]
        assignment: AssignmentId,
        casualties: Vec<Tag>,
    },
    /// They are back at the scene.
    Unload { casualties: Vec<Tag> },
    /// Casualties reached a hospital by other means than our ambulances.
    Arrive {
        casualties: Vec<Tag>,
        #[schema(value_type = String, example = "H01")]
        hospital: HospitalId,
    },
    /// Casualties at the scene need no conveyance any more.
    Release { casualties: Vec<Tag>, how: ReleaseWord },
    /// They need it after all.
    Restore { casualties: Vec<Tag> },
}

/// A number for each colour.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ColoursBody {
    red: u16,
    yellow: u16,
    green: u16,
    black: u16,
}

/// A bed of one hospital for one casualty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AllotmentBody {
    casualty: Tag,
    #[schema(value_type = String, example = "H01")]
    hospital: HospitalId,
}

/// What is known of a casualty beyond the colour.
#[derive(Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub(crate) struct CasualtyNoteBody {
    /// The full name; never shown back.
    name: String,
    sex: Option<SexWord>,
    age_years: Option<u8>,
    /// What a hospital must be equipped for.
    skills: Vec<SkillWord>,
    /// The injury, in words.
    injury: String,
}

impl From<AccidentChangeBody> for AccidentRequest {
    fn from(body: AccidentChangeBody) -> Self {
        use AccidentChangeBody as B;
        match body {
            B::Describe { title, grade, notes } => {
                Self::Describe { sketch: AccidentSketch { title, grade: grade.map(Into::into), notes } }
            }
            B::AddScene { incident } => Self::AddScene { incident },
            B::RemoveScene { incident } => Self::RemoveScene { incident },
            B::Count { scene, found } => Self::Count { scene, found: found.into() },
            B::Note { casualty, colour, note } => {
                Self::Note { casualty, colour: colour.map(Into::into), note: note.map(Into::into) }
            }
            B::OfferBeds { hospital, beds } => Self::OfferBeds { hospital, beds: beds.into() },
            B::KeepBeds { allotments } => {
                Self::KeepBeds { allotments: allotments.into_iter().map(Into::into).collect() }
            }
            B::FreeBeds { casualties } => Self::FreeBeds { casualties },
            B::Load { assignment, casualties } => Self::Load { assignment, casualties },
            B::Unload { casualties } => Self::Unload { casualties },
            B::Arrive { casualties, hospital } => Self::Arrive { casualties, hospital },
            B::Release { casualties, how } => Self::Release { casualties, how: how.into() },
            B::Restore { casualties } => Self::Restore { casualties },
        }
    }
}

impl From<ColoursBody> for ByColour {
    fn from(ColoursBody { red, yellow, green, black }: ColoursBody) -> Self {
        Self { red, yellow, green, black }
    }
}

impl From<AllotmentBody> for Allotment {
    fn from(AllotmentBody { casualty, hospital }: AllotmentBody) -> Self {
        Self { casualty, hospital }
    }
}

impl From<CasualtyNoteBody> for CasualtyNote {
    fn from(body: CasualtyNoteBody) -> Self {
        Self {
            name: Private::new(body.name),
            sex: body.sex.map(Into::into),
            age_years: body.age_years,
            skills: body.skills.into_iter().map(Into::into).collect(),
            injury: body.injury,
        }
    }
}
