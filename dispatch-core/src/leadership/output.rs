//! What a node wants done, in this order.

use serde::{Deserialize, Serialize};

use super::history::{Position, Run};
use super::input::LeaseRow;
use super::message::Message;
use super::moment::Moment;
use super::quarantine::Quarantined;
use super::state::State;
use crate::journal::Epoch;

/// Something that a node wants done.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "output", rename_all = "snake_case")]
pub enum Output {
    /// Ask PostgreSQL. There is one question at a time.
    Ask {
        /// Comes back with the answer.
        sent: Moment,
        /// The question.
        ask: Ask,
    },
    /// Close the connection to PostgreSQL, never cancel what runs on it, and make a new one.
    DropConnection,
    /// Tell the peer. A message that cannot be sent is lost.
    Say {
        /// What.
        message: Message,
    },
    /// Write these events of the answer or message just given into the own journal, then say [`super::Input::Durable`].
    Store {
        /// The event before the first of them.
        after: Position,
        /// The events.
        runs: Vec<Run>,
    },
    /// Move the end of the own journal aside, as one transaction, before anything else is written.
    Quarantine {
        /// What to move.
        quarantined: Quarantined,
    },
    /// Write the end of the own journal into a new file, then say [`super::Input::TailRewritten`].
    RewriteTail,
    /// Lead under this epoch: events are written under it from now on. Remember it on disk ([`super::Disk::highest`]) before anything
    /// under it leaves the process.
    Lead {
        /// The epoch.
        epoch: Epoch,
    },
    /// Everything up to here may be answered, shown and sent.
    Acknowledge {
        /// The last event.
        up_to_seq: u64,
        /// The state it is acknowledged under, which says where its copies are.
        under: State,
    },
    /// Say what the node is now.
    State {
        /// The state.
        state: State,
    },
    /// An order cannot be followed.
    Declined {
        /// Why.
        why: Declined,
    },
    /// End the process at once: nothing more may leave it.
    Stop {
        /// Why.
        why: Stop,
    },
}

/// A question to PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// Show the lease row, the history, and rows after an event.
    Look {
        /// Rows after this one.
        after_seq: u64,
        /// At most so many.
        rows_max: u64,
    },
    /// Take the lease: `UPDATE … WHERE epoch = seen.epoch AND stamp = seen.stamp`, to the term after the row's own and after
    /// `term_above`. The answer comes after the commit is on the standby as well.
    Take {
        /// The row as it was seen.
        seen: Option<LeaseRow>,
        /// The new term is above this.
        term_above: u64,
    },
    /// Append events and renew the lease: `UPDATE … WHERE epoch = mine AND next_seq = expected`, in one transaction. Without
    /// events (`up_to_seq` = `expected_seq` - 1) it renews, and proves that what was read is there.
    Append {
        /// The fence must stand at this.
        epoch: Epoch,
        /// The number of the next event there.
        expected_seq: u64,
        /// The last event to append, from the own journal.
        up_to_seq: u64,
    },
}

/// Why an order cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Declined {
    /// This node does not lead.
    #[error("this node does not lead: order it at the one that does")]
    NotLeading,
    /// The other node did not take over.
    #[error("the other node does not answer or does not reach PostgreSQL: this node goes on leading")]
    PeerAbsent,
    /// Nobody has to be promoted.
    #[error("this node sees PostgreSQL or the other node: wait, one of them will lead")]
    NotAlone,
    /// One person is not enough.
    #[error("a promotion needs two different people")]
    OnePerson,
}

/// Why a process must end at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// Another one leads.
    #[error("another node leads under epoch {}.{}: this one starts again as a follower", higher.term, higher.node)]
    Fenced {
        /// Under this epoch.
        higher: Epoch,
    },
    /// PostgreSQL holds events that this leader does not.
    #[error("PostgreSQL holds events that this journal lacks: the node starts again and moves its own aside")]
    Overtaken,
    /// The journals have nothing in common that is still known.
    #[error(
        "this journal and PostgreSQL share no event that is still remembered: restore one of them from a backup"
    )]
    NothingShared,
    /// Too much waits for a person.
    #[error("too many stretches of events wait in quarantine: bring them in or export them first")]
    QuarantineFull,
}
