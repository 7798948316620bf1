//! What is counted over the whole journal, for reports and coverage: kept up beside dispatching, in pages, from the journal
//! itself and nothing else. Memory holds the newest days; what is older waits on disk until a report asks for it.

mod archive;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use archive::Archive;
use dispatch_core::fleet::Demand;
use dispatch_core::replay::Days;
use dispatch_core::reports::{Ledger, Period};
use dispatch_core::{Event, Span, UtcTime};

use crate::journal::{JournalError, JournalReader};

/// The ledger and the demand as far as the journal was read.
pub(crate) struct History(Mutex<Read>);

/// What was read.
pub(crate) struct Read {
    /// The number of the last event in it.
    pub(crate) seq: u64,
    /// The rows of the newest days.
    pub(crate) ledger: Ledger,
    pub(crate) demand: Demand,
    pub(crate) days: Days,
    /// The centre's folder.
    folder: PathBuf,
    /// The rows that are older; none as long as there are none.
    archive: Option<Archive>,
    /// The newest time seen in the journal, and what it was when rows were put away last. UTC.
    newest: UtcTime,
    tidied: UtcTime,
}

impl History {
    /// Nothing was read yet; what grows old will lie in `folder`.
    pub(crate) fn new(folder: &Path) -> Self {
        Self(Mutex::new(Read {
            seq: 0,
            ledger: Ledger::default(),
            demand: Demand::default(),
            days: Days::default(),
            folder: folder.to_owned(),
            archive: None,
            newest: UtcTime::from_micros(0),
            tidied: UtcTime::from_micros(0),
        }))
    }

    /// Reads on to the event `seq` at least, and lets `look` see what there is. Blocking: a long journal takes its time the
    /// first time.
    pub(crate) fn up_to<T>(
        &self,
        reader: &JournalReader,
        seq: u64,
        look: impl FnOnce(&Read) -> T,
    ) -> Result<T, JournalError> {
        let mut read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while read.seq < seq {
            let page = reader.page(read.seq, PAGE_MAX)?;
            if page.is_empty() {
                break;
            }
            for journalled in page {
                read.take_in(&journalled.event)?;
                read.seq = journalled.seq;
            }
            read.tidy();
        }
        Ok(look(&read))
    }

    /// All rows that a report on a period needs, those on disk among them, and the number of the last event in them. Blocking.
    pub(crate) fn rows_of(
        &self,
        reader: &JournalReader,
        seq: u64,
        period: &Period,
    ) -> Result<(Ledger, u64), JournalError> {
        self.up_to(reader, seq, |read| {
            let mut ledger = read.ledger.clone();
            if let Some(archive) = &read.archive {
                archive.within(period)?.into_iter().for_each(|case| ledger.put_back(case));
            }
            Ok((ledger, read.seq))
        })?
    }
}

impl Read {
    fn take_in(&mut self, event: &Event) -> Result<(), JournalError> {
        if let Some(archive) = &mut self.archive {
            for id in self.ledger.lacks(event) {
                if let Some(case) = archive.take(id)? {
                    self.ledger.put_back(case);
                }
            }
        }
        self.ledger.apply(event);
        self.demand.apply(event);
        self.days.take(event);
        self.newest = self.newest.max(event.at);
        Ok(())
    }

    /// Puts away what has grown old. Where the disk takes nothing it stays in memory.
    fn tidy(&mut self) {
        if self.newest.since(self.tidied) < TIDY_EVERY {
            return;
        }
        self.tidied = self.newest;
        let old = self.ledger.take_before(self.newest - KEPT);
        if old.is_empty() {
            return;
        }
        if let Err(error) = self.archive().and_then(|archive| archive.put(&old)) {
            tracing::warn!(%error, "old figures cannot be put on disk and stay in memory");
            for case in old {
                self.ledger.put_back(case);
            }
        }
    }

    fn archive(&mut self) -> Result<&mut Archive, JournalError> {
        let begun = match self.archive.take() {
            Some(archive) => archive,
            None => Archive::begin(&self.folder)?,
        };
        Ok(self.archive.insert(begun))
    }
}

/// Events read at a time; few in tests, so that rows are put away between them.
const PAGE_MAX: usize = if cfg!(test) { 40 } else { 2000 };
/// So much is kept in memory: what the city of second opinions learns from, and most reports.
const KEPT: Span = Span::seconds(8 * 24 * 3600);
/// How much time passes in the journal between looks for what is older.
const TIDY_EVERY: Span = Span::seconds(6 * 3600);
