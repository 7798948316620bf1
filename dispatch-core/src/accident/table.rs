//! The table of an accident: casualties by colour and place, units by scene, beds by hospital. Every number is a count of entries, so
//! that the rows add up because they cannot do otherwise.

use std::collections::BTreeSet;

use super::{Accident, ByColour, COLOURS, Casualty, Colour, Whereabouts};
use crate::assignment::{Assignment, Stage};
use crate::ids::{HospitalId, IncidentId};
use crate::incident::IncidentSketch;
use crate::record::Record;

/// The table of an accident as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccidentTable {
    /// One row for each colour, the most urgent first.
    pub colours: [ColourRow; 4],
    /// One row for each scene.
    pub scenes: Vec<SceneRow>,
    /// One row for each hospital that offers beds or gets casualties.
    pub hospitals: Vec<HospitalRow>,
}

/// The casualties of one colour: `found` is the sum of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColourRow {
    /// The colour.
    pub colour: Colour,
    /// Found in all.
    pub found: usize,
    /// At the scene, and no bed is kept.
    pub without_bed: usize,
    /// At the scene, and a bed is kept.
    pub with_bed: usize,
    /// In an ambulance.
    pub aboard: usize,
    /// In a hospital's hands.
    pub at_hospital: usize,
    /// Treated at the scene, gone, or dead.
    pub released: usize,
}

/// The units of one scene: `sent` is the sum of the three after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SceneRow {
    /// The scene.
    pub incident: IncidentId,
    /// How many units are wanted.
    pub wanted: usize,
    /// How many should be wanted for those who wait, by one rule of thumb.
    pub advised: usize,
    /// How many were sent and did not turn back.
    pub sent: usize,
    /// On the way to it.
    pub on_way: usize,
    /// At it.
    pub on_scene: usize,
    /// Gone from it with a patient, or done.
    pub conveyed: usize,
    /// Casualties who wait at it.
    pub waiting: ByColour,
}

/// What one hospital offers and gets: a bed offered is kept, in use, or free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HospitalRow {
    /// The hospital.
    pub hospital: HospitalId,
    /// Beds offered.
    pub offered: ByColour,
    /// Beds kept or in use.
    pub given: ByColour,
    /// Beds still to be given.
    pub free: ByColour,
    /// Casualties at the scene for whom a bed is kept.
    pub expected: ByColour,
    /// Casualties in ambulances that come here.
    pub coming: ByColour,
    /// Casualties that are here.
    pub arrived: ByColour,
    /// Casualties here or coming for whom no bed was offered.
    pub without_bed: usize,
}

impl AccidentTable {
    /// The table of an accident of the record.
    pub fn of(record: &Record, accident: &Accident) -> Self {
        let hospitals: BTreeSet<HospitalId> = accident
            .casualties
            .iter()
            .filter_map(|it| heads_for(record, it).or(it.bed))
            .chain(accident.beds.keys().copied())
            .collect();
        Self {
            colours: COLOURS.map(|colour| ColourRow::of(accident, colour)),
            scenes: accident.scenes.iter().map(|scene| SceneRow::of(record, accident, *scene)).collect(),
            hospitals: hospitals.into_iter().map(|id| HospitalRow::of(record, accident, id)).collect(),
        }
    }
}

impl ColourRow {
    fn of(accident: &Accident, colour: Colour) -> Self {
        let mut row =
            Self { colour, found: 0, without_bed: 0, with_bed: 0, aboard: 0, at_hospital: 0, released: 0 };
        for it in accident.casualties.iter().filter(|it| it.colour == colour) {
            row.found += 1;
            match it.whereabouts {
                Whereabouts::Scene if it.bed.is_none() => row.without_bed += 1,
                Whereabouts::Scene => row.with_bed += 1,
                Whereabouts::Aboard { .. } => row.aboard += 1,
                Whereabouts::Hospital { .. } => row.at_hospital += 1,
                Whereabouts::Released { .. } => row.released += 1,
            }
        }
        row
    }
}

impl SceneRow {
    fn of(record: &Record, accident: &Accident, incident: IncidentId) -> Self {
        let wanted = record.incident(incident).map_or(0, |it| usize::from(it.sketch.needs.units));
        let stays = |a: &&Assignment| a.end.as_ref().is_none_or(|end| !end.outcome.leaves_incident_wanting());
        let (mut on_way, mut on_scene, mut conveyed) = (0, 0, 0);
        for assignment in record.assignments_of(incident).filter(stays) {
            if !assignment.is_open() || assignment.stage >= Stage::LeftScene {
                conveyed += 1;
            } else if assignment.stage >= Stage::OnScene {
                on_scene += 1;
            } else {
                on_way += 1;
            }
        }
        let mut waiting = ByColour::default();
        accident.waiting_at(incident).for_each(|it| waiting.add(it.colour));
        let advised = (conveyed + units_for(waiting)).max(1).min(usize::from(IncidentSketch::UNITS_MAX));
        let sent = on_way + on_scene + conveyed;
        Self { incident, wanted, advised, sent, on_way, on_scene, conveyed, waiting }
    }
}

impl HospitalRow {
    /// The row of one hospital.
    pub fn of(record: &Record, accident: &Accident, hospital: HospitalId) -> Self {
        let offered = accident.beds.get(&hospital).copied().unwrap_or_default();
        let (mut given, mut free) = (ByColour::default(), ByColour::default());
        for colour in COLOURS {
            *given.of_mut(colour) = accident.beds_given(hospital, colour);
            *free.of_mut(colour) = accident.beds_free(hospital, colour);
        }
        let (mut expected, mut coming, mut arrived) =
            (ByColour::default(), ByColour::default(), ByColour::default());
        let mut without_bed = 0;
        for it in &accident.casualties {
            let here = heads_for(record, it) == Some(hospital);
            match it.whereabouts {
                Whereabouts::Scene if it.bed == Some(hospital) => expected.add(it.colour),
                Whereabouts::Aboard { .. } if here => coming.add(it.colour),
                Whereabouts::Hospital { .. } if here => arrived.add(it.colour),
                _ => {}
            }
            without_bed += usize::from(here && it.bed.is_none());
        }
        Self { hospital, offered, given, free, expected, coming, arrived, without_bed }
    }
}

/// The hospital where a casualty is or that its ambulance goes to.
fn heads_for(record: &Record, casualty: &Casualty) -> Option<HospitalId> {
    match casualty.whereabouts {
        Whereabouts::Aboard { assignment } => {
            record.assignment(assignment)?.destination.as_ref().map(|d| d.hospital)
        }
        Whereabouts::Hospital { hospital } => hospital,
        Whereabouts::Scene | Whereabouts::Released { .. } => None,
    }
}

/// How many units should go for those who wait: one each for red and yellow, one for several green. Assumption, for the centre's
/// doctors to set.
fn units_for(waiting: ByColour) -> usize {
    usize::from(waiting.red)
        + usize::from(waiting.yellow)
        + usize::from(waiting.green).div_ceil(GREEN_IN_ONE_UNIT)
}

/// As many who can sit fit in one ambulance.
const GREEN_IN_ONE_UNIT: usize = 3;
