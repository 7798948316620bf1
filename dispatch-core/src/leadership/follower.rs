//! A node that does not lead: it keeps its journal warm from PostgreSQL and from the leader, and takes the lease when it may.

use serde::{Deserialize, Serialize};

use super::Node;
use super::history::{Position, Run};
use super::input::Table;
use super::lease::Watched;
use super::message::Said;
use super::moment::{Moment, SetBack, within};
use super::output::{Ask, Output};
use super::setup::Timing;
use crate::journal::Epoch;

/// What a follower remembers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub(super) struct Follower {
    /// The lease row.
    pub(super) watched: Option<Watched>,
    /// When it granted last.
    pub(super) promised: Option<Moment>,
    /// The leader of this epoch has stopped.
    pub(super) released: Option<Epoch>,
    /// The epoch that this node itself gave up, and when it last said so.
    pub(super) stood_down: Option<(Epoch, Moment)>,
    /// Whom it follows.
    pub(super) leader: Option<Epoch>,
    /// When the peer was last heard.
    pub(super) peer_heard: Option<Moment>,
    /// There is more to read at once.
    pub(super) hurries: bool,
}

impl Follower {
    pub(super) fn set_back(&mut self, clock: SetBack, timing: &Timing) {
        if let Some(watched) = &mut self.watched {
            watched.set_back(clock, timing);
        }
        if let Some((_, said)) = &mut self.stood_down {
            clock.kept(said, timing.say_us);
        }
        clock.moment(&mut self.promised, timing.promise_us);
        clock.moment(&mut self.peer_heard, timing.lease_us);
    }
}

impl Node {
    /// Everything a follower does by itself.
    pub(super) fn settle_follower(&mut self, now: Moment, out: &mut Vec<Output>) {
        self.give_up_question(now, out);
        self.lead_alone(now, out);
        self.repeat_stood_down(now, out);
        let timing = self.setup.timing;
        let hurries = self.follower.hurries && self.store.silent_us(now) == 0 && self.storing.is_none();
        if self.leader.is_some()
            || !self.store.is_free()
            || !(hurries || self.store.last_asked_before(now, timing.renew_us))
        {
            return;
        }
        let ask = match self.follower.watched {
            Some(Watched { row: seen, .. }) if self.may_take(now) => {
                Ask::Take { seen, term_above: self.highest.term }
            }
            _ => self.look(&timing),
        };
        self.follower.hurries = false;
        self.ask(ask, now, out);
    }

    /// Whether the lease may be asked for.
    fn may_take(&self, now: Moment) -> bool {
        let Some(watched) = self.follower.watched else { return false };
        if self.in_doubt || self.storing.is_some() {
            return false;
        }
        let timing = &self.setup.timing;
        let holder = watched.row.map(|row| row.epoch);
        let alone = !self.setup.has_peer && holder.is_none_or(|holder| holder.node == self.setup.node);
        // Its holder gave it up, and nobody has led since.
        let released =
            holder.is_some_and(|holder| self.follower.released == Some(holder) && holder == self.highest);
        let waited = now.since(self.started) >= timing.start_us
            && !within(self.follower.promised, now, timing.promise_us)
            && watched.ran_out(timing, now);
        alone || released || waited
    }

    /// PostgreSQL showed what it holds.
    pub(super) fn shown_to_follower(
        &mut self,
        table: &Table,
        after: Position,
        rows: Vec<Run>,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        self.follower.watched = Some(Watched::see(self.follower.watched, table.lease, now));
        if self.storing.is_some() || !self.reconcile(&table.history, out) {
            return;
        }
        self.store_rows(after, rows, out);
        let reached = self.storing.unwrap_or(self.own.head()).seq;
        self.follower.hurries |= reached < table.history.head().seq || self.may_take(now);
    }

    /// The leader sends events.
    pub(super) fn heard_tail(&mut self, epoch: Epoch, after: Position, runs: &[Run], out: &mut Vec<Output>) {
        self.follower.leader = Some(epoch);
        if self.store.is_taking() || self.storing.is_some() {
            return;
        }
        let head = self.own.head().seq;
        if !self.own.holds(after) {
            return self.say_what_it_holds(out);
        }
        let mut first = after.seq + 1;
        for run in runs {
            // The first of the stretch that this journal has otherwise, if any.
            let parted =
                (first..=run.last_seq.min(head)).find(|seq| self.own.epoch_at(*seq) != Some(run.epoch));
            if let Some(seq) = parted {
                if !self.quarantine_after(seq - 1, out) {
                    return;
                }
                break;
            }
            first = run.last_seq + 1;
        }
        let own = self.own.head();
        let new: Vec<Run> = runs.iter().copied().filter(|run| run.last_seq > own.seq).collect();
        if new.is_empty() {
            return self.say_what_it_holds(out);
        }
        self.store_rows(own, new, out);
    }

    /// Tells the leader what is durable here.
    pub(super) fn say_what_it_holds(&mut self, out: &mut Vec<Output>) {
        if let Some(epoch) = self.follower.leader.filter(|epoch| *epoch == self.highest) {
            let history = self.own.clone();
            self.say(Said::Holds { epoch, history }, out);
        }
    }

    /// A leader gave its epoch up.
    pub(super) fn heard_stood_down(&mut self, epoch: Epoch) {
        if epoch == self.highest && self.follower.released != Some(epoch) {
            self.follower.released = Some(epoch);
            self.follower.hurries = true;
        }
    }
}
