//! What is moved aside is kept word for word, can be fetched page by page by whoever leads, and waits until that was done.

use super::*;

#[test]
fn what_is_moved_aside_is_fetched_whole_and_waits_until_it_is_brought_in() {
    let folder = TempFolder::new("journal");
    let mut writer = Writer::open(&folder);
    writer.append(7).unwrap();
    for (key, seq) in [("before", 2), ("within", 5)] {
        let values = format!("('{key}', zeroblob(32), '', {seq}, {seq}, {})", now().micros());
        let insert = "INSERT INTO idempotency (key, digest, answer, first_seq, last_seq, at_us) VALUES";
        change(&folder, &format!("{insert} {values}"));
    }
    let rows = JournalReader::open(writer.journal.path()).unwrap().rows(3, 10).unwrap();
    writer.journal.set_aside(3).unwrap();
    let disk = writer.journal.disk().unwrap();
    let [stretch] = disk.quarantine.waiting() else { panic!("one stretch waits: {disk:?}") };
    assert_eq!((disk.journal.head().seq, stretch.after_seq), (3, 3));

    let reader = JournalReader::open(writer.journal.path()).unwrap();
    let first = reader.aside(stretch, 3, 3).unwrap();
    let second = reader.aside(stretch, 6, 3).unwrap();
    assert_eq!([first.rows.clone(), second.rows].concat(), rows);
    assert!(reader.aside(stretch, 7, 3).unwrap().rows.is_empty(), "that was all");
    let [(key, request)] = first.requests.as_slice() else { panic!("one of them answered: {first:?}") };
    assert_eq!((key.as_str(), request.first_seq), ("within", 5));
    assert!(!reader.knows_request(key).unwrap(), "a repeat of it is carried out");
    assert!(reader.knows_request(&IdempotencyKey::new("before").unwrap()).unwrap());
    // The keys come along: the numbers of callers can be read where they are brought in.
    let told = first.events().unwrap();
    let phone = |it: &Journalled| match &it.event.fact {
        dispatch_core::Fact::CallReceived { phone, .. } => phone.reveal().to_owned(),
        other => panic!("{other:?}"),
    };
    assert!(told.iter().all(|it| phone(it).len() == 11), "{told:?}");

    let other = dispatch_core::leadership::Quarantined { after_seq: 2, ..stretch.clone() };
    writer.journal.remember_brought_in(&other).unwrap();
    assert_eq!(writer.journal.disk().unwrap().quarantine.waiting().len(), 1);
    writer.journal.remember_brought_in(stretch).unwrap();
    drop(writer);
    let again = Writer::open(&folder);
    assert!(again.journal.disk().unwrap().quarantine.waiting().is_empty());
    assert!(reader.aside(stretch, 3, 3).unwrap().rows.is_empty(), "it waits no more");
    let kept: Vec<_> = reader.moved_aside((0, 0), 10).unwrap().into_iter().map(|(_, row)| row).collect();
    assert_eq!(kept, rows, "and is there all the same");
}
