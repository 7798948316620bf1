//! The simulated PostgreSQL: a primary with a synchronous standby, slow now and then, away now and then, restarted in the middle of a
//! commit, and sometimes its standby takes its place.

use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{Answer, Ask, LeaseRow, Position, Table};

use super::site::{Row, history};

/// One server.
#[derive(Debug, Clone, Default)]
pub struct Database {
    row: Option<LeaseRow>,
    /// The events.
    pub rows: Vec<Row>,
}

/// Primary and standby.
#[derive(Debug, Default)]
pub struct Postgres {
    /// Who answers.
    pub primary: Database,
    /// What is safe.
    pub standby: Database,
    stamps: u64,
    /// Nobody answers before, microseconds of the world.
    pub away_until_us: u64,
    /// Answers take so long on top, microseconds.
    pub slow_us: u64,
    /// A broken one for the tests of the laws: appends whoever asks.
    pub no_fence: bool,
}

impl Postgres {
    /// Carries a question out. `half`: the primary restarts before the standby has it, and nobody is answered.
    pub fn carry_out(
        &mut self,
        node: u32,
        ask: &Ask,
        bodies: &[Row],
        half: bool,
    ) -> Option<(Answer, Vec<Row>)> {
        self.stamps += 1;
        let (answer, rows) = self.primary.carry_out(node, ask, bodies, self.stamps, self.no_fence);
        if half {
            return None;
        }
        if matches!(answer, Answer::Taken { .. } | Answer::Appended) {
            self.standby = self.primary.clone();
        }
        Some((answer, rows))
    }

    /// The standby takes the primary's place.
    pub fn fail_over(&mut self) {
        self.primary = self.standby.clone();
    }
}

impl Database {
    /// Who has the lease row.
    pub fn holder(&self) -> Option<Epoch> {
        self.row.map(|row| row.epoch)
    }

    fn carry_out(
        &mut self,
        node: u32,
        ask: &Ask,
        bodies: &[Row],
        stamp: u64,
        no_fence: bool,
    ) -> (Answer, Vec<Row>) {
        match ask {
            Ask::Look { after_seq, rows_max } => {
                let table = self.table();
                let head = table.history.head().seq;
                let after = table.history.position((*after_seq).min(head)).unwrap_or(Position::START);
                let up_to = head.min(after.seq + rows_max);
                let rows = table.history.part(after.seq, up_to);
                (Answer::Shown { table, after, rows }, self.rows[after.seq as usize..up_to as usize].to_vec())
            }
            Ask::Take { seen, term_above } => {
                if self.row != *seen {
                    return (Answer::Refused { table: self.table() }, Vec::new());
                }
                let term = self.row.map_or(0, |row| row.epoch.term).max(*term_above) + 1;
                let epoch = Epoch { term, node };
                self.row = Some(LeaseRow { epoch, stamp });
                (Answer::Taken { epoch, table: self.table() }, Vec::new())
            }
            Ask::Append { epoch, expected_seq, .. } => {
                let mine = self.row.is_some_and(|row| row.epoch == *epoch);
                let fits = mine && self.rows.len() as u64 + 1 == *expected_seq;
                if !fits && !no_fence {
                    return (Answer::Refused { table: self.table() }, Vec::new());
                }
                self.rows.extend_from_slice(bodies);
                if mine {
                    self.row = Some(LeaseRow { epoch: *epoch, stamp });
                }
                (Answer::Appended, Vec::new())
            }
        }
    }

    fn table(&self) -> Table {
        Table { lease: self.row, history: history(&self.rows) }
    }
}
