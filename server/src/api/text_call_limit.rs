//! Bounds what one source may send as text calls, so that one broken or hostile page cannot bury the queue. The telephone
//! is never bounded here: its lines are.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::problem::Problem;
use super::source::Source;
use crate::floods::{FloodKind, Floods};

/// Each source's allowance: full at first, filled again with time.
pub(crate) struct TextCallLimit {
    sources: Mutex<HashMap<Source, Allowance>>,
    /// Places for those who wait for their refusal.
    waiting: Semaphore,
}

#[derive(Clone, Copy)]
struct Allowance {
    left: f64,
    at: Instant,
}

impl TextCallLimit {
    /// Takes from a source's allowance; 429 when nothing is left. A source that is not known is not bounded: it is this
    /// process itself. Whoever sends too much waits for its refusal, as far as there is room: a page that asks again whenever it is
    /// answered is slowed down, and costs nobody else anything.
    pub(crate) async fn take(
        &self,
        source: Option<Source>,
        cost: f64,
        floods: &Floods,
    ) -> Result<(), Problem> {
        let Some(source) = source else { return Ok(()) };
        if self.take_at(source, cost, Instant::now()) {
            return Ok(());
        }
        floods.note(FloodKind::TextCalls, &source.to_string(), 1);
        if let Ok(_place) = self.waiting.try_acquire() {
            tokio::time::sleep(REFUSED_AFTER).await;
        }
        Err(Problem::too_many())
    }

    fn take_at(&self, source: Source, cost: f64, now: Instant) -> bool {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if sources.len() >= SOURCES_MAX && !sources.contains_key(&source) {
            // Whoever has not written for long has a full allowance again and need not be remembered.
            sources.retain(|_, allowance| allowance.filled(now).left < ALLOWANCE_MAX);
            if sources.len() >= SOURCES_MAX {
                return false;
            }
        }
        let allowance = sources.entry(source).or_insert(Allowance { left: ALLOWANCE_MAX, at: now });
        *allowance = allowance.filled(now);
        let enough = allowance.left >= cost;
        if enough {
            allowance.left -= cost;
        }
        enough
    }
}

impl Default for TextCallLimit {
    fn default() -> Self {
        Self { sources: Mutex::default(), waiting: Semaphore::new(WAITING_MAX) }
    }
}

impl Allowance {
    fn filled(self, now: Instant) -> Self {
        let passed_s = now.saturating_duration_since(self.at).as_secs_f64();
        Self { left: (self.left + passed_s * REFILL_PER_S).min(ALLOWANCE_MAX), at: now }
    }
}

/// A full allowance: 25 calls, or 100 lines, at once. A hospital or a village may share one address.
const ALLOWANCE_MAX: f64 = 100.0;
/// How fast it fills again.
const REFILL_PER_S: f64 = 2.0;
/// Sources remembered at a time.
const SOURCES_MAX: usize = 10_000;
/// Refusals that wait at a time; more are refused at once. Far fewer than connections may be open.
const WAITING_MAX: usize = 128;
/// How long a refusal waits.
const REFUSED_AFTER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_is_bounded_and_takes_nothing_from_others() {
        let limit = TextCallLimit::default();
        let [a, b] = ["10.0.0.1", "10.0.0.2"].map(|address| Source::at(address.parse().unwrap()));
        let start = Instant::now();
        let taken = (0..200).filter(|_| limit.take_at(a, 4.0, start)).count();
        assert_eq!(taken, 25);
        assert!(limit.take_at(b, 4.0, start));
        assert!(!limit.take_at(a, 1.0, start + Duration::from_millis(400)));
        assert!(limit.take_at(a, 1.0, start + Duration::from_millis(600)));
    }
}
