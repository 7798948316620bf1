//! The promises of the handle, kept by a whole running centre on a real journal: nothing is heard of before it is
//! durable, nothing is done twice, nothing is lost over a restart.

use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use dispatch_core::assignment::Grounds;
use dispatch_core::ids::{AssignmentId, IncidentId, UnitId};
use dispatch_core::{Action, Fact, Refusal};
use rusqlite::Connection;
use tokio::time::timeout;
use uuid::Uuid;

use super::{CentreHandle, IdempotencyKey, LiveItem, OutgoingKind, Submission, SubmitError};
use crate::clock::{Anchor, Clock, wall_now};
use crate::journal::JOURNAL_FILE;
use crate::running::RunningCentre;
use crate::testing::{TempFolder, a_call, an_incident, at_desk, start, two_units, wait_until};

fn submission(action: Action) -> Submission {
    Submission::new(at_desk(action))
}

async fn done(centre: &CentreHandle, action: Action) -> u64 {
    centre.submit(submission(action)).await.unwrap().last_seq
}

async fn stop(centre: RunningCentre) {
    tokio::task::spawn_blocking(move || centre.stop()).await.unwrap();
}

/// Keeps the journal from being written, as a disk that does not answer does.
struct SlowDisk(Connection);

impl SlowDisk {
    fn begin(folder: &TempFolder) -> Self {
        let connection = Connection::open(folder.path().join(JOURNAL_FILE)).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        Self(connection)
    }

