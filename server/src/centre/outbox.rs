//! What is to be said to vehicles, with all that the message needs. The record knows which effects are undelivered; this
//! file puts the words to them and tells those who carry them.

use std::sync::Arc;

use dispatch_core::actor::Actor;
use dispatch_core::assignment::Assignment;
use dispatch_core::destination::HospitalSpec;
use dispatch_core::effect::{Effect, EffectId, EffectKind};
use dispatch_core::ids::{AssignmentId, UnitId};
use dispatch_core::incident::{Call, Incident};
use dispatch_core::journal::Epoch;
use dispatch_core::{Fact, Record};
use tokio::sync::broadcast;

use super::Journalled;

/// An effect on its way to a vehicle, with everything the message needs.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The effect's id: the same whenever it is sent again.
    pub effect: EffectId,
    /// The epoch under which it is sent.
    pub epoch: Epoch,
    /// To which unit.
    pub unit: UnitId,
    /// What is said.
    pub kind: OutgoingKind,
}

impl Outgoing {
    /// The order that it is part of, if it is part of one.
    pub(crate) fn order(&self) -> Option<AssignmentId> {
        match &self.kind {
            OutgoingKind::Order(card) | OutgoingKind::Update(card) => Some(card.assignment.id),
            OutgoingKind::Recall { assignment, .. } | OutgoingKind::Destination { assignment, .. } => {
                Some(*assignment)
            }
            OutgoingKind::Message { .. } => None,
        }
    }
}

/// What is said to a vehicle.
#[derive(Debug, Clone)]
pub enum OutgoingKind {
    /// Go there.
    Order(Box<OrderCard>),
    /// What is known has changed.
    Update(Box<OrderCard>),
    /// The order is taken back.
    Recall {
        /// Which order.
        assignment: AssignmentId,
        /// Why.
        reason: String,
    },
    /// The patient goes there.
    Destination {
        /// On which order.
        assignment: AssignmentId,
        /// The hospital; boxed because it is large.
        hospital: Box<HospitalSpec>,
        /// Why this one.
        reason: String,
    },
    /// A message to the crew.
    Message {
        /// What was written.
        text: String,
        /// Who wrote it, where the journal at hand still tells.
        by: Option<Actor>,
    },
}

/// Everything a crew is told with an order. It carries the caller's number and the patients' names: the crew needs them.
#[derive(Debug, Clone)]
pub struct OrderCard {
    /// The order.
    pub assignment: Assignment,
    /// What happened, where, to whom.
    pub incident: Incident,
    /// The call it began with: its telephone number, and whether to write and not ring.
    pub call: Option<Call>,
}

/// Tells those who carry messages to vehicles.
#[derive(Debug)]
pub(crate) struct Outbox {
    news: broadcast::Sender<Arc<Outgoing>>,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        Self { news: broadcast::Sender::new(NEWS_MAX) }
    }

    pub(crate) fn follow(&self) -> broadcast::Receiver<Arc<Outgoing>> {
        self.news.subscribe()
    }

    /// Tells of the effects of an event that has just become durable and is in the record.
    pub(crate) fn tell(&self, journalled: &Journalled, record: &Record) {
        let first = EffectId { seq: journalled.seq, index: 0 };
        for effect in record.outbox().range(first..).map(|(_, effect)| effect) {
            let Some(mut outgoing) = worded(effect, journalled.epoch, record) else { continue };
            if let (OutgoingKind::Message { by, .. }, Fact::CrewMessaged { .. }) =
                (&mut outgoing.kind, &journalled.event.fact)
            {
                *by = Some(journalled.event.by.clone());
            }
            // Without a listener nothing is lost: the effect stays in the record until it is confirmed.
            let _ = self.news.send(Arc::new(outgoing));
        }
    }
}

/// Everything a unit has not confirmed, oldest first.
pub(crate) fn undelivered(record: &Record, epoch: Epoch, unit: UnitId) -> Vec<Arc<Outgoing>> {
    let of_unit = record.outbox().values().filter(|effect| effect.unit == unit);
    of_unit.filter_map(|effect| worded(effect, epoch, record)).map(Arc::new).collect()
}

/// Puts the words to an effect. `None` when what it speaks of has left the record: there is nothing left to do.
fn worded(effect: &Effect, epoch: Epoch, record: &Record) -> Option<Outgoing> {
    let kind = match &effect.what {
        EffectKind::SendOrder { assignment } => OutgoingKind::Order(card(record, *assignment)?),
        EffectKind::UpdateOrder { assignment } => OutgoingKind::Update(card(record, *assignment)?),
        EffectKind::RecallOrder { assignment, reason } => {
            OutgoingKind::Recall { assignment: *assignment, reason: reason.clone() }
        }
        EffectKind::SendDestination { assignment, hospital } => {
            let it = record.assignment(*assignment)?;
            let reason = it.destination.as_ref().map(|d| d.reason.clone()).unwrap_or_default();
            let hospital = Box::new(record.hospitals().get(hospital)?.spec.clone());
            OutgoingKind::Destination { assignment: *assignment, hospital, reason }
        }
        EffectKind::SendMessage { text } => OutgoingKind::Message { text: text.clone(), by: None },
    };
    Some(Outgoing { effect: effect.id, epoch, unit: effect.unit, kind })
}

fn card(record: &Record, assignment: AssignmentId) -> Option<Box<OrderCard>> {
    let assignment = record.assignment(assignment)?.clone();
    let incident = record.incident(assignment.incident)?.clone();
    let call = incident.calls.first().and_then(|id| record.call(*id)).cloned();
    Some(Box::new(OrderCard { assignment, incident, call }))
}

/// Messages that a listener may lag behind before it must look up what is undelivered.
const NEWS_MAX: usize = 1024;
