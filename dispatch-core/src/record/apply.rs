//! How an event changes the record: one arm each. Nothing here can fail or decide; that was done before.

use crate::centre::add_deadlines;
use crate::effect::effects;
use crate::escalation::{About, Escalation};
use crate::event::{Event, Fact};
use crate::record::{Ended, Record};
use crate::timers::cause_since;

impl Record {
    /// Takes in the next event, and adds of what it may have moved a deadline, some of it perhaps twice.
    pub fn apply(&mut self, event: &Event, touched: &mut Vec<About>) {
        let before = touched.len();
        if let Fact::EffectDelivered { .. } = event.fact {
            // Afterwards nobody can say what the effect was about; of any other fact the record says it.
            add_deadlines(&event.fact, self, touched);
        }
        self.seq += 1;
        self.apply_fact(event);
        if !self.accidents.is_empty() {
            self.move_casualties(&event.fact);
        }
        let effects = effects(self.seq, event, self);
        // As most have none.
        if !effects.is_empty() {
            self.outbox.extend(effects.into_iter().map(|effect| (effect.id, effect)));
        }
        add_deadlines(&event.fact, self, touched);
        if !self.escalations.is_empty() {
            for thing in &touched[before..] {
                self.clear_escalations(*thing);
            }
        }
        self.forget_ended(event);
    }

    /// Takes down the escalations about one thing whose cause is gone.
    fn clear_escalations(&mut self, about: About) {
        let standing = self.escalations.keys().filter(|key| key.about == about);
        let gone: Vec<_> = standing.copied().filter(|key| cause_since(self, *key).is_none()).collect();
        for key in gone {
            self.escalations.remove(&key);
        }
    }

    fn apply_fact(&mut self, event: &Event) {
        match &event.fact {
            Fact::RulesAdopted { .. }
            | Fact::StationRegistered { .. }
            | Fact::UnitRegistered { .. }
            | Fact::HospitalRegistered { .. }
            | Fact::CoverAdopted { .. } => self.apply_master_data(event),
            Fact::MoveUpAdvised { .. }
            | Fact::MoveUpDeclined { .. }
            | Fact::UnitPosted { .. }
            | Fact::SignedOn { .. }
            | Fact::SignedOff { .. }
            | Fact::UnitPaused { .. }
            | Fact::UnitResumed { .. }
            | Fact::UnitSilent { .. }
            | Fact::UnitHeard { .. }
            | Fact::HospitalDiverted { .. }
            | Fact::RoadClosed { .. }
            | Fact::RoadOpened { .. } => self.apply_resource(event),
            Fact::CallReceived { .. }
            | Fact::CallAnswered { .. }
            | Fact::LineWritten { .. }
            | Fact::CallLocated { .. }
            | Fact::CallJoined { .. }
            | Fact::CallParted { .. }
            | Fact::CallEnded { .. }
            | Fact::CallerRevealed { .. } => self.apply_call(event),
            Fact::IncidentCreated { .. }
            | Fact::IncidentChanged { .. }
            | Fact::IncidentMerged { .. }
            | Fact::IncidentSplit { .. }
            | Fact::IncidentHeld { .. }
            | Fact::IncidentWoken { .. }
            | Fact::IncidentCancelled { .. }
            | Fact::IncidentRedirected { .. }
            | Fact::IncidentDone { .. }
            | Fact::ProposalMade { .. } => self.apply_incident(event),
            Fact::UnitReserved { .. } | Fact::ReservationReleased { .. } => self.apply_reservation(event),
            Fact::HandoffOffered { .. } | Fact::HandoffAccepted { .. } | Fact::HandoffWithdrawn { .. } => {
                self.apply_handoff(event);
            }
            Fact::AccidentDeclared { .. } | Fact::AccidentChanged { .. } | Fact::AccidentClosed { .. } => {
                self.apply_accident(event);
            }
            Fact::UnitAssigned { .. }
            | Fact::StageReported { .. }
            | Fact::StageCorrected { .. }
            | Fact::AssignmentEnded { .. }
            | Fact::DestinationChosen { .. }
            | Fact::PatientCharted { .. }
            | Fact::ArrivalAcknowledged { .. } => self.apply_assignment(event),
            Fact::EffectDelivered { effect } => self.deliver(*effect, event.at),
            Fact::EscalationRaised { escalation } => {
                let raised = Escalation { key: *escalation, raised_at: event.at, acknowledged: None };
                self.escalations.insert(*escalation, raised);
                self.want_another_unit_after(*escalation, event.at);
            }
            Fact::EscalationAcknowledged { escalation } => {
                if let Some(standing) = self.escalations.get_mut(escalation) {
                    standing.acknowledged = Some((event.at, event.by.to_string()));
                }
            }
            Fact::CallEnteredFromPaper { .. } | Fact::IncidentEnteredFromPaper { .. } => {
                self.apply_paper(event);
            }
            Fact::PersonalDataErased { subjects, .. } => self.erase(subjects),
            // A message lives in the outbox until it is delivered; the record keeps no copy. What was brought in is on record.
            Fact::CrewMessaged { .. } | Fact::EventsBroughtIn { .. } => {}
        }
    }

    fn forget_ended(&mut self, event: &Event) {
        let kept = self.rules.ended_kept_s;
        while let Some(&(at, ended)) = self.ended.first() {
            if at + kept >= event.at {
                break;
            }
            self.ended.pop_first();
            match ended {
                // The table of an accident counts what is known of its scenes: they leave the record with it.
                Ended::Incident(incident) if self.accident_of(incident).is_some() => {
                    self.ended.insert((event.at, ended));
                }
                Ended::Call(call) => {
                    self.calls.remove(&call);
                }
                Ended::Incident(incident) => self.forget_incident(incident),
                Ended::Accident(accident) => {
                    self.accidents.remove(&accident);
                }
            }
        }
    }
}
