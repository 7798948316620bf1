//! A node's own time: a clock that goes on in suspension and never back, compared with nobody else's.

use serde::{Deserialize, Serialize};

/// A moment of this node's own clock, microseconds since any fixed point (`CLOCK_BOOTTIME` on Linux).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Moment(pub u64);

impl Moment {
    /// Microseconds since an earlier moment; 0 when it is not earlier.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same moment for a clock that is set back by so many microseconds; what is too long ago ends at 0.
    #[must_use]
    pub fn set_back(self, by_us: u64) -> Self {
        Self(self.0.saturating_sub(by_us))
    }
}

/// Whether a moment was less than so many microseconds ago.
pub(super) fn within(moment: Option<Moment>, now: Moment, limit_us: u64) -> bool {
    moment.is_some_and(|moment| now.since(moment) < limit_us)
}

/// Forgets a moment that was at least so many microseconds ago: nothing asks any more how long ago.
pub(super) fn forget(moment: &mut Option<Moment>, now: Moment, limit_us: u64) {
    if !within(*moment, now, limit_us) {
        *moment = None;
    }
}

/// A clock that is set back by so many microseconds, and what it shows then.
#[derive(Debug, Clone, Copy)]
pub(super) struct SetBack {
    pub(super) by_us: u64,
    pub(super) now: Moment,
}

impl SetBack {
    /// A remembered moment, which is forgotten once it was `limit_us` ago.
    pub(super) fn moment(self, moment: &mut Option<Moment>, limit_us: u64) {
        *moment = moment.map(|moment| moment.set_back(self.by_us));
        forget(moment, self.now, limit_us);
    }

    /// A moment that must be kept: once it was `limit_us` ago it stays so.
    pub(super) fn kept(self, moment: &mut Moment, limit_us: u64) {
        *moment = moment.set_back(self.by_us).max(self.now.set_back(limit_us));
    }
}
