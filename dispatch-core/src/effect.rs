//! What an event makes the centre do to the world. A pure function of the event and its place in the journal, so that
//! after a crash the same effects with the same ids come out again, and a repeat is harmless.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::event::{Event, Fact};
use crate::ids::{AssignmentId, HospitalId, UnitId};

/// Sequence number of the event, and which of its effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct EffectId {
    /// The event's sequence number in the journal.
    pub seq: u64,
    /// Which of the event's effects, from 0.
    pub index: u8,
}

/// Something the centre does to the world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Its id: the same whenever it is worked out again.
    pub id: EffectId,
    /// To which unit.
    pub unit: UnitId,
    /// What.
    pub what: EffectKind,
}

/// What the centre does to the world. All of it goes to a vehicle's terminal; hospitals and callers read the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum EffectKind {
    /// Give the order.
    SendOrder { assignment: AssignmentId },
    /// What is known of the incident changed: bring the order card up to date.
    UpdateOrder { assignment: AssignmentId },
    /// Take the order back.
    RecallOrder { assignment: AssignmentId, reason: String },
    /// Say where the patient goes.
    SendDestination { assignment: AssignmentId, hospital: HospitalId },
    /// Show a message to the crew.
    SendMessage { text: String },
}

impl EffectKind {
    /// The order that loses its meaning together with it. A recall outlives the assignment it takes back.
    pub fn assignment(&self) -> Option<AssignmentId> {
        match self {
            Self::SendOrder { assignment }
            | Self::UpdateOrder { assignment }
            | Self::SendDestination { assignment, .. } => Some(*assignment),
            Self::RecallOrder { .. } | Self::SendMessage { .. } => None,
        }
    }
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.seq, self.index)
    }
}

impl FromStr for EffectId {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.split_once('.')
            .and_then(|(seq, index)| Some(Self { seq: seq.parse().ok()?, index: index.parse().ok()? }))
            .ok_or_else(|| format!("{text:?} is not an effect's id like 1042.0"))
    }
}

impl From<EffectId> for String {
    fn from(id: EffectId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for EffectId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// The effects of an event at sequence `seq`, on a record to which the event has been applied.
pub fn effects(seq: u64, event: &Event, record: &crate::Record) -> Vec<Effect> {
    let mut found = Vec::new();
    let mut add = |unit: UnitId, what: EffectKind| {
        let index = u8::try_from(found.len()).unwrap_or(u8::MAX);
        found.push(Effect { id: EffectId { seq, index }, unit, what });
    };
    match &event.fact {
        // A crew that told of the order itself has it, and knows more of it than this record.
        Fact::UnitAssigned { .. } if matches!(event.by, Actor::Crew { .. }) => {}
        Fact::UnitAssigned { assignment, unit, .. } => {
            add(*unit, EffectKind::SendOrder { assignment: *assignment });
        }
        Fact::AssignmentEnded { assignment, outcome, reason, .. } if outcome.is_recall() => {
            if let Some(it) = record.assignment(*assignment) {
                add(it.unit, EffectKind::RecallOrder { assignment: it.id, reason: reason.clone() });
            }
        }
        Fact::DestinationChosen { assignment, hospital, .. } => {
            if let Some(it) = record.assignment(*assignment) {
                add(it.unit, EffectKind::SendDestination { assignment: it.id, hospital: *hospital });
            }
        }
        Fact::UnitPosted { unit, station } => {
            let station = record.stations().get(station).map_or(station.as_str(), |station| &station.name);
            add(
                *unit,
                EffectKind::SendMessage {
                    text: ["请到", station, "待命 · Stand by at ", station].concat()
                },
            );
        }
        Fact::CrewMessaged { unit, text } => add(*unit, EffectKind::SendMessage { text: text.clone() }),
        Fact::IncidentChanged { incident: changed, .. } | Fact::IncidentMerged { into: changed, .. } => {
            for it in record.open_assignments_of(*changed) {
                add(it.unit, EffectKind::UpdateOrder { assignment: it.id });
            }
        }
        _ => {}
    }
    found
}
