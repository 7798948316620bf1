//! Files on a vehicle: kept until the centre keeps them, whatever happens meanwhile.

use std::collections::BTreeSet;

use link::file::FILE_BYTES_MAX;
use link::v1::{FileAnswer, FileKind, FileOutcome, PatientAck, RecallKind};

use super::*;
use crate::duty::NewFile;
use crate::monitors::{MonitorFile, Reading};

fn photo(content: &[u8]) -> NewFile {
    let media_type = "image/jpeg".to_owned();
    NewFile {
        kind: FileKind::Photo,
        media_type,
        gzip: false,
        device: String::new(),
        content: content.to_vec(),
    }
}

impl World {
    fn keeps(&mut self, new: NewFile) -> Result<i64, NotTaken> {
        let wall = self.at(10);
        self.duty.keep_file(wall, "a1", 1, new)
    }

    /// The centre's answer to what is told of patients, by its number.
    fn hears_of_card(&mut self, seq: u64, outcome: ReportOutcome) {
        let ack =
            PatientAck { boot: self.duty.boot(), seq, outcome: outcome.into(), text: "不收".to_owned() };
        self.duty.patient_answered(&ack).unwrap();
    }

    fn answers_file(&mut self, file_id: &str, outcome: FileOutcome, offset: u32) {
        let file_id = file_id.to_owned();
        self.duty
            .file_answered(&FileAnswer { file_id, outcome: outcome.into(), offset, text: "坏".to_owned() })
            .unwrap();
    }

    fn next_file(&self) -> Option<String> {
        self.duty.next_file(&BTreeSet::new()).map(|(offer, _)| offer.file_id)
    }

    /// What is on disk, as a program sees it that starts now.
    fn after_a_start(&self) -> Duty {
        Self::open(&self.folder)
    }
}

#[test]
fn a_file_is_offered_when_its_card_is_known_and_kept_until_the_centre_keeps_it() {
    let mut world = World::new();
    world.order();
    world.keeps(photo(b"one")).unwrap();
    let wall = world.at(11);
    world
        .duty
        .keep_file(
            wall,
            "a1",
            2,
            NewFile { kind: FileKind::Ecg, media_type: "application/pdf".into(), ..photo(b"two") },
        )
        .unwrap();
    assert_eq!(world.next_file(), None, "the centre knows of neither");
    world.hears_of_card(1, ReportOutcome::Accepted);
    let first = world.next_file().unwrap();
    world.hears_of_card(2, ReportOutcome::Accepted);
    let second = world.next_file().unwrap();
    assert_ne!(first, second, "an ECG goes before a photo");
    assert_eq!(world.duty.file_piece(&first, 1, 9).unwrap(), b"ne");
    assert_eq!(world.duty.next_file(&BTreeSet::from([second.clone()])).unwrap().0.file_id, first);

    world.answers_file(&second, FileOutcome::Whole, 0);
    assert_eq!(world.next_file(), Some(second.clone()), "whole is not kept: it is offered again");
    assert_eq!(world.after_a_start().next_file(&BTreeSet::new()).unwrap().0.file_id, second);
    world.answers_file(&second, FileOutcome::Kept, 0);
    assert_eq!(world.next_file(), Some(first.clone()));
    assert_eq!(world.duty.file_at_centre(&second), 3);
    assert!(
        world.duty.file(&second).unwrap().is_some(),
        "the crew may look at it as long as the order is here"
    );

    // The order leaves; what the centre does not keep stays on disk.
    let recall =
        Recall { assignment_id: "a1".into(), kind: RecallKind::Cancelled.into(), ..Recall::default() };
    world.deliver(delivery::Content::Recall(recall));
    world.duty.dismiss("a1").unwrap();
    let after = world.after_a_start();
    assert_eq!(after.next_file(&BTreeSet::new()).unwrap().0.file_id, first);
    assert_eq!(after.file_piece(&first, 0, 9).unwrap(), b"one");
    assert!(after.file_piece(&second, 0, 9).unwrap().is_empty(), "what was kept left with its order");
    world.answers_file(&first, FileOutcome::Kept, 0);
    assert!(world.after_a_start().next_file(&BTreeSet::new()).is_none());
}

#[test]
fn what_the_centre_refuses_leaves_with_a_word_to_the_crew() {
    let mut world = World::new();
    world.order();
    world.keeps(photo(b"one")).unwrap();
    world.keeps(photo(b"two")).unwrap();
    world.hears_of_card(1, ReportOutcome::Refused);
    assert_eq!(world.next_file(), None);
    world.hears_of_card(2, ReportOutcome::Accepted);
    let second = world.next_file().unwrap();
    world.answers_file(&second, FileOutcome::Refused, 0);
    assert_eq!((world.next_file(), world.duty.notices.len()), (None, 2));
    assert!(world.after_a_start().next_file(&BTreeSet::new()).is_none());
}

#[test]
fn the_same_is_kept_once_and_what_is_no_file_of_a_patient_not_at_all() {
    let mut world = World::new();
    world.order();
    let at = world.keeps(photo(b"one")).unwrap();
    let wall = world.at(60);
    assert_eq!(world.duty.keep_file(wall, "a1", 1, photo(b"one")).unwrap(), at);
    assert_eq!(world.duty.charted("a1").count(), 1);
    let long = vec![0; FILE_BYTES_MAX as usize + 1];
    for bad in [photo(b""), photo(&long), NewFile { media_type: "text/html".into(), ..photo(b"x") }] {
        assert!(matches!(world.keeps(bad), Err(NotTaken::BadRequest(_))));
    }
    assert!(matches!(world.duty.keep_file(wall, "a2", 1, photo(b"x")), Err(NotTaken::UnknownAssignment(_))));
    assert_eq!(world.duty.charted("a1").count(), 1);
}

#[test]
fn a_monitors_ecg_is_packed_and_the_first_patients() {
    let mut world = World::new();
    world.order();
    let ecg = MonitorFile { media_type: "application/xml", content: b"<AnnotatedECG/>".repeat(100) };
    let reading = Reading { device: "M-7".into(), vitals: None, files: vec![ecg.clone()] };
    let wall = world.at(20);
    assert!(!world.duty.measured(wall, &reading).unwrap(), "nobody is under way to a patient");
    world.press(21, Stage::Acknowledged).unwrap();
    world.press(30, Stage::Rolling).unwrap();
    assert!(world.duty.measured(wall, &reading).unwrap());
    assert!(world.duty.measured(wall, &reading).unwrap(), "said again");
    assert_eq!(world.duty.charted("a1").count(), 1);
    world.hears_of_card(1, ReportOutcome::Accepted);
    let file = world.next_file().unwrap();
    let (card, packed) = world.duty.file(&file).unwrap().unwrap();
    assert_eq!((card.gzip, card.device.as_str(), card.bytes as usize), (true, "M-7", packed.len()));
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed.as_slice()), &mut unpacked).unwrap();
    assert_eq!(unpacked, ecg.content);
}

#[test]
fn a_file_that_cannot_be_read_makes_room_for_the_next() {
    let mut world = World::new();
    world.order();
    for (seq, content) in [(1, b"one"), (2, b"two")] {
        world.keeps(photo(content)).unwrap();
        world.hears_of_card(seq, ReportOutcome::Accepted);
    }
    let first = world.next_file().unwrap();
    world.duty.file_is_damaged(&first).unwrap();
    assert_ne!(world.next_file().unwrap(), first);
    assert_eq!(world.duty.notices.len(), 1);
    assert_ne!(world.after_a_start().next_file(&BTreeSet::new()).unwrap().0.file_id, first);
}
