//! What the leader asks PostgreSQL, and what it makes of the answers. Only a commit counts: what is merely read tells where to go on.

use super::input::{LeaseRow, Table};
use super::leader::Stage;
use super::lease::Looked;
use super::moment::Moment;
use super::output::{Ask, Output, Stop};
use super::setup::Timing;
use super::{Node, history::Position, history::Run};
use crate::journal::Epoch;

impl Node {
    /// The leader's next question, if it is time for one.
    pub(super) fn ask_as_leader(&mut self, now: Moment, out: &mut Vec<Output>) {
        if let Some(ask) = self.next_ask(now) {
            self.ask(ask, now, out);
        }
    }

    fn next_ask(&self, now: Moment) -> Option<Ask> {
        let leader = self.leader.as_ref()?;
        let timing = &self.setup.timing;
        let due = self.store.last_asked_before(now, timing.renew_us);
        if !self.store.is_free() || (!due && self.store.silent_us(now) > 0) {
            return None;
        }
        if !leader.has_row {
            return match leader.looked {
                Some(Looked { row: seen }) => Some(Ask::Take { seen, term_above: self.highest.term }),
                None => due.then(|| self.look(timing)),
            };
        }
        let Some(next_seq) = leader.next_seq else { return Some(self.look(timing)) };
        let head = self.own.head().seq;
        let renewal = Ask::Append { epoch: leader.epoch, expected_seq: next_seq, up_to_seq: next_seq - 1 };
        if leader.stage == Stage::TakingOver && head < leader.table_head.seq {
            let look = self.storing.is_none().then(|| self.look(timing));
            return if due { Some(renewal) } else { look };
        }
        if head >= next_seq {
            let up_to_seq = head.min(next_seq - 1 + timing.batch_events_max);
            return Some(Ask::Append { epoch: leader.epoch, expected_seq: next_seq, up_to_seq });
        }
        // A renewal also proves what was read back: it commits only where the table ends there.
        (due || leader.committed + 1 < next_seq).then_some(renewal)
    }

    pub(super) fn look(&self, timing: &Timing) -> Ask {
        Ask::Look { after_seq: self.own.head().seq, rows_max: timing.batch_events_max }
    }

    /// A commit of this leader succeeded.
    pub(super) fn appended(&mut self, sent: Moment, up_to_seq: u64) {
        if let Some(leader) = &mut self.leader {
            leader.lease.renewed(sent);
            leader.next_seq = Some(up_to_seq + 1);
            leader.committed = leader.committed.max(up_to_seq);
        }
    }

    /// The leader read what is there. Counts for nothing until a commit of ours stands on it.
    pub(super) fn shown_to_leader(
        &mut self,
        table: &Table,
        after: Position,
        rows: Vec<Run>,
        out: &mut Vec<Output>,
    ) {
        let Some(leader) = &mut self.leader else { return };
        let holder = table.lease.map(|row| row.epoch);
        if let Some(higher) = holder.filter(|holder| *holder > leader.epoch) {
            return self.outranked(higher, out);
        }
        if !leader.has_row || holder != Some(leader.epoch) {
            // Never had, or PostgreSQL was restored from before: the lease must be taken anew.
            leader.has_row = false;
            leader.looked = Some(Looked { row: table.lease });
            return;
        }
        let end = table.history.head();
        leader.next_seq = Some(end.seq + 1);
        let (stage, expected) = (leader.stage, leader.table_head);
        if stage == Stage::TakingOver && end == expected {
            return self.store_rows(after, rows, out);
        }
        if !self.own.holds(end) {
            self.stop(Stop::Overtaken, out);
        }
    }

    /// A leader by a promotion, or one alone, has taken the lease at last.
    pub(super) fn taken_by_leader(
        &mut self,
        epoch: Epoch,
        table: &Table,
        sent: Moment,
        out: &mut Vec<Output>,
    ) {
        let end = table.history.head();
        if !self.own.holds(end) {
            // Somebody led meanwhile, and what PostgreSQL has stays: this node's own events give way.
            return self.stop(Stop::Overtaken, out);
        }
        let Some(leader) = &mut self.leader else { return };
        leader.begin_under(epoch);
        leader.has_row = true;
        leader.looked = None;
        leader.lease.renewed(sent);
        leader.next_seq = Some(end.seq + 1);
        leader.committed = end.seq;
        out.push(Output::Lead { epoch });
    }

    /// The row this node refers to: what its next question about the lease compares with.
    pub fn lease_rows_seen(&self) -> impl Iterator<Item = LeaseRow> {
        let watched = self.follower.watched.and_then(|watched| watched.row);
        let looked = self.leader.as_ref().and_then(|leader| leader.looked?.row);
        watched.into_iter().chain(looked)
    }
}
