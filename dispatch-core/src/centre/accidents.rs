//! Decisions about accidents: which scenes, how many casualties, who has which bed, who is in which ambulance.
//!
//! A request that names several casualties is granted for all of them or for none.

use super::{Decision, DispatchCentre, check_text};
use crate::accident::{
    Accident, AccidentChange, AccidentNumber, AccidentRequest, AccidentSketch, Allotment, ByColour, COLOURS,
    Casualty, CasualtyNote, Colour, Tag, Whereabouts,
};
use crate::actor::Actor;
use crate::assignment::{Assignment, Outcome, Stage};
use crate::command::Action;
use crate::event::Fact;
use crate::ids::{AccidentId, AssignmentId, HospitalId, IncidentId};
use crate::incident::{Incident, IncidentChange, IncidentSketch, Needs};
use crate::refusal::Refusal;
use crate::time::UtcTime;

type Changes = Result<Vec<AccidentChange>, Refusal>;

impl DispatchCentre {
    pub(super) fn decide_accident(&self, action: &Action, by: &Actor, now: UtcTime) -> Decision {
        match action {
            Action::DeclareAccident { accident, sketch, scenes } => {
                self.declare(*accident, sketch, scenes, now)
            }
            Action::ChangeAccident { accident, version, request } => {
                let it = self.open_accident(*accident)?;
                if version.is_some_and(|version| version != it.version) {
                    return Err(Refusal::Changed { version: it.version });
                }
                check_hospital(request, by)?;
                self.change_accident(it, request)
            }
            Action::CloseAccident { accident, reason } => {
                check_text("the reason", reason)?;
                let it = self.open_accident(*accident)?;
                let busy =
                    |it: &&Casualty| it.is_waiting() || matches!(it.whereabouts, Whereabouts::Aboard { .. });
                let count = it.casualties.iter().filter(busy).count();
                if count > 0 {
                    return Err(Refusal::CasualtiesWait { count });
                }
                Ok(vec![Fact::AccidentClosed { accident: *accident, reason: reason.clone() }])
            }
            _ => unreachable!("only actions about accidents are sent here"),
        }
    }

    fn open_accident(&self, accident: AccidentId) -> Result<&Accident, Refusal> {
        let it = self.record.accident(accident).ok_or(Refusal::UnknownAccident { accident })?;
        if it.is_open() { Ok(it) } else { Err(Refusal::AccidentClosed { number: it.number }) }
    }

    fn declare(
        &self,
        accident: AccidentId,
        sketch: &AccidentSketch,
        scenes: &[IncidentId],
        now: UtcTime,
    ) -> Decision {
        if self.record.accident(accident).is_some() {
            return Err(Refusal::IdInUse { id: accident.to_string() });
        }
        check_sketch(sketch)?;
        let Some(first) = scenes.first() else {
            return Err(Refusal::Empty { what: "the list of scenes" });
        };
        if scenes.len() > Accident::SCENES_MAX {
            return Err(Refusal::TooMany { what: "scenes", count_max: Accident::SCENES_MAX });
        }
        let test = self.open_incident(*first)?.sketch.test;
        for (place, scene) in scenes.iter().enumerate() {
            self.check_new_scene(*scene, test)?;
            if scenes[..place].contains(scene) {
                return Err(Refusal::NotAllowed { what: "one incident is one scene" });
            }
        }
        let offset = self.record.rules().utc_offset_s;
        let number = AccidentNumber::next(self.record.last_accident_number(), now, offset);
        let (sketch, scenes) = (Box::new(sketch.clone()), scenes.to_vec());
        Ok(vec![Fact::AccidentDeclared { accident, number, test, sketch, scenes }])
    }

    fn check_new_scene(&self, incident: IncidentId, test: bool) -> Result<(), Refusal> {
        let it = self.open_incident(incident)?;
        if let Some(other) = self.record.accident_of(incident) {
            return Err(Refusal::SceneTaken { number: it.number, accident: other.number });
        }
        if it.sketch.test != test {
            return Err(Refusal::NotAllowed { what: "a drill and a real event are not one" });
        }
        Ok(())
    }

