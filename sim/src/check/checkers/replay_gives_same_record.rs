//! Same journal, same record, byte for byte: what the bytes of the journal build is what the live centre holds, at any moment, and above
//! all after a restart.

use dispatch_core::journal::v1;
use dispatch_core::{DispatchCentre, Event};

use super::{Checker, View};

/// See the file.
#[derive(Debug, Default)]
pub struct ReplayGivesSameRecord {
    since_last: usize,
    /// Length of the journal that was last durable, and the record's bytes then.
    durable: (usize, Vec<u8>),
}

impl Checker for ReplayGivesSameRecord {
    fn name(&self) -> &'static str {
        "replay_gives_same_record"
    }

    fn event(&mut self, view: &View<'_>) -> Result<(), String> {
        self.since_last += 1;
        // Building anew costs as much as all that happened: now and then.
        if self.since_last * EVERY_SHARE < view.journal.len() + EVERY_SHARE * 50 {
            return Ok(());
        }
        self.since_last = 0;
        same(view)
    }

    fn durable(&mut self, view: &View<'_>) -> Result<(), String> {
        self.durable = (view.journal.len(), bytes(view.centre));
        Ok(())
    }

    fn restarted(&mut self, view: &View<'_>) -> Result<(), String> {
        same(view)?;
        let (length, before) = &self.durable;
        if *length == view.journal.len() && *before != bytes(view.centre) {
            return Err(format!("after the restart at event {length} the record is another than before"));
        }
        Ok(())
    }
}

fn same(view: &View<'_>) -> Result<(), String> {
    let read = view.journal.iter().map(|event| v1::read(&v1::write(event)));
    let read: Vec<Event> =
        read.collect::<Result<_, _>>().map_err(|error| format!("the journal does not read back: {error}"))?;
    if let Some(at) = read.iter().zip(view.journal).position(|(read, written)| read != written) {
        return Err(format!("event {} reads back as another", at + 1));
    }
    let (replayed, live) = (bytes(&DispatchCentre::from_events(&read)), bytes(view.centre));
    if replayed == live {
        return Ok(());
    }
    let at = replayed.iter().zip(&live).position(|(a, b)| a != b).unwrap_or(replayed.len().min(live.len()));
    let near = |bytes: &[u8]| {
        String::from_utf8_lossy(&bytes[at.saturating_sub(80).min(bytes.len())..(at + 40).min(bytes.len())])
            .into_owned()
    };
    Err(format!("a replay differs at byte {at}: …{}… live …{}…", near(&replayed), near(&live)))
}

fn bytes(centre: &DispatchCentre) -> Vec<u8> {
    serde_json::to_vec(centre.record()).expect("invariant: every part of a record can be written as JSON")
}

/// A replay whenever the journal has grown by a part in so many.
const EVERY_SHARE: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::checkers::broken::Broken;

    #[test]
    fn a_record_that_the_journal_does_not_give_is_found() {
        let history = Broken::with_one_order();
        assert_eq!(same(&history.view()), Ok(()));
        let mut history = Broken::with_one_order();
        history.forget_last_event();
        assert!(same(&history.view()).unwrap_err().contains("a replay differs at byte"));
    }

    #[test]
    fn a_restart_that_changes_the_record_is_found() {
        let mut history = Broken::with_one_order();
        let mut checker = ReplayGivesSameRecord::default();
        checker.durable(&history.view()).unwrap();
        history.replace_last_event();
        assert!(checker.restarted(&history.view()).unwrap_err().contains("after the restart"));
    }
}
