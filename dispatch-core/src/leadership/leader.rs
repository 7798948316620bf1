//! What a leader knows, which state that makes, and what it may acknowledge.

use serde::{Deserialize, Serialize};

use super::Node;
use super::grant::Grant;
use super::history::Position;
use super::lease::{Lease, Looked};
use super::message::Said;
use super::moment::{Moment, SetBack, within};
use super::output::Output;
use super::setup::Timing;
use super::state::State;
use crate::journal::Epoch;

/// A node that leads, is about to, or is about to cease.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Leader {
    pub(super) epoch: Epoch,
    pub(super) stage: Stage,
    /// Two people answer for it.
    pub(super) promoted: bool,
    /// The lease row carries this epoch.
    pub(super) has_row: bool,
    /// The row as it was seen, to take it from there.
    pub(super) looked: Option<Looked>,
    pub(super) lease: Lease,
    /// The end of the events table when the lease was taken.
    pub(super) table_head: Position,
    /// Where PostgreSQL goes on; none when that must be read.
    pub(super) next_seq: Option<u64>,
    /// The last event that a commit of ours proves.
    pub(super) committed: u64,
    pub(super) grant: Grant,
    /// The last event that the follower holds, as it said under this epoch.
    pub(super) peer_has: Option<u64>,
    /// What the last message with events followed, and when it was said.
    streamed: Option<(u64, Moment)>,
    acknowledged: u64,
    /// Since when there has been neither lease nor grant.
    lost: Option<Moment>,
}

/// How far a leader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Stage {
    /// Has the lease, and brings its journal and PostgreSQL to the same end.
    TakingOver,
    /// Leads.
    Acting,
    /// Leads no more, and gives away what the follower lacks.
    HandingOver {
        /// When that began.
        since: Moment,
        /// Nothing more is being decided or written.
        settled: bool,
        /// A person waits for it.
        ordered: bool,
    },
}

impl Leader {
    pub(super) fn new(epoch: Epoch, stage: Stage) -> Self {
        Self {
            epoch,
            stage,
            promoted: false,
            has_row: false,
            looked: None,
            lease: Lease::default(),
            table_head: Position::START,
            next_seq: None,
            committed: 0,
            grant: Grant::default(),
            peer_has: None,
            streamed: None,
            acknowledged: 0,
            lost: None,
        }
    }

    /// Goes on under a new epoch: what the follower said under the old one no longer counts.
    pub(super) fn begin_under(&mut self, epoch: Epoch) {
        self.epoch = epoch;
        self.grant = Grant::default();
        (self.peer_has, self.streamed) = (None, None);
    }

    /// Whether the follower's promise and its copies count. A leader that nobody but people chose does not know what PostgreSQL holds
    /// and its journal lacks: whatever the follower says, it stays an island until it has the lease.
    pub(super) fn is_granted(&self, timing: &Timing, now: Moment) -> bool {
        self.has_row && self.grant.holds(timing, now)
    }

    pub(super) fn peer_holds(&mut self, seq: u64) {
        self.peer_has = self.peer_has.max(Some(seq));
    }

    pub(super) fn set_back(&mut self, clock: SetBack, timing: &Timing) {
        self.lease.set_back(clock, timing);
        self.grant.set_back(clock, timing);
        if let Some(lost) = &mut self.lost {
            clock.kept(lost, timing.island_us);
        }
        if let Some((_, said)) = &mut self.streamed {
            clock.kept(said, timing.say_us);
        }
        if let Stage::HandingOver { since, .. } = &mut self.stage {
            clock.kept(since, timing.hand_over_us_max);
        }
    }
}

impl Node {
    /// Everything a leader does by itself.
    pub(super) fn settle_leader(&mut self, now: Moment, out: &mut Vec<Output>) {
        self.give_up_question(now, out);
        self.finish_take_over(now, out);
        self.notice_loss(now);
        self.hand_over_if_needed(now);
        self.acknowledge(now, out);
        self.ask_as_leader(now, out);
        self.speak_as_leader(now, out);
        self.finish_hand_over(now, out);
    }

