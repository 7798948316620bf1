//! `backup` and `restore`.

use std::path::Path;

use super::journals::prove;
use super::{Known, say};
use crate::config::Config;
use crate::files;
use crate::journal::{self, HeadError, JournalReader, hex};

pub(super) fn back_up(config: &Config, to: &Path) -> anyhow::Result<()> {
    let head = journal::back_up(&config.data, to)?;
    say(&format!("{}: {} events, head {}, verified", to.display(), head.seq, hex(&head.hash)))?;
    match files::back_up(&config.data, to)? {
        Some(count) => say(&format!("{}: {count} files of patients", files::beside(to).display())),
        None => Ok(()),
    }
}

pub(super) fn restore(
    config: &Config,
    from: &Path,
    term_seen: Option<u64>,
    known: &Known,
    accept_missing: bool,
) -> anyhow::Result<()> {
    // Before anything is brought back: what is missing is said, and somebody decides.
    let backup = JournalReader::open(from)?;
    match prove(&backup, known, &config.data) {
        Err(error) if accept_missing && matches!(error.downcast_ref(), Some(HeadError::Missing { .. })) => {
            say(&format!("{error}: brought back without them, as you said"))?;
        }
        proven => proven?,
    }
    let (head, epoch) = journal::restore(from, &config.data, term_seen)?;
    let folder = config.data.display();
    say(&format!(
        "{folder}: {} events, head {}, epoch {}",
        head.seq,
        hex(&head.hash),
        journal::words(epoch)
    ))?;
    match files::restore(from, &config.data)? {
        Some(count) => say(&format!("{folder}: {count} files of patients")),
        None => Ok(()),
    }
}
