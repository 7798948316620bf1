//! The hours at which ambulances do not drive at their usual speed.

use dispatch_core::traffic::{TrafficDays, TrafficRow};
use serde::Serialize;
use utoipa::ToSchema;

use super::words::words;

words! {
    /// Days of the week.
    TrafficDaysWord = TrafficDays { Every, Weekday, Weekend }
}

/// Some hours of some days, with speeds against the usual: 0.8 is a fifth slower.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Traffic)]
pub(crate) struct TrafficView {
    #[schema(example = "早高峰")]
    name: String,
    days: TrafficDaysWord,
    #[schema(example = "07:00")]
    from: String,
    #[schema(example = "09:30")]
    to: String,
    fast_roads: f64,
    main_roads: f64,
    small_roads: f64,
}

impl From<&TrafficRow> for TrafficView {
    fn from(row: &TrafficRow) -> Self {
        Self {
            name: row.name.clone(),
            days: row.days.into(),
            from: row.from.to_string(),
            to: row.to.to_string(),
            fast_roads: row.fast_roads,
            main_roads: row.main_roads,
            small_roads: row.small_roads,
        }
    }
}
