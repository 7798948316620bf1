//! The unit that a booked run keeps for itself, and what stands in its way.

use dispatch_core::incident::{Conflict, Incident};
use dispatch_core::{Record, UtcTime};
use serde::Serialize;
use utoipa::ToSchema;

use super::place::Time;
use super::words::ReadinessWord;

/// The unit that a booked run keeps for itself.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Reservation)]
pub(crate) struct ReservationView {
    #[schema(example = "A12")]
    unit: String,
    /// From then on nobody else gets it.
    from: Time,
    /// What stands in its way, as far as it can be known when this was written.
    conflicts: Vec<ConflictView>,
}

/// What stands in the way of a reservation.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Conflict)]
#[serde(tag = "conflict", rename_all = "snake_case")]
pub(crate) enum ConflictView {
    /// Another booked run keeps the same unit at the same time.
    Overlaps { incident: String, number: String },
    /// It should stand by, and is on another run.
    OnRun { incident: String, number: String },
    /// It should stand by, and cannot be sent.
    NotReady { readiness: ReadinessWord },
}

impl ReservationView {
    pub(super) fn of(record: &Record, incident: &Incident, now: UtcTime) -> Option<Self> {
        let unit = incident.reserved?.to_string();
        let from = record.booked_from(incident)?.into();
        let conflicts = record.reservation_conflicts(incident, now);
        Some(Self { unit, from, conflicts: conflicts.into_iter().map(ConflictView::from).collect() })
    }
}

impl From<Conflict> for ConflictView {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::Overlaps { incident, number } => {
                Self::Overlaps { incident: incident.to_string(), number: number.to_string() }
            }
            Conflict::OnRun { incident, number } => {
                Self::OnRun { incident: incident.to_string(), number: number.to_string() }
            }
            Conflict::NotReady { readiness } => Self::NotReady { readiness: readiness.into() },
        }
    }
}
