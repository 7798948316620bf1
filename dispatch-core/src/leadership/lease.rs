//! The lease: whose it is, for how long its holder may count on it, and when another may take it. Nobody's wall clock is asked: the
//! holder counts from before it sent, a follower from when it first saw the row as it is.

use serde::{Deserialize, Serialize};

use super::input::LeaseRow;
use super::moment::{Moment, SetBack, within};
use super::setup::Timing;

/// The holder's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub(super) struct Lease {
    /// When the last commit that succeeded was sent.
    sent: Option<Moment>,
}

impl Lease {
    /// Taken or renewed by a commit that was sent then.
    pub(super) fn renewed(&mut self, sent: Moment) {
        self.sent = self.sent.max(Some(sent));
    }

    /// Whether nobody else can have taken it.
    pub(super) fn holds(self, timing: &Timing, now: Moment) -> bool {
        within(self.sent, now, timing.lease_us.saturating_sub(timing.lease_margin_us))
    }

    pub(super) fn set_back(&mut self, clock: SetBack, timing: &Timing) {
        clock.moment(&mut self.sent, timing.lease_us.saturating_sub(timing.lease_margin_us));
    }
}

/// The row as a leader without it saw it, to take it from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Looked {
    /// The row; none before the first leader.
    pub(super) row: Option<LeaseRow>,
}

/// The follower's side: the row, and since when it has been as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Watched {
    /// The row; none before the first leader.
    pub(super) row: Option<LeaseRow>,
    since: Moment,
}

impl Watched {
    /// The row was read, and the answer is here now.
    pub(super) fn see(before: Option<Self>, row: Option<LeaseRow>, now: Moment) -> Self {
        before.filter(|before| before.row == row).unwrap_or(Self { row, since: now })
    }

    /// Nobody renewed it for as long as a lease lasts.
    pub(super) fn ran_out(&self, timing: &Timing, now: Moment) -> bool {
        now.since(self.since) >= timing.lease_us
    }

    pub(super) fn set_back(&mut self, clock: SetBack, timing: &Timing) {
        clock.kept(&mut self.since, timing.lease_us);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Epoch;

    #[test]
    fn the_holder_gives_up_before_another_may_take() {
        let timing = Timing::default();
        let mut lease = Lease::default();
        assert!(!lease.holds(&timing, Moment(0)));
        lease.renewed(Moment(1_000_000));
        lease.renewed(Moment(900_000));
        assert!(lease.holds(&timing, Moment(3_299_999)));
        assert!(!lease.holds(&timing, Moment(3_300_000)));
        let row = |stamp| Some(LeaseRow { epoch: Epoch::FIRST, stamp });
        let watched = Watched::see(None, row(1), Moment(1_000_000));
        let watched = Watched::see(Some(watched), row(1), Moment(2_000_000));
        assert!(!watched.ran_out(&timing, Moment(3_999_999)));
        assert!(watched.ran_out(&timing, Moment(4_000_000)));
        let renewed = Watched::see(Some(watched), row(2), Moment(4_000_000));
        assert!(!renewed.ran_out(&timing, Moment(4_000_000)));
    }
}
