//! The states of a node, as the screens name them.

use serde::{Deserialize, Serialize};

/// What a node is to the centre; `docs/leadership.md` says what each state promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Leads; an acknowledged event is in its own journal and in PostgreSQL.
    Normal,
    /// Leads while nobody reaches PostgreSQL; an acknowledged event is in its own journal and in the follower's. A node without
    /// a follower has one copy then.
    Journal,
    /// Leads no more: gives its tail to the follower, which will lead.
    HandOver,
    /// Led, and sees neither PostgreSQL nor a grant: its own journal alone.
    Island,
    /// Does not lead.
    Follower,
    /// Another one leads: this node has stopped and must start again.
    Fenced,
}

impl State {
    /// Whether it decides and takes commands.
    pub fn leads(self) -> bool {
        matches!(self, Self::Normal | Self::Journal | Self::Island)
    }
}

/// Whether orders may leave a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orders {
    /// As decided.
    Freely,
    /// Each one after the dispatcher confirmed that another centre may be leading.
    AfterConfirmation,
    /// None.
    No,
}
