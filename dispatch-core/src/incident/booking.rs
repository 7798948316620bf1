//! Booked runs (预约): a transfer or a stand-by at a time agreed, with a unit kept for it.

use serde::{Deserialize, Serialize};

use crate::ids::IncidentId;
use crate::incident::IncidentNumber;
use crate::vehicle::Readiness;

/// What stands in the way of the unit that a booked run keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "conflict", rename_all = "snake_case")]
pub enum Conflict {
    /// Another booked run keeps the same unit at the same time.
    Overlaps {
        /// Which.
        incident: IncidentId,
        /// Its number.
        number: IncidentNumber,
    },
    /// It should stand by, and is on another run.
    OnRun {
        /// Which.
        incident: IncidentId,
        /// Its number.
        number: IncidentNumber,
    },
    /// It should stand by, and cannot be sent.
    NotReady {
        /// Why.
        readiness: Readiness,
    },
}
