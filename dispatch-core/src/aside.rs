//! Events that a node wrote and whoever leads lacks: an island's night. They are brought onto the leader's record matter by matter, a call
//! with its incident and every unit that went, so that what does not fit in one hinders no other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Fact};
use crate::ids::{AccidentId, AssignmentId, CallId, IncidentId};
use crate::incident::Offered;

/// Events that belong together, oldest first, as another node wrote them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AsideMatter {
    /// The node that wrote them.
    pub node: u32,
    /// The events with their own times and authors.
    pub events: Vec<Event>,
}

impl AsideMatter {
    /// Events of one matter. A night has some dozen.
    pub const EVENTS_MAX: usize = 5_000;

    /// Parts events into matters, in the order in which these began. What is of no call and no incident (a unit paused, a rule adopted, a
    /// deadline passed) is left out: it was true of that node's night, and is not true of the leader's day.
    pub fn part(node: u32, events: impl IntoIterator<Item = Event>) -> Vec<Self> {
        let mut matters: Vec<Vec<Event>> = Vec::new();
        // Which matter a thing belongs to. A matter that was joined to another one is empty, and the things' way there is followed.
        let mut place: BTreeMap<Thing, usize> = BTreeMap::new();
        for event in events {
            let things = things(&event.fact);
            let mut known: Vec<usize> = things.iter().filter_map(|thing| place.get(thing).copied()).collect();
            known.sort_unstable();
            known.dedup();
            let home = match (known.first(), things.is_empty()) {
                (_, true) => continue,
                (Some(first), _) => *first,
                (None, _) => {
                    matters.push(Vec::new());
                    matters.len() - 1
                }
            };
            for other in known.into_iter().skip(1) {
                let joined = std::mem::take(&mut matters[other]);
                matters[home].extend(joined);
                matters[home].sort_by_key(|event| event.at);
                place.values_mut().filter(|at| **at == other).for_each(|at| *at = home);
            }
            place.extend(things.into_iter().map(|thing| (thing, home)));
            matters[home].push(event);
        }
        let whole = matters.into_iter().filter(|events| !events.is_empty());
        whole.map(|events| Self { node, events }).collect()
    }
}

/// What ties events together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Call(CallId),
    Incident(IncidentId),
    Assignment(AssignmentId),
    Accident(AccidentId),
}

impl From<Offered> for Thing {
    fn from(about: Offered) -> Self {
        match about {
            Offered::Call(id) => Self::Call(id),
            Offered::Incident(id) => Self::Incident(id),
        }
    }
}

fn things(fact: &Fact) -> Vec<Thing> {
    match fact {
        Fact::CallReceived { call, .. }
        | Fact::CallAnswered { call }
        | Fact::LineWritten { call, .. }
        | Fact::CallLocated { call, .. }
        | Fact::CallEnded { call, .. }
        | Fact::CallEnteredFromPaper { call, .. }
        | Fact::CallerRevealed { call } => vec![Thing::Call(*call)],
        Fact::CallJoined { call, incident }
        | Fact::CallParted { call, from: incident }
        | Fact::IncidentCreated { call: Some(call), incident, .. }
        | Fact::IncidentEnteredFromPaper { call, incident, .. } => {
            vec![Thing::Call(*call), Thing::Incident(*incident)]
        }
        Fact::IncidentCreated { incident, call: None, .. }
        | Fact::IncidentChanged { incident, .. }
        | Fact::IncidentHeld { incident, .. }
        | Fact::IncidentWoken { incident }
        | Fact::IncidentCancelled { incident, .. }
        | Fact::IncidentRedirected { incident, .. }
        | Fact::UnitReserved { incident, .. }
        | Fact::ReservationReleased { incident, .. }
        | Fact::IncidentDone { incident } => vec![Thing::Incident(*incident)],
        Fact::IncidentMerged { incident, into: other } | Fact::IncidentSplit { incident, from: other } => {
            vec![Thing::Incident(*incident), Thing::Incident(*other)]
        }
        Fact::HandoffOffered { about, .. }
        | Fact::HandoffAccepted { about, .. }
        | Fact::HandoffWithdrawn { about, .. } => vec![(*about).into()],
        Fact::AccidentDeclared { accident, scenes, .. } => {
            let scenes = scenes.iter().copied().map(Thing::Incident);
            std::iter::once(Thing::Accident(*accident)).chain(scenes).collect()
        }
        Fact::AccidentChanged { accident, .. } | Fact::AccidentClosed { accident, .. } => {
            vec![Thing::Accident(*accident)]
        }
        Fact::UnitAssigned { assignment, incident, .. } => {
            vec![Thing::Assignment(*assignment), Thing::Incident(*incident)]
        }
        Fact::StageReported { assignment, .. }
        | Fact::StageCorrected { assignment, .. }
        | Fact::AssignmentEnded { assignment, .. }
        | Fact::DestinationChosen { assignment, .. }
        | Fact::PatientCharted { assignment, .. }
        | Fact::ArrivalAcknowledged { assignment } => vec![Thing::Assignment(*assignment)],
        Fact::RulesAdopted { .. }
        | Fact::StationRegistered { .. }
        | Fact::UnitRegistered { .. }
        | Fact::HospitalRegistered { .. }
        | Fact::CoverAdopted { .. }
        | Fact::ProposalMade { .. }
        | Fact::CrewMessaged { .. }
        | Fact::SignedOn { .. }
        | Fact::SignedOff { .. }
        | Fact::UnitPaused { .. }
        | Fact::UnitResumed { .. }
        | Fact::MoveUpAdvised { .. }
        | Fact::MoveUpDeclined { .. }
        | Fact::UnitPosted { .. }
        | Fact::UnitSilent { .. }
        | Fact::UnitHeard { .. }
        | Fact::HospitalDiverted { .. }
        | Fact::RoadClosed { .. }
        | Fact::RoadOpened { .. }
        | Fact::EffectDelivered { .. }
        | Fact::EscalationRaised { .. }
        | Fact::EscalationAcknowledged { .. }
        | Fact::EventsBroughtIn { .. }
        | Fact::PersonalDataErased { .. } => Vec::new(),
    }
}
