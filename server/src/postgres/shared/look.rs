//! Look: the lease, the history, and rows, all of one moment. What is read is checked before it is believed: the rows among themselves,
//! and one event against the own journal, which shows another centre's record at once.

use dispatch_core::UtcTime;
use dispatch_core::journal::{Epoch, Hash};
use dispatch_core::leadership::{History, LeaseRow, Position, RUNS_MAX, Run, Table};
use futures_util::future::try_join;
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Row as Found, Transaction};

use super::connection::Link;
use super::read;
use super::statements::Statements;
use super::trouble::Trouble;
use crate::centre::IdempotencyKey;
use crate::journal::{Head, JournalError, JournalReader, PersonalKey, Portion, Remembered, Row, key_of};

/// What PostgreSQL shows.
pub(super) struct Shown {
    pub(super) table: Table,
    pub(super) after: Position,
    pub(super) runs: Vec<Run>,
    pub(super) portion: Portion,
}

/// Reads what is there, with up to `rows_max` events after `after_seq`.
pub(super) async fn look(
    link: &mut Link,
    reader: &JournalReader,
    after_seq: u64,
    rows_max: u64,
) -> Result<Shown, Trouble> {
    let own = read(reader, JournalReader::last_head).await?;
    let Link { client, statements, .. } = link;
    let moment = client.build_transaction().read_only(true).isolation_level(IsolationLevel::RepeatableRead);
    let moment = moment.start().await?;
    let table = table(&moment, statements).await?;
    let head = table.history.head();
    if let Some(own) = own {
        check_same(&moment, statements, reader, own, head.seq).await?;
    }
    let after = table.history.position(after_seq.min(head.seq)).unwrap_or(Position::START);
    let up_to = head.seq.min(after.seq.saturating_add(rows_max));
    let runs = table.history.part(after.seq, up_to);
    let portion = if up_to > after.seq {
        portion(&moment, statements, after, up_to).await?
    } else {
        Portion::default()
    };
    moment.commit().await?;
    Ok(Shown { table, after, runs, portion })
}

async fn table(moment: &Transaction<'_>, statements: &Statements) -> Result<Table, Trouble> {
    let stretches_max = stretches_max();
    let stretches_max: [&(dyn ToSql + Sync); 1] = [&stretches_max];
    let lease = moment.query_opt(&statements.lease, &[]);
    let (lease, known) = try_join(lease, moment.query(&statements.history, &stretches_max)).await?;
    let history = history(known.iter().map(|row| run(row, 0)));
    if let Some(row) = &lease {
        let (next_seq, end) = (row.get::<_, i64>(3) as u64, history.head().seq);
        if next_seq != end + 1 {
            return Err(Trouble::Changed { next_seq, end });
        }
    }
    Ok(Table { lease: lease.as_ref().map(lease_row), history })
}

/// The first three columns: epoch and stamp.
pub(super) fn lease_row(row: &Found) -> LeaseRow {
    LeaseRow { epoch: epoch(row, 0), stamp: row.get::<_, i64>(2) as u64 }
}

/// Three columns from one on: an epoch and its last event.
pub(super) fn run(row: &Found, from: usize) -> Run {
    Run { epoch: epoch(row, from), last_seq: row.get::<_, i64>(from + 2) as u64 }
}

/// The history of stretches that come newest first.
pub(super) fn history(newest_first: impl DoubleEndedIterator<Item = Run>) -> History {
    History::new(Position::START, newest_first.rev())
}

/// As many as are remembered, and one for what lies below them.
pub(super) fn stretches_max() -> i64 {
    RUNS_MAX as i64 + 1
}

fn epoch(row: &Found, from: usize) -> Epoch {
    Epoch { term: row.get::<_, i64>(from) as u64, node: row.get::<_, i32>(from + 1) as u32 }
}

