//! Append: events go in behind the fence, with what belongs to them, and the lease is renewed, all as one commit or not at all.

use dispatch_core::journal::Epoch;
use dispatch_core::leadership::Answer;

use super::connection::Link;
use super::look::look;
use super::read;
use super::trouble::Trouble;
use crate::journal::{Head, JournalReader, Portion, erased_by};
use crate::mutant::Mutant;

/// Appends the journal's events from `expected_seq` up to `up_to_seq`; none when that lies before it.
pub(super) async fn append(
    link: &mut Link,
    reader: &JournalReader,
    epoch: Epoch,
    expected_seq: u64,
    up_to_seq: u64,
) -> Result<Answer, Trouble> {
    let count = (up_to_seq + 1).saturating_sub(expected_seq);
    let committed = if count == 0 {
        let (term, node) = (epoch.term as i64, epoch.node as i32);
        let renewed = link.commit(&link.statements.renew, &[&term, &node, &(expected_seq as i64)]).await?;
        !renewed.is_empty()
    } else {
        let portion =
            read(reader, move |reader| reader.portion(expected_seq.saturating_sub(1), count as usize))
                .await?;
        check(&portion, expected_seq, up_to_seq)?;
        add(link, epoch, expected_seq, &portion).await?
    };
    if committed || Mutant::NoFence.lives() {
        metrics::counter!("jichi_postgres_events_total").increment(count);
        return Ok(Answer::Appended);
    }
    // Events that do not rest on what is there are refused as well: if that is another history, the look says so.
    Ok(Answer::Refused { table: look(link, reader, 0, 0).await?.table })
}

/// Nothing leaves the journal that is not a whole piece of a chain.
fn check(portion: &Portion, expected_seq: u64, up_to_seq: u64) -> Result<(), Trouble> {
    let mut head = match portion.rows.first() {
        Some(first) if expected_seq > 1 => {
            Head { seq: expected_seq - 1, hash: first.prev_hash, epoch: first.epoch }
        }
        _ => Head::EMPTY,
    };
    for row in &portion.rows {
        head = head.follow(row)?;
    }
    if head.seq == up_to_seq {
        Ok(())
    } else {
        Err(Trouble::Lacking { seq: head.seq.max(expected_seq - 1) + 1 })
    }
}

/// False when the fence does not stand where it was expected.
async fn add(link: &Link, epoch: Epoch, expected_seq: u64, portion: &Portion) -> Result<bool, Trouble> {
    let Portion { rows, keys, requests } = portion;
    let rests_on = rows.first().map(|row| row.prev_hash).unwrap_or_default();
    let next_seq = expected_seq + rows.len() as u64;
    let fence = (epoch.term as i64, epoch.node as i32, expected_seq as i64, next_seq as i64, &rests_on[..]);

    let seqs: Vec<i64> = rows.iter().map(|row| row.seq as i64).collect();
    let terms: Vec<i64> = rows.iter().map(|row| row.epoch.term as i64).collect();
    let nodes: Vec<i32> = rows.iter().map(|row| row.epoch.node as i32).collect();
    let times: Vec<&str> = rows.iter().map(|row| row.at.as_str()).collect();
    let bodies: Vec<&str> = rows.iter().map(|row| row.body.as_str()).collect();
    let prev_hashes: Vec<&[u8]> = rows.iter().map(|row| &row.prev_hash[..]).collect();
    let hashes: Vec<&[u8]> = rows.iter().map(|row| &row.hash[..]).collect();

    let key_ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
    let subjects: Vec<&str> = keys.iter().map(|key| key.subject.as_str()).collect();
    let key_bytes: Vec<&[u8]> = keys.iter().map(|key| &key.key[..]).collect();
    // A key that came with these events was made after whatever they erase.
    let erased: Vec<String> = rows.iter().flat_map(erased_by).map(|subject| subject.to_string()).collect();

    let request_keys: Vec<&str> = requests.iter().map(|(key, _)| key.as_str()).collect();
    let digests: Vec<&[u8]> = requests.iter().map(|(_, it)| &it.digest[..]).collect();
    let answers: Vec<&str> = requests.iter().map(|(_, it)| it.answer.as_str()).collect();
    let firsts: Vec<i64> = requests.iter().map(|(_, it)| it.first_seq as i64).collect();
    let lasts: Vec<i64> = requests.iter().map(|(_, it)| it.last_seq as i64).collect();
    let ats_us: Vec<i64> = requests.iter().map(|(_, it)| it.at.micros()).collect();

    let added = link
        .commit(
            &link.statements.append,
            &[
                &fence.0,
                &fence.1,
                &fence.2,
                &fence.3,
                &fence.4,
                &seqs,
                &terms,
                &nodes,
                &times,
                &bodies,
                &prev_hashes,
                &hashes,
                &key_ids,
                &subjects,
                &key_bytes,
                &erased,
                &request_keys,
                &digests,
                &answers,
                &firsts,
                &lasts,
                &ats_us,
            ],
        )
        .await?;
    Ok(!added.is_empty())
}
