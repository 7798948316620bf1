//! Calls and incidents: who asked for help, what happened, where, and how bad it is.

mod booking;
mod call;
mod handoff;
mod place;
mod plan;
mod sketch;
mod triage;

pub use crate::number::IncidentNumber;
pub use booking::Conflict;
pub use call::{Call, CallEnd, CallSource, CallState, Speaker, TextLine};
pub use handoff::{Handoff, Offered};

pub use place::{AreaClass, Place};
pub(crate) use plan::suits;
pub use plan::{ResponsePlan, ResponsePlans, UnitsWanted};
pub use sketch::{IncidentChange, IncidentKind, IncidentSketch, Needs, Patient, Sex, Skill};
pub use triage::{Level, Triage};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::{AssignmentId, CallId, IncidentId, ProposalId, UnitId};
use crate::paper::PaperMark;
use crate::time::UtcTime;

/// Something that happened to somebody, however many called about it and however many units go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// The short number that people say; restarts each day.
    pub number: IncidentNumber,
    /// Grows by one with every change: the `ETag`.
    pub version: u32,
    /// When the call-taker created it, UTC.
    pub created_at: UtcTime,
    /// The calls about it, first one first.
    pub calls: Vec<CallId>,
    /// What, where, how bad.
    pub sketch: Arc<IncidentSketch>,
    /// Every assignment ever made for it, oldest first.
    pub assignments: Vec<AssignmentId>,
    /// The newest ranked list of units.
    pub proposal: Option<ProposalId>,
    /// A new proposal is wanted since this time, UTC: none was made yet, or what it rested on has changed.
    pub proposal_wanted_since: Option<UtcTime>,
    /// It lacks units that it wants since this time, UTC.
    pub short_since: Option<UtcTime>,
    /// Units were wanted and none was free since this time, UTC.
    pub none_free_since: Option<UtcTime>,
    /// Put aside on purpose.
    pub hold: Option<Hold>,
    /// The unit that a booked run keeps for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<UnitId>,
    /// Offered to another centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handoff: Option<Handoff>,
    /// It was led on paper and entered afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<Box<PaperMark>>,
    /// When and how it ended.
    pub end: Option<IncidentEnd>,
}

/// An incident put aside on purpose, with the time at which it comes back by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Why.
    pub reason: String,
    /// Since when, UTC.
    pub since: UtcTime,
    /// When it wakes, UTC.
    pub until: UtcTime,
}

/// When and how an incident ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentEnd {
    /// When, UTC.
    pub at: UtcTime,
    /// How.
    pub how: IncidentOutcome,
}

/// How an incident ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum IncidentOutcome {
    /// Every unit that was wanted came and finished.
    Done,
    /// Called off by the caller or the centre.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// Another centre took it.
    HandedOff {
        /// Which centre.
        to: String,
        /// Who took it there.
        accepted_by: String,
    },
    /// It needs no ambulance: another service was named to the caller.
    Redirected {
        /// Which service.
        to: String,
        /// Why.
        reason: String,
    },
    /// It turned out to be the same event as another.
    Merged {
        /// The incident that goes on.
        into: IncidentId,
        /// The calls that moved there, and come back if it is split again.
        calls: Vec<CallId>,
    },
}

impl Incident {
    /// Still somebody's work.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// Put aside and not yet woken.
    pub fn is_held(&self) -> bool {
        self.hold.is_some()
    }
}
