//! Booked runs and the units that they keep for themselves.

use crate::event::{Event, Fact};
use crate::ids::{IncidentId, UnitId};
use crate::incident::{Conflict, Incident};
use crate::record::Record;
use crate::time::UtcTime;
use crate::vehicle::Readiness;

impl Record {
    /// When a booked run enters the queue, and from when on the unit reserved for it is kept free, UTC.
    pub fn booked_from(&self, incident: &Incident) -> Option<UtcTime> {
        Some(incident.sketch.scheduled_at? - self.rules().scheduled_lead_s)
    }

    /// The booked run that keeps a unit for itself now, other than `except`.
    #[inline]
    pub fn reserved_for(&self, unit: UnitId, now: UtcTime, except: IncidentId) -> Option<&Incident> {
        if self.reserved.is_empty() {
            return None;
        }
        let of_it = self.reserved.iter().filter(|(id, kept)| **kept == unit && **id != except);
        let mut runs = of_it.filter_map(|(id, _)| self.incident(*id));
        runs.find(|run| self.booked_from(run).is_some_and(|from| from <= now))
    }

    /// What stands in the way of a booked run's unit at the time of the run, as far as it can be known now.
    pub fn reservation_conflicts(&self, incident: &Incident, now: UtcTime) -> Vec<Conflict> {
        let (Some(unit), Some(from)) = (incident.reserved, self.booked_from(incident)) else {
            return Vec::new();
        };
        let length = self.rules().scheduled_lead_s + self.rules().scheduled_run_s;
        let others = self.reserved.iter().filter(|(id, kept)| **kept == unit && **id != incident.id);
        let overlaps = others.filter_map(|(id, _)| self.incident(*id)).filter(|other| {
            let theirs = self.booked_from(other);
            theirs.is_some_and(|theirs| theirs < from + length && from < theirs + length)
        });
        let mut conflicts: Vec<Conflict> =
            overlaps.map(|other| Conflict::Overlaps { incident: other.id, number: other.number }).collect();
        let Some(unit) = self.unit(unit).filter(|_| from <= now) else { return conflicts };
        match unit.readiness() {
            Readiness::Ready => {}
            Readiness::Taken => {
                let held = unit.assignments.first().and_then(|id| self.assignment(*id));
                let on = held.and_then(|held| self.incident(held.incident)).filter(|on| on.id != incident.id);
                conflicts.extend(on.map(|on| Conflict::OnRun { incident: on.id, number: on.number }));
            }
            readiness => conflicts.push(Conflict::NotReady { readiness }),
        }
        conflicts
    }

    pub(super) fn apply_reservation(&mut self, event: &Event) {
        let (incident, unit) = match event.fact {
            Fact::UnitReserved { incident, unit } => (incident, Some(unit)),
            Fact::ReservationReleased { incident, .. } => (incident, None),
            _ => return,
        };
        self.set_reserved(incident, unit);
        self.look_again_for_the_waiting(event.at);
    }

    fn set_reserved(&mut self, incident: IncidentId, unit: Option<UnitId>) {
        let Some(it) = self.incident_mut(incident) else { return };
        it.reserved = unit;
        it.version += 1;
        match unit {
            Some(unit) => self.reserved.insert(incident, unit),
            None => self.reserved.remove(&incident),
        };
    }

    /// A booked run has the units it wants: what it kept is free again, or on the run.
    pub(super) fn use_reservation(&mut self, incident: IncidentId) {
        if self.reserved.contains_key(&incident) {
            self.set_reserved(incident, None);
        }
    }
}
