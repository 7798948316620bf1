//! What a node is told.

use serde::{Deserialize, Serialize};

use super::history::{History, Position, Run};
use super::message::Message;
use super::moment::Moment;
use super::quarantine::{Quarantine, Quarantined};
use crate::journal::Epoch;

/// What the disk says when a node starts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Disk {
    /// What its journal holds.
    pub journal: History,
    /// The highest epoch it has seen, or one that a restored journal must begin above. Its own journal's is counted anyway.
    pub highest: Epoch,
    /// Whether its last end leaves the end of the journal in doubt (a failed sync): it must be written anew before it leads.
    pub in_doubt: bool,
    /// What waits for a person.
    pub quarantine: Quarantine,
}

/// Something that a node is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "snake_case")]
pub enum Input {
    /// Time has passed: at least every 50 ms.
    Tick,
    /// PostgreSQL answered.
    Answered {
        /// When the question was sent, as it was given out.
        sent: Moment,
        /// The answer.
        answer: Answer,
    },
    /// The connection to PostgreSQL broke or cannot be made: whether the question was carried out is not known.
    Broken {
        /// When the question was sent.
        sent: Moment,
    },
    /// The peer said something.
    Heard {
        /// The message.
        message: Message,
    },
    /// The node's own journal is durable up to here: what the leader decided, or what [`super::Output::Store`] asked for. Said once for
    /// each stretch of one epoch.
    Durable {
        /// The last durable event.
        head: Position,
    },
    /// Since the state became [`super::State::HandOver`] nothing more is being decided, and all that was is durable and was said so.
    Settled,
    /// The end of the journal was written anew, as [`super::Output::RewriteTail`] asked.
    TailRewritten,
    /// The leader has written anew what fits of these events, and they wait no more.
    BroughtIn {
        /// The events, as they were moved aside.
        quarantined: Quarantined,
    },
    /// A person orders.
    Ordered {
        /// What.
        order: Order,
    },
}

/// What PostgreSQL answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// What is there.
    Shown {
        /// The lease row and the events table.
        table: Table,
        /// Event before the first row that came along.
        after: Position,
        /// The rows that came along; their bodies travel beside.
        rows: Vec<Run>,
    },
    /// The lease is this node's, and the fence is raised to its new epoch, as one commit.
    Taken {
        /// The new epoch.
        epoch: Epoch,
        /// What is there, read in the same transaction.
        table: Table,
    },
    /// Committed: the events are there, and the lease is renewed.
    Appended,
    /// The lease row or the place of the next event was not as expected: nothing was done.
    Refused {
        /// What is there.
        table: Table,
    },
}

/// What PostgreSQL holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Table {
    /// The lease row, which is the fence as well; none before the first leader.
    pub lease: Option<LeaseRow>,
    /// The events table.
    pub history: History,
}

/// The lease row, which is the fence as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeaseRow {
    /// Who may append.
    pub epoch: Epoch,
    /// Changes with every commit under it, and never back to what it was.
    pub stamp: u64,
}

/// What a person may order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Let the follower lead.
    HandOver,
    /// This node leads although nobody agreed: two people answer for it that the other one does not.
    Promote {
        /// Their names as signed in.
        persons: [String; 2],
    },
}
