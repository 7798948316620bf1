//! What the centre sends: orders, recalls, hospitals, messages, stages recorded at the desk. Each is on disk before it
//! is acknowledged; a repeat changes nothing; what comes from a lower epoch is refused.

use std::time::Instant;

use link::v1::{
    Delivery, DeliveryAck, DeliveryOutcome, Destination, Order, Recall, Stage, StageRecorded, delivery,
};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use super::order::{End, HeldOrder, MarkSource};
use super::words::recall_word;
use super::{Duty, NotTaken};
use crate::clock::rfc3339;
use crate::spool::{Change, MESSAGES_KEPT_MAX, SpoolError};

/// A line from the centre.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CentreMessage {
    /// The delivery's effect id.
    pub id: String,
    /// Which order it is about, if one.
    pub assignment: Option<String>,
    /// What it says.
    pub text: String,
    /// Which seat.
    pub from: String,
    /// RFC 3339 UTC.
    pub at: String,
    /// To be shown over everything else.
    pub urgent: bool,
    /// Whether the crew has read it.
    pub read: bool,
}

/// Something that the crew should know.
#[derive(Clone, Debug, Serialize)]
pub struct Notice {
    /// RFC 3339 UTC.
    pub at: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Duty {
    /// Takes a delivery. The answer may be sent once this returns.
    pub fn deliver(&mut self, wall: Instant, delivery: Delivery) -> Result<DeliveryAck, SpoolError> {
        let effect_id = delivery.effect_id.clone();
        let answer = |outcome: DeliveryOutcome, text: String| DeliveryAck {
            effect_id: effect_id.clone(),
            outcome: outcome.into(),
            highest_epoch: None,
            text,
        };
        let (Some(epoch), 1..=link::EFFECT_ID_BYTES_MAX) = (delivery.epoch, delivery.effect_id.len()) else {
            return Ok(answer(DeliveryOutcome::Malformed, "effect_id and epoch are needed".into()));
        };
        let mut epochs = self.epochs;
        let is_new_epoch = match epochs.admit(epoch) {
            Ok(is_new) => is_new,
            Err(lower) => {
                warn!(%lower, "delivery refused");
                let mut refusal = answer(DeliveryOutcome::RefusedLowerEpoch, lower.to_string());
                refusal.highest_epoch = Some(lower.highest);
                return Ok(refusal);
            }
        };
        if let Some(outcome) = self.spool.outcome_of(&delivery.effect_id)? {
            let outcome = DeliveryOutcome::try_from(outcome).unwrap_or(DeliveryOutcome::Stored);
            return Ok(answer(outcome, String::new()));
        }
        let mut change = Change { epoch: is_new_epoch.then_some(epoch), ..Change::default() };
        let (outcome, text) = match delivery.content.clone() {
            Some(delivery::Content::Order(order)) => self.take_order(wall, delivery, &order, &mut change),
            Some(delivery::Content::Recall(recall)) => self.take_recall(recall, &mut change),
            Some(delivery::Content::Destination(to)) => self.take_destination(to, &mut change),
            Some(delivery::Content::CrewMessage(message)) => {
                let message = CentreMessage {
                    id: effect_id.clone(),
                    assignment: Some(message.assignment_id).filter(|id| !id.is_empty()),
                    text: message.text,
                    from: message.from,
                    at: rfc3339(message.sent_at_unix_ms),
                    urgent: message.urgent,
                    read: false,
                };
                change.message = Some((effect_id.clone(), json(&message)));
                if self.messages.len() >= MESSAGES_KEPT_MAX {
                    self.messages.remove(0);
                }
                self.messages.push(message);
                (DeliveryOutcome::Stored, "")
            }
            Some(delivery::Content::StageRecorded(stage)) => self.take_stage(&stage, &mut change),
            None => (DeliveryOutcome::Unsupported, "this agent does not know this kind of delivery"),
        };
        // What found no room is taken when it comes again and there is some.
        let is_final = outcome != DeliveryOutcome::Full;
        change.delivery = is_final.then(|| (effect_id.clone(), outcome.into()));
        self.store(change)?;
        self.epochs = epochs;
        self.drop_ended()?;
        info!(effect_id, ?outcome, "delivery");
        Ok(answer(outcome, text.into()))
    }

    /// The crew has read a message.
    pub fn read(&mut self, id: &str) -> Result<(), NotTaken> {
        let message = self.messages.iter_mut().find(|message| message.id == id);
        let message = message.ok_or_else(|| NotTaken::UnknownMessage(id.to_owned()))?;
        message.read = true;
        let change = Change { message: Some((id.to_owned(), json(message))), ..Change::default() };
        self.store(change)?;
        Ok(())
    }

    fn take_order(
        &mut self,
        wall: Instant,
        delivery: Delivery,
        order: &Order,
        change: &mut Change,
    ) -> (DeliveryOutcome, &'static str) {
        if order.assignment_id.is_empty() || order.route.len() > link::ROUTE_POINTS_MAX {
            return (DeliveryOutcome::Malformed, "assignment_id is needed; a route has at most 1000 points");
        }
        if let Some(held) = self.held_mut(&order.assignment_id) {
            held.delivery = delivery;
            held.aim();
            change.order = Some(held.row());
            return (DeliveryOutcome::Stored, "");
        }
        if self.orders.len() >= link::ORDERS_HELD_MAX {
            // A crew that never takes recalled orders off its screen must get the next one all the same.
            let Some(oldest_over) = self.orders.iter().position(|held| held.record.end.is_some()) else {
                return (DeliveryOutcome::Full, "this vehicle holds as many orders as it can");
            };
            let leaving = self.orders.remove(oldest_over).order().assignment_id.clone();
            self.forget_patients(&leaving);
            change.removed_order = Some(leaving);
        }
        let received = self.clock.now_unix_ms(wall);
        let held = HeldOrder::new(delivery, received, self.last_place());
        change.order = Some(held.row());
        self.orders.push(held);
        (DeliveryOutcome::Stored, "")
    }

    fn take_recall(&mut self, recall: Recall, change: &mut Change) -> (DeliveryOutcome, &'static str) {
        let kind = recall_word(recall.kind());
        let Some(held) = self.held_mut(&recall.assignment_id) else { return UNKNOWN };
        if held.record.end.is_none() {
            held.record.end = Some(End {
                kind: kind.to_owned(),
                reason: recall.reason,
                at_unix_ms: recall.recalled_at_unix_ms,
                report: None,
            });
        }
        change.order = Some(held.row());
        (DeliveryOutcome::Stored, "")
    }

    fn take_destination(&mut self, to: Destination, change: &mut Change) -> (DeliveryOutcome, &'static str) {
        let Some(held) = self.held_mut(&to.assignment_id) else { return UNKNOWN };
        if to.chosen_at_unix_ms >= held.record.hospital_chosen_unix_ms {
            held.record.hospital_chosen_unix_ms = to.chosen_at_unix_ms;
            held.order_mut().hospital = to.hospital;
            held.aim();
        }
        change.order = Some(held.row());
        (DeliveryOutcome::Stored, "")
    }

    fn take_stage(
        &mut self,
        recorded: &StageRecorded,
        change: &mut Change,
    ) -> (DeliveryOutcome, &'static str) {
        let Some(held) = self.held_mut(&recorded.assignment_id) else { return UNKNOWN };
        let stage = recorded.stage();
        if stage != Stage::Unspecified {
            held.mark(stage, recorded.happened_at_unix_ms, MarkSource::Centre, None);
            held.watch.press(stage);
        }
        if recorded.ends_assignment && held.record.end.is_none() {
            held.record.end = Some(End {
                kind: "by_centre".into(),
                reason: String::new(),
                at_unix_ms: recorded.happened_at_unix_ms,
                report: None,
            });
        }
        change.order = Some(held.row());
        (DeliveryOutcome::Stored, "")
    }

    fn held_mut(&mut self, assignment: &str) -> Option<&mut HeldOrder> {
        self.orders.iter_mut().find(|held| held.order().assignment_id == assignment)
    }
}

const UNKNOWN: (DeliveryOutcome, &str) = (DeliveryOutcome::UnknownAssignment, "no such order is held here");

fn json(message: &CentreMessage) -> String {
    serde_json::to_string(message).expect("invariant: a message is plain JSON")
}
