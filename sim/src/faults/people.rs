//! Callers and dispatchers of the simulated world. They work at whichever machine says that it leads, and ask again when it does not answer.

use std::sync::Arc;

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Grounds, gather, propose};
use dispatch_core::ids::{AssignmentId, CallId, IncidentId, ProposalId, UnitId};
use dispatch_core::incident::{CallEnd, CallSource, CallState};
use dispatch_core::leadership::{Input, Order, State};
use dispatch_core::private::Private;
use dispatch_core::rules::Rules;
use dispatch_core::vehicle::CrewRole;
use dispatch_core::{Action, Span};
use serde_json::json;

use super::world::World;
use crate::check::Broken;
use crate::check::people::{emergency, place};

impl World {
    /// What people do in one step of time.
    pub(super) fn people(&mut self) -> Result<(), Broken> {
        for at in 0..2 {
            let Some(process) = self.sites[at].process.as_ref() else { continue };
            if !self.sites[at].is_awake(self.elapsed_us) || !process.decides() {
                continue;
            }
            if process.centre.record().units().is_empty() {
                self.master_data(at)?;
                continue;
            }
            if self.chance.yes(0.03) {
                self.act(at)?;
            }
            if self.chance.yes(0.05) {
                self.crew_step(at);
            }
            if self.chance.yes(0.02) {
                self.bring_in(at)?;
            }
            if !self.calm && self.chance.yes(0.0004) {
                self.tell(at, Input::Ordered { order: Order::HandOver }, &[])?;
            }
        }
        self.promote()
    }

    /// The operators' last resort: nobody led for so long that two people promote a machine.
    fn promote(&mut self) -> Result<(), Broken> {
        let leads = |state: State| matches!(state, State::Normal | State::Journal | State::HandOver);
        let state = |at: usize| self.sites[at].process.as_ref().map(|process| process.node.state());
        if [0, 1].into_iter().filter_map(state).any(leads) {
            self.ledger.led_at_us = self.elapsed_us;
        }
        if self.elapsed_us - self.ledger.led_at_us > PROMOTE_AFTER_US && self.chance.yes(0.02) {
            let at = self.chance.below(2);
            self.ledger.led_at_us = self.elapsed_us;
            let persons = ["王芳".to_owned(), "李强".to_owned()];
            return self.tell(at, Input::Ordered { order: Order::Promote { persons } }, &[]);
        }
        Ok(())
    }

    fn act(&mut self, at: usize) -> Result<(), Broken> {
        match self.chance.weighted([1.0, 3.0, 3.0, 3.0].into_iter()) {
            0 => self.call_arrives(at),
            1 => self.call_taker(at),
            2 => self.propose_one(at),
            _ => self.assign_one(at),
        }
    }

    fn call_arrives(&mut self, at: usize) -> Result<(), Broken> {
        let call = CallId::new(self.uuid());
        let place = place(self.chance.between(0.0, 20.0));
        let phone = Private::new("13800000000".to_owned());
        let (source, text) = (CallSource::Telephone, None);
        let taken = self.ask(
            at,
            dispatcher(),
            Action::ReceiveCall { call, source, phone, text_only: false, place, text },
        )?;
        self.tally.calls += u64::from(taken);
        Ok(())
    }

    fn call_taker(&mut self, at: usize) -> Result<(), Broken> {
        let Some(process) = &self.sites[at].process else { return Ok(()) };
        let waiting = |state| matches!(state, CallState::Ringing | CallState::Answered);
        let calls: Vec<_> =
            process.centre.record().calls().values().filter(|call| waiting(call.state())).cloned().collect();
        if calls.is_empty() {
            return Ok(());
        }
        let call = Arc::clone(self.chance.pick(&calls));
        let action = match call.state() {
            CallState::Ringing => Action::AnswerCall { call: call.id },
            _ if self.chance.yes(0.1) => Action::EndCall { call: call.id, how: CallEnd::Advice },
            _ => {
                let incident = IncidentId::new(self.uuid());
                Action::CreateIncident {
                    incident,
                    call: Some(call.id),
                    sketch: emergency(call.place.clone()).into(),
                }
            }
        };
        self.ask(at, dispatcher(), action).map(|_| ())
    }

    fn propose_one(&mut self, at: usize) -> Result<(), Broken> {
        let now = self.sites[at].wall(self.now());
        let Some(process) = &self.sites[at].process else { return Ok(()) };
        let Some(incident) = process.centre.record().proposals_wanted().first().copied() else {
            return Ok(());
        };
        let picture = process.centre.fleet().picture(now);
        let Ok(inputs) = gather(process.centre.record(), &picture, None, incident, now) else {
            return Ok(());
        };
        let proposal = Arc::new(propose(ProposalId::new(self.uuid()), inputs));
        self.ask(at, Actor::rule("proposal"), Action::RecordProposal { proposal }).map(|_| ())
    }

    /// Sends any unit; the core refuses one that is taken.
    fn assign_one(&mut self, at: usize) -> Result<(), Broken> {
        let Some(process) = &self.sites[at].process else { return Ok(()) };
        let record = process.centre.record();
        let short: Vec<IncidentId> = record
            .open_incidents()
            .map(|incident| incident.id)
            .filter(|id| record.units_short(*id) > 0)
            .collect();
        let units: Vec<UnitId> = record.units().keys().copied().collect();
        if short.is_empty() {
            return Ok(());
        }
        let (incident, unit) = (*self.chance.pick(&short), *self.chance.pick(&units));
        let proposal = record_proposal(self, at, incident);
        let assignment = AssignmentId::new(self.uuid());
        let reason = Some("电话确认更近".to_owned());
        let grounds = Grounds::default();
        let action = Action::AssignUnit { assignment, incident, unit, proposal, reason, grounds };
        self.ask(at, dispatcher(), action).map(|_| ())
    }

    /// The first leader registers what the centre has. Asked again by whoever finds nothing there.
    fn master_data(&mut self, at: usize) -> Result<(), Broken> {
        let known = "invariant: master data as written";
        let by = || Actor::rule("start");
        let rules = Rules { ended_kept_s: Span::seconds(2 * 3600), ..Rules::default() };
        self.ask(at, by(), Action::AdoptRules { rules })?;
        let station = json!({ "id": "S01", "name": "站", "position": place(3.0).position });
        self.ask(
            at,
            by(),
            Action::RegisterStation { station: serde_json::from_value(station).expect(known) },
        )?;
        for number in 0..UNITS {
            let unit: UnitId = format!("A{:02}", number + 1).parse().expect(known);
            let spec = json!({ "id": unit, "station": "S01", "skills": [] });
            self.ask(at, by(), Action::RegisterUnit { unit: serde_json::from_value(spec).expect(known) })?;
            let (name, role) = (format!("{unit} 驾驶员"), CrewRole::Driver);
            self.ask(at, Actor::Crew { unit }, Action::SignOn { unit, name, role })?;
        }
        Ok(())
    }

    fn uuid(&mut self) -> uuid::Uuid {
        let at_ms = self.now().micros().unsigned_abs() / 1_000;
        self.chance.uuid(at_ms)
    }
}

fn record_proposal(world: &World, at: usize, incident: IncidentId) -> Option<ProposalId> {
    world.sites[at].process.as_ref()?.centre.record().incident(incident)?.proposal
}

pub(super) fn dispatcher() -> Actor {
    Actor::Person { name: "王芳".to_owned(), seat: "01".to_owned() }
}

const UNITS: usize = 8;
const PROMOTE_AFTER_US: u64 = 20_000_000;
