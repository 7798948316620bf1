//! Who sends more than it may, by name, so that a person can do something about it. What is refused is refused where it comes in; here it is
//! only remembered for a minute, for the desks and the log.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing::{info, warn};

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum FloodKind {
    /// Text calls, or lines of them, from one network address.
    TextCalls,
    /// Messages of one vehicle that make no sense, or far too many that do.
    Vehicle,
    /// Live readers of one network address that read nothing.
    LiveReaders,
}

impl FloodKind {
    /// A word for logs and metrics.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::TextCalls => "text-calls",
            Self::Vehicle => "vehicle",
            Self::LiveReaders => "live-readers",
        }
    }
}

/// A flood that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flood {
    /// Of what.
    pub(crate) kind: FloodKind,
    /// The unit, or the network address.
    pub(crate) source: String,
    /// How many messages were refused since it began.
    pub(crate) refused: u64,
    /// How long it has gone on.
    pub(crate) lasts: Duration,
}

/// The floods of the last minute.
#[derive(Debug, Default)]
pub(crate) struct Floods {
    going_on: Mutex<HashMap<(FloodKind, String), Course>>,
}

#[derive(Debug, Clone, Copy)]
struct Course {
    began: Instant,
    last: Instant,
    refused: u64,
}

impl Floods {
    /// Something was refused, `count` messages of it.
    pub(crate) fn note(&self, kind: FloodKind, source: &str, count: u64) {
        self.note_at(kind, source, count, Instant::now());
    }

    /// Those that go on, the largest first.
    pub(crate) fn standing(&self) -> Vec<Flood> {
        self.standing_at(Instant::now())
    }

    fn note_at(&self, kind: FloodKind, source: &str, count: u64, now: Instant) {
        metrics::counter!("jichi_floods_refused_total", "what" => kind.word()).increment(count);
        let mut going_on = self.lock();
        forget_over(&mut going_on, now);
        let key = (kind, source.to_owned());
        if !going_on.contains_key(&key) && going_on.len() >= FLOODS_MAX {
            // So many sources at once are one flood to a person: those that are known stay named, and all are counted.
            return;
        }
        let course = going_on.entry(key).or_insert(Course { began: now, last: now, refused: 0 });
        let before = course.refused;
        course.refused += count;
        course.last = now;
        if before < SHOWN_MIN && course.refused >= SHOWN_MIN {
            warn!(what = kind.word(), source, "a source sends more than it may: what is too much is refused");
        }
    }

    fn standing_at(&self, now: Instant) -> Vec<Flood> {
        let mut going_on = self.lock();
        forget_over(&mut going_on, now);
        let shown = going_on.iter().filter(|(_, course)| course.refused >= SHOWN_MIN);
        let mut floods: Vec<Flood> = shown
            .map(|((kind, source), course)| Flood {
                kind: *kind,
                source: source.clone(),
                refused: course.refused,
                lasts: course.last.saturating_duration_since(course.began),
            })
            .collect();
        floods.sort_by(|a, b| b.refused.cmp(&a.refused).then_with(|| a.source.cmp(&b.source)));
        metrics::gauge!("jichi_floods_items").set(floods.len() as f64);
        floods
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(FloodKind, String), Course>> {
        // Every change is whole before anything in it can panic.
        self.going_on.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget_over(going_on: &mut HashMap<(FloodKind, String), Course>, now: Instant) {
    going_on.retain(|(kind, source), course| {
        let goes_on = now.saturating_duration_since(course.last) < REMEMBERED;
        if !goes_on && course.refused >= SHOWN_MIN {
            info!(what = kind.word(), source, refused = course.refused, "a flood is over");
        }
        goes_on
    });
}

/// Says what is counted. Call once, when metrics are set up.
pub(crate) fn describe_metrics() {
    use metrics::{describe_counter, describe_gauge};
    describe_counter!(
        "jichi_floods_refused_total",
        "Messages refused because their source sent too many, by what."
    );
    describe_gauge!("jichi_floods_items", "Sources that send more than they may.");
}

/// A flood is over when nothing of it came for so long.
const REMEMBERED: Duration = Duration::from_mins(1);
/// Fewer are no flood: somebody pressed a button too often.
const SHOWN_MIN: u64 = 10;
/// Sources named at a time.
const FLOODS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_named_while_it_goes_on_and_then_forgotten() {
        let (floods, start) = (Floods::default(), Instant::now());
        let after = |s| start + Duration::from_secs(s);
        for s in 0..SHOWN_MIN {
            assert!(floods.standing_at(after(s)).is_empty(), "a few are no flood");
            floods.note_at(FloodKind::TextCalls, "10.0.0.7", 1, after(s));
        }
        floods.note_at(FloodKind::Vehicle, "A03", 100, after(12));
        let named: Vec<_> = floods
            .standing_at(after(12))
            .into_iter()
            .map(|it| (it.source, it.refused, it.lasts.as_secs()))
            .collect();
        assert_eq!(named, [("A03".to_owned(), 100, 0), ("10.0.0.7".to_owned(), 10, 9)]);
        assert_eq!(floods.standing_at(after(70)).len(), 1);
        assert!(floods.standing_at(after(73)).is_empty());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (floods, now) = (Floods::default(), Instant::now());
        for number in 0..1000 {
            floods.note_at(FloodKind::TextCalls, &number.to_string(), 100, now);
        }
        assert_eq!(floods.standing_at(now).len(), FLOODS_MAX);
    }
}