/// An epoch has one writer, which writes each number once: under the same epoch the same number is the same event, or one of the two
/// records is not this centre's.
async fn check_same(
    moment: &Transaction<'_>,
    statements: &Statements,
    reader: &JournalReader,
    own: Head,
    end: u64,
) -> Result<(), Trouble> {
    let seq = own.seq.min(end);
    if seq == 0 {
        return Ok(());
    }
    let ours = if seq == own.seq {
        Some((own.epoch, own.hash))
    } else {
        let rows = read(reader, move |reader| reader.rows(seq - 1, 1)).await?;
        rows.first().filter(|row| row.seq == seq).map(|row| (row.epoch, row.hash))
    };
    let theirs = moment.query_opt(&statements.hash, &[&(seq as i64)]).await?;
    let theirs = match &theirs {
        Some(row) => (epoch(row, 0), hash(row, 2, seq)?),
        None => return Err(damaged(seq, "it is missing")),
    };
    // Between two looks at the own journal its end may have been moved aside: then the next look tells.
    match ours {
        Some((epoch, hash)) if epoch == theirs.0 && hash != theirs.1 => Err(Trouble::OtherHistory { seq }),
        _ => Ok(()),
    }
}

async fn portion(
    moment: &Transaction<'_>,
    statements: &Statements,
    after: Position,
    up_to: u64,
) -> Result<Portion, Trouble> {
    let (from, to) = (after.seq as i64, up_to as i64);
    let between: [&(dyn ToSql + Sync); 2] = [&from, &to];
    let rows = moment.query(&statements.rows, &between);
    let (rows, requests) = try_join(rows, moment.query(&statements.requests, &between)).await?;
    let rows = rows.iter().map(row).collect::<Result<Vec<Row>, Trouble>>()?;
    check_chain(&rows, after, up_to)?;
    let named: Vec<String> = rows.iter().filter_map(key_of).collect();
    let keys = if named.is_empty() { Vec::new() } else { moment.query(&statements.keys, &[&named]).await? };
    let keys = keys.iter().map(key).collect::<Result<_, Trouble>>()?;
    let requests = requests.iter().filter_map(request).collect();
    Ok(Portion { rows, keys, requests })
}

/// The rows follow one another and are what their hashes say. On what the first one rests is for whoever stores them to see.
fn check_chain(rows: &[Row], after: Position, up_to: u64) -> Result<(), Trouble> {
    let before = rows.first().map(|row| row.prev_hash).unwrap_or_default();
    let mut head = Head { seq: after.seq, hash: before, epoch: after.epoch };
    if after.seq == 0 {
        head = Head::EMPTY;
    }
    for row in rows {
        head = head.follow(row).map_err(|error| match error {
            JournalError::Damaged { seq, problem } => Trouble::Damaged { seq, problem },
            other => Trouble::Journal(other),
        })?;
    }
    if head.seq == up_to { Ok(()) } else { Err(damaged(head.seq + 1, "it is missing")) }
}

fn row(row: &Found) -> Result<Row, Trouble> {
    let seq = row.get::<_, i64>(0) as u64;
    Ok(Row {
        seq,
        epoch: epoch(row, 1),
        at: UtcTime::from_micros(row.get(3)).to_string(),
        body: row.get(4),
        prev_hash: hash(row, 5, seq)?,
        hash: hash(row, 6, seq)?,
    })
}

fn key(row: &Found) -> Result<PersonalKey, Trouble> {
    let key = row.get::<_, &[u8]>(2).try_into();
    let key = key.map_err(|_| damaged(0, "a key of personal data has the wrong length"))?;
    Ok(PersonalKey { id: row.get(0), subject: row.get(1), key })
}

/// `None` for a key that no client can have sent.
fn request(row: &Found) -> Option<(IdempotencyKey, Remembered)> {
    let remembered = Remembered {
        digest: row.get::<_, &[u8]>(1).try_into().ok()?,
        answer: row.get(2),
        first_seq: row.get::<_, i64>(3) as u64,
        last_seq: row.get::<_, i64>(4) as u64,
        at: UtcTime::from_micros(row.get(5)),
    };
    Some((IdempotencyKey::new(row.get(0))?, remembered))
}

fn hash(row: &Found, column: usize, seq: u64) -> Result<Hash, Trouble> {
    row.get::<_, &[u8]>(column).try_into().map_err(|_| damaged(seq, "its hash has the wrong length"))
}

fn damaged(seq: u64, problem: &str) -> Trouble {
    Trouble::Damaged { seq, problem: problem.to_owned() }
}
