//! Making the tables and bringing them up to date. It has a connection and a time of its own: the first time on a long record takes longer
//! than a node waits for an answer.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::super::table::migrations;
use super::connection::{self, Open};
use super::trouble::Trouble;
use crate::config::PostgresConfig;
use crate::next_version;

/// Whether the tables are as this program needs them.
#[derive(Default)]
pub(super) enum Preparation {
    /// Not known.
    #[default]
    Unknown,
    /// They are being made, whoever asks meanwhile and gives up.
    UnderWay(JoinHandle<Result<(), Trouble>>),
    /// They are.
    Done,
}

impl Preparation {
    /// Waits until they are.
    pub(super) async fn done(&mut self, config: &PostgresConfig) -> Result<(), Trouble> {
        if let Self::Unknown = self {
            let config = config.clone();
            *self = Self::UnderWay(tokio::spawn(async move {
                timeout(PREPARATION_MAX, prepare(&config)).await.unwrap_or(Err(Trouble::Slow))
            }));
        }
        if let Self::UnderWay(making) = self {
            let made = making.await;
            *self = Self::Unknown;
            made.map_err(|_| Trouble::Ending)??;
            *self = Self::Done;
        }
        Ok(())
    }
}

impl Drop for Preparation {
    fn drop(&mut self) {
        if let Self::UnderWay(making) = self {
            making.abort();
        }
    }
}

/// Makes what is not there yet; refuses to while another one does.
pub(in crate::postgres) async fn prepare(config: &PostgresConfig) -> Result<(), Trouble> {
    let (mut client, _, _socket): (_, _, Open) = connection::connect(config).await?;
    client.batch_execute("SET lock_timeout = '5s'; SET statement_timeout = 0").await?;
    // Held until the connection ends: two nodes that start at once must not make the same table.
    let alone = client.query_one("SELECT pg_try_advisory_lock($1)", &[&PREPARING]).await?;
    if !alone.get::<_, bool>(0) {
        return Err(Trouble::BeingPrepared);
    }
    next_version::migrations(migrations::migrations::runner()).run_async(&mut client).await?;
    Ok(())
}

/// "jichi": nobody else's lock.
const PREPARING: i64 = 0x6a_6963_6869;
/// Far longer than a million events need.
const PREPARATION_MAX: Duration = Duration::from_mins(10);
