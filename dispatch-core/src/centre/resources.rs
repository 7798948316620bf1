//! Decisions about what the centre works with: rules, stations, units, crews, hospitals, roads, deliveries.

use std::sync::Arc;

use super::{Decision, DispatchCentre, check_text};
use crate::actor::Actor;
use crate::command::Action;
use crate::destination::Hospital;
use crate::event::Fact;
use crate::ids::{HospitalId, StationId, UnitId};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::roadworks::Closure;
use crate::time::UtcTime;
use crate::vehicle::{CrewRole, Unit};

impl DispatchCentre {
    pub(super) fn unit(&self, unit: UnitId) -> Result<&Unit, Refusal> {
        self.record.unit(unit).ok_or(Refusal::UnknownUnit { unit })
    }

    pub(super) fn hospital(&self, hospital: HospitalId) -> Result<&Hospital, Refusal> {
        self.record.hospitals().get(&hospital).map(AsRef::as_ref).ok_or(Refusal::UnknownHospital { hospital })
    }

    pub(super) fn decide_resource(&self, action: &Action, by: &Actor, now: UtcTime) -> Decision {
        match action {
            Action::AdoptRules { .. }
            | Action::RegisterStation { .. }
            | Action::RegisterUnit { .. }
            | Action::RegisterHospital { .. }
            | Action::AdoptCover { .. } => self.register(action),
            Action::SignOn { unit, name, role } => {
                check_own_unit(*unit, by)?;
                self.sign_on(*unit, name, *role)
            }
            Action::SignOff { unit, name } => {
                check_own_unit(*unit, by)?;
                let known = self.unit(*unit)?.crew.iter().any(|member| member.name == *name);
                Ok(only_if(known, Fact::SignedOff { unit: *unit, name: name.clone() }))
            }
            Action::PauseUnit { unit, reason } => {
                check_text("the reason", reason)?;
                check_own_unit(*unit, by)?;
                let free = self.unit(*unit)?.pause.is_none();
                Ok(only_if(free, Fact::UnitPaused { unit: *unit, reason: reason.clone() }))
            }
            Action::ResumeUnit { unit } => {
                check_own_unit(*unit, by)?;
                let paused = self.unit(*unit)?.pause.is_some();
                Ok(only_if(paused, Fact::UnitResumed { unit: *unit }))
            }
            Action::PostUnit { unit, station } => self.post(*unit, *station),
            Action::AcceptMoveUp { unit, station } => self.accept_move_up(*unit, *station),
            Action::DeclineMoveUp { unit, station } => self.decline_move_up(*unit, *station),
            Action::NoteSilence { unit, since } => {
                let heard = self.unit(*unit)?.silent_since.is_none();
                Ok(only_if(heard, Fact::UnitSilent { unit: *unit, since: *since }))
            }
            Action::NoteHeard { unit } => {
                let silent = self.unit(*unit)?.silent_since.is_some();
                Ok(only_if(silent, Fact::UnitHeard { unit: *unit }))
            }
            Action::MessageCrew { unit, text } => {
                check_text("the message", text)?;
                self.unit(*unit)?;
                Ok(vec![Fact::CrewMessaged { unit: *unit, text: text.clone() }])
            }
            Action::DivertHospital { hospital, diversion } => {
                if let Some(diversion) = diversion {
                    check_text("the reason", &diversion.reason)?;
                    check_text("the authority", &diversion.authority)?;
                }
                let same = self.hospital(*hospital)?.diversion == *diversion;
                let fact = Fact::HospitalDiverted { hospital: *hospital, diversion: diversion.clone() };
                Ok(only_if(!same, fact))
            }
            Action::CloseRoad { closure } => self.close_road(closure, now),
            Action::OpenRoad { closure } => {
                if !self.record.closures().contains_key(closure) {
                    return Err(Refusal::UnknownClosure { closure: *closure });
                }
                Ok(vec![Fact::RoadOpened { closure: *closure }])
            }
            Action::ConfirmDelivery { effect } => {
                let waiting = self.record.outbox().contains_key(effect);
                Ok(only_if(waiting, Fact::EffectDelivered { effect: *effect }))
            }
            Action::AcknowledgeEscalation { escalation } => {
                let standing = self.record.escalations().get(escalation).ok_or(Refusal::UnknownEscalation)?;
                let new = standing.acknowledged.is_none();
                Ok(only_if(new, Fact::EscalationAcknowledged { escalation: *escalation }))
            }
            _ => unreachable!("only actions about resources are sent here"),
        }
    }