    fn change_accident(&self, it: &Accident, request: &AccidentRequest) -> Decision {
        let mut facts = Vec::new();
        let changes = match request {
            AccidentRequest::Describe { sketch } => {
                check_sketch(sketch)?;
                let same = it.sketch == *sketch;
                Ok(if same { vec![] } else { vec![AccidentChange::Described { sketch: sketch.clone() }] })
            }
            AccidentRequest::AddScene { incident } => self.add_scene(it, *incident),
            AccidentRequest::RemoveScene { incident } => remove_scene(it, *incident),
            AccidentRequest::Count { scene, found } => self.count(it, *scene, *found),
            AccidentRequest::Note { casualty, colour, note } => {
                self.note(it, *casualty, *colour, note.as_ref())
            }
            AccidentRequest::OfferBeds { hospital, beds } => self.offer_beds(it, *hospital, *beds),
            AccidentRequest::KeepBeds { allotments } => self.keep_beds(it, allotments),
            AccidentRequest::FreeBeds { casualties } => {
                each(it, casualties, |it| it.whereabouts == Whereabouts::Scene)?;
                Ok(vec![AccidentChange::BedsFreed { casualties: casualties.clone() }])
            }
            AccidentRequest::Load { assignment, casualties } => {
                facts.extend(self.destination_of_beds(it, *assignment, casualties)?);
                load(it, *assignment, casualties)
            }
            AccidentRequest::Unload { casualties } => {
                each(it, casualties, |it| matches!(it.whereabouts, Whereabouts::Aboard { .. }))?;
                self.check_scenes_open(it, casualties)?;
                Ok(vec![AccidentChange::Unloaded { casualties: casualties.clone() }])
            }
            AccidentRequest::Arrive { casualties, hospital } => {
                self.hospital(*hospital)?;
                each(it, casualties, |it| it.whereabouts == Whereabouts::Scene)?;
                Ok(vec![AccidentChange::Arrived { casualties: casualties.clone(), hospital: *hospital }])
            }
            AccidentRequest::Release { casualties, how } => {
                each(it, casualties, |it| it.whereabouts == Whereabouts::Scene)?;
                Ok(vec![AccidentChange::Released { casualties: casualties.clone(), how: *how }])
            }
            AccidentRequest::Restore { casualties } => {
                each(it, casualties, |it| matches!(it.whereabouts, Whereabouts::Released { .. }))?;
                self.check_scenes_open(it, casualties)?;
                Ok(vec![AccidentChange::Restored { casualties: casualties.clone() }])
            }
        }?;
        facts.extend(
            changes
                .into_iter()
                .map(|change| Fact::AccidentChanged { accident: it.id, change: Box::new(change) }),
        );
        Ok(facts)
    }

    fn add_scene(&self, it: &Accident, incident: IncidentId) -> Changes {
        if it.has_scene(incident) {
            return Ok(Vec::new());
        }
        if it.scenes.len() >= Accident::SCENES_MAX {
            return Err(Refusal::TooMany { what: "scenes", count_max: Accident::SCENES_MAX });
        }
        self.check_new_scene(incident, it.test)?;
        Ok(vec![AccidentChange::SceneAdded { incident }])
    }

    /// Brings the count of a scene to what was reported: more get tags, too many are struck out as long as nobody knows them.
    fn count(&self, it: &Accident, scene: IncidentId, found: ByColour) -> Changes {
        check_scene(it, scene)?;
        let mut changes = Vec::new();
        let (mut struck, mut more) = (Vec::new(), 0);
        for colour in COLOURS {
            let (known, wanted) = (it.found(scene, colour), found.of(colour));
            if wanted > known {
                more += usize::from(wanted - known);
                changes.push(AccidentChange::Found { scene, colour, count: wanted - known });
            } else {
                let only_counted = it.casualties.iter().rev();
                let only_counted = only_counted
                    .filter(|it| it.scene == scene && it.colour == colour && it.is_only_counted());
                let too_many = usize::from(known - wanted);
                let going: Vec<Tag> = only_counted.take(too_many).map(|it| it.tag).collect();
                if going.len() < too_many {
                    let count_min = wanted + u16::try_from(too_many - going.len()).unwrap_or(u16::MAX);
                    return Err(Refusal::CountTooLow { colour, count_min });
                }
                struck.extend(going);
            }
        }
        if more > 0 {
            // Nobody is counted at a place to which nobody will be sent any more.
            self.open_incident(scene)?;
        }
        let count = it.casualties.len() + more - struck.len();
        if count > Accident::CASUALTIES_MAX || usize::from(it.last_tag) + more > usize::from(Tag::MAX) {
            return Err(Refusal::TooMany { what: "casualties", count_max: Accident::CASUALTIES_MAX });
        }
        if !struck.is_empty() {
            struck.sort_unstable();
            changes.insert(0, AccidentChange::Struck { casualties: struck });
        }
        Ok(changes)
    }

