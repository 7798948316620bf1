//! `backup` and `restore`.

use std::path::Path;

use super::say;
use crate::config::Config;
use crate::journal::{self, hex};

pub(super) fn back_up(config: &Config, to: &Path) -> anyhow::Result<()> {
    let head = journal::back_up(&config.data, to)?;
    say(&format!("{}: {} events, head {}, verified", to.display(), head.seq, hex(&head.hash)))
}

pub(super) fn restore(config: &Config, from: &Path, term_seen: Option<u64>) -> anyhow::Result<()> {
    let (head, epoch) = journal::restore(from, &config.data, term_seen)?;
    let folder = config.data.display();
    say(&format!("{folder}: {} events, head {}, epoch {}", head.seq, hex(&head.hash), journal::words(epoch)))
}
