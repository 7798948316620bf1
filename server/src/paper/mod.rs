//! The paper fallback: a sheet with everything that goes on, written every minute on the machine of each seat, so that when all else
//! is down the room goes on by hand from the last minute.
//!
//! It asks the centre by its public interface alone, as any console does. When the centre does not answer, the newest sheet stays as
//! it is: it says itself until when it can be trusted.

mod folder;
mod room;
mod sheet;

use std::path::PathBuf;
use std::time::Duration;

use dispatch_core::UtcTime;

pub use folder::Folder;
pub use room::{Asked, Reading, RoomError, Seat};

/// How sheets are written.
#[derive(Debug)]
pub struct Paper {
    /// Where from.
    pub room: Reading,
    /// Where to.
    pub to: Folder,
    /// How often.
    pub every: Duration,
}

/// Why there is no new sheet.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The centre does not tell.
    #[error(transparent)]
    Room(#[from] RoomError),
    /// The disk does not take it.
    #[error("{}: {source}", path.display())]
    Disk {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl Paper {
    /// Writes one sheet; comes back with the file.
    pub async fn write(&mut self) -> Result<PathBuf, PaperError> {
        let asked = self.room.ask().await?;
        let trusted_until = UtcTime::from_micros(asked.at.micros() + micros(self.every) * TRUSTED_TURNS);
        self.to.put(asked.at, &sheet::sheet(&asked, trusted_until))
    }

    /// Writes sheet after sheet until the future is dropped.
    pub async fn go_on(mut self) {
        let mut turns = tokio::time::interval(self.every);
        turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut failures: u64 = 0;
        loop {
            turns.tick().await;
            match self.write().await {
                Ok(path) if failures > 0 => {
                    tracing::info!(sheet = %path.display(), failures, "the sheet is written again");
                    failures = 0;
                }
                Ok(_) => {}
                Err(error) => {
                    failures += 1;
                    if failures.is_power_of_two() {
                        tracing::warn!(failures, "{error}: the last sheet stays as it is");
                    }
                }
            }
        }
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX / TRUSTED_TURNS)
}

/// A sheet that was not renewed for so many turns is old: the centre does not answer.
const TRUSTED_TURNS: i64 = 3;

#[cfg(test)]
mod tests;
