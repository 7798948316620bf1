//! Who may append: the lease changes hands by comparison, and the fence with it.

use dispatch_core::leadership::{Answer, Position, Run};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_take_at_once_one_has_it() {
    let Some(database) = Throwaway::start("race") else { return };
    let (one, other) = (Site::new(), Site::new());
    let (mut one, mut other) = (Asker::new(database.url(), 1, &one), Asker::new(database.url(), 2, &other));
    let mut before = Epoch { term: 0, node: 0 };
    // The tables are made by whoever comes first; the other one asks again.
    while one.ask(LOOK).await.is_err() || other.ask(LOOK).await.is_err() {}
    for round in 0..20 {
        let seen = one.lease().await;
        assert_eq!((other.lease().await, seen.map(|row| row.epoch)), (seen, (round > 0).then_some(before)));
        let ask = Ask::Take { seen, term_above: 0 };
        let answers = tokio::join!(one.ask(ask.clone()), other.ask(ask));
        let (taken, refused) = match (answers.0.unwrap().0, answers.1.unwrap().0) {
            (Answer::Taken { epoch, .. }, Answer::Refused { table }) => ((epoch, 1), table),
            (Answer::Refused { table }, Answer::Taken { epoch, .. }) => ((epoch, 2), table),
            both => panic!("{both:?}"),
        };
        assert_eq!(taken.0.node, taken.1);
        assert!(taken.0 > before);
        assert_eq!(refused.lease.map(|row| row.epoch), Some(taken.0));
        before = taken.0;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_epoch_before_a_take_appends_nothing() {
    let Some(database) = Throwaway::start("fence") else { return };
    let mut site = Site::new();
    let mut old = Asker::new(database.url(), 1, &site);
    assert_eq!(old.table().await, Table::default());
    let first = old.take().await;
    assert_eq!(first, epoch(1, 1));
    site.calls(first, 5);
    old.append(first, 1, 3).await.unwrap();
    assert!(old.append(first, 3, 5).await.is_err(), "not where the table ends");
    assert!(old.append(first, 5, 5).await.is_err(), "not where the table ends");

    let mut new = Asker::new(database.url(), 2, &site);
    let seen = new.lease().await;
    let Ok((Answer::Taken { epoch: second, table }, _)) = new.ask(Ask::Take { seen, term_above: 7 }).await
    else {
        panic!("the lease was there to be taken")
    };
    assert_eq!(second, epoch(8, 2));
    assert_eq!(table.history.head(), Position { seq: 3, epoch: first });
    assert_eq!(table.lease.unwrap().epoch, second);
    for (expected_seq, up_to_seq) in [(4, 5), (4, 3)] {
        let there = old.append(first, expected_seq, up_to_seq).await.unwrap_err();
        assert_eq!((there.lease, there.history.head().seq), (table.lease, 3));
    }
    assert_eq!(count(&admin(&database).await, "events").await, 3);
    new.append(second, 4, 5).await.unwrap();
    assert_eq!(new.table().await.history.part(0, 9), [Run { epoch: first, last_seq: 5 }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_is_an_append_of_nothing() {
    let Some(database) = Throwaway::start("renewal") else { return };
    let mut site = Site::new();
    let mut leader = Asker::new(database.url(), 1, &site);
    let own = leader.take().await;
    let mut stamps = vec![leader.lease().await.unwrap().stamp];
    leader.append(own, 1, 0).await.unwrap();
    stamps.push(leader.lease().await.unwrap().stamp);
    site.calls(own, 2);
    leader.append(own, 1, 2).await.unwrap();
    stamps.push(leader.lease().await.unwrap().stamp);
    assert!(leader.append(own, 1, 0).await.is_err(), "the table does not end there");
    assert_eq!(leader.lease().await.unwrap().stamp, stamps[2], "what is refused changes nothing");
    leader.append(own, 3, 2).await.unwrap();
    stamps.push(leader.lease().await.unwrap().stamp);
    // Whoever saw the row before it was renewed does not get it.
    for stamp in &stamps[..3] {
        let seen = Some(LeaseRow { epoch: own, stamp: *stamp });
        let (answer, _) = leader.ask(Ask::Take { seen, term_above: 0 }).await.unwrap();
        assert!(matches!(answer, Answer::Refused { .. }), "{answer:?}");
    }
    let renewed = leader.take().await;
    assert!(renewed > own, "the holder itself takes it anew under a higher term");
    stamps.push(leader.lease().await.unwrap().stamp);
    assert!(stamps.is_sorted_by(|before, after| before < after), "{stamps:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_know_of_the_fence_appends_nothing() {
    let Some(database) = Throwaway::start("copier") else { return };
    let mut site = Site::new();
    let mut leader = Asker::new(database.url(), 1, &site);
    let own = leader.take().await;
    site.calls(own, 3);
    leader.append(own, 1, 2).await.unwrap();
    let mut copier = admin(&database).await;
    let rows = site.reader.rows(2, 1).unwrap();
    let refused = super::super::super::table::append(&mut copier, &rows, &[]).await.unwrap_err();
    assert!(refused.to_string().contains("leadership"), "{refused}");
    leader.append(own, 3, 3).await.unwrap();
    // By hand it can be done all the same, and is seen.
    copier.batch_execute("UPDATE leadership SET next_seq = 2").await.unwrap();
    assert!(leader.broken(LOOK).await.contains("by hand"));
}
