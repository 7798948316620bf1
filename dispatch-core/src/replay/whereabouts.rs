//! Where each unit is in the day that is lived again: at its station, at a place, or on its way. Positions are not in the journal; what
//! is known comes from proposals, which hold the positions that they were made from, and from the steps of the work.

use std::collections::BTreeMap;

use roads::Wgs84;

use super::streets::{Streets, along};
use crate::assignment::{ProposalInputs, Stage, UnitState};
use crate::event::{Event, Fact};
use crate::fleet::{Fix, FleetPicture, UnitFix};
use crate::ids::UnitId;
use crate::record::Record;
use crate::time::UtcTime;

/// Where every unit is, as far as it is not at its station.
#[derive(Debug, Clone, Default)]
pub(super) struct Whereabouts {
    away: BTreeMap<UnitId, Away>,
}

/// Where a unit is that is not at its station.
#[derive(Debug, Clone)]
enum Away {
    Standing(Wgs84),
    /// On its way to a patient or a hospital; both times are known.
    Sent(Leg),
    /// On its way back since a moment; the way is looked for when somebody wants to know.
    Returning {
        from: Wgs84,
        since: UtcTime,
        way: Option<Leg>,
    },
}

/// A way being driven.
#[derive(Debug, Clone)]
struct Leg {
    from: Wgs84,
    to: Wgs84,
    begins: UtcTime,
    ends: UtcTime,
    line: Option<Vec<Wgs84>>,
}

/// What a unit is seen doing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    /// Where.
    pub(super) position: Wgs84,
    /// On the road.
    pub(super) moving: bool,
}

impl Whereabouts {
    /// Follows the record as the journal tells it: `event` has just been applied to `record`.
    pub(super) fn follow(&mut self, event: &Event, record: &Record) {
        self.stand(event, record);
        match &event.fact {
            Fact::ProposalMade { proposal } => self.believe(&proposal.inputs),
            Fact::AssignmentEnded { assignment, .. } => {
                if let Some(held) = record.assignment(*assignment) {
                    self.returns_from_where_it_stood(held.unit, event.at);
                }
            }
            _ => {}
        }
    }

    /// Takes a unit to where it says that it has arrived: `event` has just been applied to `record`.
    pub(super) fn stand(&mut self, event: &Event, record: &Record) {
        let Fact::StageReported { assignment, stage, advances: true, .. } = &event.fact else { return };
        let Some(held) = record.assignment(*assignment) else { return };
        let place = match stage {
            Stage::OnScene => record.incident(held.incident).and_then(|it| it.sketch.place.position),
            Stage::AtHospital => {
                let chosen = held.destination.as_ref();
                let hospital = chosen.and_then(|chosen| record.hospitals().get(&chosen.hospital));
                hospital.map(|hospital| hospital.spec.position)
            }
            _ => None,
        };
        if let Some(place) = place {
            self.stands(held.unit, place);
        }
    }

    /// Takes over the positions that a recorded proposal was made from.
    pub(super) fn believe(&mut self, inputs: &ProposalInputs) {
        for seen in inputs.candidates.iter().filter(|seen| seen.interrupts.is_none()) {
            match seen.state {
                UnitState::AtStation | UnitState::AssumedAtStation => {
                    self.away.remove(&seen.unit);
                }
                UnitState::Standing | UnitState::AtHospital => self.stands(seen.unit, seen.position),
                UnitState::Driving => {
                    let since = inputs.at - seen.position_age_s;
                    self.returns(seen.unit, seen.position, since);
                }
            }
        }
    }

    /// A unit stands somewhere.
    pub(super) fn stands(&mut self, unit: UnitId, place: Wgs84) {
        self.away.insert(unit, Away::Standing(place));
    }

    /// A unit drives to a place and arrives at a time that is known.
    pub(super) fn drives(
        &mut self,
        unit: UnitId,
        (from, to): (Wgs84, Wgs84),
        begins: UtcTime,
        ends: UtcTime,
    ) {
        self.away.insert(unit, Away::Sent(Leg { from, to, begins, ends, line: None }));
    }

    /// A unit drives back to where it stands by.
    pub(super) fn returns(&mut self, unit: UnitId, from: Wgs84, since: UtcTime) {
        self.away.insert(unit, Away::Returning { from, since, way: None });
    }

    /// A unit became free where it is; in the middle of a way nothing better is known than where that led.
    fn returns_from_where_it_stood(&mut self, unit: UnitId, at: UtcTime) {
        let from = match self.away.get(&unit) {
            Some(Away::Standing(place)) => *place,
            Some(Away::Sent(leg)) => leg.to,
            None | Some(Away::Returning { .. }) => return,
        };
        self.returns(unit, from, at);
    }

    /// Where a unit is.
    pub(super) fn see(
        &mut self,
        unit: UnitId,
        record: &Record,
        streets: &mut Streets<'_>,
        at: UtcTime,
    ) -> Option<Seen> {
        let station = record.unit(unit).and_then(|it| record.stations().get(&it.standby()))?.position;
        let (seen, back) = match self.away.get_mut(&unit) {
            None => (Seen { position: station, moving: false }, false),
            Some(Away::Standing(place)) => (Seen { position: *place, moving: false }, false),
            Some(Away::Sent(leg)) => (leg.seen(at, |from, to| streets.rush(from, to).line), false),
            Some(Away::Returning { from, since, way }) => {
                if way.as_ref().is_none_or(|way| way.to != station) {
                    *way = Some(Leg::back((*from, station), *since, streets));
                }
                let leg = way.as_mut()?;
                (leg.seen(at, |_, _| Vec::new()), at >= leg.ends)
            }
        };
        if back {
            self.away.remove(&unit);
        }
        Some(seen)
    }

    /// The positions of the units, as the core looks at them; those on an order only if `taken` are wanted, too.
    pub(super) fn picture(
        &mut self,
        record: &Record,
        streets: &mut Streets<'_>,
        at: UtcTime,
        taken: bool,
    ) -> FleetPicture {
        let wanted = record.units().values().filter(|unit| taken || unit.assignments.is_empty());
        let units = wanted.filter_map(|unit| {
            let unit = unit.spec.id;
            let Seen { position, moving } = self.see(unit, record, streets, at)?;
            let speed_kmh = if moving { MOVING_KMH } else { 0.0 };
            let fix = Fix { boot: 0, seq: 0, at, position, speed_kmh, heading_deg: None, accuracy_m: None };
            Some(UnitFix { unit, fix, heard_at: at })
        });
        FleetPicture::new(at, units.collect())
    }
}

impl Leg {
    fn back((from, to): (Wgs84, Wgs84), begins: UtcTime, streets: &mut Streets<'_>) -> Self {
        let drive = streets.go(from, to);
        Self { from, to, begins, ends: begins + drive.time, line: Some(drive.line) }
    }

    fn seen(&mut self, at: UtcTime, line: impl FnOnce(Wgs84, Wgs84) -> Vec<Wgs84>) -> Seen {
        if at <= self.begins {
            return Seen { position: self.from, moving: false };
        }
        if at >= self.ends {
            return Seen { position: self.to, moving: false };
        }
        let (from, to) = (self.from, self.to);
        let line = self.line.get_or_insert_with(|| line(from, to));
        let share = at.since(self.begins).as_secs_f64() / self.ends.since(self.begins).as_secs_f64();
        Seen { position: along(line, share).unwrap_or(to), moving: true }
    }
}

/// Any speed that tells a driving unit from a standing one.
const MOVING_KMH: f32 = 40.0;
