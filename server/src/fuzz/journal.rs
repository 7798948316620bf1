//! A journal as a broken disk, a bad cable or a careless copy may leave it: opening it says what is wrong, or gives the beginning of what was
//! written. It never gives anything else, and never panics.

use std::path::Path;

use dispatch_core::DispatchCentre;

use super::damaged;
use crate::centre::Submission;
use crate::clock::Clock;
use crate::journal::{JOURNAL_FILE, Journal, JournalReader};
use crate::testing::{TempFolder, a_call, at_desk, start, two_units};

/// Files of a journal by their names.
type Files = Vec<(&'static str, Vec<u8>)>;

#[test]
fn what_a_start_reads() {
    let folder = TempFolder::new("fuzz-sound");
    let (states, digests) = written(folder.path());
    bolero::check!(name = "journal").with_iterations(ITERATIONS).with_max_len(64).for_each(
        |input: &[u8]| {
            for (state, damage) in
                states.iter().flat_map(|state| (0..state.len()).map(move |place| (state, place)))
            {
                let copy = TempFolder::new("fuzz");
                for (place, (name, bytes)) in state.iter().enumerate() {
                    let bytes = if place == damage { &damaged(bytes, input) } else { bytes };
                    std::fs::write(copy.path().join(name), bytes).unwrap();
                }
                opened(copy.path(), &digests);
            }
        },
    );
}

/// The files of a centre at work and of one that stopped, and the record after each event; the first of these is that of nothing.
fn written(folder: &Path) -> ([Files; 2], Vec<[u8; 32]>) {
    let running = start(folder, Clock::real());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for action in two_units().into_iter().chain((0..12).map(|_| a_call())) {
        runtime.block_on(running.handle().submit(Submission::new(at_desk(action)))).unwrap();
    }
    let at_work = files(folder, &[JOURNAL_FILE, "journal.sqlite-wal"]);
    running.stop();
    let stopped = files(folder, &[JOURNAL_FILE, "snapshot"]);
    let mut centre = DispatchCentre::new();
    let mut digests = vec![centre.record().digest()];
    let reader = JournalReader::open(&folder.join(JOURNAL_FILE)).unwrap();
    reader
        .verify(|_, it| {
            centre.apply(&it.event);
            digests.push(centre.record().digest());
        })
        .unwrap();
    ([at_work, stopped], digests)
}

fn files(folder: &Path, names: &[&'static str]) -> Files {
    let read = |name: &&'static str| Some((*name, std::fs::read(folder.join(name)).ok()?));
    names.iter().filter_map(read).collect()
}

fn opened(folder: &Path, digests: &[[u8; 32]]) {
    match Journal::open(folder, |_| {}) {
        Ok(opened) => {
            let seq = opened.journal.head().seq;
            let record = opened.centre.record();
            assert_eq!(record.seq(), seq);
            assert_eq!(
                Some(&record.digest()),
                digests.get(seq as usize),
                "it is the beginning of what was written"
            );
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

const ITERATIONS: usize = 30;
