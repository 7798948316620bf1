//! What the two nodes say to each other. Messages may be lost, repeated, late and out of order.

use serde::{Deserialize, Serialize};

use super::history::{History, Position, Run};
use super::moment::Moment;
use crate::journal::Epoch;

/// A message to the peer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// The highest epoch the sender has seen in PostgreSQL, at its peer, or held itself.
    pub highest: Epoch,
    /// What it says.
    pub said: Said,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case")]
pub enum Said {
    /// The leader: grant me to go on without PostgreSQL.
    AskGrant {
        /// The epoch it leads under.
        epoch: Epoch,
        /// When it asked, by its own clock; comes back in the answer.
        sent: Moment,
    },
    /// The follower does not reach PostgreSQL either, and will take no lease for a while.
    Granted {
        /// To whom.
        epoch: Epoch,
        /// When the leader asked, by the leader's clock.
        sent: Moment,
        /// What the follower's journal holds durably.
        history: History,
    },
    /// The follower reaches PostgreSQL: no grant.
    Reaches {
        /// The leader it answers.
        epoch: Epoch,
        /// When the leader asked, by the leader's clock.
        sent: Moment,
        /// What the follower's journal holds durably.
        history: History,
    },
    /// The leader: events for the follower's journal. Their bodies travel beside the message.
    Tail {
        /// The epoch it leads under.
        epoch: Epoch,
        /// The event before the first of them.
        after: Position,
        /// The events.
        runs: Vec<Run>,
    },
    /// The follower: what its journal holds durably.
    Holds {
        /// The leader it answers.
        epoch: Epoch,
        /// What it holds.
        history: History,
    },
    /// The leader stopped and will never again lead under this epoch: take the lease from it.
    StoodDown {
        /// The epoch that ended.
        epoch: Epoch,
    },
    /// Nothing but the highest epoch.
    Here,
}

impl Message {
    /// The same message for a leader whose clock is set back by so many microseconds.
    pub fn set_back(&mut self, by_us: u64) {
        if let Said::AskGrant { sent, .. } | Said::Granted { sent, .. } | Said::Reaches { sent, .. } =
            &mut self.said
        {
            *sent = sent.set_back(by_us);
        }
    }
}
