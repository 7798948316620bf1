//! The receiver: gpsd, NMEA 0183 over TCP, or a serial line, opened again whenever it breaks.

mod feed;
mod gpsd;
mod probe;
mod sentences;
mod serial;
mod source;

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tracing::{info, warn};

pub use probe::{Probe, probe};
pub use sentences::{BadSentence, Heard, Sentences};
pub use source::{BadSource, Source};

use feed::Feed;

const RETRY_AFTER: Duration = Duration::from_secs(1);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A receiver says every second where it is, or that it does not know; silence means that a cable is out.
const SILENT_AFTER: Duration = Duration::from_secs(10);

/// Reads for ever, telling `heard` of every fix, and of every report that there is none.
pub async fn read_receiver(source: Source, mut heard: impl FnMut(Heard)) {
    let mut was_reachable = true;
    loop {
        let problem = match timeout(CONNECT_WITHIN, Feed::open(&source)).await {
            Ok(Ok(feed)) => {
                info!(receiver = %source, "receiver connected");
                was_reachable = true;
                let reason = listen(feed, &mut heard).await;
                warn!(receiver = %source, reason, "receiver lost");
                heard(Heard::NoFix);
                None
            }
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!("no answer within {} s", CONNECT_WITHIN.as_secs())),
        };
        if let Some(problem) = problem.filter(|_| was_reachable) {
            warn!(receiver = %source, problem, "receiver cannot be reached; trying once a second");
            was_reachable = false;
        }
        sleep(RETRY_AFTER).await;
    }
}

/// Returns why there is nothing more to hear.
async fn listen(mut feed: Feed, heard: &mut impl FnMut(Heard)) -> String {
    loop {
        match timeout(SILENT_AFTER, feed.next()).await {
            Ok(Ok(news)) => heard(news),
            Ok(Err(reason)) => return reason,
            Err(_) => return format!("no word of a place for {} s", SILENT_AFTER.as_secs()),
        }
    }
}
