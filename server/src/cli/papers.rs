//! `paper`: sheets for the hour in which all else is down.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use super::say;
use crate::paper::{Folder, Paper, Reading, Seat};

/// What `paper` is told.
#[derive(Debug, clap::Args)]
pub(super) struct PaperArguments {
    /// Where the sheets go: a disk of this very machine.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// The centre's address.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8120")]
    centre: reqwest::Url,
    /// Seconds between two sheets.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(5..=3600))]
    every: u64,
    /// Who works at this seat. With a name and a seat the sheets carry callers' whole numbers, and each is put on record as read.
    #[arg(long, requires = "seat")]
    person: Option<String>,
    /// Which seat.
    #[arg(long, requires = "person")]
    seat: Option<String>,
    /// Write one sheet and end.
    #[arg(long)]
    once: bool,
}

pub(super) fn write(arguments: PaperArguments) -> anyhow::Result<ExitCode> {
    let PaperArguments { to, centre, every, person, seat, once } = arguments;
    let seat = person.zip(seat).map(|(person, seat)| Seat { person, seat });
    let mut paper =
        Paper { room: Reading::new(centre, seat)?, to: Folder::open(to)?, every: Duration::from_secs(every) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("cannot start the network thread")?.block_on(async {
        if once {
            let path = paper.write().await?;
            say(&path.display().to_string())?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
        tokio::select! {
            () = paper.go_on() => {}
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(ExitCode::SUCCESS)
    })
}
