//! A repeat does no harm: an effect has the same id and content whenever it is worked out again, what was sent stays owed until its
//! delivery is on record, and a vehicle, a person or a delivery that repeats itself makes no second event.

use std::collections::BTreeMap;

use dispatch_core::assignment::StampSource;
use dispatch_core::effect::{Effect, EffectId, EffectKind};
use dispatch_core::ids::AssignmentId;
use dispatch_core::{Action, Command, Fact};

use super::{Checker, View};

/// See the file.
#[derive(Debug, Default)]
pub struct EffectsRepeatHarmless {
    /// What was sent, by id.
    sent: BTreeMap<EffectId, Effect>,
    /// Up to which event we know what was confirmed or is over.
    settled_up_to: usize,
}

impl EffectsRepeatHarmless {
    /// What was confirmed is no longer owed, nor what is about an order that is over: a crew is told of its end instead.
    fn forget_settled(&mut self, view: &View<'_>) {
        let from = self.settled_up_to.min(view.journal.len());
        for (number, event) in view.journal.iter().enumerate().skip(from) {
            let seq = number as u64 + 1;
            match &event.fact {
                Fact::EffectDelivered { effect } => {
                    self.sent.remove(effect);
                }
                Fact::AssignmentEnded { assignment, .. } => {
                    let over =
                        |id: &EffectId, effect: &Effect| id.seq < seq && about(effect) == Some(*assignment);
                    self.sent.retain(|id, effect| !over(id, effect));
                }
                _ => {}
            }
        }
        self.settled_up_to = view.journal.len();
    }
}

/// The order that an effect is about.
fn about(effect: &Effect) -> Option<AssignmentId> {
    match &effect.what {
        EffectKind::SendOrder { assignment }
        | EffectKind::UpdateOrder { assignment }
        | EffectKind::RecallOrder { assignment, .. }
        | EffectKind::SendDestination { assignment, .. } => Some(*assignment),
        EffectKind::SendMessage { .. } => None,
    }
}

impl Checker for EffectsRepeatHarmless {
    fn name(&self) -> &'static str {
        "effects_repeat_harmless"
    }

    fn carried_out(&mut self, view: &View<'_>, command: &Command) -> Result<(), String> {
        if !may_come_twice(&command.action) {
            return Ok(());
        }
        match view.centre.handle(command, view.now) {
            Ok(again) if !again.is_empty() => Err(format!("a repeat of {command:?} made {again:?}")),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn durable(&mut self, view: &View<'_>) -> Result<(), String> {
        for effect in view.centre.record().outbox().values() {
            let known = self.sent.entry(effect.id).or_insert_with(|| effect.clone());
            if known != effect {
                return Err(format!("effect {} was {known:?} and is {effect:?}", effect.id));
            }
        }
        self.forget_settled(view);
        Ok(())
    }

    fn restarted(&mut self, view: &View<'_>) -> Result<(), String> {
        // Part of what was under way reached the disk: it counts.
        self.forget_settled(view);
        for (id, sent) in &self.sent {
            match view.centre.record().outbox().get(id) {
                Some(owed) if owed == sent => {}
                other => {
                    return Err(format!(
                        "effect {id} was sent as {sent:?}, not confirmed, and after a restart is {other:?}"
                    ));
                }
            }
        }
        Ok(())
    }
}

/// What reaches the centre again when an answer was lost on the way.
fn may_come_twice(action: &Action) -> bool {
    match action {
        Action::ReportStage { source, .. } => matches!(source, StampSource::Terminal | StampSource::Motion),
        Action::EndAssignment { source, .. } => *source == StampSource::Terminal,
        Action::ConfirmDelivery { .. }
        | Action::AcknowledgeArrival { .. }
        | Action::AcknowledgeEscalation { .. }
        | Action::ChooseDestination { .. }
        | Action::SignOn { .. }
        | Action::SignOff { .. }
        | Action::PauseUnit { .. }
        | Action::ResumeUnit { .. }
        | Action::NoteSilence { .. }
        | Action::NoteHeard { .. }
        | Action::WakeIncident { .. }
        | Action::RecordProposal { .. }
        | Action::AssignUnit { .. }
        | Action::ReceiveCall { .. }
        | Action::EnterPaperForm { .. }
        | Action::CreateIncident { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::checkers::broken::Broken;

    #[test]
    fn an_effect_that_changes_or_is_forgotten_is_found() {
        let mut history = Broken::with_one_order();
        let mut checker = EffectsRepeatHarmless::default();
        checker.durable(&history.view()).unwrap();
        assert_eq!(checker.restarted(&history.view()), Ok(()));
        history.replace_last_event();
        assert!(checker.durable(&history.view()).unwrap_err().contains("effect"));
        history.lose_the_record();
        assert!(checker.restarted(&history.view()).unwrap_err().contains("after a restart is None"));
    }

    #[test]
    fn a_command_whose_repeat_makes_a_second_event_is_found() {
        // The centre as it was before the command: as if it had not taken it in.
        let mut history = Broken::with_one_order();
        let press = history.press_command();
        assert!(
            EffectsRepeatHarmless::default()
                .carried_out(&history.view(), &press)
                .unwrap_err()
                .contains("a repeat of")
        );
        history.acknowledge();
        assert_eq!(EffectsRepeatHarmless::default().carried_out(&history.view(), &press), Ok(()));
    }
}
