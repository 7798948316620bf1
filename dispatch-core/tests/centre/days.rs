//! The days of a journal are those of the city's clocks, whether or not a centre has ever said what they show.

use dispatch_core::incident::Level;
use dispatch_core::replay::Days;
use dispatch_core::{Event, Fact, UtcTime};

use crate::city::City;

#[test]
fn a_call_after_midnight_is_of_the_new_day_also_where_nobody_adopted_rules() {
    let mut city = City::new();
    city.incident(Level::II);
    let is_created = |event: &&Event| matches!(event.fact, Fact::IncidentCreated { .. });
    let created = city.events.iter().find(is_created).unwrap();
    let mut days = Days::default();
    for at in ["2026-11-21T15:59:59Z", "2026-11-21T16:00:00Z", "2026-11-22T15:59:59Z"] {
        let at: UtcTime = at.parse().unwrap();
        days.take(&Event { at, ..created.clone() });
    }
    assert_eq!(days.list(), [("2026-11-21".to_owned(), 1), ("2026-11-22".to_owned(), 2)]);
}
