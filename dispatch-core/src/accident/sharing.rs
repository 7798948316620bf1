//! Shares casualties out over hospitals: by the rules that choose one hospital for one patient, with a price on every casualty whom a
//! hospital already gets, so that none is filled while others stand by.
//!
//! A suggestion. A person accepts it, and the centre checks every bed again.

use std::collections::{BTreeMap, BTreeSet};

use super::{Accident, Allotment, ByColour, COLOURS, Colour, Tag};
use crate::assignment::{Basis, span_texts};
use crate::destination::{
    DestinationChoice, DestinationInput, DestinationInputs, Heading, rank_destinations,
};
use crate::ids::{HospitalId, IncidentId};
use crate::incident::Skill;
use crate::record::Record;
use crate::time::{Span, UtcTime};

/// What a sharing is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct SharingInputs {
    /// Those who wait without a bed, in the order of their tags.
    pub casualties: Vec<SharingCasualty>,
    /// The hospitals that offer beds.
    pub hospitals: Vec<SharingHospital>,
    /// The ways from each scene.
    pub ways: BTreeMap<IncidentId, Vec<SharingWay>>,
}

/// One casualty to be shared out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharingCasualty {
    /// The tag.
    pub tag: Tag,
    /// Where the casualty waits.
    pub scene: IncidentId,
    /// How the casualty is tagged.
    pub colour: Colour,
    /// What the hospital must be equipped for.
    pub skills: BTreeSet<Skill>,
}

/// One hospital that offers beds.
#[derive(Debug, Clone, PartialEq)]
pub struct SharingHospital {
    /// The hospital.
    pub hospital: HospitalId,
    /// Its name.
    pub name: String,
    /// Which critical patients it is equipped for.
    pub skills: BTreeSet<Skill>,
    /// It asks not to be sent patients.
    pub diverted: bool,
    /// Beds still to be given.
    pub free: ByColour,
    /// Casualties that it gets already.
    pub gets: ByColour,
}

/// One way from a scene to a hospital.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharingWay {
    /// The hospital.
    pub hospital: HospitalId,
    /// Expected time on the road.
    pub travel_s: Span,
    /// How it was found.
    pub basis: Basis,
}

/// Casualties shared out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sharing {
    /// Who goes where, the most urgent first.
    pub shared: Vec<Shared>,
    /// For whom no bed is left.
    pub without_bed: Vec<Tag>,
}

/// One casualty and the hospital suggested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The bed.
    pub allotment: Allotment,
    /// The casualty's colour.
    pub colour: Colour,
    /// Expected time on the road.
    pub travel_s: Span,
    /// Why there, Chinese.
    pub zh: String,
    /// Why there, English.
    pub en: String,
}

impl SharingInputs {
    /// Everybody who waits without a bed, and every hospital that still has one.
    pub fn of(
        record: &Record,
        accident: &Accident,
        now: UtcTime,
        ways: BTreeMap<IncidentId, Vec<SharingWay>>,
    ) -> Self {
        let waiting = accident.casualties.iter().filter(|it| it.is_waiting() && it.bed.is_none());
        let casualties = waiting.map(|it| SharingCasualty {
            tag: it.tag,
            scene: it.scene,
            colour: it.colour,
            skills: it.note.as_ref().map(|note| note.skills.clone()).unwrap_or_default(),
        });
        let hospitals = accident.beds.keys().filter_map(|id| record.hospitals().get(id)).map(|it| {
            let (mut free, mut gets) = (ByColour::default(), ByColour::default());
            for colour in COLOURS {
                *free.of_mut(colour) = accident.beds_free(it.spec.id, colour);
                *gets.of_mut(colour) = accident.beds_given(it.spec.id, colour);
            }
            SharingHospital {
                hospital: it.spec.id,
                name: it.spec.name.clone(),
                skills: it.spec.skills.clone(),
                diverted: it.diversion.as_ref().is_some_and(|diversion| diversion.until > now),
                free,
                gets,
            }
        });
        Self { casualties: casualties.collect(), hospitals: hospitals.collect(), ways }
    }
}

