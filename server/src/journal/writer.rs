//! The journal's own thread: it takes what the owner has decided, in order, makes as much of it durable as waits with
//! one sync, and only then passes it on to be shown and answered.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use tokio::sync::oneshot;

use super::{Disk, DiskState, Journal, JournalError};
use crate::centre::{Journalled, KeyedRequest, SubmitError};

/// What came of one command or one deadline: events to make durable, and an answer that waits for it.
#[derive(Debug)]
pub(crate) struct Decided {
    /// The events, in order. None for a refusal, which waits all the same: it may rest on events before it.
    pub(crate) events: Vec<Arc<Journalled>>,
    /// The key to remember with them, and the first and the last of them.
    pub(crate) keyed: Option<(KeyedRequest, u64, u64)>,
    /// Who waits, and for what answer.
    pub(crate) reply: Option<(oneshot::Sender<Outcome>, Outcome)>,
}

/// The answer to a command.
pub(crate) type Outcome = Result<Done, SubmitError>;

/// A command that was carried out, now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) first_seq: u64,
    pub(crate) last_seq: u64,
    pub(crate) repeated: bool,
    pub(crate) answer: String,
}

/// Starts the thread. It ends when `decided` is closed and worked off, or with the first failed append: there is no
/// undo, so the process must end and start again from the journal.
pub(crate) fn start(
    journal: Journal,
    decided: Receiver<Decided>,
    durable: Sender<Vec<Decided>>,
    disk: Arc<DiskState>,
    failed: impl FnOnce(JournalError) + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("journal".to_owned()).spawn(move || {
        if let Err(error) = run(journal, &decided, &durable, &disk) {
            failed(error);
        }
    })
}

fn run(
    mut journal: Journal,
    decided: &Receiver<Decided>,
    durable: &Sender<Vec<Decided>>,
    disk: &DiskState,
) -> Result<(), JournalError> {
    while let Ok(first) = decided.recv() {
        let mut batch = Vec::with_capacity(BATCH_MAX.min(1 + decided.len()));
        batch.push(first);
        batch.extend(decided.try_iter().take(BATCH_MAX - 1));
        metrics::gauge!("jichi_journal_queue_items").set(decided.len() as f64);
        let begun = Instant::now();
        let count = match journal.append(&batch) {
            Ok(count) => count,
            Err(error) => wait_for_room(&mut journal, &mut batch, disk, error)?,
        };
        if count > 0 {
            metrics::counter!("jichi_journal_events_total").increment(count as u64);
            metrics::counter!("jichi_journal_commits_total").increment(1);
            metrics::histogram!("jichi_journal_commit_seconds").record(begun.elapsed().as_secs_f64());
            metrics::histogram!("jichi_journal_batch_events").record(count as f64);
            metrics::gauge!("jichi_journal_head_seq").set(journal.head().seq as f64);
        }
        if durable.send(batch).is_err() {
            return Ok(()); // The publisher is gone: nobody is left to answer.
        }
    }
    journal.close()
}

/// A write that the disk refused is tried until it is taken: nothing of it is on the disk, and nothing was acknowledged. Those who wait
/// are told meanwhile that it is not on record yet. Any other failure ends the process, and is marked first.
fn wait_for_room(
    journal: &mut Journal,
    batch: &mut [Decided],
    disk: &DiskState,
    mut error: JournalError,
) -> Result<usize, JournalError> {
    loop {
        let Some(refused) = Disk::refused_by(&error) else {
            journal.mark_suspect();
            return Err(error);
        };
        if disk.is_given_up() {
            return Err(error);
        }
        if disk.now() == Disk::Writable {
            tracing::error!(%error, "the disk takes nothing: commands are refused, reads go on");
        }
        disk.set(refused);
        for (waiting, outcome) in batch.iter_mut().filter_map(|decided| decided.reply.take()) {
            // A refusal rests on what is not durable, too: it is not given either.
            drop(outcome);
            let _ = waiting.send(Err(SubmitError::NotWritable(refused)));
        }
        std::thread::sleep(TRY_AGAIN);
        match journal.append(batch) {
            Ok(count) => {
                disk.set(Disk::Writable);
                tracing::warn!("the disk takes events again: what waited is durable, commands are taken");
                return Ok(count);
            }
            Err(again) => error = again,
        }
    }
}

/// How often a disk that takes nothing is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(500);
/// Commands whose events share one sync.
const BATCH_MAX: usize = 512;
