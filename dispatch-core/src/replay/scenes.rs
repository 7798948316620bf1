//! The scenes of accidents: how many units they wanted in the end. That number grew then because casualties waited; the model has no
//! casualties, and asks for all the units when the accident is declared.

use std::collections::{BTreeMap, BTreeSet};

use super::past::Past;
use super::world::{REPLAY, World};
use crate::accident::AccidentChange;
use crate::actor::Actor;
use crate::command::Action;
use crate::event::Fact;
use crate::ids::IncidentId;
use crate::incident::{IncidentChange, Needs};

/// What the incidents of the day wanted in the end.
pub(super) fn wanted_in_the_end(past: &Past) -> BTreeMap<IncidentId, Needs> {
    let mut scenes: BTreeSet<IncidentId> = BTreeSet::new();
    let mut wanted = BTreeMap::new();
    for event in past.events() {
        match &event.fact {
            Fact::AccidentDeclared { scenes: declared, .. } => scenes.extend(declared),
            Fact::AccidentChanged { change, .. } => {
                if let AccidentChange::SceneAdded { incident } = change.as_ref() {
                    scenes.insert(*incident);
                }
            }
            Fact::IncidentChanged { incident, change } => {
                if let Some(needs) = &change.needs {
                    wanted.insert(*incident, needs.clone());
                }
            }
            _ => {}
        }
    }
    wanted.retain(|incident, _| scenes.contains(incident));
    wanted
}

impl World<'_> {
    /// What an accident asks of its scenes.
    pub(super) fn lead_as_one(&mut self, fact: &Fact) {
        let scenes: Vec<IncidentId> = match fact {
            Fact::AccidentDeclared { scenes, .. } => scenes.clone(),
            Fact::AccidentChanged { change, .. } => match change.as_ref() {
                AccidentChange::SceneAdded { incident } => vec![*incident],
                _ => return,
            },
            _ => return,
        };
        for incident in scenes {
            if let Some(needs) = self.scenes.get(&incident).cloned() {
                let change = IncidentChange { needs: Some(needs), ..IncidentChange::default() };
                let action = Action::ChangeIncident { incident, version: None, change };
                self.ask_again(Actor::rule(REPLAY), action);
            }
        }
    }
}
