//! What is kept up beside the journal while the centre runs, and for a moment after it has stopped: snapshots, signed heads, and the check of
//! the chain behind the snapshot that the start believed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, bounded};

use crate::centre::Board;
use crate::clock::Clock;
use crate::heads::HeadKeeper;
use crate::journal::{HEAD_FILE, Head, HeadSigner, JournalReader};
use crate::running::{StartError, join};
use crate::snapshots::{SnapshotKeeper, check_behind};

/// The threads, and the way to tell them that nothing more comes.
#[derive(Debug)]
pub(crate) struct Upkeep {
    threads: Vec<JoinHandle<()>>,
    stop: Sender<()>,
}

impl Upkeep {
    /// Starts the threads. `behind` is up to where the start believed a snapshot, `head_to` a second place for the signed head.
    pub(crate) fn start(
        board: &Arc<Board>,
        clock: &Clock,
        reader: &JournalReader,
        behind: Option<Head>,
        head_to: Option<PathBuf>,
    ) -> Result<Self, StartError> {
        let folder = reader.path().parent().map(Path::to_owned).unwrap_or_default();
        let (stop, stopped) = bounded(0);
        let heads = HeadKeeper {
            reader: reader.clone(),
            signer: HeadSigner::open(&folder)?,
            files: std::iter::once(folder.join(HEAD_FILE)).chain(head_to).collect(),
            stop: stopped.clone(),
        };
        let mut threads = vec![heads.start()?];
        let check = behind.map(|head| check_behind(reader.clone(), head, stopped.clone()));
        threads.extend(check.transpose()?);
        let snapshots = SnapshotKeeper {
            board: Arc::clone(board),
            clock: clock.clone(),
            reader: reader.clone(),
            folder,
            from: behind.map_or(0, |head| head.seq),
            stop: stopped,
        };
        threads.push(snapshots.start()?);
        Ok(Self { threads, stop })
    }

    /// Everything is durable and shown: the last snapshot is written and the last head signed.
    pub(crate) fn end(self) {
        drop(self.stop);
        self.threads.into_iter().for_each(join);
    }
}
