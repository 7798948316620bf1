//! Taking over: the journal and PostgreSQL are brought to the same end before the first event of a new leader.

use super::Node;
use super::follower::Follower;
use super::history::{History, Position, Run};
use super::input::Table;
use super::leader::{Leader, Stage};
use super::moment::Moment;
use super::output::{Output, Stop};
use super::quarantine::Quarantined;
use crate::journal::Epoch;

impl Node {
    /// The lease is this node's: what it read in the same commit is on PostgreSQL's standby as well.
    pub(super) fn taken(&mut self, epoch: Epoch, table: &Table, sent: Moment, out: &mut Vec<Output>) {
        if !self.reconcile(&table.history, out) {
            return;
        }
        let end = table.history.head();
        let mut leader = Leader::new(epoch, Stage::TakingOver);
        leader.has_row = true;
        leader.lease.renewed(sent);
        leader.table_head = end;
        leader.next_seq = Some(end.seq + 1);
        leader.committed = end.seq;
        self.leader = Some(leader);
        self.follower = Follower::default();
    }

    /// What this journal has and PostgreSQL has not stays for the one who leads next, unless PostgreSQL went another way there.
    /// False when the node had to stop.
    pub(super) fn reconcile(&mut self, theirs: &History, out: &mut Vec<Output>) -> bool {
        let Some(common) = self.own.common(theirs) else {
            self.stop(Stop::NothingShared, out);
            return false;
        };
        let parted = common < self.own.head().seq && common < theirs.head().seq;
        !parted || self.quarantine_after(common, out)
    }

    /// Moves everything after an event aside. False when the node had to stop.
    pub(super) fn quarantine_after(&mut self, after_seq: u64, out: &mut Vec<Output>) -> bool {
        if !self.quarantine.has_room() {
            self.stop(Stop::QuarantineFull, out);
            return false;
        }
        let quarantined = Quarantined { after_seq, runs: self.own.part(after_seq, self.own.head().seq) };
        self.own.cut(after_seq);
        self.quarantine.put(quarantined.clone());
        out.push(Output::Quarantine { quarantined });
        true
    }

    /// Has rows written that follow the own journal; others are passed over.
    pub(super) fn store_rows(&mut self, after: Position, runs: Vec<Run>, out: &mut Vec<Output>) {
        let Some(last) = runs.last() else { return };
        if self.storing.is_none() && after == self.own.head() {
            self.storing = Some(Position { seq: last.last_seq, epoch: last.epoch });
            out.push(Output::Store { after, runs });
        }
    }

    /// Leads once its journal holds all that PostgreSQL has, and PostgreSQL all that its journal has.
    pub(super) fn finish_take_over(&mut self, now: Moment, out: &mut Vec<Output>) {
        let head = self.own.head().seq;
        let Some(leader) = self.leader.as_mut().filter(|leader| leader.stage == Stage::TakingOver) else {
            return;
        };
        let same_end =
            self.own.holds(leader.table_head) && leader.committed == head && self.storing.is_none();
        if same_end && leader.lease.holds(&self.setup.timing, now) {
            leader.stage = Stage::Acting;
            out.push(Output::Lead { epoch: leader.epoch });
        }
    }

    /// Somebody with a higher epoch is known. Whoever has not led yet just follows; a leader stops.
    pub(super) fn outranked(&mut self, higher: Epoch, out: &mut Vec<Output>) {
        if self.leader.as_ref().is_some_and(|leader| leader.stage == Stage::TakingOver) {
            self.leader = None;
        } else if self.leader.is_some() {
            self.stop(Stop::Fenced { higher }, out);
        }
    }
}
