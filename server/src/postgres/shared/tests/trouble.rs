//! Commits that nobody answers, a standby that does not come, a server that is killed.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_append_that_was_given_up_is_found_where_it_ended() {
    let Some(database) = Throwaway::start("unknown") else { return };
    let admin = admin(&database).await;
    // Whatever the role says, a commit waits for its standby.
    admin.batch_execute("ALTER ROLE jichi SET synchronous_commit = local").await.unwrap();
    let mut site = Site::new();
    let mut leader = Asker::new(database.url(), 1, &site);
    let own = leader.take().await;
    site.calls(own, 4);
    leader.append(own, 1, 2).await.unwrap();

    set(&admin, "synchronous_standby_names", "nobody").await;
    leader.send(Ask::Append { epoch: own, expected_seq: 3, up_to_seq: 4 });
    comes::<i32>(&admin, WAITS).await;
    leader.record.drop_connection();
    // The next question has a connection of its own. It sees nothing of what is not on the standby.
    assert_eq!(leader.table().await.history.head().seq, 2);
    // Another append waits for the first, and not for long: it leaves nobody behind.
    let begun = Instant::now();
    let why = leader.broken(Ask::Append { epoch: own, expected_seq: 3, up_to_seq: 4 }).await;
    assert!(why.contains("lock") && begun.elapsed() < Duration::from_secs(5), "{why} {:?}", begun.elapsed());
    assert_eq!(count(&admin, "pg_stat_activity WHERE query LIKE '%UPDATE leadership%' AND state = 'active' AND pid <> pg_backend_pid()").await, 1);

    set(&admin, "synchronous_standby_names", "").await;
    comes::<i32>(&admin, "SELECT 1 WHERE (SELECT next_seq FROM leadership) = 5").await;
    assert_eq!(leader.table().await.history.head().seq, 4, "it was carried out");
    assert!(leader.append(own, 3, 4).await.is_err());
    leader.append(own, 5, 4).await.unwrap();
    assert_eq!(count(&admin, "events").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_was_told_not_to_wait_is_no_answer() {
    let Some(database) = Throwaway::start("cancelled") else { return };
    let admin = admin(&database).await;
    let mut site = Site::new();
    let mut leader = Asker::new(database.url(), 1, &site);
    let own = leader.take().await;
    site.calls(own, 1);
    set(&admin, "synchronous_standby_names", "nobody").await;
    let asks = [
        Ask::Append { epoch: own, expected_seq: 1, up_to_seq: 1 },
        Ask::Append { epoch: own, expected_seq: 2, up_to_seq: 1 },
    ];
    for (ends, ask) in [1, 1].into_iter().zip(asks) {
        leader.send(ask);
        let pid: i32 = comes(&admin, WAITS).await;
        admin.execute("SELECT pg_cancel_backend($1)", &[&pid]).await.unwrap();
        let why = leader.reply().await.unwrap_err();
        assert!(why.contains("standby"), "{why}");
        // It is there all the same, and that counts for nothing yet.
        assert_eq!(leader.table().await.history.head().seq, ends);
    }
    let seen = leader.lease().await;
    leader.send(Ask::Take { seen, term_above: 0 });
    let pid: i32 = comes(&admin, WAITS).await;
    admin.execute("SELECT pg_terminate_backend($1)", &[&pid]).await.unwrap();
    leader.reply().await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_answers_again_once_it_is_back() {
    let Some(mut database) = Throwaway::start("killed") else { return };
    let mut site = Site::new();
    let mut leader = Asker::new(database.url(), 1, &site);
    let own = leader.take().await;
    site.calls(own, 50);
    leader.append(own, 1, 30).await.unwrap();
    let before = leader.lease().await;
    database.kill();
    // The processes of a killed server go on for a moment.
    while leader.ask(LOOK).await.is_ok() {}
    leader.broken(Ask::Append { epoch: own, expected_seq: 31, up_to_seq: 50 }).await;
    database.run();
    let table = leader.table().await;
    assert_eq!((table.lease, table.history.head().seq), (before, 30), "what was answered is there");
    leader.append(own, 31, 50).await.unwrap();
    let (answer, portion) = leader.ask(Ask::Look { after_seq: 0, rows_max: 100 }).await.unwrap();
    assert!(matches!(answer, Answer::Shown { .. }));
    assert_eq!(portion.rows, site.reader.rows(0, 100).unwrap());
}

/// Who waits for a standby.
const WAITS: &str = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
