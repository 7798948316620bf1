//! The thread that signs the journal's head each minute, and when the centre has stopped in order.

use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};

use crate::clock::wall_now;
use crate::journal::{HeadSigner, JournalError, JournalReader};
use crate::running::again_after_panic;

/// What the thread needs.
#[derive(Debug)]
pub(crate) struct HeadKeeper {
    pub(crate) reader: JournalReader,
    pub(crate) signer: HeadSigner,
    /// The files to write: beside the journal, and in a second place where there is one.
    pub(crate) files: Vec<PathBuf>,
    /// Its end tells that nothing more comes.
    pub(crate) stop: Receiver<()>,
}

impl HeadKeeper {
    /// Starts the thread.
    pub(crate) fn start(self) -> std::io::Result<JoinHandle<()>> {
        tracing::info!(public_key = self.signer.public_key(), "heads of the journal are signed");
        let run = move || again_after_panic("heads", || self.run());
        std::thread::Builder::new().name("heads".to_owned()).spawn(run)
    }

    fn run(&self) {
        loop {
            if let Err(error) = self.sign() {
                tracing::warn!(%error, "the journal's head could not be signed");
            }
            if !matches!(self.stop.recv_timeout(SIGN_EVERY), Err(RecvTimeoutError::Timeout)) {
                break;
            }
        }
        if let Err(error) = self.sign() {
            tracing::warn!(%error, "the journal's last head could not be signed");
        }
    }

    fn sign(&self) -> Result<(), JournalError> {
        let Some(head) = self.reader.last_head()? else { return Ok(()) };
        let signed = self.signer.sign(head, wall_now());
        for path in &self.files {
            if let Err(source) = signed.write(path) {
                metrics::counter!("jichi_journal_head_errors_total").increment(1);
                tracing::warn!(file = %path.display(), %source, "the signed head could not be written");
            }
        }
        metrics::gauge!("jichi_journal_signed_seq").set(head.seq as f64);
        Ok(())
    }
}

/// How often a head is signed: what a loss could hide at most.
const SIGN_EVERY: Duration = Duration::from_mins(1);
