//! Patients' files in PostgreSQL: every whole file of this node goes there, and from there to a node that has not got it. Nothing waits for
//! it but the vehicle's leave to forget the file.

#[cfg(test)]
mod tests;

use std::time::Duration;

use dispatch_core::ids::{FileId, IncidentId};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_postgres::Client;

use super::shared::{Open, Trouble, Warned, connect, prepare, warning};
use crate::config::PostgresConfig;
use crate::files::{FileError, Files, SealedFile};

/// Copies what is whole, for as long as the process runs.
pub(crate) async fn keep_copied(files: Files, config: PostgresConfig) {
    let mut pause = PAUSE_MIN;
    loop {
        match copy_all(&files, &config, &mut pause).await {
            Ok(()) | Err(Stop::Files(FileError::Stopping)) => return,
            Err(stop) => {
                metrics::counter!("jichi_files_copy_errors_total").increment(1);
                tracing::warn!(
                    "patients' files wait for PostgreSQL: {stop}; trying again in {} s",
                    pause.as_secs_f64()
                );
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error(transparent)]
    Files(#[from] FileError),
    #[error(transparent)]
    Postgres(#[from] Trouble),
}

/// One connection's life; well only when the centre stops.
async fn copy_all(files: &Files, config: &PostgresConfig, pause: &mut Duration) -> Result<(), Stop> {
    let mut news = files.news();
    let mut line: Option<(Client, Warned, Open)> = None;
    loop {
        news.mark_unchanged();
        let Some(file) = files.next_uncopied().await? else {
            if news.changed().await.is_err() {
                return Ok(());
            }
            continue;
        };
        // Connected only while there is something to copy: files are few, and connections are not for free.
        let (client, warned, socket) = match line.take() {
            Some(line) => line,
            None => open(config).await?,
        };
        let (mut client, socket) = (client, socket);
        timeout(ANSWER_MAX, copy(&mut client, &warned, &file)).await.map_err(|_| Trouble::Slow)??;
        if let Ok(id) = file.id.parse() {
            files.copied(id).await?;
        }
        metrics::counter!("jichi_files_copied_total").increment(1);
        *pause = PAUSE_MIN;
        line = Some((client, warned, socket));
    }
}

async fn open(config: &PostgresConfig) -> Result<(Client, Warned, Open), Trouble> {
    timeout(ANSWER_MAX, async {
        prepare(config).await?;
        let line = connect(config).await?;
        line.0.batch_execute(SETTINGS).await?;
        Ok(line)
    })
    .await
    .unwrap_or(Err(Trouble::Slow))
}

/// In one transaction. A file that is there already is the same: whoever put it there had it from the same vehicle.
async fn copy(client: &mut Client, warned: &Warned, file: &SealedFile) -> Result<(), Trouble> {
    warning(warned);
    let transaction = client.transaction().await?;
    let first = transaction
        .execute(
            "INSERT INTO patient_files (file, incident) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            &[&file.id, &file.incident],
        )
        .await?;
    if first == 1 {
        for (start, sealed) in &file.parts {
            transaction
                .execute(
                    "INSERT INTO patient_file_parts VALUES ($1, $2, $3)",
                    &[&file.id, &(*start as i32), sealed],
                )
                .await?;
        }
    }
    transaction.commit().await?;
    // The commit's own warning says that the standby may not have it.
    warning(warned).map_or(Ok(()), |warning| Err(Trouble::Unproven(warning)))
}

/// The pieces of a file that another node took in; `None`: it is not there, or PostgreSQL is away.
pub(crate) async fn fetch(config: &PostgresConfig, file: FileId) -> Option<Vec<(u32, Vec<u8>)>> {
    let _turn = FETCHES.acquire().await.ok()?;
    let fetched = timeout(ANSWER_MAX, async {
        let (client, _, _socket) = connect(config).await?;
        let rows = client
            .query(
                "SELECT start, sealed FROM patient_file_parts WHERE file = $1 ORDER BY start",
                &[&file.to_string()],
            )
            .await?;
        let parts = rows.iter().map(|row| (row.get::<_, i32>(0) as u32, row.get(1)));
        Ok::<_, Trouble>(parts.collect::<Vec<_>>())
    })
    .await
    .unwrap_or(Err(Trouble::Slow));
    match fetched {
        Ok(parts) => (!parts.is_empty()).then_some(parts),
        Err(trouble) => {
            tracing::warn!(%file, "a patient's file cannot be had from PostgreSQL: {trouble}");
            None
        }
    }
}

/// Throws away what belongs to these.
pub(crate) async fn erase(config: &PostgresConfig, incidents: &[IncidentId]) -> Result<u64, String> {
    let incidents: Vec<String> = incidents.iter().map(IncidentId::to_string).collect();
    let erased = timeout(ANSWER_MAX, async {
        let (client, _, _socket) = connect(config).await?;
        Ok::<_, Trouble>(
            client.execute("DELETE FROM patient_files WHERE incident = ANY($1)", &[&incidents]).await?,
        )
    });
    erased.await.unwrap_or(Err(Trouble::Slow)).map_err(|trouble| trouble.to_string())
}

const SETTINGS: &str = "SET lock_timeout = '2s'; SET statement_timeout = '30s'";
/// Longer than any healthy answer, a few megabytes among it.
const ANSWER_MAX: Duration = Duration::from_secs(30);
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Files fetched at once.
static FETCHES: Semaphore = Semaphore::const_new(2);
