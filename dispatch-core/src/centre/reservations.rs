//! Decisions about booked runs: when they enter the queue, and which unit they keep for themselves.

use super::{Decision, DispatchCentre};
use crate::command::Action;
use crate::event::Fact;
use crate::ids::{IncidentId, UnitId};
use crate::incident::{IncidentKind, IncidentSketch};
use crate::refusal::Refusal;
use crate::time::{Span, UtcTime};

/// How far ahead a run may be booked.
const BOOKED_MAX: Span = Span::seconds(30 * 24 * 3600);

impl DispatchCentre {
    pub(super) fn decide_reservation(&self, action: &Action) -> Decision {
        match action {
            Action::ReserveUnit { incident, unit } => self.reserve(*incident, *unit),
            Action::ReleaseUnit { incident } => {
                let it = self.open_incident(*incident)?;
                let released = it.reserved.map(|unit| Fact::ReservationReleased { incident: it.id, unit });
                Ok(released.into_iter().collect())
            }
            _ => unreachable!("only actions about reservations are sent here"),
        }
    }

    fn reserve(&self, incident: IncidentId, unit: UnitId) -> Decision {
        let it = self.open_incident(incident)?;
        self.unit(unit)?;
        if it.sketch.scheduled_at.is_none() {
            return Err(Refusal::NotBooked { number: it.number });
        }
        if self.record.units_short(incident) == 0 {
            return Err(Refusal::NotAllowed { what: "the run has its units already" });
        }
        if it.reserved == Some(unit) {
            return Ok(Vec::new());
        }
        let before = it.reserved.map(|unit| Fact::ReservationReleased { incident, unit });
        Ok(before.into_iter().chain([Fact::UnitReserved { incident, unit }]).collect())
    }

    /// Refuses a unit that a booked run keeps, whatever the reason: who needs it more releases it there, and that is on record.
    pub(super) fn check_not_reserved(
        &self,
        unit: UnitId,
        incident: IncidentId,
        now: UtcTime,
    ) -> Result<(), Refusal> {
        match self.record.reserved_for(unit, now, incident) {
            None => Ok(()),
            Some(run) => Err(Refusal::UnitReserved { unit, incident: run.id, number: run.number }),
        }
    }

    /// A run that is booked for later waits aside until it is nearly its time.
    pub(super) fn put_aside_until_its_time(
        &self,
        incident: IncidentId,
        sketch: &IncidentSketch,
        now: UtcTime,
    ) -> Result<Option<Fact>, Refusal> {
        let Some(at) = sketch.scheduled_at else { return Ok(None) };
        if sketch.kind == IncidentKind::Emergency {
            return Err(Refusal::NotAllowed { what: "an emergency is not booked for later" });
        }
        if at <= now || at > now + BOOKED_MAX {
            return Err(Refusal::BadTime { problem: "a run is booked for the next 30 days".to_owned() });
        }
        let until = at - self.record.rules().scheduled_lead_s;
        let reason = "预约 · booked for later".to_owned();
        Ok((until > now).then_some(Fact::IncidentHeld { incident, reason, until }))
    }
}
