//! Where the units were, kept in PostgreSQL: positions that were believed go there in batches, into a table for each day, and the oldest
//! tables are dropped. Nothing waits for it: what finds no room, or comes while PostgreSQL is away for long, is left out and counted.

mod days;

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use dispatch_core::UtcTime;
use dispatch_core::fleet::Fix;
use dispatch_core::ids::UnitId;
use futures_util::pin_mut;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::Client;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

use super::shared::{Trouble, connect, prepare};
use crate::clock::Clock;
use crate::config::PostgresConfig;
use days::{Day, Days};

/// The door: positions go in here. When the last one is dropped what waits is still written, and the task ends.
#[derive(Debug, Clone)]
pub(crate) struct PositionHistory {
    waiting: Sender<(UnitId, Fix)>,
}

impl PositionHistory {
    /// Starts the task, on the runtime that this is called on. Positions are kept for so many days before the present one.
    pub(crate) fn start(config: PostgresConfig, days_kept: u16, clock: Clock) -> Self {
        let (waiting, received) = mpsc::channel(WAITING_MAX);
        tokio::spawn(Keeper { config, days_kept, clock, received, batch: Vec::new() }.run());
        Self { waiting }
    }

    /// Takes a position in. Never waits.
    pub(crate) fn take(&self, unit: UnitId, fix: Fix) {
        if self.waiting.try_send((unit, fix)).is_err() {
            leave_out("full", 1);
        }
    }
}

struct Keeper {
    config: PostgresConfig,
    days_kept: u16,
    clock: Clock,
    received: Receiver<(UnitId, Fix)>,
    /// What is being written; kept until it is.
    batch: Vec<(UnitId, Fix)>,
}

impl Keeper {
    async fn run(mut self) {
        let mut pause = PAUSE_MIN;
        loop {
            let begun = Instant::now();
            let Err(trouble) = self.keep().await else { return };
            tracing::warn!("the history of positions waits: {trouble}");
            if begun.elapsed() > PAUSE_MAX {
                pause = PAUSE_MIN;
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
            if self.received.is_closed() && pause == PAUSE_MAX {
                return leave_out("ended", self.batch.len() + self.received.len());
            }
        }
    }

    /// One connection's life; well only when nobody takes positions in any more and all are written.
    async fn keep(&mut self) -> Result<(), Trouble> {
        prepare(&self.config).await?;
        let (client, _, _socket) = connect(&self.config).await?;
        client.batch_execute(SETTINGS).await?;
        let mut days = Days::default();
        loop {
            if self.batch.is_empty() && self.received.recv_many(&mut self.batch, BATCH_MAX).await == 0 {
                return Ok(());
            }
            // A moment's wait makes one batch of what comes together.
            let gathered = Instant::now() + GATHER;
            while self.batch.len() < BATCH_MAX {
                let room = BATCH_MAX - self.batch.len();
                match tokio::time::timeout_at(gathered, self.received.recv_many(&mut self.batch, room)).await
                {
                    Ok(0) | Err(_) => break,
                    Ok(_) => {}
                }
            }
            let written = self.write(&client, &mut days);
            timeout(WRITE_MAX, written).await.map_err(|_| Trouble::Slow)??;
        }
    }

    async fn write(&mut self, client: &Client, days: &mut Days) -> Result<(), Trouble> {
        let first_kept = days.keep(client, Day::of(self.clock.now()), self.days_kept).await?;
        let before = self.batch.len();
        self.batch.retain(|(_, fix)| Day::of(fix.at) >= first_kept);
        leave_out("old", before - self.batch.len());
        let needed: BTreeSet<Day> = self.batch.iter().map(|(_, fix)| Day::of(fix.at)).collect();
        days.make(client, needed).await?;
        copy(client, &self.batch).await?;
        metrics::counter!("jichi_position_history_total").increment(self.batch.len() as u64);
        self.batch.clear();
        Ok(())
    }
}

async fn copy(client: &Client, batch: &[(UnitId, Fix)]) -> Result<(), Trouble> {
    let sink = client.copy_in(COPY).await?;
    let writer = BinaryCopyInWriter::new(sink, &COLUMNS);
    pin_mut!(writer);
    for (unit, fix) in batch {
        let (unit, at) = (unit.as_str(), system_time(fix.at));
        let (longitude, latitude) = (fix.position.longitude(), fix.position.latitude());
        writer
            .as_mut()
            .write(&[&unit, &at, &longitude, &latitude, &fix.speed_kmh, &fix.heading_deg, &fix.accuracy_m])
            .await?;
    }
    writer.finish().await?;
    Ok(())
}

fn system_time(at: UtcTime) -> SystemTime {
    let since = Duration::from_micros(at.micros().unsigned_abs());
    if at.micros() < 0 { SystemTime::UNIX_EPOCH - since } else { SystemTime::UNIX_EPOCH + since }
}

fn leave_out(why: &'static str, count: usize) {
    if count > 0 {
        metrics::counter!("jichi_position_history_dropped_total", "why" => why).increment(count as u64);
    }
}

const COPY: &str =
    "COPY positions (unit, at, longitude, latitude, speed_kmh, heading_deg, accuracy_m) FROM STDIN BINARY";
const COLUMNS: [Type; 7] =
    [Type::TEXT, Type::TIMESTAMPTZ, Type::FLOAT8, Type::FLOAT8, Type::FLOAT4, Type::FLOAT4, Type::FLOAT4];
/// A lost second of positions costs nobody anything: it waits for no sync, here or on the standby.
const SETTINGS: &str = "SET synchronous_commit = off; SET lock_timeout = '2s'; SET statement_timeout = '30s'";
/// Positions that may wait: half a minute of 2,000 units.
const WAITING_MAX: usize = 65_536;
/// Positions written as one.
const BATCH_MAX: usize = 10_000;
const GATHER: Duration = Duration::from_secs(1);
/// Longer than any healthy write.
const WRITE_MAX: Duration = Duration::from_secs(30);
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
