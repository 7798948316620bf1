//! Decisions about what leaves this centre: offered to another centre until that takes it, or named another service.

use super::incidents::recall;
use super::{Decision, DispatchCentre, check_text};
use crate::actor::Actor;
use crate::assignment::Stage;
use crate::command::Action;
use crate::event::Fact;
use crate::ids::IncidentId;
use crate::incident::{Call, CallState, Handoff, Incident, IncidentKind, Level, Offered};
use crate::refusal::Refusal;
use crate::time::UtcTime;

impl DispatchCentre {
    pub(super) fn decide_handoff(&self, action: &Action, by: &Actor, now: UtcTime) -> Decision {
        match action {
            Action::OfferHandoff { about, to, reason } => self.offer(*about, to, reason),
            Action::AcceptHandoff { about, accepted_by } => {
                check_text("who took it", accepted_by)?;
                if !matches!(by, Actor::Person { .. }) {
                    return Err(Refusal::NotAllowed {
                        what: "that another centre took it is recorded by a person at a seat",
                    });
                }
                self.accept(*about, accepted_by, now)
            }
            Action::WithdrawHandoff { about, reason } => {
                check_text("the reason", reason)?;
                self.offered(*about)?.ok_or(Refusal::NotOffered)?;
                Ok(vec![Fact::HandoffWithdrawn { about: *about, reason: reason.clone() }])
            }
            Action::RedirectIncident { incident, to, reason } => self.redirect(*incident, to, reason, now),
            _ => unreachable!("only actions about what leaves the centre are sent here"),
        }
    }

    fn offer(&self, about: Offered, to: &str, reason: &str) -> Decision {
        check_text("the other centre", to)?;
        check_text("the reason", reason)?;
        if let Some(known) = self.offered(about)?
            && known.to == to
        {
            return Ok(Vec::new());
        }
        Ok(vec![Fact::HandoffOffered { about, to: to.to_owned(), reason: reason.to_owned() }])
    }

    /// It is theirs: whoever of ours is still on the way turns back.
    fn accept(&self, about: Offered, accepted_by: &str, now: UtcTime) -> Decision {
        let to = self.offered(about)?.ok_or(Refusal::NotOffered)?.to.clone();
        let mut facts = match about {
            Offered::Call(_) => Vec::new(),
            Offered::Incident(incident) => {
                self.turn_back_all(incident, "已移交其他中心 · taken by another centre", now)?
            }
        };
        facts.push(Fact::HandoffAccepted { about, to, accepted_by: accepted_by.to_owned() });
        Ok(facts)
    }

    /// What is not urgent goes to a service of another kind. Whoever is urgent is triaged anew first, by a person.
    fn redirect(&self, incident: IncidentId, to: &str, reason: &str, now: UtcTime) -> Decision {
        check_text("the other service", to)?;
        check_text("the reason", reason)?;
        let it = self.open_incident(incident)?;
        if it.sketch.kind == IncidentKind::Emergency && it.sketch.triage.level != Level::IV {
            return Err(Refusal::NotAllowed {
                what: "only what is not urgent (level IV) goes to another service: triage it anew first",
            });
        }
        let mut facts = self.turn_back_all(incident, "已转非急救服务 · goes to another service", now)?;
        facts.push(Fact::IncidentRedirected { incident, to: to.to_owned(), reason: reason.to_owned() });
        Ok(facts)
    }

    fn turn_back_all(&self, incident: IncidentId, reason: &str, now: UtcTime) -> Result<Vec<Fact>, Refusal> {
        let it = self.open_incident(incident)?;
        if self.record.open_assignments_of(incident).any(|a| a.stage >= Stage::OnScene) {
            return Err(Refusal::UnitsOnIt { number: it.number });
        }
        self.check_nobody_waits(incident)?;
        Ok(self.record.open_assignments_of(incident).map(|a| recall(a, reason, now)).collect())
    }

    /// The offer that stands, of something that is still ours.
    fn offered(&self, about: Offered) -> Result<Option<&Handoff>, Refusal> {
        let handoff = match about {
            Offered::Call(call) => {
                let it: &Call = self.call(call)?;
                let open = [CallState::Ringing, CallState::Answered];
                super::calls::expect(it, &open, "hand over the incident it belongs to")?;
                it.handoff.as_ref()
            }
            Offered::Incident(incident) => {
                let it: &Incident = self.open_incident(incident)?;
                it.handoff.as_ref()
            }
        };
        Ok(handoff.filter(|handoff| handoff.is_pending()))
    }
}
