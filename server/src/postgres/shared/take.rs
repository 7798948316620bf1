//! Take: the lease changes hands only if its row is still as it was seen, and the same commit raises the fence.

use dispatch_core::leadership::{Answer, LeaseRow, Table};
use tokio_postgres::Row as Found;

use super::connection::Link;
use super::look::{history, lease_row, look, run, stretches_max};
use super::trouble::Trouble;
use crate::journal::JournalReader;

/// Takes the lease for a node, under a term above one that it knows.
pub(super) async fn take(
    link: &mut Link,
    reader: &JournalReader,
    node: u32,
    seen: Option<LeaseRow>,
    term_above: u64,
) -> Result<Answer, Trouble> {
    // Another centre's record is left alone. What is there is read again by the taking commit itself.
    look(link, reader, 0, 0).await?;
    let (node, above, stretches_max) = (node as i32, term_above as i64, stretches_max());
    let taken = match seen {
        Some(LeaseRow { epoch, stamp }) => {
            let (term, holder, stamp) = (epoch.term as i64, epoch.node as i32, stamp as i64);
            let seen = [&term as _, &holder as _, &stamp as _, &node as _, &above as _, &stretches_max as _];
            link.commit(&link.statements.take, &seen).await?
        }
        None => link.commit(&link.statements.take_first, &[&node, &above, &stretches_max]).await?,
    };
    match taken.first() {
        Some(first) => {
            let lease = lease_row(first);
            Ok(Answer::Taken {
                epoch: lease.epoch,
                table: Table { lease: Some(lease), history: known(&taken)? },
            })
        }
        None => Ok(Answer::Refused { table: look(link, reader, 0, 0).await?.table }),
    }
}

/// The history beside the row. It must end where the fence is.
fn known(taken: &[Found]) -> Result<dispatch_core::leadership::History, Trouble> {
    // Where nothing was ever appended there is one line without a stretch.
    let stretches = taken.iter().filter(|row| row.get::<_, Option<i64>>(6).is_some());
    let history = history(stretches.map(|row| run(row, 4)).collect::<Vec<_>>().into_iter());
    let next_seq = taken.first().map_or(1, |row| row.get::<_, i64>(3) as u64);
    let end = history.head().seq;
    if next_seq == end + 1 { Ok(history) } else { Err(Trouble::Changed { next_seq, end }) }
}