/// Shares out, the most urgent first, those with special needs before the others of their colour. Each goes where the four headings
/// and the casualties already on their way there are together the least: all in seconds of driving.
pub fn share_out(inputs: &SharingInputs) -> Sharing {
    let mut hospitals: BTreeMap<HospitalId, SharingHospital> =
        inputs.hospitals.iter().map(|it| (it.hospital, it.clone())).collect();
    let mut queue: Vec<&SharingCasualty> = inputs.casualties.iter().collect();
    queue.sort_by_key(|it| (it.colour, it.skills.is_empty(), it.tag));
    let mut ranked: BTreeMap<(IncidentId, Colour, &BTreeSet<Skill>), Vec<DestinationChoice>> =
        BTreeMap::new();
    let mut sharing = Sharing { shared: Vec::new(), without_bed: Vec::new() };
    for casualty in queue {
        let choices = ranked
            .entry((casualty.scene, casualty.colour, &casualty.skills))
            .or_insert_with(|| choices(inputs, casualty));
        let with_bed = choices.iter().filter_map(|choice| {
            let hospital = hospitals.get(&choice.hospital)?;
            (hospital.free.of(casualty.colour) > 0)
                .then(|| (price(choice, hospital, casualty.colour), choice))
        });
        let best = with_bed.min_by_key(|(price, choice)| (*price, choice.travel_s, choice.hospital));
        let Some((_, choice)) = best else {
            sharing.without_bed.push(casualty.tag);
            continue;
        };
        if let Some(hospital) = hospitals.get_mut(&choice.hospital) {
            *hospital.free.of_mut(casualty.colour) -= 1;
            hospital.gets.add(casualty.colour);
            sharing.shared.push(shared(casualty, choice, hospital));
        }
    }
    sharing
}

/// The hospitals as one patient of this kind would find them.
fn choices(inputs: &SharingInputs, casualty: &SharingCasualty) -> Vec<DestinationChoice> {
    let ways = inputs.ways.get(&casualty.scene).map_or(&[][..], Vec::as_slice);
    let hospitals = ways.iter().filter_map(|way| {
        let it = inputs.hospitals.iter().find(|it| it.hospital == way.hospital)?;
        Some(DestinationInput {
            hospital: it.hospital,
            name: it.name.clone(),
            skills: it.skills.clone(),
            diverted: it.diverted,
            travel_s: way.travel_s,
            basis: way.basis,
        })
    });
    rank_destinations(&DestinationInputs {
        level: casualty.colour.level(),
        skills: casualty.skills.clone(),
        wish: None,
        hospitals: hospitals.collect(),
    })
}

/// What it costs to send one more there, in seconds of driving.
fn price(choice: &DestinationChoice, hospital: &SharingHospital, colour: Colour) -> i64 {
    let ahead: i64 = COLOURS
        .iter()
        .filter(|other| **other <= colour)
        .map(|other| i64::from(hospital.gets.of(*other)) * occupies_s(*other))
        .sum();
    let diverted = if choice.diverted { DIVERTED_S } else { 0 };
    ahead + diverted - choice.score
}

fn shared(casualty: &SharingCasualty, choice: &DestinationChoice, hospital: &SharingHospital) -> Shared {
    let (colour_zh, colour_en) = casualty.colour.texts();
    let nth = hospital.gets.of(casualty.colour);
    let (way_zh, way_en) = span_texts(choice.travel_s);
    let specialty =
        choice.reasons.iter().find(|it| it.heading == Heading::Specialty && !casualty.skills.is_empty());
    let (skill_zh, skill_en) =
        specialty.map_or_else(Default::default, |it| (format!("；{}", it.zh), format!("; {}", it.en)));
    Shared {
        allotment: Allotment { casualty: casualty.tag, hospital: choice.hospital },
        colour: casualty.colour,
        travel_s: choice.travel_s,
        zh: format!("路上{way_zh}；该院第 {nth} 名{colour_zh}{skill_zh}"),
        en: format!("{way_en} by road; {colour_en} no. {nth} there{skill_en}"),
    }
}

/// How long a casualty keeps an emergency department from the next one. Assumption, for the centre's doctors to set.
fn occupies_s(colour: Colour) -> i64 {
    match colour {
        Colour::Red => 300,
        Colour::Yellow => 180,
        Colour::Green => 60,
        Colour::Black => 0,
    }
}

/// A hospital on diversion that offers beds all the same gets casualties after the others. Assumption, as above.
const DIVERTED_S: i64 = 900;

#[cfg(test)]
mod tests;
