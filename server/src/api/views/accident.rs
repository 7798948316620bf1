//! An accident as everybody who leads it sees it: the table of casualties by colour, the units at its scenes, the beds of its hospitals.
//! Casualties by family name alone.

use dispatch_core::Record;
use dispatch_core::accident::{
    Accident, AccidentTable, ByColour, Casualty, ColourRow, HospitalRow, SceneRow, Whereabouts,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::place::Time;
use super::words::{ColourWord, GradeWord, ReleaseWord, SexWord, SkillWord};

/// Several incidents, or one with many casualties, led as one.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Accident)]
pub(crate) struct AccidentView {
    /// Its id.
    #[schema(example = "accident_0192f000-0000-7000-8000-000000000002")]
    id: String,
    /// The short number that people say; restarts each day.
    #[schema(example = "20261121-M02")]
    number: String,
    /// Grows with every change: the `ETag`.
    version: u32,
    declared_at: Time,
    /// What people call it.
    #[schema(example = "二桥连环车祸")]
    title: String,
    /// The grade of the emergency plan, once somebody has said it.
    grade: Option<GradeWord>,
    notes: String,
    /// A drill: every scene is a test, and nothing of it enters a figure.
    test: bool,
    /// One row for each colour, the most urgent first.
    colours: Vec<ColourRowView>,
    /// One row for each scene, in the order in which they joined.
    scenes: Vec<SceneRowView>,
    /// One row for each hospital that offers beds or gets casualties.
    hospitals: Vec<HospitalRowView>,
    /// Every casualty, in the order of the tags.
    casualties: Vec<CasualtyView>,
    end: Option<AccidentEndView>,
}

/// The casualties of one colour: `found` is the sum of the others.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ColourRow)]
pub(crate) struct ColourRowView {
    colour: ColourWord,
    found: usize,
    /// At the scene, and no bed is kept.
    without_bed: usize,
    /// At the scene, and a bed is kept.
    with_bed: usize,
    /// In an ambulance.
    aboard: usize,
    at_hospital: usize,
    /// Treated at the scene, gone, or dead.
    released: usize,
}

/// The units of one scene: `sent` is the sum of the three after it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SceneRow)]
pub(crate) struct SceneRowView {
    incident: String,
    /// The incident's short number; empty once it has left the record.
    number: String,
    address: String,
    wanted: usize,
    /// How many should be wanted for those who wait, by one rule of thumb.
    advised: usize,
    sent: usize,
    on_way: usize,
    on_scene: usize,
    conveyed: usize,
    /// Casualties who wait at it.
    waiting: Colours,
}

/// What one hospital offers and gets: a bed offered is given or free.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = HospitalRow)]
pub(crate) struct HospitalRowView {
    hospital: String,
    name: String,
    offered: Colours,
    /// Kept or in use.
    given: Colours,
    free: Colours,
    /// Casualties at the scene for whom a bed is kept.
    expected: Colours,
    /// Casualties in ambulances that come here.
    coming: Colours,
    arrived: Colours,
    /// Casualties here or coming for whom no bed was offered.
    without_bed: usize,
}

/// A number for each colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Colours {
    red: u16,
    yellow: u16,
    green: u16,
    black: u16,
}

/// One casualty: counted, or known by more.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Casualty)]
pub(crate) struct CasualtyView {
    /// The number on the tag, from 1 within one accident.
    tag: u16,
    /// Where the casualty was found.
    scene: String,
    colour: ColourWord,
    whereabouts: WhereaboutsView,
    /// The hospital that keeps a bed, or has put it to use.
    bed: Option<String>,
    /// Only the family name is left; empty when no name is known.
    #[schema(example = "张*")]
    name_masked: String,
    sex: Option<SexWord>,
    age_years: Option<u8>,
    /// What the hospital must be equipped for.
    skills: Vec<SkillWord>,
    injury: String,
}