    fn register(&self, action: &Action) -> Decision {
        Ok(match action {
            Action::AdoptRules { rules } => {
                rules.policy.parse::<Policy>()?;
                if let Some(problem) = rules.override_reasons.problem() {
                    return Err(Refusal::OverrideReasons { problem });
                }
                if let Some(problem) = rules.response_plans.problem() {
                    return Err(Refusal::ResponsePlans { problem });
                }
                if let Some(problem) = rules.shifts.problem() {
                    return Err(Refusal::Shifts { problem });
                }
                if let Some(problem) = rules.station_areas.problem() {
                    return Err(Refusal::StationAreas { problem });
                }
                if let Some(problem) = rules.mutual_aid.problem() {
                    return Err(Refusal::MutualAid { problem });
                }
                if let Some(problem) = rules.traffic.problem() {
                    return Err(Refusal::Traffic { problem });
                }
                only_if(
                    self.record.seq() == 0 || self.record.rules() != rules,
                    Fact::RulesAdopted { rules: Box::new(rules.clone()) },
                )
            }
            Action::AdoptCover { zones } => {
                if !zones.is_sound() {
                    return Err(Refusal::NotAllowed { what: "these zones of cover contradict themselves" });
                }
                let same = self.record.cover().is_some_and(|known| *known == **zones);
                only_if(!same, Fact::CoverAdopted { zones: Arc::clone(zones) })
            }
            Action::RegisterStation { station } => {
                let same = self.record.stations().get(&station.id).is_some_and(|known| **known == *station);
                only_if(!same, Fact::StationRegistered { station: Box::new(station.clone()) })
            }
            Action::RegisterUnit { unit } => {
                if !self.record.stations().contains_key(&unit.station) {
                    return Err(Refusal::UnknownStation { station: unit.station });
                }
                let same = self.record.unit(unit.id).is_some_and(|known| known.spec == *unit);
                only_if(!same, Fact::UnitRegistered { unit: Box::new(unit.clone()) })
            }
            Action::RegisterHospital { hospital } => {
                let same =
                    self.record.hospitals().get(&hospital.id).is_some_and(|known| known.spec == *hospital);
                only_if(!same, Fact::HospitalRegistered { hospital: Box::new(hospital.clone()) })
            }
            _ => unreachable!("only master data is sent here"),
        })
    }

    fn post(&self, unit: UnitId, station: StationId) -> Decision {
        if !self.record.stations().contains_key(&station) {
            return Err(Refusal::UnknownStation { station });
        }
        let elsewhere = self.unit(unit)?.standby() != station;
        Ok(only_if(elsewhere, Fact::UnitPosted { unit, station }))
    }

    fn decline_move_up(&self, unit: UnitId, station: StationId) -> Decision {
        let standing = self.unit(unit)?.advice.as_ref().is_some_and(|advice| advice.to == station);
        Ok(only_if(standing, Fact::MoveUpDeclined { unit }))
    }

    /// Advice is followed only while it holds: nobody waits for a unit, this one is free, and the same would be advised now.
    fn accept_move_up(&self, unit: UnitId, station: StationId) -> Decision {
        let it = self.unit(unit)?;
        if it.standby() == station {
            return Ok(Vec::new());
        }
        let standing = it.is_free()
            && it.advice.as_ref().is_some_and(|advice| advice.to == station)
            && self.record.waiting_incidents().next().is_none();
        let policy = self.record.policy().move_up.filter(|_| standing);
        let now = policy.and_then(|policy| policy.advise(&self.record, self.record.cover()?, unit));
        if now.is_none_or(|advice| advice.to != station) {
            return Err(Refusal::MoveUpStale { unit, station });
        }
        Ok(vec![Fact::UnitPosted { unit, station }])
    }

    fn sign_on(&self, unit: UnitId, name: &str, role: CrewRole) -> Decision {
        check_text("the name", name)?;
        let it = self.unit(unit)?;
        if it.crew.iter().any(|member| member.name == name && member.role == role) {
            return Ok(Vec::new());
        }
        if it.crew.len() >= Unit::CREW_MAX {
            return Err(Refusal::TooMany { what: "people on one unit", count_max: Unit::CREW_MAX });
        }
        Ok(vec![Fact::SignedOn { unit, name: name.to_owned(), role }])
    }

    fn close_road(&self, closure: &Closure, now: UtcTime) -> Decision {
        check_text("the reason", &closure.reason)?;
        if closure.ways.is_empty() {
            return Err(Refusal::Empty { what: "the list of ways" });
        }
        if closure.ways.len() > Closure::WAYS_MAX {
            return Err(Refusal::TooMany { what: "ways in one closure", count_max: Closure::WAYS_MAX });
        }
        if self.record.closures().contains_key(&closure.id) {
            return Err(Refusal::IdInUse { id: closure.id.to_string() });
        }
        Ok(vec![Fact::RoadClosed { closure: Box::new(Closure { since: now, ..closure.clone() }) }])
    }
}

fn check_own_unit(unit: UnitId, by: &Actor) -> Result<(), Refusal> {
    match by {
        Actor::Crew { unit: own } if *own != unit => Err(Refusal::NotYours { unit: *own }),
        _ => Ok(()),
    }
}

fn only_if(wanted: bool, fact: Fact) -> Vec<Fact> {
    wanted.then_some(fact).into_iter().collect()
}
