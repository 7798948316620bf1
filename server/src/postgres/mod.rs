//! The second copy of the journal, in PostgreSQL: in order, in batches, exactly once, and never in the way of
//! dispatching. When PostgreSQL is away the copy waits and catches up; when it holds another history, copying stops and
//! an alarm stands in the metrics.

pub(crate) mod patient_files;
pub(crate) mod position_history;
pub(crate) mod shared;
mod table;

use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_postgres::{Client, NoTls};

use crate::config::PostgresConfig;
use crate::journal::{JournalError, JournalReader, PersonalKey, Row, hex};

/// Why copying cannot go on, for now or for good.
#[derive(Debug, Error)]
pub enum CopyError {
    /// PostgreSQL cannot be reached, or says no.
    #[error("PostgreSQL: {}", words(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// The tables cannot be made.
    #[error("PostgreSQL: the tables cannot be made: {0}")]
    Migration(#[from] refinery::Error),
    /// It does not answer in time.
    #[error("PostgreSQL does not answer within {} s", ANSWER_MAX.as_secs())]
    Slow,
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It holds other events than the journal: another centre writes to it, or the journal is not the one it was.
    #[error(
        "PostgreSQL holds another history from event {seq} on: copying has stopped. Point [postgres] url to a database \
         of this journal's own"
    )]
    Fork {
        /// The first event known to differ.
        seq: u64,
    },
    /// The centre stops.
    #[error("the centre is stopping")]
    Stopping,
}

/// Copies the journal for as long as the process runs; `head` tells of new events and its end ends the copying.
pub async fn copy(config: PostgresConfig, reader: JournalReader, mut head: watch::Receiver<u64>) {
    let mut pause = PAUSE_MIN;
    let mut copier = Copier { reader, copied: 0 };
    loop {
        match copier.run(&config, &mut head, &mut pause).await {
            CopyError::Stopping => return,
            fork @ CopyError::Fork { .. } => {
                metrics::gauge!("jichi_postgres_fork_state").set(1.0);
                tracing::error!("{fork}");
                return;
            }
            error => {
                metrics::gauge!("jichi_postgres_up_state").set(0.0);
                metrics::counter!("jichi_postgres_errors_total").increment(1);
                copier.note_lag(&head);
                tracing::warn!("{error}; trying again in {} s", pause.as_secs_f64());
            }
        }
        if !waited(pause, &mut head).await {
            return;
        }
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// False when the centre stops meanwhile.
async fn waited(pause: Duration, head: &mut watch::Receiver<u64>) -> bool {
    let stopped = async { while head.changed().await.is_ok() {} };
    timeout(pause, stopped).await.is_err()
}

#[derive(Debug)]
struct Copier {
    reader: JournalReader,
    copied: u64,
}

impl Copier {
    /// One connection's life. `pause` falls back to its least once a batch went through.
    async fn run(
        &mut self,
        config: &PostgresConfig,
        head: &mut watch::Receiver<u64>,
        pause: &mut Duration,
    ) -> CopyError {
        let mut client = match self.connect(config).await {
            Ok(client) => client,
            Err(error) => return error,
        };
        metrics::gauge!("jichi_postgres_up_state").set(1.0);
        tracing::info!(copied = self.copied, "PostgreSQL is connected");
        loop {
            head.borrow_and_update();
            self.note_lag(head);
            match self.copy_batch(&mut client).await {
                Ok(0) => {
                    if head.changed().await.is_err() {
                        return CopyError::Stopping;
                    }
                    // A moment's wait makes one batch of what comes together.
                    sleep(GATHER).await;
                }
                Ok(_) => *pause = PAUSE_MIN,
                Err(error) => return error,
            }
        }
    }

    /// Connects, makes the tables, and finds where to go on.
    async fn connect(&mut self, config: &PostgresConfig) -> Result<Client, CopyError> {
        let connecting = tokio_postgres::connect(&config.url, NoTls);
        let (mut client, connection) =
            timeout(ANSWER_MAX, connecting).await.map_err(|_| CopyError::Slow)??;
        // Ends with the client; its error reaches whoever waits on the client.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        timeout(ANSWER_MAX, table::prepare(&mut client)).await.map_err(|_| CopyError::Slow)??;
        let newest = timeout(ANSWER_MAX, table::newest(&client)).await.map_err(|_| CopyError::Slow)??;
        self.copied = match newest {
            None => 0,
            Some((seq, hash)) => {
                let ours = self.rows(seq - 1, 1).await?;
                let same = ours.first().is_some_and(|row| row.seq == seq && row.hash == hash);
                if !same {
                    let theirs = hex(&hash);
                    let ours = ours.first().map(|row| hex(&row.hash));
                    tracing::error!(seq, theirs, ours, "the copy's newest event is not the journal's");
                    return Err(CopyError::Fork { seq });
                }
                seq
            }
        };
        Ok(client)
    }

    /// Copies what is next, as one transaction. A time-out drops the connection and never cancels: whether the batch
    /// went through is seen on reconnecting.
    async fn copy_batch(&mut self, client: &mut Client) -> Result<usize, CopyError> {
        let rows = self.rows(self.copied, BATCH_MAX).await?;
        let Some(last) = rows.last().map(|row| row.seq) else { return Ok(0) };
        let keys = self.keys_of(rows.clone()).await?;
        timeout(ANSWER_MAX, table::append(client, &rows, &keys)).await.map_err(|_| CopyError::Slow)??;
        self.copied = last;
        metrics::counter!("jichi_postgres_events_total").increment(rows.len() as u64);
        Ok(rows.len())
    }

    async fn rows(&self, after: u64, count_max: usize) -> Result<Vec<Row>, CopyError> {
        let reader = self.reader.clone();
        let read = tokio::task::spawn_blocking(move || reader.rows(after, count_max)).await;
        Ok(read.map_err(|_| CopyError::Stopping)??)
    }

    async fn keys_of(&self, rows: Vec<Row>) -> Result<Vec<PersonalKey>, CopyError> {
        let reader = self.reader.clone();
        let read = tokio::task::spawn_blocking(move || reader.keys_of(&rows)).await;
        Ok(read.map_err(|_| CopyError::Stopping)??.into_values().collect())
    }

    fn note_lag(&self, head: &watch::Receiver<u64>) {
        metrics::gauge!("jichi_postgres_lag_events").set(head.borrow().saturating_sub(self.copied) as f64);
    }
}

/// What PostgreSQL said, with the server's own words where there are any.
fn words(error: &tokio_postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        return said.message().to_owned();
    }
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}")
}

/// Events copied in one transaction.
const BATCH_MAX: usize = 500;
/// Longer than any healthy answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);
const GATHER: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests;
#[cfg(test)]
mod throwaway;
