//! The way to the centre for everybody but its owner thread: submit commands, read the durable record, follow events,
//! give positions. Nothing here decides anything, and no reader can hold the owner up.

mod board;
mod feed;
mod outbox;
mod submission;

pub(crate) use board::Board;
pub use board::{Journalled, Snapshot};
pub use feed::{FeedError, LiveItem, Subscription};
pub(crate) use outbox::Outbox;
pub use outbox::{OrderCard, Outgoing, OutgoingKind};
pub use submission::{
    Accepted, Expected, IdempotencyKey, KeyedRequest, RequestDigest, Submission, SubmitError, Versioned,
};

use std::sync::Arc;

use crossbeam_channel::{Sender, TrySendError};
use dispatch_core::actor::Actor;
use dispatch_core::assignment::Proposal;
use dispatch_core::effect::EffectId;
use dispatch_core::fleet::{Fix, FleetPicture};
use dispatch_core::ids::{IncidentId, UnitId};
use dispatch_core::{Action, Command};
use roads::RoadMap;
use tokio::sync::{broadcast, oneshot, watch};

use crate::clock::Clock;
use crate::districts::Districts;
use crate::event_loop::Request;
use crate::files::Files;
use crate::floods::Floods;
use crate::journal::{Disk, DiskState, JournalReader};
use crate::leadership::Leadership;
use crate::mutant::Mutant;
use crate::positions::{LinkState, Positions};
use crate::postgres::position_history::PositionHistory;
use crate::proposals::{ProposalError, ProposalWish};
use crate::road_weights::{RoadsNow, SharedRoads};

/// The way to the centre. Cheap to clone.
#[derive(Debug, Clone)]
pub struct CentreHandle {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) commands: Sender<Request>,
    pub(crate) board: Arc<Board>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) positions: Arc<Positions>,
    pub(crate) proposals: Sender<ProposalWish>,
    pub(crate) roads: SharedRoads,
    pub(crate) clock: Clock,
    pub(crate) reader: JournalReader,
    pub(crate) districts: Districts,
    pub(crate) disk: Arc<DiskState>,
    pub(crate) leadership: Option<Arc<Leadership>>,
    pub(crate) floods: Floods,
    pub(crate) files: Files,
}

