//! One look at a receiver, for somebody who wants to know whether it works.

use std::time::Duration;

use link::v1::Position;
use tokio::time::{Instant, timeout, timeout_at};

use super::feed::Feed;
use super::sentences::Heard;
use super::source::Source;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Probe {
    /// It cannot be opened, or ended.
    Unreachable(String),
    /// It is open and says nothing of a place.
    Silent,
    /// It works and sees no sky.
    NoFix,
    /// It knows where it is.
    Fix(Position),
}

/// Opens a receiver within a time and listens for as long, or until it has a fix and the number of its satellites.
pub async fn probe(source: &Source, within: Duration) -> Probe {
    let mut feed = match timeout(within, Feed::open(source)).await {
        Ok(Ok(feed)) => feed,
        Ok(Err(error)) => return Probe::Unreachable(error.to_string()),
        Err(_) => return Probe::Unreachable(format!("no answer within {} s", within.as_secs())),
    };
    let until = Instant::now() + within;
    let mut found = Probe::Silent;
    while let Ok(news) = timeout_at(until, feed.next()).await {
        match news {
            Ok(Heard::Fix(position)) => found = Probe::Fix(position),
            // One bad second does not take a fix away.
            Ok(Heard::NoFix) if found == Probe::Silent => found = Probe::NoFix,
            Ok(Heard::NoFix) => {}
            Err(reason) if found == Probe::Silent => return Probe::Unreachable(reason),
            Err(_) => return found,
        }
        if matches!(&found, Probe::Fix(position) if position.satellites > 0) {
            return found;
        }
    }
    found
}
