//! What travels: rows in pages, keys, requests, erasures, and the tables of the time before.

use std::collections::BTreeSet;

use dispatch_core::leadership::{Position, RUNS_MAX, Run};
use refinery::Target;

use super::super::super::table;
use super::*;

/// Looks, and gives what belongs to it in one order.
async fn page(asker: &mut Asker, after_seq: u64, rows_max: u64) -> (Position, Vec<Run>, Portion) {
    match asker.ask(Ask::Look { after_seq, rows_max }).await {
        Ok((Answer::Shown { after, rows, .. }, portion)) => (after, rows, portion),
        other => panic!("a look was answered by {other:?}"),
    }
}

fn assert_same(theirs: &Portion, ours: &Portion) {
    let keys = |it: &Portion| it.keys.iter().map(|key| (key.id.clone(), key.key)).collect::<BTreeSet<_>>();
    let requests = |it: &Portion| {
        it.requests.iter().map(|(key, it)| (key.clone(), format!("{it:?}"))).collect::<BTreeSet<_>>()
    };
    assert_eq!(theirs.rows, ours.rows);
    assert_eq!(keys(theirs), keys(ours));
    assert_eq!(requests(theirs), requests(ours));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_bring_the_journal_as_it_is() {
    let Some(database) = Throwaway::start("pages") else { return };
    let mut site = Site::new();
    let mut leader = Asker::new(database.url(), 1, &site);
    let first = leader.take().await;
    site.calls(first, 4);
    leader.append(first, 1, 4).await.unwrap();
    let second = leader.take().await;
    site.calls(second, 3);
    leader.append(second, 5, 7).await.unwrap();
    let empty = Site::new();
    let mut follower = Asker::new(database.url(), 2, &empty);
    let runs = [Run { epoch: first, last_seq: 4 }, Run { epoch: second, last_seq: 7 }];
    assert_eq!(follower.table().await.history.part(0, 9), runs);

    let (after, rows, portion) = page(&mut follower, 0, 100).await;
    assert_eq!((after, rows), (Position::START, runs.to_vec()));
    assert_eq!((portion.rows.len(), portion.keys.len(), portion.requests.len()), (7, 7, 7));
    assert_same(&portion, &site.reader.portion(0, 100).unwrap());
    let (after, rows, portion) = page(&mut follower, 3, 2).await;
    assert_eq!(after, Position { seq: 3, epoch: first });
    assert_eq!(rows, [Run { epoch: first, last_seq: 4 }, Run { epoch: second, last_seq: 5 }]);
    assert_same(&portion, &site.reader.portion(3, 2).unwrap());
    let (after, rows, portion) = page(&mut follower, 50, 2).await;
    assert_eq!((after, rows.len(), portion.rows.len()), (Position { seq: 7, epoch: second }, 0, 0));

    // Whatever was changed there is not passed on.
    let database = admin(&database).await;
    for change in ["body = replace(body, 'telephone', 'police')", "term = 9", "hash = decode('00', 'hex')"] {
        let refused = database.batch_execute(&format!("UPDATE events SET {change} WHERE seq = 6")).await;
        if refused.is_ok() {
            let why = follower.broken(Ask::Look { after_seq: 4, rows_max: 3 }).await;
            assert!(why.contains("event 6") || why.contains("event 7"), "{change}: {why}");
            database
                .batch_execute("UPDATE events SET body = replace(body, 'police', 'telephone') WHERE seq = 6")
                .await
                .unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_loses_its_key_and_nothing_else() {
    let Some(database) = Throwaway::start("erased") else { return };
    let mut site = Site::new();
    let mut leader = Asker::new(database.url(), 1, &site);
    let own = leader.take().await;
    let calls = site.calls(own, 3);
    leader.append(own, 1, 3).await.unwrap();
    let admin = admin(&database).await;
    assert_eq!(count(&admin, "personal_keys").await, 3);
    // The same person calls again after the erasure: that is another key, in the same append.
    site.note(own, vec![erased(calls[0]), erased(calls[1]), received(calls[1])]);
    leader.append(own, 4, 6).await.unwrap();
    let theirs = admin.query("SELECT id FROM personal_keys ORDER BY id", &[]).await.unwrap();
    let theirs: Vec<String> = theirs.iter().map(|row| row.get(0)).collect();
    let ours = site.reader.portion(0, 10).unwrap().keys;
    let mut ours: Vec<String> = ours.into_iter().map(|key| key.id).collect();
    ours.sort();
    assert_eq!((theirs.len(), theirs), (2, ours));
    let (.., portion) = page(&mut leader, 0, 10).await;
    assert_same(&portion, &site.reader.portion(0, 10).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_known_for_a_day() {
    let Some(database) = Throwaway::start("requests") else { return };
    let mut site = Site::new();
    let mut leader = Asker::new(database.url(), 1, &site);
    let own = leader.take().await;
    site.calls(own, 2);
    leader.append(own, 1, 1).await.unwrap();
    let admin = admin(&database).await;
    admin.batch_execute("UPDATE requests SET key = 'key-2', at = now() - interval '25 hours'").await.unwrap();
    let old = "INSERT INTO requests SELECT 'old', digest, answer, first_seq, last_seq, at FROM requests";
    admin.batch_execute(old).await.unwrap();
    // The key of long ago is used again, and the other one is forgotten.
    leader.append(own, 2, 2).await.unwrap();
    assert_eq!(count(&admin, "requests").await, 1);
    let (.., portion) = page(&mut leader, 1, 1).await;
    assert_same(&portion, &site.reader.portion(1, 1).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_another_centre_is_left_alone() {
    let Some(database) = Throwaway::start("others") else { return };
    let (mut theirs, mut ours) = (Site::new(), Site::new());
    let mut first = Asker::new(database.url(), 1, &theirs);
    let own = first.take().await;
    theirs.calls(own, 3);
    first.append(own, 1, 3).await.unwrap();
    let mut second = Asker::new(database.url(), 1, &ours);
    assert_eq!(second.table().await.history.head().seq, 3, "an empty journal may follow any");
    // The same numbers under the same epoch, and other events.
    ours.calls(own, 5);
    let seen = first.lease().await;
    let asks =
        [LOOK, Ask::Take { seen, term_above: 0 }, Ask::Append { epoch: own, expected_seq: 4, up_to_seq: 5 }];
    for ask in asks {
        let why = second.broken(ask).await;
        assert!(why.contains("another history") && why.contains("event 3"), "{why}");
    }
    let there = first.table().await;
    assert_eq!((there.lease, there.history.head().seq), (seen, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_of_the_plain_copy_go_on() {
    let Some(database) = Throwaway::start("before") else { return };
    let mut site = Site::new();
    site.calls(epoch(1, 1), 3);
    site.calls(epoch(4, 1), 2);
    let mut client = admin(&database).await;
    let before = table::migrations::migrations::runner().set_target(Target::Version(2));
    before.run_async(&mut client).await.unwrap();
    table::append(&mut client, &site.reader.rows(0, 10).unwrap(), &[]).await.unwrap();

    let mut leader = Asker::new(database.url(), 2, &site);
    let table = leader.table().await;
    let runs = [Run { epoch: epoch(1, 1), last_seq: 3 }, Run { epoch: epoch(4, 1), last_seq: 5 }];
    assert_eq!((table.lease, table.history.part(0, 9)), (None, runs.to_vec()));
    let own = leader.take().await;
    assert_eq!(own, epoch(5, 2), "above whatever is there");
    site.calls(own, 1);
    leader.append(own, 6, 6).await.unwrap();

    // Only so many changes of leader are told, with what lies below them.
    let many = "INSERT INTO stretches SELECT -n, 1, 0 FROM generate_series(1, 2000) AS n";
    client.batch_execute(many).await.unwrap();
    let long = leader.table().await.history;
    assert_eq!(long.part(0, 9).len(), 3);
    let all = leader.table().await.history;
    assert!(all.part(0, u64::MAX).len() <= RUNS_MAX);
}
