//! The events table: made by migrations, appended to in batches; the same batch twice is one batch.

use dispatch_core::journal::Hash;
use tokio_postgres::Client;

use super::CopyError;
use crate::journal::{PersonalKey, Row, erased_by};
use crate::next_version;

pub(super) mod migrations {
    refinery::embed_migrations!("src/postgres/migrations");
}

/// Makes the tables, or brings them up to date.
pub(super) async fn prepare(client: &mut Client) -> Result<(), CopyError> {
    next_version::migrations(migrations::migrations::runner()).run_async(client).await?;
    Ok(())
}

/// The newest event of the copy with its hash.
pub(super) async fn newest(client: &Client) -> Result<Option<(u64, Hash)>, CopyError> {
    let row = client.query_opt("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1", &[]).await?;
    Ok(row.map(|row| {
        // A hash of another length is nobody's: it equals none of ours.
        let hash = Hash::try_from(row.get::<_, &[u8]>(1)).unwrap_or_default();
        (row.get::<_, i64>(0) as u64, hash)
    }))
}

/// Appends events with the keys of their personal data. Those that are there already must be the same. What the events erase is
/// erased here, too.
pub(super) async fn append(client: &mut Client, rows: &[Row], keys: &[PersonalKey]) -> Result<(), CopyError> {
    let seqs: Vec<i64> = rows.iter().map(|row| row.seq as i64).collect();
    let terms: Vec<i64> = rows.iter().map(|row| row.epoch.term as i64).collect();
    let nodes: Vec<i32> = rows.iter().map(|row| row.epoch.node as i32).collect();
    let times: Vec<&str> = rows.iter().map(|row| row.at.as_str()).collect();
    let bodies: Vec<&str> = rows.iter().map(|row| row.body.as_str()).collect();
    let prev_hashes: Vec<&[u8]> = rows.iter().map(|row| &row.prev_hash[..]).collect();
    let hashes: Vec<&[u8]> = rows.iter().map(|row| &row.hash[..]).collect();
    let transaction = client.transaction().await?;
    let added =
        transaction.execute(APPEND, &[&seqs, &terms, &nodes, &times, &bodies, &prev_hashes, &hashes]).await?;
    if added != rows.len() as u64 {
        let known = transaction.query("SELECT seq, hash FROM events WHERE seq = ANY($1)", &[&seqs]).await?;
        for theirs in known {
            let (seq, hash): (i64, Vec<u8>) = (theirs.get(0), theirs.get(1));
            let same = rows.iter().any(|ours| ours.seq as i64 == seq && ours.hash[..] == hash[..]);
            if !same {
                return Err(CopyError::Fork { seq: seq as u64 });
            }
        }
    }
    let erased: Vec<String> = rows.iter().flat_map(erased_by).map(|subject| subject.to_string()).collect();
    if !erased.is_empty() {
        transaction.execute("DELETE FROM personal_keys WHERE subject = ANY($1)", &[&erased]).await?;
    }
    // After the erasures: a key that came along was made after them.
    if !keys.is_empty() {
        let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
        let subjects: Vec<&str> = keys.iter().map(|key| key.subject.as_str()).collect();
        let keys: Vec<&[u8]> = keys.iter().map(|key| &key.key[..]).collect();
        transaction.execute(ADD_KEYS, &[&ids, &subjects, &keys]).await?;
    }
    transaction.commit().await?;
    Ok(())
}

const ADD_KEYS: &str = "
    INSERT INTO personal_keys (id, subject, key)
    SELECT id, subject, key FROM unnest($1::text[], $2::text[], $3::bytea[]) AS new (id, subject, key)
    ON CONFLICT (id) DO NOTHING";
const APPEND: &str = "
    INSERT INTO events (seq, term, node, at, body, prev_hash, hash)
    SELECT seq, term, node, at::timestamptz, body, prev_hash, hash
    FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::text[], $5::text[], $6::bytea[], $7::bytea[])
        AS new (seq, term, node, at, body, prev_hash, hash)
    ON CONFLICT (seq) DO NOTHING";
