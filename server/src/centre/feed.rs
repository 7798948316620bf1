//! A live reader's place in the journal: the next event as soon as it is durable, older ones in pages from the file,
//! and a word when its place is too far back or ahead of the journal.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::watch;

use super::board::{Board, Journalled};
use crate::journal::{JournalError, JournalReader};

/// One reader of the journal. Holds at most one page of events, however slow it is.
#[derive(Debug)]
pub struct Subscription {
    board: Arc<Board>,
    reader: JournalReader,
    head: watch::Receiver<u64>,
    after: u64,
    page: VecDeque<Arc<Journalled>>,
}

/// What a reader gets next.
#[derive(Debug, Clone)]
pub enum LiveItem {
    /// The next event.
    Event(Arc<Journalled>),
    /// The place asked for is too far back, or ahead of the journal: load everything anew and go on from `seq`.
    Reset {
        /// The newest durable sequence number, from which this subscription goes on.
        seq: u64,
    },
}

/// Why a reader cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The centre has stopped.
    #[error("the centre has stopped")]
    Stopped,
    /// Older events could not be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Subscription {
    pub(crate) fn new(board: Arc<Board>, reader: JournalReader, after: Option<u64>) -> Self {
        let head = board.head();
        let after = after.unwrap_or(*head.borrow());
        Self { board, reader, head, after, page: VecDeque::new() }
    }

    /// The sequence number after which the next item comes.
    pub fn after(&self) -> u64 {
        self.after
    }

    /// Waits for the next item. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<LiveItem, FeedError> {
        loop {
            if let Some(event) = self.page.pop_front() {
                self.after = event.seq;
                return Ok(LiveItem::Event(event));
            }
            let head = *self.head.borrow_and_update();
            if self.after > head || head - self.after > BEHIND_MAX {
                self.after = head;
                return Ok(LiveItem::Reset { seq: head });
            }
            if self.after == head {
                self.head.changed().await.map_err(|_| FeedError::Stopped)?;
                continue;
            }
            self.page = match self.board.recent(self.after, PAGE_MAX) {
                Some(recent) => recent.into(),
                None => self.older().await?.into(),
            };
        }
    }

    async fn older(&self) -> Result<Vec<Arc<Journalled>>, FeedError> {
        let (reader, after) = (self.reader.clone(), self.after);
        let page = tokio::task::spawn_blocking(move || reader.page(after, PAGE_MAX)).await;
        let page = page.map_err(|_| FeedError::Stopped)??;
        Ok(page.into_iter().map(Arc::new).collect())
    }
}

/// Events a reader is given at a time.
const PAGE_MAX: usize = 256;
/// A reader further behind than this loads the present state instead: quicker for it and for everybody else.
const BEHIND_MAX: u64 = 20_000;
