//! The one question to PostgreSQL that is under way, and how long it has been silent.

use serde::{Deserialize, Serialize};

use super::moment::{Moment, SetBack};
use super::output::Ask;
use super::setup::Timing;

/// How a node stands with PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub(super) struct Store {
    /// What was asked and not answered.
    under_way: Option<(Moment, Ask)>,
    /// When the last question was sent.
    asked: Option<Moment>,
    /// When the oldest question since the last answer was sent.
    silent_since: Option<Moment>,
    /// It has answered since the start.
    heard: bool,
}

impl Store {
    /// Nothing is under way.
    pub(super) fn is_free(&self) -> bool {
        self.under_way.is_none()
    }

    /// Whether the lease is being asked for: the answer may make a leader of this node.
    pub(super) fn is_taking(&self) -> bool {
        matches!(self.under_way, Some((_, Ask::Take { .. })))
    }

    /// A question goes out.
    pub(super) fn ask(&mut self, ask: Ask, now: Moment) {
        self.under_way = Some((now, ask));
        self.asked = Some(now);
        self.silent_since.get_or_insert(now);
    }

    /// An answer came: to which question. None when that question was given up.
    pub(super) fn answered(&mut self, sent: Moment) -> Option<Ask> {
        let (_, ask) = self.under_way.take_if(|(at, _)| *at == sent)?;
        self.silent_since = None;
        self.heard = true;
        Some(ask)
    }

    /// The question that was sent then is lost.
    pub(super) fn broken(&mut self, sent: Moment) -> bool {
        self.under_way.take_if(|(at, _)| *at == sent).is_some()
    }

    /// Gives a question up that nobody answered for so long.
    pub(super) fn give_up(&mut self, now: Moment, after_us: u64) -> bool {
        self.under_way.take_if(|(at, _)| now.since(*at) >= after_us).is_some()
    }

    /// The last question was sent so long ago.
    pub(super) fn last_asked_before(&self, now: Moment, us: u64) -> bool {
        self.asked.is_none_or(|asked| now.since(asked) >= us)
    }

    /// Microseconds without an answer to something asked.
    pub(super) fn silent_us(&self, now: Moment) -> u64 {
        self.silent_since.map_or(0, |since| now.since(since))
    }

    /// The last question was answered.
    pub(super) fn answers(&self) -> bool {
        self.heard && self.silent_since.is_none()
    }

    pub(super) fn set_back(&mut self, clock: SetBack, timing: &Timing) {
        if let Some((sent, _)) = &mut self.under_way {
            *sent = sent.set_back(clock.by_us);
        }
        clock.moment(&mut self.asked, timing.renew_us);
        if let Some(since) = &mut self.silent_since {
            clock.kept(since, timing.lease_us.max(timing.away_us).max(timing.slow_us));
        }
    }
}