    fn note(&self, it: &Accident, tag: Tag, colour: Option<Colour>, note: Option<&CasualtyNote>) -> Changes {
        let known = it.casualty(tag).ok_or(Refusal::UnknownCasualty { tag })?;
        if let Some(note) = note {
            let texts = [note.injury.as_str(), note.name.reveal()];
            if texts.iter().any(|text| text.chars().count() > IncidentSketch::TEXT_CHARS_MAX) {
                return Err(Refusal::TooLong { chars_max: IncidentSketch::TEXT_CHARS_MAX });
            }
        }
        let colour = colour.unwrap_or(known.colour);
        let note = note.cloned().map(Box::new).or_else(|| known.note.clone());
        // Somebody who was beyond help is not: then somebody must still be sent there.
        if !known.colour.is_conveyed() && colour.is_conveyed() && known.whereabouts == Whereabouts::Scene {
            self.open_incident(known.scene)?;
        }
        if known.colour == colour && known.note == note {
            return Ok(Vec::new());
        }
        Ok(vec![AccidentChange::Noted { casualty: tag, colour, note }])
    }

    fn offer_beds(&self, it: &Accident, hospital: HospitalId, beds: ByColour) -> Changes {
        self.hospital(hospital)?;
        if beds.black > 0 {
            return Err(Refusal::NotAllowed { what: "no beds are offered for the dead" });
        }
        for colour in COLOURS {
            if beds.of(colour) > Accident::BEDS_MAX {
                return Err(Refusal::TooMany { what: "beds", count_max: usize::from(Accident::BEDS_MAX) });
            }
            let given = it.beds_given(hospital, colour);
            if beds.of(colour) < given {
                return Err(Refusal::BedsGiven { hospital, colour, given });
            }
        }
        let same = it.beds.get(&hospital) == Some(&beds);
        Ok(if same { Vec::new() } else { vec![AccidentChange::BedsOffered { hospital, beds }] })
    }

    fn keep_beds(&self, it: &Accident, allotments: &[Allotment]) -> Changes {
        let tags: Vec<Tag> = allotments.iter().map(|it| it.casualty).collect();
        each(it, &tags, Casualty::is_waiting)?;
        let mut after = it.clone();
        for Allotment { casualty, hospital } in allotments {
            self.hospital(*hospital)?;
            let freed = AccidentChange::BedsFreed { casualties: vec![*casualty] };
            after.apply(&freed, None);
            let colour = after.casualty(*casualty).map_or(Colour::Red, |it| it.colour);
            if after.beds_free(*hospital, colour) == 0 {
                return Err(Refusal::NoBed { hospital: *hospital, colour });
            }
            let kept = vec![Allotment { casualty: *casualty, hospital: *hospital }];
            after.apply(&AccidentChange::BedsKept { allotments: kept }, None);
        }
        Ok(vec![AccidentChange::BedsKept { allotments: allotments.to_vec() }])
    }

    /// An ambulance whose casualties have a bed goes where the bed is, if nobody has said otherwise.
    fn destination_of_beds(
        &self,
        it: &Accident,
        assignment: AssignmentId,
        casualties: &[Tag],
    ) -> Result<Option<Fact>, Refusal> {
        let order = self.open_assignment(assignment)?;
        if !it.has_scene(order.incident) {
            return Err(Refusal::NotAllowed { what: "this ambulance is at no scene of the accident" });
        }
        if !(Stage::OnScene..Stage::AtHospital).contains(&order.stage) {
            return Err(Refusal::NotAllowed {
                what: "casualties are loaded from arrival at the scene until the hospital",
            });
        }
        if order.destination.is_some() {
            return Ok(None);
        }
        let bed = casualties.iter().find_map(|tag| it.casualty(*tag)?.bed);
        Ok(bed.map(|hospital| {
            let reason = "按伤员分流方案 · as the casualties were shared out".to_owned();
            Fact::DestinationChosen { assignment, hospital, reason }
        }))
    }

