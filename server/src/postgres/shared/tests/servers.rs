//! Which servers are believed: the one that accepts writes, and only while its commits last.

use std::net::TcpListener;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_server_that_answers_is_found_among_silent_ones() {
    let Some(database) = Throwaway::start("hosts") else { return };
    let site = Site::new();
    // One takes connections and says nothing, the other does not exist.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let hosts = format!("{},{silent},", mute.local_addr().unwrap());
    let url = database.url().replace('@', &format!("@{hosts}"));
    let begun = Instant::now();
    let mut asker = Asker::new(url, 1, &site);
    assert_eq!(asker.table().await, Table::default());
    asker.record.drop_connection();
    asker.table().await;
    assert!(
        begun.elapsed() < Duration::from_millis(2_500),
        "nobody waits for the mute: {:?}",
        begun.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_commits_do_not_last_is_refused() {
    let Some(database) = Throwaway::start("lasting") else { return };
    let admin = admin(&database).await;
    let site = Site::new();
    let mut asker = Asker::new(database.url(), 1, &site);
    asker.table().await;
    set(&admin, "fsync", "off").await;
    asker.record.drop_connection();
    let why = asker.broken(LOOK).await;
    assert!(why.contains("fsync"), "{why}");
    set(&admin, "fsync", "on").await;
    asker.table().await;
    set(&admin, "default_transaction_read_only", "on").await;
    asker.record.drop_connection();
    asker.broken(LOOK).await;
    set(&admin, "default_transaction_read_only", "off").await;
    asker.table().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_vanish_are_made_again() {
    let Some(database) = Throwaway::start("restored") else { return };
    let admin = admin(&database).await;
    let site = Site::new();
    let mut asker = Asker::new(database.url(), 1, &site);
    asker.take().await;
    // Restored from the time before there were any.
    admin.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await.unwrap();
    asker.broken(LOOK).await;
    assert_eq!(asker.table().await, Table::default());
}
