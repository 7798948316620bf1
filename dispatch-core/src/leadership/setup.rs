//! Who a node is, whether it has a peer, and how long everything may take.

use serde::{Deserialize, Serialize};

/// What never changes while a node runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Setup {
    /// This node's number: the second half of every epoch it leads under.
    pub node: u32,
    /// Whether a second node belongs to the centre. Without one nobody grants and nobody takes over.
    pub has_peer: bool,
    /// How long everything may take.
    pub timing: Timing,
}

/// Times of the protocol, microseconds of the node's own clock. Both nodes must have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timing {
    /// A lease lasts so long from before its renewal was sent; a follower takes it when it saw no renewal for so long.
    pub lease_us: u64,
    /// The leader gives its lease up so much earlier than the follower may take it: for clocks that run unevenly.
    pub lease_margin_us: u64,
    /// Lease and grant are renewed so often, and a follower looks so often.
    pub renew_us: u64,
    /// A grant is valid for so long from the leader's sending.
    pub grant_us: u64,
    /// A follower takes no lease for so long after its last grant.
    pub promise_us: u64,
    /// A node takes no lease for so long after its start: it does not know what it granted before.
    pub start_us: u64,
    /// PostgreSQL that has not answered for so long is slow: the follower is asked for a grant.
    pub slow_us: u64,
    /// PostgreSQL that has not answered for so long is away: the leader hands over to a follower that reaches it.
    pub away_us: u64,
    /// A question to PostgreSQL without an answer is given up after so long, and its connection dropped.
    pub ask_us_max: u64,
    /// A grant that is wanted is asked for so often, and what the peer did not answer is said again.
    pub say_us: u64,
    /// A leader without lease and grant is an island after so long: it may just have been asleep.
    pub island_us: u64,
    /// A hand-over that is not done after so long is given up.
    pub hand_over_us_max: u64,
    /// Events in one append and in one message to the peer.
    pub batch_events_max: u64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lease_us: 3_000_000,
            lease_margin_us: 700_000,
            renew_us: 500_000,
            grant_us: 2_000_000,
            promise_us: 3_000_000,
            start_us: 3_000_000,
            slow_us: 300_000,
            away_us: 1_000_000,
            ask_us_max: 1_000_000,
            say_us: 100_000,
            island_us: 1_000_000,
            hand_over_us_max: 2_000_000,
            batch_events_max: 500,
        }
    }
}

/// An epoch that PostgreSQL has not handed out is so many terms higher: above everything that it may have handed out meanwhile.
pub const PROMOTION_TERMS: u64 = 1_000_000;
