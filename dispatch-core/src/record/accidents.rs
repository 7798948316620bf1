//! How events change accidents, and how what happens to ambulances and incidents moves their casualties along.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::accident::{Accident, AccidentChange, AccidentEnd, AccidentNumber, Whereabouts};
use crate::assignment::{Outcome, Stage};
use crate::event::{Event, Fact};
use crate::ids::{AccidentId, AssignmentId, HospitalId, IncidentId};
use crate::record::{Ended, Record};

impl Record {
    /// Accidents that go on, and those that were closed lately; oldest first.
    pub fn accidents(&self) -> &BTreeMap<AccidentId, Arc<Accident>> {
        &self.accidents
    }

    /// An accident.
    pub fn accident(&self, id: AccidentId) -> Option<&Accident> {
        self.accidents.get(&id).map(AsRef::as_ref)
    }

    /// Accidents that go on, oldest first.
    pub fn open_accidents(&self) -> impl Iterator<Item = &Accident> {
        self.accidents.values().map(AsRef::as_ref).filter(|it| it.is_open())
    }

    /// The open accident of which an incident is a scene.
    pub fn accident_of(&self, incident: IncidentId) -> Option<&Accident> {
        self.open_accidents().find(|it| it.has_scene(incident))
    }

    /// The number given to the newest accident.
    pub fn last_accident_number(&self) -> Option<AccidentNumber> {
        self.last_accident_number
    }

    pub(super) fn apply_accident(&mut self, event: &Event) {
        match &event.fact {
            Fact::AccidentDeclared { accident, number, test, sketch, scenes } => {
                let declared = Accident {
                    id: *accident,
                    number: *number,
                    version: 1,
                    declared_at: event.at,
                    sketch: sketch.as_ref().clone(),
                    test: *test,
                    scenes: scenes.clone(),
                    casualties: Vec::new(),
                    last_tag: 0,
                    beds: BTreeMap::new(),
                    end: None,
                };
                self.accidents.insert(*accident, Arc::new(declared));
                self.last_accident_number = Some(*number);
            }
            Fact::AccidentChanged { accident, change } => {
                let destination = match change.as_ref() {
                    AccidentChange::Loaded { assignment, .. } => self.destination_of(*assignment),
                    _ => None,
                };
                if let Some(it) = self.accidents.get_mut(accident).map(Arc::make_mut) {
                    it.apply(change, destination);
                    it.version += 1;
                }
            }
            Fact::AccidentClosed { accident, reason } => {
                if let Some(it) = self.accidents.get_mut(accident).map(Arc::make_mut) {
                    it.end = Some(AccidentEnd { at: event.at, reason: reason.clone() });
                    it.version += 1;
                }
                self.ended.insert((event.at, Ended::Accident(*accident)));
            }
            _ => {}
        }
    }

    /// What happened to an ambulance or a scene moves casualties along.
    pub(super) fn move_casualties(&mut self, fact: &Fact) {
        match fact {
            Fact::DestinationChosen { assignment, hospital, .. } => {
                self.change_open_accidents(|it| it.head_for(*assignment, *hospital));
            }
            Fact::StageReported { assignment, stage: Stage::HandedOver, advances: true, .. }
            | Fact::AssignmentEnded { assignment, outcome: Outcome::Conveyed, .. } => {
                let hospital = self.destination_of(*assignment);
                let there = Whereabouts::Hospital { hospital };
                self.change_open_accidents(|it| it.put_down(*assignment, there));
            }
            Fact::AssignmentEnded { assignment, .. } => {
                self.change_open_accidents(|it| it.put_down(*assignment, Whereabouts::Scene));
            }
            Fact::IncidentMerged { incident, into } => self.change_open_accidents(|it| {
                let is_scene = it.has_scene(*incident);
                if is_scene {
                    it.move_scene(*incident, *into);
                }
                is_scene
            }),
            _ => {}
        }
    }

    /// Changes each open accident in which the change finds something to do.
    fn change_open_accidents(&mut self, change: impl Fn(&mut Accident) -> bool) {
        for it in self.accidents.values_mut().filter(|it| it.is_open()) {
            let mut changed = Accident::clone(it);
            if change(&mut changed) {
                changed.version += 1;
                *it = Arc::new(changed);
            }
        }
    }

    fn destination_of(&self, assignment: AssignmentId) -> Option<HospitalId> {
        self.assignment(assignment)?.destination.as_ref().map(|destination| destination.hospital)
    }
}
