//! The second copy against a real PostgreSQL that is killed in the middle, and against one that holds another history.

mod days;
mod reports;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use dispatch_core::Action;
use dispatch_core::erasure::Subject;
use dispatch_core::incident::CallEnd;
use tokio_postgres::NoTls;

use super::throwaway::Throwaway;
use super::{copy, table};
use crate::centre::Submission;
use crate::clock::Clock;
use crate::config::PostgresConfig;
use crate::running::RunningCentre;
use crate::testing::{TempFolder, a_call, at_desk, start};

async fn take_calls(running: &RunningCentre, count: usize) -> u64 {
    let mut last = 0;
    for _ in 0..count {
        let submission = Submission::new(at_desk(a_call()));
        last = running.handle().submit(submission).await.unwrap().last_seq;
    }
    last
}

fn begin_copy(running: &RunningCentre, database: &Throwaway) -> tokio::task::JoinHandle<()> {
    let config = PostgresConfig { url: database.url(), positions_days: None };
    tokio::spawn(copy(config, running.handle().journal().clone(), running.handle().head()))
}

/// The hashes in PostgreSQL, in order, once there are as many as expected.
async fn copied(database: &Throwaway, count: u64) -> Vec<Vec<u8>> {
    let begun = Instant::now();
    loop {
        if let Ok((client, connection)) = tokio_postgres::connect(&database.url(), NoTls).await {
            tokio::spawn(connection);
            let rows = client.query("SELECT hash FROM events ORDER BY seq", &[]).await.unwrap_or_default();
            if rows.len() as u64 == count {
                return rows.iter().map(|row| row.get(0)).collect();
            }
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "the copy does not come to {count} events");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_copy_goes_on_after_postgresql_was_killed() {
    let Some(mut database) = Throwaway::start("copy") else { return };
    let folder = TempFolder::new("copy");
    let running = start(folder.path(), Clock::real());
    take_calls(&running, 30).await;
    let copying = begin_copy(&running, &database);
    copied(&database, 30).await;
    database.kill();
    // Calls are taken all the same.
    let last = take_calls(&running, 40).await;
    database.run();
    let hashes = copied(&database, last).await;
    let rows = running.handle().journal().rows(0, 1000).unwrap();
    assert!(rows.iter().map(|row| row.hash.to_vec()).eq(hashes), "the copy is the journal, hash by hash");

    // A second start goes on from what is there.
    copying.abort();
    let last = take_calls(&running, 5).await;
    let again = begin_copy(&running, &database);
    copied(&database, last).await;
    again.abort();
    tokio::task::spawn_blocking(move || running.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_history_is_left_alone() {
    let Some(database) = Throwaway::start("fork") else { return };
    let (one, other) = (TempFolder::new("one"), TempFolder::new("other"));
    let first = start(one.path(), Clock::real());
    take_calls(&first, 3).await;
    let copying = begin_copy(&first, &database);
    let theirs = copied(&database, 3).await;
    copying.abort();

    let second = start(other.path(), Clock::real());
    take_calls(&second, 9).await;
    let copying = begin_copy(&second, &database);
    // It ends by itself: copying has stopped for good.
    tokio::time::timeout(Duration::from_secs(30), copying).await.unwrap().unwrap();
    assert_eq!(copied(&database, 3).await, theirs);

    // The same check guards each batch.
    let (mut client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let rows = second.handle().journal().rows(0, 5).unwrap();
    let refused = table::append(&mut client, &rows, &[]).await;
    assert!(matches!(refused, Err(super::CopyError::Fork { seq: 1 })), "{refused:?}");
    assert_eq!(copied(&database, 3).await, theirs, "a refused batch leaves nothing behind");
    let ours = first.handle().journal().rows(0, 5).unwrap();
    table::append(&mut client, &ours, &[]).await.unwrap();
    for running in [first, second] {
        tokio::task::spawn_blocking(move || running.stop()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_go_with_the_events_and_an_erasure_deletes_them() {
    let Some(database) = Throwaway::start("keys") else { return };
    let folder = TempFolder::new("keys");
    let running = start(folder.path(), Clock::real());
    let does =
        async |action| running.handle().submit(Submission::new(at_desk(action))).await.unwrap().last_seq;
    take_calls(&running, 3).await;
    let copying = begin_copy(&running, &database);
    copied(&database, 3).await;
    let rows = running.handle().journal().rows(0, 10).unwrap();
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let keys = async || -> BTreeSet<(String, Vec<u8>)> {
        let rows = client.query("SELECT id, key FROM personal_keys", &[]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    let ours = running.handle().journal().keys_of(&rows).unwrap();
    let ours: BTreeSet<_> = ours.into_values().map(|key| (key.id, key.key.to_vec())).collect();
    assert_eq!((keys().await, ours.len()), (ours, 3), "a standby can read all of it");

    let call = *running.handle().snapshot().record.calls().keys().next().unwrap();
    does(Action::AnswerCall { call }).await;
    does(Action::EndCall { call, how: CallEnd::Advice }).await;
    let subjects = vec![Subject::Call(call)];
    let last = does(Action::ErasePersonalData { subjects, reason: "家属申请".to_owned() }).await;
    copied(&database, last).await;
    assert_eq!(keys().await.len(), 2, "the erased key is gone here, too");
    let bodies = client.query("SELECT body FROM events", &[]).await.unwrap();
    assert!(
        bodies.iter().all(|row| !row.get::<_, &str>(0).contains("13812342290")),
        "stored bytes are sealed"
    );
    copying.abort();
    tokio::task::spawn_blocking(move || running.stop()).await.unwrap();
}
