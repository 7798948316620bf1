//! PostgreSQL with a synchronous standby, as far as the protocol sees it: one row that is lease and fence, and the events.

use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{Answer, Ask, History, LeaseRow, Position, Run, Table};

/// An event as it is stored. Only a test sees what it says; the nodes go by number and epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Under which epoch it was written.
    pub(crate) epoch: Epoch,
    /// What it says: no two events say the same.
    pub(crate) word: u8,
}

/// What one server holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Database {
    pub(crate) row: Option<LeaseRow>,
    pub(crate) events: Vec<Entry>,
}

/// What a broken PostgreSQL does otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Flaws {
    /// Appends whoever asks, wherever the table ends.
    pub(crate) no_fence: bool,
    /// Answers before the standby has it.
    pub(crate) answers_early: bool,
    /// Gives the lease to whoever asks, whatever the row says.
    pub(crate) no_comparison: bool,
}

impl Database {
    /// Carries a question of a node out. `bodies` are the events that it would append.
    pub(crate) fn carry_out(
        &mut self,
        node: u32,
        ask: &Ask,
        bodies: &[Entry],
        fresh_stamp: u64,
        flaws: Flaws,
    ) -> (Answer, Vec<Entry>) {
        match ask {
            Ask::Look { after_seq, rows_max } => self.show(*after_seq, *rows_max),
            Ask::Take { seen, term_above } => {
                if self.row != *seen && !flaws.no_comparison {
                    return (Answer::Refused { table: self.table() }, Vec::new());
                }
                let term = self.row.map_or(0, |row| row.epoch.term).max(*term_above) + 1;
                let epoch = Epoch { term, node };
                self.row = Some(LeaseRow { epoch, stamp: fresh_stamp });
                (Answer::Taken { epoch, table: self.table() }, Vec::new())
            }
            Ask::Append { epoch, expected_seq, .. } => {
                let mine = self.row.is_some_and(|row| row.epoch == *epoch);
                let at_the_end = self.events.len() as u64 + 1 == *expected_seq;
                if !(mine && at_the_end || flaws.no_fence) {
                    return (Answer::Refused { table: self.table() }, Vec::new());
                }
                self.events.extend_from_slice(bodies);
                if mine {
                    self.row = Some(LeaseRow { epoch: *epoch, stamp: fresh_stamp });
                }
                (Answer::Appended, Vec::new())
            }
        }
    }

    fn show(&self, after_seq: u64, rows_max: u64) -> (Answer, Vec<Entry>) {
        let history = history(&self.events);
        let head = history.head().seq;
        let after = history.position(after_seq.min(head)).unwrap_or(Position::START);
        let up_to = head.min(after.seq + rows_max);
        let rows: Vec<Run> = history.part(after.seq, up_to);
        let bodies = self.events[after.seq as usize..up_to as usize].to_vec();
        (Answer::Shown { table: self.table(), after, rows }, bodies)
    }

    pub(crate) fn table(&self) -> Table {
        Table { lease: self.row, history: history(&self.events) }
    }
}

/// The stretches of a list of events.
pub(crate) fn history(events: &[Entry]) -> History {
    let runs =
        events.iter().enumerate().map(|(at, entry)| Run { epoch: entry.epoch, last_seq: at as u64 + 1 });
    History::new(Position::START, runs)
}
