//! The journal's own thread: it takes what the owner has decided, in order, makes as much of it durable as waits with
//! one sync, and only then passes it on to be shown and answered.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use dispatch_core::journal::Epoch;
use dispatch_core::leadership::Quarantined;
use tokio::sync::oneshot;

use super::{Disk, DiskState, Journal, JournalError, Portion, RememberedKeys};
use crate::centre::{Journalled, KeyedRequest, SubmitError};
use crate::mutant::Mutant;

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

/// What the journal's thread is asked to do, in order.
#[derive(Debug)]
pub(crate) enum Write {
    /// Make a decision durable.
    Decided(Decided),
    /// Make what another node wrote durable, as it is.
    TakeIn(Box<Portion>),
    /// Write under this epoch from now on.
    Lead(Epoch),
    /// Move everything after an event aside.
    SetAside {
        /// The last event that stays.
        after_seq: u64,
    },
    /// Remember that the leader has brought a stretch in that was moved aside here.
    BroughtIn(Quarantined),
    /// Say when everything before this is done.
    Mark,
    /// Nothing comes any more: whoever else may still ask is not waited for.
    End,
}

/// What has become durable, in order.
#[derive(Debug)]
pub(crate) enum Durable {
    /// Decisions, or events of another node.
    Decided(Vec<Decided>),
    /// The epoch is on disk; these requests were carried out, here and elsewhere.
    Lead(Epoch, RememberedKeys),
    /// Events were moved aside: the record at hand is of another history.
    SetAside,
    /// It is remembered that a stretch was brought in.
    BroughtIn(Quarantined),
    /// Everything before the mark is done.
    Mark,
}

/// Starts the thread. It ends when `asked` is closed and worked off, or with the first failed write: there is no
/// undo, so the process must end and start again from the journal.
pub(crate) fn start(
    journal: Journal,
    asked: Receiver<Write>,
    durable: Sender<Durable>,
    disk: Arc<DiskState>,
    failed: impl FnOnce(JournalError) + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("journal".to_owned()).spawn(move || {
        if let Err(error) = run(journal, &asked, &durable, &disk) {
            failed(error);
        }
    })
}

fn run(
    mut journal: Journal,
    asked: &Receiver<Write>,
    durable: &Sender<Durable>,
    disk: &DiskState,
) -> Result<(), JournalError> {
    let mut next = None;
    while let Some(write) = next.take().or_else(|| asked.recv().ok()) {
        let done = match write {
            Write::Decided(first) => {
                let mut batch = Vec::with_capacity(BATCH_MAX.min(1 + asked.len()));
                batch.push(first);
                next = gather(&mut batch, asked);
                if Mutant::AcknowledgeEarly.lives() {
                    let _ = durable.send(Durable::Decided(batch.iter_mut().map(told_early).collect()));
                    append(&mut journal, &mut batch, disk)?;
                    continue;
                }
                append(&mut journal, &mut batch, disk)?;
                Durable::Decided(batch)
            }
            Write::TakeIn(portion) => Durable::Decided(vec![take_in(&mut journal, &portion, disk)?]),
            Write::Lead(epoch) => Durable::Lead(epoch, journal.lead(epoch)?),
            Write::SetAside { after_seq } => {
                journal.set_aside(after_seq)?;
                Durable::SetAside
            }
            Write::BroughtIn(stretch) => {
                journal.remember_brought_in(&stretch)?;
                Durable::BroughtIn(stretch)
            }
            Write::Mark => Durable::Mark,
            Write::End => break,
        };
        if durable.send(done).is_err() {
            return Ok(()); // The publisher is gone: nobody is left to answer.
        }
    }
    journal.close()
}

/// For the mutant: the same with the answer, while the decision itself is still to be made durable.
fn told_early(decided: &mut Decided) -> Decided {
    Decided { events: decided.events.clone(), keyed: None, reply: decided.reply.take() }
}

/// Takes further decisions that wait already; comes back with the first thing that is none.
fn gather(batch: &mut Vec<Decided>, asked: &Receiver<Write>) -> Option<Write> {
    while batch.len() < BATCH_MAX {
        match asked.try_recv().ok()? {
            Write::Decided(decided) => batch.push(decided),
            other => return Some(other),
        }
    }
    None
}

fn append(journal: &mut Journal, batch: &mut [Decided], disk: &DiskState) -> Result<(), JournalError> {
    metrics::gauge!("jichi_journal_queue_items").set(batch.len() as f64);
    let begun = Instant::now();
    let count = match journal.append(batch) {
        Ok(count) => count,
        Err(error) => wait_for_room(journal, batch, disk, error)?,
    };
    if count > 0 {
        count_commit(journal, count, begun);
        metrics::histogram!("jichi_journal_batch_events").record(count as f64);
    }
    Ok(())
}

/// What another node wrote waits for room like the own.
fn take_in(journal: &mut Journal, portion: &Portion, disk: &DiskState) -> Result<Decided, JournalError> {
    let begun = Instant::now();
    let events = loop {
        let error = match journal.take_in(portion) {
            Ok(events) => break events,
            Err(error) => error,
        };
        let Some(refused) = Disk::refused_by(&error).filter(|_| !disk.is_given_up()) else {
            if let JournalError::Sqlite { .. } = error {
                journal.mark_suspect();
            }
            return Err(error);
        };
        disk.set(refused);
        std::thread::sleep(TRY_AGAIN);
    };
    disk.set(Disk::Writable);
    count_commit(journal, events.len(), begun);
    Ok(Decided { events: events.into_iter().map(Arc::new).collect(), keyed: None, reply: None })
}

fn count_commit(journal: &Journal, events: usize, begun: Instant) {
    metrics::counter!("jichi_journal_events_total").increment(events as u64);
    metrics::counter!("jichi_journal_commits_total").increment(1);
    metrics::histogram!("jichi_journal_commit_seconds").record(begun.elapsed().as_secs_f64());
    metrics::gauge!("jichi_journal_head_seq").set(journal.head().seq as f64);
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
