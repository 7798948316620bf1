//! The peer: PostgreSQL as installed, synchronous commit on, one row of the same size in each transaction.

use std::time::{Duration, Instant};

use tokio_postgres::NoTls;

use crate::median;
use crate::throwaway::Throwaway;

/// Single-row commits a second of `clients` connections; `None` where the machine has no PostgreSQL.
pub(crate) async fn commits_per_second(
    clients: usize,
    run: Duration,
    runs: usize,
) -> anyhow::Result<Option<f64>> {
    let Some(database) = Throwaway::start("bench") else { return Ok(None) };
    let url = database.url();
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(connection);
    client
        .batch_execute(
            "CREATE TABLE events (seq bigserial PRIMARY KEY, body text NOT NULL, hash bytea NOT NULL)",
        )
        .await?;
    let mut rates = Vec::new();
    for _ in 0..runs {
        let until = Instant::now() + run;
        let workers: Vec<_> = (0..clients).map(|_| tokio::spawn(insert(url.clone(), until))).collect();
        let mut count = 0;
        for worker in workers {
            count += worker.await??;
        }
        rates.push(count as f64 / run.as_secs_f64());
    }
    Ok(Some(median(rates)))
}

async fn insert(url: String, until: Instant) -> anyhow::Result<u64> {
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(connection);
    let statement = client.prepare("INSERT INTO events (body, hash) VALUES ($1, $2)").await?;
    let (body, hash) = ("x".repeat(BODY_BYTES), vec![7_u8; 64]);
    let mut count = 0;
    while Instant::now() < until {
        client.execute(&statement, &[&body, &hash]).await?;
        count += 1;
    }
    Ok(count)
}

/// About the size of the centre's event in this run.
const BODY_BYTES: usize = 200;