    fn end(self) {
        self.0.execute_batch("ROLLBACK").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_heard_of_before_it_is_durable() {
    let folder = TempFolder::new("centre");
    let running = start(folder.path(), Clock::real());
    let centre = running.handle().clone();
    let call = a_call();
    let Action::ReceiveCall { call: id, .. } = call else { unreachable!() };
    let mut live = centre.subscribe(None);
    let disk = SlowDisk::begin(&folder);
    let mut accepted = Box::pin({
        let centre = centre.clone();
        async move { centre.submit(submission(call)).await }
    });
    let begun = accepted.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(begun.is_pending(), "a reply came before anything was done: {begun:?}");
    let accepted = tokio::spawn(accepted);
    // The owner has decided on the first before it sees the second: a refusal that rests on what is not durable.
    wait_until("the first command reaches the owner", || centre.inner.commands.is_empty());
    let refused = tokio::spawn({
        let centre = centre.clone();
        async move {
            let again = Action::ReceiveCall {
                call: id,
                source: dispatch_core::incident::CallSource::Police,
                phone: dispatch_core::private::Private::new("110"),
                text_only: false,
                place: dispatch_core::incident::Place::default(),
                text: None,
            };
            centre.submit(submission(again)).await
        }
    });
    assert!(timeout(Duration::from_millis(300), live.next()).await.is_err(), "a live frame came too early");
    assert!(!accepted.is_finished(), "a reply came before its event was durable");
    assert!(!refused.is_finished(), "a refusal came before what it rests on was durable");
    assert_eq!(centre.snapshot().seq, 0, "a reader saw what a crash could take back");
    disk.end();
    let accepted = accepted.await.unwrap().unwrap();
    assert_eq!((accepted.first_seq, accepted.last_seq), (1, 1));
    assert!(centre.snapshot().record.call(id).is_some());
    let refused = refused.await.unwrap();
    assert!(matches!(refused, Err(SubmitError::Refused(Refusal::IdInUse { .. }))), "{refused:?}");
    let item = live.next().await.unwrap();
    assert!(matches!(item, LiveItem::Event(event) if event.seq == 1));
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_cannot_go_on_ends_the_centre_without_an_answer() {
    let folder = TempFolder::new("centre");
    let running = start(folder.path(), Clock::real());
    let centre = running.handle().clone();
    done(&centre, a_call()).await;
    // Somebody else has written: the next append must fail, never overwrite.
    let intruder = Connection::open(folder.path().join(JOURNAL_FILE)).unwrap();
    let row = "INSERT INTO journal SELECT seq + 1, term, node, at, body, prev_hash, hash FROM journal";
    intruder.execute_batch(row).unwrap();
    let outcome = centre.submit(submission(a_call())).await.map(|_| ());
    assert!(matches!(outcome, Err(SubmitError::Stopping)), "{outcome:?}");
    let mut failure = running.failure();
    let said = failure.wait_for(Option::is_some).await.unwrap().clone();
    assert!(said.unwrap().to_string().contains("journal"));
    assert_eq!(centre.snapshot().seq, 1);
    assert!(matches!(centre.submit(submission(a_call())).await, Err(SubmitError::Stopping)));
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_gets_the_same_answer_over_a_restart_and_does_nothing() {
    let folder = TempFolder::new("centre");
    let key = || IdempotencyKey::new("7f3a").unwrap();
    let running = start(folder.path(), Clock::real());
    let first = Submission::keyed(at_desk(a_call()), key(), [1; 32], "call_1");
    let first = running.handle().submit(first).await.unwrap();
    assert!(!first.repeated);
    stop(running).await;

    let running = start(folder.path(), Clock::real());
    let centre = running.handle();
    let again = Submission::keyed(at_desk(a_call()), key(), [1; 32], "call_2");
    let again = centre.submit(again).await.unwrap();
    assert_eq!((again.repeated, again.answer.as_str()), (true, "call_1"));
    assert_eq!((again.first_seq, again.last_seq), (first.first_seq, first.last_seq));
    assert_eq!(centre.snapshot().record.calls().len(), 1);
    let other = centre.submit(Submission::keyed(at_desk(a_call()), key(), [2; 32], "")).await;
    assert!(matches!(other, Err(SubmitError::KeyReused)), "{other:?}");
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_leaves_its_key_free() {
    let folder = TempFolder::new("centre");
    let running = start(folder.path(), Clock::real());
    let centre = running.handle();
    let key = IdempotencyKey::new("k").unwrap();
    let unit: UnitId = "A01".parse().unwrap();
    let pause = || at_desk(Action::PauseUnit { unit, reason: "加油".to_owned() });
    let refused = centre.submit(Submission::keyed(pause(), key.clone(), [1; 32], "")).await;
    assert!(matches!(refused, Err(SubmitError::Refused(Refusal::UnknownUnit { .. }))));
    for action in two_units() {
        done(centre, action).await;
    }
    assert!(!centre.submit(Submission::keyed(pause(), key, [1; 32], "")).await.unwrap().repeated);
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_goes_on_where_it_was_and_is_told_when_it_cannot() {
    let folder = TempFolder::new("centre");
    let running = start(folder.path(), Clock::real());
    let centre = running.handle().clone();
    for action in two_units() {
        done(&centre, action).await;
    }
    let mut live = centre.subscribe(Some(2));
    for expected in 3..=6 {
        assert!(matches!(live.next().await.unwrap(), LiveItem::Event(event) if event.seq == expected));
    }
    let last = done(&centre, a_call()).await;
    assert!(matches!(live.next().await.unwrap(), LiveItem::Event(event) if event.seq == last));
    let mut ahead = centre.subscribe(Some(last + 1));
    assert!(matches!(ahead.next().await.unwrap(), LiveItem::Reset { seq } if seq == last));
    stop(running).await;

    // After a restart memory is empty: older events come from the file.
    let running = start(folder.path(), Clock::real());
    let mut live = running.handle().subscribe(Some(0));
    for expected in 1..=last {
        assert!(matches!(live.next().await.unwrap(), LiveItem::Event(event) if event.seq == expected));
    }
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_proposed_sent_and_sent_again_until_it_is_confirmed() {
    let folder = TempFolder::new("centre");
    let running = start(folder.path(), Clock::real());
    let centre = running.handle().clone();
    for action in two_units() {
        done(&centre, action).await;
    }
    let incident = IncidentId::new(Uuid::now_v7());
    done(&centre, an_incident(incident)).await;
    let proposed = || centre.snapshot().record.incident(incident).and_then(|it| it.proposal);
    wait_until("a proposal is on record", || proposed().is_some());
    let snapshot = centre.snapshot();
    let proposal = snapshot.record.proposal(proposed().unwrap()).unwrap();
    let unit = proposal.ranked[0].unit;
    assert_eq!(unit.as_str(), "A01", "the nearer one first");
    assert_eq!(centre.propose(incident).await.unwrap().ranked.len(), 2);

    let mut news = centre.effects();
    let assignment = AssignmentId::new(Uuid::now_v7());
    let grounds = Grounds::default();
    let order =
        Action::AssignUnit { assignment, incident, unit, proposal: proposed(), reason: None, grounds };
    done(&centre, order).await;
    let order = news.recv().await.unwrap();
    assert!(matches!(&order.kind, OutgoingKind::Order(card) if card.assignment.id == assignment));
    stop(running).await;

    let running = start(folder.path(), Clock::real());
    let centre = running.handle().clone();
    let waiting = centre.undelivered(unit);
    assert_eq!(waiting.len(), 1, "an unconfirmed order is sent again after a restart");
    assert_eq!(waiting[0].effect, order.effect, "under the same id");
    centre.confirm(unit, order.effect).await.unwrap();
    assert!(centre.undelivered(unit).is_empty());
    let before = centre.snapshot().seq;
    centre.confirm(unit, order.effect).await.unwrap();
    assert_eq!(centre.snapshot().seq, before, "a repeat is harmless");
    let it = Arc::clone(&centre.snapshot().record);
    assert!(it.assignment(assignment).unwrap().delivered_at.is_some());
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deadlines_pass_by_the_domain_clock() {
    let folder = TempFolder::new("centre");
    let wall = wall_now();
    let running = start(folder.path(), Clock::anchored(Anchor { wall, domain: wall, rate: 100.0 }));
    let centre = running.handle().clone();
    let rang = done(&centre, a_call()).await;
    let mut live = centre.subscribe(Some(rang));
    let LiveItem::Event(raised) = timeout(Duration::from_secs(20), live.next()).await.unwrap().unwrap()
    else {
        panic!("expected an event")
    };
    assert!(matches!(raised.event.fact, Fact::EscalationRaised { .. }), "{raised:?}");
    let rang_at = centre.journal().page(0, 1).unwrap()[0].event.at;
    assert!(raised.event.at.since(rang_at) >= centre.snapshot().record.rules().answer_within_s);
    stop(running).await;
}

/// Behind the word to stop nobody decides any more: a burst of proposals that comes just then is let go, and the stop does not wait for
/// those who wait for it.
#[tokio::test(flavor = "multi_thread")]
async fn the_stop_waits_for_nobody_who_asks_behind_it() {
    for _ in 0..10 {
        let folder = TempFolder::new("centre");
        let running = start(folder.path(), Clock::real());
        let centre = running.handle().clone();
        for action in two_units() {
            done(&centre, action).await;
        }
        let create = |_| {
            let centre = centre.clone();
            tokio::spawn(async move {
                centre.submit(submission(an_incident(IncidentId::new(Uuid::now_v7())))).await
            })
        };
        let created: Vec<_> = (0..60).map(create).collect();
        for one in created {
            one.await.unwrap().unwrap();
        }
        let stopping = std::thread::spawn(move || running.stop());
        wait_until("the centre stops", || stopping.is_finished());
        stopping.join().unwrap();
    }
}
