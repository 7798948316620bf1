//! Why a question to PostgreSQL has no answer, in words an operator can act on.

use thiserror::Error;

use super::super::words;
use crate::journal::JournalError;

/// Why a question has no answer. Whether it was carried out is not known then.
#[derive(Debug, Error)]
pub(in crate::postgres) enum Trouble {
    /// It cannot be reached, or says no.
    #[error("PostgreSQL: {}", words(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// The tables cannot be made.
    #[error("PostgreSQL: the tables cannot be made: {0}")]
    Migration(#[from] refinery::Error),
    /// The other node is at it.
    #[error("PostgreSQL: the other node is making the tables")]
    BeingPrepared,
    /// It does not answer in time.
    #[error("PostgreSQL does not answer")]
    Slow,
    /// A commit there would not last.
    #[error("PostgreSQL runs with {name} = {value}: a commit would not survive a crash. Set {name} = on")]
    NotDurable {
        /// The setting.
        name: &'static str,
        /// What it is.
        value: String,
    },
    /// It committed, and whether the standby has it is not known.
    #[error("PostgreSQL committed without certainty that its standby has it too: {0}")]
    Unproven(String),
    /// It holds other events than this journal under the same epoch.
    #[error(
        "PostgreSQL holds another history than this journal at event {seq}, under the same epoch: nothing is written there. \
         Point [postgres] url to this centre's own database, or restore the one of the two that is wrong"
    )]
    OtherHistory {
        /// The event known to differ.
        seq: u64,
    },
    /// Somebody wrote into the tables by hand.
    #[error(
        "PostgreSQL: by the row of leadership event {next_seq} is next, and the events end at {end}: somebody changed the \
         tables by hand. Restore the database from its backup"
    )]
    Changed {
        /// What the row says.
        next_seq: u64,
        /// Where the events end.
        end: u64,
    },
    /// What it gave is no whole piece of a chain.
    #[error("PostgreSQL: event {seq} there is damaged: {problem}. Restore the database from its backup")]
    Damaged {
        /// The event.
        seq: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// The own journal cannot be read, or is damaged.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal does not hold what is to be appended.
    #[error("the journal ends before event {seq}, which was to be appended")]
    Lacking {
        /// The event.
        seq: u64,
    },
    /// The process ends.
    #[error("the process is ending")]
    Ending,
}

impl Trouble {
    /// Whether the tables are not what this program needs: made by nobody yet, or restored from before.
    pub(super) fn lacks_tables(&self) -> bool {
        use tokio_postgres::error::SqlState;
        let Self::Postgres(error) = self else { return false };
        let missing = [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN, SqlState::UNDEFINED_FUNCTION];
        error.code().is_some_and(|code| missing.contains(code))
    }
}
