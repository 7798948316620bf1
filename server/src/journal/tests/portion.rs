//! What one node wrote is taken in by another as it is: rows, keys, requests.

use dispatch_core::Action;
use dispatch_core::actor::Actor;
use dispatch_core::erasure::Sought;
use dispatch_core::ids::IncidentId;
use dispatch_core::number::IncidentNumber;
use uuid::Uuid;

use super::*;
use crate::journal::{PersonalKey, Portion, erase};
use crate::testing::an_incident;

/// A journal with three calls that answer a request, an incident, and its cancellation.
fn written(folder: &TempFolder) -> (JournalReader, IncidentNumber) {
    let mut writer = Writer::open(folder);
    let incident = IncidentId::new(Uuid::now_v7());
    writer.does(an_incident(incident));
    writer.does(Action::CancelIncident { incident, reason: "自行前往".to_owned() });
    let key = IdempotencyKey::new("call-1").unwrap();
    let events = writer.centre.execute(&at_desk(a_call()), now()).unwrap();
    let seq = writer.journal.head().seq + 1;
    let epoch = writer.journal.epoch();
    let last_seq = seq + events.len() as u64 - 1;
    let events = (seq..).zip(events).map(|(seq, event)| Arc::new(Journalled { seq, epoch, event })).collect();
    let request = KeyedRequest { key, digest: [7; 32], answer: "made".to_owned() };
    writer.journal.append(&[Decided { events, keyed: Some((request, seq, last_seq)), reply: None }]).unwrap();
    let number = writer.centre.record().incident(incident).unwrap().number;
    (JournalReader::open(writer.journal.path()).unwrap(), number)
}

fn whole(reader: &JournalReader) -> Portion {
    reader.portion(0, 1000).unwrap()
}

#[test]
fn another_journal_takes_it_in_with_keys_and_requests() {
    let (one, other) = (TempFolder::new("portion"), TempFolder::new("portion"));
    let (reader, _) = written(&one);
    let portion = whole(&reader);
    assert_eq!((portion.keys.is_empty(), portion.requests.len()), (false, 1));
    let travelled: Portion = serde_json::from_slice(&serde_json::to_vec(&portion).unwrap()).unwrap();
    assert_eq!(travelled, portion);
    let mut journal = Journal::open(other.path(), |_| {}).unwrap().journal;
    let events = journal.take_in(&travelled).unwrap();
    assert_eq!(events, reader.page(0, 1000).unwrap(), "with the keys, everything can be read");
    drop(journal);
    let opened = Journal::open(other.path(), |_| {}).unwrap();
    let known = opened.keys.get(&IdempotencyKey::new("call-1").unwrap()).unwrap();
    assert_eq!((known.digest, known.answer.as_str()), ([7; 32], "made"));
    let again = JournalReader::open(opened.journal.path()).unwrap();
    assert_eq!(whole(&again), portion);
}

#[test]
fn pages_join_and_their_requests_come_once() {
    let folder = TempFolder::new("portion");
    let (reader, _) = written(&folder);
    let portion = whole(&reader);
    let mut rows = Vec::new();
    let mut requests = Vec::new();
    while let page = reader.portion(rows.len() as u64, 1).unwrap()
        && !page.rows.is_empty()
    {
        rows.extend(page.rows);
        requests.extend(page.requests);
    }
    assert_eq!((rows, requests), (portion.rows, portion.requests));
}

#[test]
fn what_does_not_follow_is_refused_whole() {
    let (one, other) = (TempFolder::new("portion"), TempFolder::new("portion"));
    let portion = whole(&written(&one).0);
    let mut journal = Journal::open(other.path(), |_| {}).unwrap().journal;
    let mut gap = portion.clone();
    gap.rows.remove(1);
    let mut changed = portion.clone();
    changed.rows[2].body = changed.rows[2].body.replace("call", "cull");
    for broken in [gap, changed] {
        let refused = journal.take_in(&broken);
        assert!(matches!(refused, Err(JournalError::Damaged { .. })), "{refused:?}");
        assert_eq!(journal.head().seq, 0);
    }
    journal.take_in(&portion).unwrap();
    assert_eq!(journal.head().seq, portion.rows.len() as u64);
    assert!(journal.take_in(&portion).is_err(), "the same again does not follow");
}

#[test]
fn an_erasure_that_is_taken_in_erases() {
    let (one, other) = (TempFolder::new("portion"), TempFolder::new("portion"));
    let (reader, number) = written(&one);
    let before = whole(&reader);
    let mut journal = Journal::open(other.path(), |_| {}).unwrap().journal;
    journal.take_in(&before).unwrap();
    let by = Actor::Person { name: "王芳".to_owned(), seat: "03".to_owned() };
    erase(one.path(), Sought::Incident(number), by, "家属申请".to_owned(), now()).unwrap();
    let after = JournalReader::open(reader.path()).unwrap().portion(before.rows.len() as u64, 100).unwrap();
    journal.take_in(&after).unwrap();
    let erased = JournalReader::open(journal.path()).unwrap();
    assert_eq!(whole(&erased).keys.len(), before.keys.len() - 1);
    assert!(!format!("{:?}", erased.page(0, 1).unwrap()).contains("滨江路"));
}

#[test]
fn a_key_made_after_an_erasure_in_the_same_portion_stays() {
    let (one, other) = (TempFolder::new("portion"), TempFolder::new("portion"));
    let (reader, number) = written(&one);
    let subject =
        whole(&reader).keys.into_iter().find(|key| key.subject.starts_with("incident")).unwrap().subject;
    let by = Actor::Person { name: "王芳".to_owned(), seat: "03".to_owned() };
    erase(one.path(), Sought::Incident(number), by, "家属申请".to_owned(), now()).unwrap();
    let mut portion = whole(&JournalReader::open(reader.path()).unwrap());
    portion.keys.push(PersonalKey { id: "f".repeat(32), subject, key: [7; 32] });
    let mut journal = Journal::open(other.path(), |_| {}).unwrap().journal;
    journal.take_in(&portion).unwrap();
    let taken = JournalReader::open(journal.path()).unwrap();
    assert!(taken.personal_key(&"f".repeat(32)).unwrap().is_some());
}