impl CentreHandle {
    /// Has a command carried out. Comes back only when the outcome is durable, a refusal too: what it rests on must not
    /// be taken back by a crash. Dropping the future does not take the command back.
    pub async fn submit(&self, mut submission: Submission) -> Result<Accepted, SubmitError> {
        self.inner.districts.fill_in(&mut submission.command.action);
        let (reply, outcome) = oneshot::channel();
        match self.inner.commands.try_send(Request::Submit { submission: Box::new(submission), reply }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                metrics::counter!("jichi_centre_commands_total", "outcome" => "busy").increment(1);
                return Err(SubmitError::Busy);
            }
            Err(TrySendError::Disconnected(_)) => return Err(SubmitError::Stopping),
        }
        let done = outcome.await.map_err(|_| SubmitError::Stopping)??;
        Ok(Accepted {
            first_seq: done.first_seq,
            last_seq: done.last_seq,
            repeated: done.repeated,
            answer: done.answer,
        })
    }

    /// The durable record as it is now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.inner.board.snapshot(self.inner.clock.now())
    }

    /// Where the units are, at most a quarter of a second old.
    pub fn picture(&self) -> Arc<FleetPicture> {
        self.inner.positions.picture()
    }

    /// Takes in a unit's position. Never waits: when more come in than can be worked off, the oldest are dropped and
    /// counted.
    pub fn observe(&self, unit: UnitId, fix: Fix) {
        self.inner.positions.observe(unit, fix);
    }

    /// From now on every position that is believed goes into this history as well.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "asked where the configuration says how long positions are kept")
    )]
    pub(crate) fn keep_positions(&self, history: PositionHistory) {
        self.inner.positions.keep_history(history);
    }

    /// Positions taken in and not worked off yet.
    pub fn positions_waiting(&self) -> usize {
        self.inner.positions.waiting()
    }

    /// The gateway says that a unit's terminal came up or was heard (`true`), or went.
    pub fn note_link(&self, unit: UnitId, up: bool) {
        self.inner.positions.note_link(unit, up);
    }

    /// The same of a tracker, which sends positions and takes no orders.
    pub fn note_tracker(&self, unit: UnitId, up: bool) {
        self.inner.positions.note_tracker(unit, up);
    }

    /// Whether a unit is connected.
    pub fn link_state(&self, unit: UnitId) -> LinkState {
        self.inner.positions.link_state(unit)
    }

    /// Who sends more than it may.
    pub(crate) fn floods(&self) -> &Floods {
        &self.inner.floods
    }

    /// The contents of patients' files.
    pub(crate) fn files(&self) -> &Files {
        &self.inner.files
    }

    /// What the journal's disk takes: while it takes nothing, commands are refused and reads go on.
    pub fn disk(&self) -> Disk {
        self.inner.disk.now()
    }

    /// How this node stands to the other one; `None` where the centre has one node.
    pub fn leadership(&self) -> Option<&Arc<Leadership>> {
        self.inner.leadership.as_ref()
    }

    /// Whether this node takes commands and lets vehicles in.
    pub fn serves(&self) -> bool {
        self.inner.leadership.as_ref().is_none_or(|leadership| leadership.serves())
    }

    /// Whether this may be sent to a vehicle now.
    pub(crate) fn may_go(&self, outgoing: &Outgoing) -> bool {
        self.inner.leadership.as_ref().is_none_or(|leadership| leadership.may_go(outgoing.order()))
    }

    /// The districts of the centre's area.
    pub fn districts(&self) -> &Districts {
        &self.inner.districts
    }

    /// The domain clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Follows the journal from the event after `after`, or from the present.
    pub fn subscribe(&self, after: Option<u64>) -> Subscription {
        Subscription::new(Arc::clone(&self.inner.board), self.inner.reader.clone(), after)
    }

    /// The number of the newest durable event, to wait on.
    pub fn head(&self) -> watch::Receiver<u64> {
        self.inner.board.head()
    }

    /// Reads the journal in pages, for reports and exports. Blocking: call it off the async threads.
    pub fn journal(&self) -> &JournalReader {
        &self.inner.reader
    }

    /// Makes a proposal for an incident on the proposals' own thread and puts it on record.
    pub async fn propose(&self, incident: IncidentId) -> Result<Arc<Proposal>, ProposalError> {
        let (reply, made) = oneshot::channel();
        match self.inner.proposals.try_send(ProposalWish { incident, reply }) {
            Ok(()) => made.await.map_err(|_| ProposalError::Stopping)?,
            Err(TrySendError::Full(_)) => Err(ProposalError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(ProposalError::Stopping),
        }
    }

    /// The road map with the weights of this moment; `None` when the centre runs without a map.
    pub fn roads(&self) -> Option<Arc<RoadsNow>> {
        self.inner.roads.load_full()
    }

    /// Puts another map in the place of the one at hand, with the closures on record. Blocking.
    pub(crate) fn use_map(&self, map: Arc<RoadMap>) {
        let snapshot = self.snapshot();
        self.inner.roads.replace(map, &snapshot.record, snapshot.at);
    }

    /// What is to be said to vehicles from now on. A receiver that lags is told so and asks [`Self::undelivered`].
    pub fn effects(&self) -> broadcast::Receiver<Arc<Outgoing>> {
        self.inner.outbox.follow()
    }

    /// Everything that a unit has not confirmed yet, oldest first: send it when the unit connects.
    pub fn undelivered(&self, unit: UnitId) -> Vec<Arc<Outgoing>> {
        if Mutant::LostOutbox.lives() {
            return Vec::new();
        }
        let snapshot = self.snapshot();
        outbox::undelivered(&snapshot.record, snapshot.epoch, unit)
    }

    /// The unit has confirmed that an effect reached it. Comes back when that is durable.
    pub async fn confirm(&self, unit: UnitId, effect: EffectId) -> Result<(), SubmitError> {
        let command = Command { by: Actor::Crew { unit }, action: Action::ConfirmDelivery { effect } };
        self.submit(Submission::new(command)).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests;
