//! The thread that writes snapshots: now and then, after an erasure, and when the centre has stopped in order. It looks at what everybody
//! may look at, so it holds nobody up.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use crate::centre::Board;
use crate::clock::Clock;
use crate::journal::{self, Head, JournalError, JournalReader};
use crate::running::again_after_panic;

/// What the thread needs.
#[derive(Debug)]
pub(crate) struct SnapshotKeeper {
    pub(crate) board: Arc<Board>,
    pub(crate) clock: Clock,
    pub(crate) reader: JournalReader,
    /// Where the journal lies.
    pub(crate) folder: PathBuf,
    /// The event up to which the start needed no events.
    pub(crate) from: u64,
    /// Its end tells that nothing more comes.
    pub(crate) stop: Receiver<()>,
}

/// The event and the key of the newest snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Newest {
    seq: u64,
    key: Option<String>,
}

impl SnapshotKeeper {
    /// Starts the thread.
    pub(crate) fn start(self) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new()
            .name("snapshots".to_owned())
            .spawn(move || again_after_panic("snapshots", || self.run()))
    }

    fn run(&self) {
        let mut newest = Newest { seq: self.from, key: None };
        loop {
            let ends = !matches!(self.stop.recv_timeout(LOOK_EVERY), Err(RecvTimeoutError::Timeout));
            if let Err(error) = self.look(&mut newest, ends) {
                metrics::counter!("jichi_snapshot_errors_total").increment(1);
                tracing::warn!(%error, "no snapshot could be written; the next start takes longer");
            }
            if ends {
                return;
            }
        }
    }

    fn look(&self, newest: &mut Newest, ends: bool) -> Result<(), JournalError> {
        let Some((key, durable)) = self.reader.snapshot_key()? else { return Ok(()) };
        newest.key.get_or_insert_with(|| key.id.clone());
        // With its key an older snapshot is gone.
        let erased = newest.key.as_ref().is_some_and(|known| *known != key.id);
        let snapshot = self.board.snapshot(self.clock.now());
        let grown = snapshot.seq.saturating_sub(newest.seq);
        let due = grown >= EVENTS_BETWEEN || erased || (ends && grown > 0);
        // A record from before what the key is of must not be sealed with it: it may hold what was erased with the key before.
        if !due || snapshot.seq < durable {
            return Ok(());
        }
        let rows = self.reader.rows(snapshot.seq.saturating_sub(1), 1)?;
        let Some(row) = rows.first().filter(|row| row.seq == snapshot.seq) else { return Ok(()) };
        let Ok(at) = row.at.parse() else { return Ok(()) };
        let begun = Instant::now();
        let bytes = journal::write_snapshot(&self.folder, &snapshot.record, row, at, &key)?;
        metrics::gauge!("jichi_snapshot_bytes").set(bytes as f64);
        metrics::gauge!("jichi_snapshot_seq").set(snapshot.seq as f64);
        metrics::histogram!("jichi_snapshot_seconds").record(begun.elapsed().as_secs_f64());
        *newest = Newest { seq: snapshot.seq, key: Some(key.id) };
        Ok(())
    }
}

/// Starts the thread that follows, beside dispatching, the part of the chain that the start believed a snapshot for.
pub(crate) fn check_behind(
    reader: JournalReader,
    behind: Head,
    stop: Receiver<()>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("chain".to_owned()).spawn(move || {
        let goes_on = |rest| matches!(stop.recv_timeout(rest), Err(RecvTimeoutError::Timeout));
        metrics::gauge!("jichi_journal_broken_state").set(0.0);
        match reader.check_behind(behind, goes_on) {
            Ok(()) => tracing::info!(events = behind.seq, "the chain behind the snapshot was followed"),
            Err(error) => {
                metrics::gauge!("jichi_journal_broken_state").set(1.0);
                tracing::error!(%error, "the journal behind the snapshot is not what was written");
            }
        }
    })
}

/// How often it is looked whether a snapshot is due.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Events that a start lives through at most beyond what came in the last seconds.
const EVENTS_BETWEEN: u64 = 20_000;
