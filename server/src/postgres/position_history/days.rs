//! The tables of days: made ahead of their day, dropped when it is long ago.

use std::collections::BTreeSet;

use dispatch_core::UtcTime;
use tokio_postgres::Client;

use super::super::shared::Trouble;

/// A day, UTC: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(i32);

impl Day {
    pub(super) fn of(at: UtcTime) -> Self {
        Self(at.micros().div_euclid(DAY_US) as i32)
    }
}

/// The days known to have a table.
#[derive(Debug, Default)]
pub(super) struct Days {
    made: BTreeSet<Day>,
    kept_from: Option<Day>,
}

impl Days {
    /// Once a day: makes the tables of the days to come and drops those that are over `days_kept` old. Comes back with the first day kept.
    pub(super) async fn keep(&mut self, client: &Client, today: Day, days_kept: u16) -> Result<Day, Trouble> {
        let first = Day(today.0 - i32::from(days_kept));
        self.make(client, (0..=DAYS_AHEAD).map(|ahead| Day(today.0 + ahead))).await?;
        if self.kept_from != Some(first) {
            let dropped = client
                .query_one("SELECT positions_drop(date '1970-01-01' + $1::integer)", &[&first.0])
                .await?;
            let dropped: i32 = dropped.get(0);
            if dropped > 0 {
                tracing::info!(days = dropped, "old positions are dropped");
            }
            self.made = self.made.split_off(&first);
            self.kept_from = Some(first);
        }
        Ok(first)
    }

    /// Makes the tables that are not there.
    pub(super) async fn make(
        &mut self,
        client: &Client,
        days: impl IntoIterator<Item = Day>,
    ) -> Result<(), Trouble> {
        for day in days {
            if !self.made.contains(&day) {
                client.execute("SELECT positions_make(date '1970-01-01' + $1::integer)", &[&day.0]).await?;
                self.made.insert(day);
            }
        }
        Ok(())
    }
}

const DAY_US: i64 = 24 * 3600 * 1_000_000;
/// Tables are there so many days before they are needed.
const DAYS_AHEAD: i32 = 2;
