//! How events change what the centre works with: rules, stations, units, hospitals, roads.

use std::sync::Arc;

use crate::destination::{Hospital, HospitalSpec};
use crate::event::{Event, Fact};
use crate::ids::UnitId;
use crate::record::Record;
use crate::roadworks::Closure;
use crate::rules::Rules;
use crate::vehicle::{CrewMember, MoveUpAdvice, Pause, Station, Unit, UnitSpec};

impl Record {
    pub(super) fn unit_mut(&mut self, id: UnitId) -> Option<&mut Unit> {
        self.units.get_mut(&id).map(Arc::make_mut)
    }

    pub(super) fn apply_master_data(&mut self, event: &Event) {
        match &event.fact {
            Fact::RulesAdopted { rules } => {
                // A journal may name a policy that this version no longer knows: the plainest stands in.
                self.policy = rules.policy.parse().unwrap_or_default();
                self.rules = Arc::new(Rules::clone(rules));
            }
            Fact::CoverAdopted { zones } => self.cover = Some(Arc::clone(zones)),
            Fact::StationRegistered { station } => {
                self.stations.insert(station.id, Arc::new(Station::clone(station)));
            }
            Fact::UnitRegistered { unit } => match self.unit_mut(unit.id) {
                Some(known) => known.spec = UnitSpec::clone(unit),
                None => {
                    self.units.insert(unit.id, Arc::new(Unit::new(UnitSpec::clone(unit))));
                }
            },
            Fact::HospitalRegistered { hospital } => {
                let diversion = self.hospitals.get(&hospital.id).and_then(|known| known.diversion.clone());
                self.hospitals.insert(
                    hospital.id,
                    Arc::new(Hospital { spec: HospitalSpec::clone(hospital), diversion }),
                );
            }
            _ => {}
        }
    }

    fn apply_move_up(&mut self, event: &Event) {
        let (unit, advice) = match &event.fact {
            Fact::MoveUpAdvised { advice } => {
                let gain_ppm = self.cover.as_ref().map_or(0, |zones| zones.gain_ppm(advice));
                (advice.unit, Some(Box::new(MoveUpAdvice { to: advice.to, gain_ppm, since: event.at })))
            }
            Fact::MoveUpDeclined { unit } => (*unit, None),
            _ => return,
        };
        if let Some(unit) = self.unit_mut(unit) {
            unit.advice = advice;
        }
    }

    pub(super) fn apply_resource(&mut self, event: &Event) {
        let at = event.at;
        match &event.fact {
            Fact::SignedOn { unit, name, role } => {
                if let Some(unit) = self.unit_mut(*unit) {
                    unit.crew.retain(|member| member.name != *name);
                    unit.crew.push(CrewMember { name: name.clone(), role: *role, since: at });
                }
                self.look_again_for_the_waiting(at);
            }
            Fact::SignedOff { unit, name } => {
                if let Some(unit) = self.unit_mut(*unit) {
                    unit.crew.retain(|member| member.name != *name);
                }
                self.look_again_for_the_waiting(at);
            }
            Fact::UnitPaused { unit, reason } => {
                if let Some(unit) = self.unit_mut(*unit) {
                    unit.advice = None;
                    unit.pause = Some(Pause { reason: reason.clone(), since: at });
                }
                self.look_again_for_the_waiting(at);
            }
            Fact::UnitResumed { unit } => {
                if let Some(unit) = self.unit_mut(*unit) {
                    unit.pause = None;
                }
                self.look_again_for_the_waiting(at);
            }
            Fact::MoveUpAdvised { .. } | Fact::MoveUpDeclined { .. } => self.apply_move_up(event),
            Fact::UnitPosted { unit, station } => {
                if let Some(unit) = self.unit_mut(*unit) {
                    unit.advice = None;
                    unit.posted = (*station != unit.spec.station).then_some(*station);
                }
            }
            Fact::UnitSilent { unit, since } => {
                if let Some(unit) = self.unit_mut(*unit) {
                    unit.silent_since = Some(*since);
                }
                self.look_again_for_the_waiting(at);
            }
            Fact::UnitHeard { unit } => {
                if let Some(unit) = self.unit_mut(*unit) {
                    unit.silent_since = None;
                }
                self.look_again_for_the_waiting(at);
            }
            Fact::HospitalDiverted { hospital, diversion } => {
                if let Some(hospital) = self.hospitals.get_mut(hospital).map(Arc::make_mut) {
                    hospital.diversion.clone_from(diversion);
                }
            }
            Fact::RoadClosed { closure } => {
                self.closures.insert(closure.id, Arc::new(Closure::clone(closure)));
                self.look_again_for_the_waiting(at);
            }
            Fact::RoadOpened { closure } => {
                self.closures.remove(closure);
                self.look_again_for_the_waiting(at);
            }
            _ => {}
        }
    }
}