    /// Whether it certainly is the only one that leads.
    pub fn has_authority(&self, now: Moment) -> bool {
        let Some(leader) = &self.leader else { return false };
        let timing = &self.setup.timing;
        leader.stage == Stage::Acting
            && (leader.lease.holds(timing, now) || leader.is_granted(timing, now) || !self.setup.has_peer)
    }

    fn notice_loss(&mut self, now: Moment) {
        let has = self.has_authority(now);
        if let Some(leader) = &mut self.leader {
            leader.lost = if has { None } else { leader.lost.or(Some(now)) };
        }
    }

    /// The state of a leader now.
    pub(super) fn state_of_leader(&self, now: Moment) -> State {
        let Some(leader) = &self.leader else { return State::Follower };
        match leader.stage {
            Stage::TakingOver => return State::Follower,
            Stage::HandingOver { .. } => return State::HandOver,
            Stage::Acting => {}
        }
        let timing = &self.setup.timing;
        let lease = leader.lease.holds(timing, now);
        let silent_us = self.store.silent_us(now);
        if !self.setup.has_peer {
            return if lease && silent_us < timing.away_us { State::Normal } else { State::Journal };
        }
        let lost_us = leader.lost.map_or(0, |lost| now.since(lost));
        match (lease, leader.is_granted(timing, now)) {
            (true, true) if silent_us < timing.slow_us => State::Normal,
            (_, true) => State::Journal,
            (true, false) => State::Normal,
            (false, false) if leader.promoted || lost_us >= timing.island_us => State::Island,
            // It may just have slept: nothing is acknowledged, and the next moments tell.
            (false, false) => self.told,
        }
    }

    /// An acknowledged event has two copies, or the state says that it has not.
    fn acknowledge(&mut self, now: Moment, out: &mut Vec<Output>) {
        let state = self.state_of_leader(now);
        let head = self.own.head().seq;
        let (timing, has_peer) = (self.setup.timing, self.setup.has_peer);
        let Some(leader) = self.leader.as_mut().filter(|leader| leader.stage == Stage::Acting) else {
            return;
        };
        let granted = leader.is_granted(&timing, now);
        let mut up_to = |seq: u64, under: State| {
            if seq > leader.acknowledged {
                leader.acknowledged = seq;
                out.push(Output::Acknowledge { up_to_seq: seq, under });
            }
        };
        if leader.lease.holds(&timing, now) {
            up_to(leader.committed.min(head), State::Normal);
        }
        if granted {
            up_to(leader.peer_has.unwrap_or(0).min(head), State::Journal);
        }
        if state == State::Island || (state == State::Journal && !has_peer) {
            up_to(head, state);
        }
    }

    /// Asks the follower for a grant, and gives it the events it lacks.
    fn speak_as_leader(&mut self, now: Moment, out: &mut Vec<Output>) {
        let timing = self.setup.timing;
        let slow = self.store.silent_us(now) >= timing.slow_us;
        let Some(leader) = self.leader.as_mut().filter(|_| self.setup.has_peer) else { return };
        let wanted = match leader.stage {
            Stage::TakingOver => false,
            Stage::Acting => slow || !leader.lease.holds(&timing, now),
            Stage::HandingOver { .. } => true,
        };
        if !wanted {
            return;
        }
        let epoch = leader.epoch;
        let mut said = Vec::new();
        if leader.grant.is_due(&timing, now) {
            leader.grant.asked(now);
            said.push(if leader.has_row { Said::AskGrant { epoch, sent: now } } else { Said::Here });
        }
        if let Some(after) = leader.peer_has.and_then(|has| self.own.position(has))
            && after.seq < self.own.head().seq
            && leader
                .streamed
                .is_none_or(|(seq, at)| seq != after.seq || !within(Some(at), now, timing.say_us))
        {
            leader.streamed = Some((after.seq, now));
            let runs = self.own.part(after.seq, self.own.head().seq.min(after.seq + timing.batch_events_max));
            said.push(Said::Tail { epoch, after, runs });
        }
        for said in said {
            self.say(said, out);
        }
    }
}
