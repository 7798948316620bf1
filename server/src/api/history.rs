//! What is counted over the whole journal, for reports and coverage: kept up beside dispatching, in pages, from the journal
//! itself and nothing else.

use std::sync::{Mutex, PoisonError};

use dispatch_core::fleet::Demand;
use dispatch_core::replay::Days;
use dispatch_core::reports::Ledger;

use crate::journal::{JournalError, JournalReader};

/// The ledger and the demand as far as the journal was read.
#[derive(Default)]
pub(crate) struct History(Mutex<Read>);

/// What was read.
#[derive(Default)]
pub(crate) struct Read {
    /// The number of the last event in it.
    pub(crate) seq: u64,
    pub(crate) ledger: Ledger,
    pub(crate) demand: Demand,
    pub(crate) days: Days,
}

impl History {
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
                read.ledger.apply(&journalled.event);
                read.demand.apply(&journalled.event);
                read.days.take(&journalled.event);
                read.seq = journalled.seq;
            }
        }
        Ok(look(&read))
    }
}

/// Events read at a time.
const PAGE_MAX: usize = 2000;