    fn check_scenes_open(&self, it: &Accident, tags: &[Tag]) -> Result<(), Refusal> {
        let scenes = tags.iter().filter_map(|tag| it.casualty(*tag)).map(|it| it.scene);
        scenes.into_iter().try_for_each(|scene| self.open_incident(scene).map(|_| ()))
    }

    /// How many casualties wait at an incident for an ambulance.
    pub(super) fn casualties_waiting(&self, incident: IncidentId) -> usize {
        self.record.accident_of(incident).map_or(0, |it| it.waiting_at(incident).count())
    }

    /// Instead of being done: where casualties still wait, one unit more is wanted. So an incident with casualties is never without
    /// an owner.
    pub(super) fn goes_on(
        &self,
        incident: &Incident,
        ending: &Assignment,
        outcome: Outcome,
        served: usize,
    ) -> Option<Fact> {
        let accident = self.record.accident_of(incident.id)?;
        let put_back = if outcome == Outcome::Conveyed { 0 } else { accident.aboard(ending.id).count() };
        // However many have gone: what a desk may ask for at once is no bound on what an accident needs in all.
        let units = u8::try_from(served + 1).unwrap_or(u8::MAX);
        let waits = accident.waiting_at(incident.id).count() + put_back > 0;
        (waits && usize::from(units) > served).then(|| {
            let needs = Needs { units, ..incident.sketch.needs.clone() };
            let change = IncidentChange { needs: Some(needs), ..IncidentChange::default() };
            Fact::IncidentChanged { incident: incident.id, change: Box::new(change) }
        })
    }
}

fn load(it: &Accident, assignment: AssignmentId, casualties: &[Tag]) -> Changes {
    let on_board = it.aboard(assignment).count();
    each(it, casualties, |it| it.whereabouts == Whereabouts::Scene)?;
    if on_board + casualties.len() > Accident::ABOARD_MAX {
        return Err(Refusal::TooMany { what: "casualties in one vehicle", count_max: Accident::ABOARD_MAX });
    }
    Ok(vec![AccidentChange::Loaded { assignment, casualties: casualties.to_vec() }])
}

fn remove_scene(it: &Accident, incident: IncidentId) -> Changes {
    check_scene(it, incident)?;
    let count = it.casualties.iter().filter(|it| it.scene == incident).count();
    if count > 0 {
        return Err(Refusal::CasualtiesWait { count });
    }
    if it.scenes.len() == 1 {
        return Err(Refusal::NotAllowed { what: "an accident has at least one scene: close it instead" });
    }
    Ok(vec![AccidentChange::SceneRemoved { incident }])
}

fn check_scene(it: &Accident, incident: IncidentId) -> Result<(), Refusal> {
    if it.has_scene(incident) {
        Ok(())
    } else {
        Err(Refusal::NotAllowed { what: "this incident is no scene of the accident" })
    }
}

fn check_sketch(sketch: &AccidentSketch) -> Result<(), Refusal> {
    check_text("the title", &sketch.title)?;
    if sketch.notes.chars().count() > IncidentSketch::TEXT_CHARS_MAX {
        return Err(Refusal::TooLong { chars_max: IncidentSketch::TEXT_CHARS_MAX });
    }
    Ok(())
}

/// A hospital speaks of its own beds only.
fn check_hospital(request: &AccidentRequest, by: &Actor) -> Result<(), Refusal> {
    let Actor::Hospital { hospital: own, .. } = by else { return Ok(()) };
    match request {
        AccidentRequest::OfferBeds { hospital, .. } if hospital == own => Ok(()),
        _ => Err(Refusal::NotAllowed { what: "a hospital says only which beds it offers itself" }),
    }
}

/// Refuses a list of casualties that is empty, names one twice, or one that is somewhere else.
fn each(it: &Accident, tags: &[Tag], fits: impl Fn(&Casualty) -> bool) -> Result<(), Refusal> {
    if tags.is_empty() {
        return Err(Refusal::Empty { what: "the list of casualties" });
    }
    if tags.len() > Accident::CASUALTIES_MAX {
        return Err(Refusal::TooMany { what: "casualties", count_max: Accident::CASUALTIES_MAX });
    }
    let mut seen = std::collections::BTreeSet::new();
    for &tag in tags {
        let known = it.casualty(tag).ok_or(Refusal::UnknownCasualty { tag })?;
        if !fits(known) || !seen.insert(tag) {
            return Err(Refusal::CasualtyElsewhere { tag });
        }
    }
    Ok(())
}
