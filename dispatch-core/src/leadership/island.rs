//! Leading without anybody's agreement: a node that has no peer at all, and one that two people answer for.

use super::Node;
use super::leader::{Leader, Stage};
use super::moment::{Moment, within};
use super::output::{Declined, Output};
use super::setup::PROMOTION_TERMS;
use super::state::State;
use crate::journal::Epoch;

impl Node {
    /// Two people promote this node.
    pub(super) fn order_promotion(&mut self, persons: &[String; 2], now: Moment, out: &mut Vec<Output>) {
        let names = [persons[0].trim(), persons[1].trim()];
        if names[0] == names[1] || names.iter().any(|name| name.is_empty()) {
            return out.push(Output::Declined { why: Declined::OnePerson });
        }
        if !self.is_cut_off(now) {
            return out.push(Output::Declined { why: Declined::NotAlone });
        }
        let epoch = self.epoch_of_its_own();
        let mut leader = self.leader.take().unwrap_or_else(|| Leader::new(epoch, Stage::Acting));
        leader.begin_under(epoch);
        leader.stage = Stage::Acting;
        leader.promoted = true;
        leader.has_row = false;
        leader.looked = None;
        leader.next_seq = None;
        leader.lease = super::lease::Lease::default();
        self.begin_without_row(leader, out);
    }

    /// Neither PostgreSQL nor the other node is in sight, for longer than any of their silences should last.
    fn is_cut_off(&self, now: Moment) -> bool {
        let timing = &self.setup.timing;
        if let Some(leader) = &self.leader {
            return leader.stage == Stage::Acting && self.state_of_leader(now) == State::Island;
        }
        let unheard = !within(self.follower.peer_heard, now, timing.lease_us);
        unheard
            && !self.in_doubt
            && self.storing.is_none()
            && now.since(self.started) >= timing.start_us
            && self.store.silent_us(now) >= timing.lease_us
    }

    /// A node without a peer waits for nobody: PostgreSQL that is away does not keep it from leading.
    pub(super) fn lead_alone(&mut self, now: Moment, out: &mut Vec<Output>) {
        let away = self.store.silent_us(now) >= self.setup.timing.away_us;
        if self.setup.has_peer || self.in_doubt || self.storing.is_some() || self.leader.is_some() || !away {
            return;
        }
        let epoch = self.epoch_of_its_own();
        self.begin_without_row(Leader::new(epoch, Stage::Acting), out);
    }

    /// Above everything that PostgreSQL may have handed out unheard, to this node as well.
    fn epoch_of_its_own(&self) -> Epoch {
        Epoch { term: self.highest.term + PROMOTION_TERMS, node: self.setup.node }
    }

    fn begin_without_row(&mut self, leader: Leader, out: &mut Vec<Output>) {
        let epoch = leader.epoch;
        self.highest = epoch;
        self.leader = Some(leader);
        self.follower = super::follower::Follower::default();
        out.push(Output::Lead { epoch });
    }
}
