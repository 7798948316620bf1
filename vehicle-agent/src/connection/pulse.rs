//! Does anybody answer? QUIC's own acknowledgements say only that a packet reached the peer's stack, and after a long
//! tunnel they come back many seconds late; so the link is judged by the answers of the application.

use std::collections::VecDeque;
use std::time::Instant;

use link::attempts::SILENT_AFTER;

/// What one connection has asked and heard.
#[derive(Debug)]
pub(super) struct Pulse {
    last_heard: Instant,
    heard_us_until: Instant,
    asked: VecDeque<(Question, Instant)>,
}

/// Something that the centre must answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Report { boot: u64, seq: u64 },
    Ping(u64),
    History(u64),
    Patient { boot: u64, seq: u64 },
}

impl Pulse {
    pub(super) fn new(now: Instant) -> Self {
        Self { last_heard: now, heard_us_until: now, asked: VecDeque::new() }
    }

    pub(super) fn ask(&mut self, question: Question, now: Instant) {
        self.asked.push_back((question, now));
    }

    /// The centre answered. `false`: nobody had asked.
    pub(super) fn answer(&mut self, question: Question, now: Instant) -> bool {
        self.hear(now);
        let Some(place) = self.asked.iter().position(|(asked, _)| *asked == question) else { return false };
        if let Some((_, asked_at)) = self.asked.remove(place) {
            self.heard_us_until = self.heard_us_until.max(asked_at);
        }
        true
    }

    /// Something came from the centre.
    pub(super) fn hear(&mut self, now: Instant) {
        self.last_heard = now;
    }

    /// Until when the centre surely heard the vehicle: it answered what was asked then. That it is heard itself says nothing of the way there.
    pub(super) fn heard_us_until(&self) -> Instant {
        self.heard_us_until
    }

    /// When the link counts as silent, if nothing is heard until then. `None`: nothing is asked.
    pub(super) fn silent_at(&self) -> Option<Instant> {
        let (_, oldest) = self.asked.front()?;
        Some(self.last_heard.max(*oldest) + SILENT_AFTER)
    }

    pub(super) fn is_asking(&self, kind: fn(&Question) -> bool) -> usize {
        self.asked.iter().filter(|(question, _)| kind(question)).count()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn silence_counts_only_while_something_is_asked() {
        let start = Instant::now();
        let at = |s: u64| start + Duration::from_secs(s);
        let mut pulse = Pulse::new(start);
        assert_eq!(pulse.silent_at(), None);
        pulse.ask(Question::Ping(1), at(10));
        assert_eq!(pulse.silent_at(), Some(at(13)));
        pulse.ask(Question::Report { boot: 1, seq: 1 }, at(11));
        assert!(pulse.answer(Question::Ping(1), at(12)));
        assert_eq!(pulse.silent_at(), Some(at(15)));
        assert!(!pulse.answer(Question::Ping(1), at(13)));
        assert!(pulse.answer(Question::Report { boot: 1, seq: 1 }, at(14)));
        assert_eq!((pulse.silent_at(), pulse.last_heard), (None, at(14)));
    }

    #[test]
    fn only_an_answer_says_that_the_centre_heard_us() {
        let start = Instant::now();
        let at = |s: u64| start + Duration::from_secs(s);
        let mut pulse = Pulse::new(start);
        pulse.ask(Question::Ping(1), at(10));
        pulse.answer(Question::Ping(1), at(11));
        pulse.ask(Question::Ping(2), at(20));
        // An order comes; the way to the centre is cut all the same.
        pulse.hear(at(22));
        assert_eq!((pulse.last_heard, pulse.heard_us_until()), (at(22), at(10)));
        pulse.answer(Question::Ping(2), at(23));
        assert_eq!(pulse.heard_us_until(), at(20));
    }
}
