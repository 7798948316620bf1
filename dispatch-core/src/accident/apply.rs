//! How what happened changes an accident. Nothing here can fail or decide; that was done before.

use super::{Accident, AccidentChange, Allotment, Casualty, Colour, Tag, Whereabouts};
use crate::ids::{AssignmentId, HospitalId, IncidentId};

impl Accident {
    /// Takes in a change. `destination` is where the ambulance of a loading goes, if that is known.
    pub(crate) fn apply(&mut self, change: &AccidentChange, destination: Option<HospitalId>) {
        match change {
            AccidentChange::Described { sketch } => self.sketch = sketch.clone(),
            AccidentChange::SceneAdded { incident } => self.scenes.push(*incident),
            AccidentChange::SceneRemoved { incident } => self.scenes.retain(|scene| scene != incident),
            AccidentChange::Found { scene, colour, count } => self.count_in(*scene, *colour, *count),
            AccidentChange::Struck { casualties } => {
                self.casualties.retain(|it| !casualties.contains(&it.tag));
            }
            AccidentChange::Noted { casualty, colour, note } => {
                self.tag_anew(*casualty, *colour);
                self.each(&[*casualty], |it| it.note.clone_from(note));
            }
            AccidentChange::BedsOffered { hospital, beds } => {
                self.beds.insert(*hospital, *beds);
            }
            AccidentChange::BedsKept { allotments } => {
                for Allotment { casualty, hospital } in allotments {
                    self.each(&[*casualty], |it| it.bed = Some(*hospital));
                }
            }
            AccidentChange::BedsFreed { casualties } => self.each(casualties, |it| it.bed = None),
            AccidentChange::Loaded { assignment, casualties } => {
                self.each(casualties, |it| it.whereabouts = Whereabouts::Aboard { assignment: *assignment });
                if let Some(hospital) = destination {
                    self.head_for(*assignment, hospital);
                }
            }
            AccidentChange::Unloaded { casualties } | AccidentChange::Restored { casualties } => {
                self.each(casualties, |it| it.whereabouts = Whereabouts::Scene);
            }
            AccidentChange::Arrived { casualties, hospital } => {
                for tag in casualties {
                    self.take_bed(*tag, *hospital);
                }
                let there = Whereabouts::Hospital { hospital: Some(*hospital) };
                self.each(casualties, |it| it.whereabouts = there);
            }
            AccidentChange::Released { casualties, how } => self.each(casualties, |it| {
                it.whereabouts = Whereabouts::Released { how: *how };
                it.bed = None;
            }),
        }
    }

    /// An ambulance heads for a hospital: whoever is aboard takes a bed there, where one is free, and needs none elsewhere.
    pub(crate) fn head_for(&mut self, assignment: AssignmentId, hospital: HospitalId) -> bool {
        let aboard: Vec<Tag> = self.aboard(assignment).map(|it| it.tag).collect();
        for tag in &aboard {
            self.take_bed(*tag, hospital);
        }
        !aboard.is_empty()
    }

    /// An ambulance is rid of its casualties: at a hospital, or back at the scene with nothing done.
    pub(crate) fn put_down(&mut self, assignment: AssignmentId, there: Whereabouts) -> bool {
        let aboard: Vec<Tag> = self.aboard(assignment).map(|it| it.tag).collect();
        self.each(&aboard, |it| it.whereabouts = there);
        !aboard.is_empty()
    }

    /// A scene is from now on another incident's.
    pub(crate) fn move_scene(&mut self, from: IncidentId, into: IncidentId) {
        if self.has_scene(into) {
            self.scenes.retain(|scene| *scene != from);
        } else {
            self.scenes.iter_mut().filter(|scene| **scene == from).for_each(|scene| *scene = into);
        }
        self.casualties.iter_mut().filter(|it| it.scene == from).for_each(|it| it.scene = into);
    }

    fn count_in(&mut self, scene: IncidentId, colour: Colour, count: u16) {
        for _ in 0..count {
            self.last_tag = self.last_tag.saturating_add(1);
            let whereabouts = Whereabouts::Scene;
            self.casualties.push(Casualty {
                tag: self.last_tag,
                scene,
                colour,
                whereabouts,
                bed: None,
                note: None,
            });
        }
    }

    /// A casualty is tagged in another colour: the bed of the old colour is free again, and one of the new colour in the same
    /// hospital is taken if there is one.
    fn tag_anew(&mut self, tag: Tag, colour: Colour) {
        let Some(it) = self.casualty(tag).filter(|it| it.colour != colour) else { return };
        let bed = it.bed;
        self.each(&[tag], |it| {
            it.colour = colour;
            it.bed = None;
        });
        if let Some(hospital) = bed {
            self.take_bed(tag, hospital);
        }
    }

    fn take_bed(&mut self, tag: Tag, hospital: HospitalId) {
        let Some(it) = self.casualty(tag).filter(|it| it.bed != Some(hospital)) else { return };
        let bed = (self.beds_free(hospital, it.colour) > 0).then_some(hospital);
        self.each(&[tag], |it| it.bed = bed);
    }

    fn each(&mut self, tags: &[Tag], mut change: impl FnMut(&mut Casualty)) {
        for tag in tags {
            if let Ok(place) = self.casualties.binary_search_by_key(tag, |it| it.tag) {
                change(&mut self.casualties[place]);
            }
        }
    }
}
