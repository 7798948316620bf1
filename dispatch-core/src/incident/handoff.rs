//! Handing work to another centre (移交). It is offered, and stays ours until somebody here records that the other centre took it.

use serde::{Deserialize, Serialize};

use crate::ids::{CallId, IncidentId};
use crate::time::UtcTime;

/// What is offered to another centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offered {
    /// A call that led to no incident here.
    Call(CallId),
    /// An incident, with its calls.
    Incident(IncidentId),
}

/// An offer that nobody has accepted yet, or that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handoff {
    /// The other centre, in words.
    pub to: String,
    /// Why.
    pub reason: String,
    /// Since when it is offered, UTC.
    pub offered_at: UtcTime,
    /// Who took it there, as it was told us, once somebody recorded it.
    pub accepted_by: Option<String>,
}

impl Handoff {
    /// Nobody has taken it: it is ours.
    pub fn is_pending(&self) -> bool {
        self.accepted_by.is_none()
    }
}
