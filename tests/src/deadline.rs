//! Waiting for a condition, with a deadline and the last thing seen when it passes. Tests never sleep to be right.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How often a condition is looked at. Small beside what is waited for, large beside the cost of looking.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Looks until `look` gives a value. An error of `look` is what was last seen, not the end: what is not there yet
/// answers with errors.
pub async fn eventually<T, F, Fut>(what: &str, within: Duration, mut look: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Option<T>>>,
{
    let started = Instant::now();
    let mut last = String::from("nothing");
    loop {
        match look().await {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => {}
            Err(error) => last = format!("{error:#}"),
        }
        if started.elapsed() > within {
            bail!("waited {} s for {what}; last seen: {last}", within.as_secs());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