/// Where a casualty is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Whereabouts)]
#[serde(tag = "at", rename_all = "snake_case")]
pub(crate) enum WhereaboutsView {
    /// At the scene, waiting.
    Scene,
    /// In an ambulance.
    Aboard { assignment: String },
    /// In a hospital's hands.
    Hospital { hospital: Option<String> },
    /// Helped at the scene, gone, or dead.
    Released { how: ReleaseWord },
}

/// When and why an accident was closed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AccidentEnd)]
pub(crate) struct AccidentEndView {
    at: Time,
    reason: String,
}

impl AccidentView {
    pub(crate) fn of(record: &Record, it: &Accident) -> Self {
        let table = AccidentTable::of(record, it);
        Self {
            id: it.id.to_string(),
            number: it.number.to_string(),
            version: it.version,
            declared_at: it.declared_at.into(),
            title: it.sketch.title.clone(),
            grade: it.sketch.grade.map(GradeWord::from),
            notes: it.sketch.notes.clone(),
            test: it.test,
            colours: table.colours.iter().map(ColourRowView::from).collect(),
            scenes: table.scenes.iter().map(|row| SceneRowView::of(record, row)).collect(),
            hospitals: table.hospitals.iter().map(|row| HospitalRowView::of(record, row)).collect(),
            casualties: it.casualties.iter().map(CasualtyView::from).collect(),
            end: it.end.as_ref().map(|end| AccidentEndView { at: end.at.into(), reason: end.reason.clone() }),
        }
    }
}

impl From<&ColourRow> for ColourRowView {
    fn from(row: &ColourRow) -> Self {
        let ColourRow { colour, found, without_bed, with_bed, aboard, at_hospital, released } = *row;
        Self { colour: colour.into(), found, without_bed, with_bed, aboard, at_hospital, released }
    }
}

impl SceneRowView {
    fn of(record: &Record, row: &SceneRow) -> Self {
        let incident = record.incident(row.incident);
        Self {
            incident: row.incident.to_string(),
            number: incident.map(|it| it.number.to_string()).unwrap_or_default(),
            address: incident.map(|it| it.sketch.place.address.clone()).unwrap_or_default(),
            wanted: row.wanted,
            advised: row.advised,
            sent: row.sent,
            on_way: row.on_way,
            on_scene: row.on_scene,
            conveyed: row.conveyed,
            waiting: row.waiting.into(),
        }
    }
}

impl HospitalRowView {
    pub(super) fn of(record: &Record, row: &HospitalRow) -> Self {
        let name = record.hospitals().get(&row.hospital).map(|it| it.spec.name.clone());
        Self {
            hospital: row.hospital.to_string(),
            name: name.unwrap_or_default(),
            offered: row.offered.into(),
            given: row.given.into(),
            free: row.free.into(),
            expected: row.expected.into(),
            coming: row.coming.into(),
            arrived: row.arrived.into(),
            without_bed: row.without_bed,
        }
    }
}

impl From<ByColour> for Colours {
    fn from(ByColour { red, yellow, green, black }: ByColour) -> Self {
        Self { red, yellow, green, black }
    }
}

impl From<&Casualty> for CasualtyView {
    fn from(it: &Casualty) -> Self {
        let note = it.note.clone().unwrap_or_default();
        let whereabouts = match it.whereabouts {
            Whereabouts::Scene => WhereaboutsView::Scene,
            Whereabouts::Aboard { assignment } => {
                WhereaboutsView::Aboard { assignment: assignment.to_string() }
            }
            Whereabouts::Hospital { hospital } => {
                WhereaboutsView::Hospital { hospital: hospital.map(|id| id.to_string()) }
            }
            Whereabouts::Released { how } => WhereaboutsView::Released { how: how.into() },
        };
        Self {
            tag: it.tag,
            scene: it.scene.to_string(),
            colour: it.colour.into(),
            whereabouts,
            bed: it.bed.map(|id| id.to_string()),
            name_masked: note.name.masked_name(),
            sex: note.sex.map(SexWord::from),
            age_years: note.age_years,
            skills: note.skills.iter().copied().map(SkillWord::from).collect(),
            injury: note.injury,
        }
    }
}
