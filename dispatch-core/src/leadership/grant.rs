//! The grant: with PostgreSQL away, the follower lets the leader go on, and promises to take no lease for longer than that.

use serde::{Deserialize, Serialize};

use super::Node;
use super::message::Said;
use super::moment::{Moment, SetBack, within};
use super::output::Output;
use super::setup::Timing;
use crate::journal::Epoch;

/// The leader's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub(super) struct Grant {
    /// When it was last asked for.
    asked: Option<Moment>,
    /// When the newest one that was given was asked for.
    granted: Option<Moment>,
    /// When the newest question was sent that the follower answered with "I reach PostgreSQL".
    reaches: Option<Moment>,
}

impl Grant {
    /// Whether the follower certainly still keeps its promise.
    pub(super) fn holds(self, timing: &Timing, now: Moment) -> bool {
        within(self.granted, now, timing.grant_us)
    }

    /// Whether it is time to ask: often while there is none, at leisure while there is.
    pub(super) fn is_due(self, timing: &Timing, now: Moment) -> bool {
        let every_us = if self.holds(timing, now) { timing.renew_us } else { timing.say_us };
        !within(self.asked, now, every_us)
    }

    pub(super) fn asked(&mut self, now: Moment) {
        self.asked = Some(now);
    }

    pub(super) fn granted(&mut self, sent: Moment) {
        self.granted = self.granted.max(Some(sent));
    }

    pub(super) fn reaches(&mut self, sent: Moment) {
        self.reaches = self.reaches.max(Some(sent));
    }

    /// The follower said that it reaches PostgreSQL when asked after `since`, or so lately.
    pub(super) fn reached_after(self, since: Moment) -> bool {
        self.reaches.is_some_and(|sent| sent >= since)
    }

    pub(super) fn reached_within(self, now: Moment, us: u64) -> bool {
        within(self.reaches, now, us)
    }

    pub(super) fn forget_reach(&mut self) {
        self.reaches = None;
    }

    pub(super) fn set_back(&mut self, clock: SetBack, timing: &Timing) {
        clock.moment(&mut self.asked, timing.renew_us.max(timing.say_us));
        clock.moment(&mut self.granted, timing.grant_us);
        clock.moment(&mut self.reaches, timing.away_us.max(timing.hand_over_us_max + 1));
    }
}

impl Node {
    /// The follower is asked. It never grants while a lease may be on its way to it, or while it reaches PostgreSQL.
    pub(super) fn asked_for_grant(&mut self, epoch: Epoch, sent: Moment, now: Moment, out: &mut Vec<Output>) {
        self.follower.leader = Some(epoch);
        let history = self.own.clone();
        if self.store.is_taking() {
            return;
        }
        if self.store.answers() {
            self.say(Said::Reaches { epoch, sent, history }, out);
        } else if self.store.silent_us(now) >= self.setup.timing.slow_us {
            self.follower.promised = Some(now);
            self.say(Said::Granted { epoch, sent, history }, out);
        }
    }
}
