//! Hand-over: the leader stops, gives its tail, and says that it has ended; the follower takes the lease without waiting.

use super::Node;
use super::follower::Follower;
use super::leader::Stage;
use super::message::Said;
use super::moment::{Moment, within};
use super::output::{Declined, Output};

impl Node {
    /// A person wants the other node to lead.
    pub(super) fn order_hand_over(&mut self, now: Moment, out: &mut Vec<Output>) {
        let has_peer = self.setup.has_peer;
        match &mut self.leader {
            Some(leader) if leader.stage == Stage::Acting && has_peer => {
                leader.grant.forget_reach();
                leader.stage = Stage::HandingOver { since: now, settled: false, ordered: true };
            }
            Some(_) if !has_peer => out.push(Output::Declined { why: Declined::PeerAbsent }),
            _ => out.push(Output::Declined { why: Declined::NotLeading }),
        }
    }

    /// PostgreSQL is away for the leader and not for the follower.
    pub(super) fn hand_over_if_needed(&mut self, now: Moment) {
        let timing = self.setup.timing;
        let away = self.store.silent_us(now) >= timing.away_us;
        if let Some(leader) = &mut self.leader
            && leader.stage == Stage::Acting
            && away
            && leader.grant.reached_within(now, timing.away_us)
        {
            leader.stage = Stage::HandingOver { since: now, settled: false, ordered: false };
        }
    }

    /// The shell has nothing more to decide or to write.
    pub(super) fn settled(&mut self) {
        if let Some(leader) = &mut self.leader
            && let Stage::HandingOver { settled, .. } = &mut leader.stage
        {
            *settled = true;
        }
    }

    /// Ends when the other node, or PostgreSQL, has everything; goes on leading when that takes too long.
    pub(super) fn finish_hand_over(&mut self, now: Moment, out: &mut Vec<Output>) {
        let head = self.own.head().seq;
        let timing = self.setup.timing;
        let Some(leader) = &mut self.leader else { return };
        let Stage::HandingOver { since, settled, ordered } = leader.stage else { return };
        let given = leader.committed >= head || leader.peer_has.is_some_and(|has| has >= head);
        if settled && given && leader.grant.reached_after(since) {
            let epoch = leader.epoch;
            self.leader = None;
            self.follower = Follower { stood_down: Some((epoch, now)), ..Follower::default() };
            self.say(Said::StoodDown { epoch }, out);
        } else if now.since(since) >= timing.hand_over_us_max {
            // Nobody was told that this epoch has ended, so it may go on.
            leader.stage = Stage::Acting;
            leader.grant.forget_reach();
            if ordered {
                out.push(Output::Declined { why: Declined::PeerAbsent });
            }
        }
    }

    /// Says it again until a successor is known.
    pub(super) fn repeat_stood_down(&mut self, now: Moment, out: &mut Vec<Output>) {
        if let Some((epoch, said)) = self.follower.stood_down
            && epoch == self.highest
            && !within(Some(said), now, self.setup.timing.say_us)
        {
            self.follower.stood_down = Some((epoch, now));
            self.say(Said::StoodDown { epoch }, out);
        }
    }
}
