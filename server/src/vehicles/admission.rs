//! Who may begin a handshake, and how many are worked on at a time. A flood of first packets is the cheapest attack: above a bound a sender must
//! first show that its address is its own, and above another it is turned away. And when a whole fleet comes at once, all handshakes together
//! would end only after every vehicle has given up, come again, and kept those out who are served: a storm that feeds itself. So a few are
//! worked on at a time, no more are under way than this machine has lately ended in time, and who waited too long is told to come later.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use quinn::Incoming;
use tokio::sync::mpsc::{self, Receiver, Sender};

/// Above this many that wait, addresses must be shown to be real.
const WAITING_BEFORE_RETRY_MAX: usize = 200;
/// Above this many, nobody is let in.
const WAITING_MAX: usize = 1_000;
/// Handshakes worked on at a time.
const TURNS: usize = 64;
/// One that takes longer waits for the vehicle's radio, or for a machine that has too much to do: it gives its turn to the next, and goes on.
pub(super) const TURN_MAX: Duration = Duration::from_millis(150);
/// So many may be under way, however few ended lately: vehicles whose radios are slow, or a machine that has stood still.
const UNDER_WAY_MIN: usize = 128;
const UNDER_WAY_MAX: usize = 1_000;
/// As many are under way as end in so many seconds: then each takes so long on the average.
const SECONDS_UNDER_WAY: usize = 2;
/// A vehicle gives up after 4 s; what waited longer than this, and then takes as long as it may, would end after that.
const WAITED_MAX: Duration = Duration::from_millis(1_500);
/// What took longer has been given up.
const IN_TIME: Duration = Duration::from_millis(3_500);

/// Those who wait, and those who are under way.
#[derive(Debug)]
pub(super) struct Admission<T = Incoming> {
    waiting: VecDeque<(T, Instant)>,
    turns: usize,
    under_way: usize,
    pace: Pace,
    hand_back: Sender<Word>,
    words: Receiver<Word>,
}

/// How many ended in time in this second, and in the one before.
#[derive(Debug, Default)]
struct Pace {
    since: Option<Instant>,
    now: usize,
    before: usize,
}

/// A place among those under way, with a turn at first.
#[derive(Debug)]
pub(super) struct Place {
    hand_back: Sender<Word>,
    has_turn: bool,
    came: Instant,
    in_time: bool,
}

/// What becomes of a place.
#[derive(Debug)]
enum Word {
    TurnOver,
    Ended { in_time: bool },
}

/// What to do with a first packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    LetIn,
    AskAgain,
    TurnAway,
}

impl<T> Default for Admission<T> {
    fn default() -> Self {
        // Each place says two words.
        let (hand_back, words) = mpsc::channel(2 * UNDER_WAY_MAX);
        let (waiting, pace) = (VecDeque::new(), Pace::default());
        Self { waiting, turns: TURNS, under_way: 0, pace, hand_back, words }
    }
}

impl Pace {
    fn turn(&mut self, now: Instant) {
        let passed = self.since.map_or(Duration::MAX, |since| now.saturating_duration_since(since));
        if passed >= Duration::from_secs(1) {
            self.before = if passed < Duration::from_secs(2) { self.now } else { 0 };
            (self.since, self.now) = (Some(now), 0);
        }
    }

    fn a_second(&mut self, now: Instant) -> usize {
        self.turn(now);
        self.now.max(self.before)
    }
}

impl Place {
    /// Lets the next one begin; this one goes on.
    pub(super) fn give_turn(&mut self) {
        if std::mem::take(&mut self.has_turn) {
            // There is room for all words; nobody listens only when the door is closed.
            let _ = self.hand_back.try_send(Word::TurnOver);
        }
    }

    /// The vehicle has said who it is.
    pub(super) fn greeted(mut self) {
        self.in_time = self.came.elapsed() < IN_TIME;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.give_turn();
        let _ = self.hand_back.try_send(Word::Ended { in_time: self.in_time });
    }
}

impl Admission<Incoming> {
    /// Lets somebody wait for a place, or answers the sender.
    pub(super) fn admit(&mut self, incoming: Incoming) {
        match verdict(self.waiting.len(), incoming.remote_address_validated()) {
            Verdict::LetIn => self.waiting.push_back((incoming, Instant::now())),
            Verdict::AskAgain => {
                metrics::counter!("jichi_vehicles_refused_total", "reason" => "retry").increment(1);
                // It fails only for an address that is validated already.
                drop(incoming.retry());
            }
            Verdict::TurnAway => {
                metrics::counter!("jichi_vehicles_refused_total", "reason" => "busy").increment(1);
                incoming.refuse();
            }
        }
    }
}

impl<T> Admission<T> {
    /// The next one to work on, while there is a place. Those who waited too long come back for nothing but to be turned away.
    pub(super) fn next(&mut self, now: Instant) -> Option<Next<T>> {
        let came = self.waiting.front().map(|(_, came)| *came)?;
        let stale = now.saturating_duration_since(came) > WAITED_MAX;
        if !stale && (self.turns == 0 || self.under_way >= self.under_way_max(now)) {
            return None;
        }
        let (incoming, _) = self.waiting.pop_front()?;
        if stale {
            return Some(Next::TooLate(incoming));
        }
        self.turns -= 1;
        self.under_way += 1;
        let hand_back = self.hand_back.clone();
        Some(Next::Begin(incoming, Place { hand_back, has_turn: true, came, in_time: false }))
    }

    fn under_way_max(&mut self, now: Instant) -> usize {
        (SECONDS_UNDER_WAY * self.pace.a_second(now)).clamp(UNDER_WAY_MIN, UNDER_WAY_MAX)
    }

    /// Waits until there may be a place.
    pub(super) async fn place_free(&mut self) {
        // The sender is kept here: it never closes.
        match self.words.recv().await {
            Some(Word::TurnOver) => self.turns += 1,
            Some(Word::Ended { in_time }) => {
                self.under_way -= 1;
                self.pace.turn(Instant::now());
                self.pace.now += usize::from(in_time);
            }
            None => {}
        }
    }
}

/// What to do with one who waited.
#[derive(Debug)]
pub(super) enum Next<T> {
    /// Begin the handshake.
    Begin(T, Place),
    /// It would not end before the vehicle gives up.
    TooLate(T),
}

fn verdict(waiting: usize, validated: bool) -> Verdict {
    if waiting >= WAITING_MAX {
        Verdict::TurnAway
    } else if waiting >= WAITING_BEFORE_RETRY_MAX && !validated {
        Verdict::AskAgain
    } else {
        Verdict::LetIn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_wait_the_harder_it_is_to_enter() {
        for (waiting, validated, expected) in [
            (0, false, Verdict::LetIn),
            (WAITING_BEFORE_RETRY_MAX, false, Verdict::AskAgain),
            (WAITING_BEFORE_RETRY_MAX, true, Verdict::LetIn),
            (WAITING_MAX, true, Verdict::TurnAway),
        ] {
            assert_eq!(verdict(waiting, validated), expected, "{waiting} {validated}");
        }
    }

    fn full(count: usize, came: Instant) -> Admission<usize> {
        let mut admission = Admission::default();
        admission.waiting.extend((0..count).map(|number| (number, came)));
        admission
    }

    fn begin(admission: &mut Admission<usize>, now: Instant) -> Vec<Place> {
        let next = || match admission.next(now) {
            Some(Next::Begin(_, place)) => Some(place),
            _ => None,
        };
        std::iter::from_fn(next).collect()
    }

    #[tokio::test]
    async fn a_few_are_worked_on_at_a_time_and_who_waited_too_long_is_left() {
        let came = Instant::now();
        let count = 3 * TURNS;
        let mut admission = full(count, came);
        let mut places = begin(&mut admission, came);
        assert_eq!(places.len(), TURNS);
        drop(places.pop());
        for _ in 0..2 {
            admission.place_free().await;
        }
        let next = admission.next(came);
        assert!(matches!(next, Some(Next::Begin(TURNS, _))), "in their order: {next:?}");
        // While none is free, those who waited too long are left all the same.
        let late = came + WAITED_MAX + Duration::from_millis(1);
        let left = std::iter::from_fn(|| admission.next(late));
        assert_eq!(left.filter(|next| matches!(next, Next::TooLate(_))).count(), count - TURNS - 1);
        drop((places, next));
        while admission.under_way > 0 {
            admission.place_free().await;
        }
        assert_eq!(admission.turns, TURNS);
    }

    #[tokio::test]
    async fn no_more_are_under_way_than_end_in_time() {
        let came = Instant::now();
        let mut admission = full(WAITING_MAX, came);
        // Slow, all of them: each gives its turn, and none ends.
        let mut slow = Vec::new();
        loop {
            let begun = begin(&mut admission, came);
            if begun.is_empty() {
                break;
            }
            for mut place in begun {
                place.give_turn();
                admission.place_free().await;
                slow.push(place);
            }
        }
        assert_eq!(slow.len(), UNDER_WAY_MIN, "the machine is not asked for more");
        // They end in time: it may be asked for more.
        for place in slow {
            place.greeted();
            admission.place_free().await;
        }
        let mut more = begin(&mut admission, came);
        more.iter_mut().for_each(Place::give_turn);
        for _ in 0..more.len() {
            admission.place_free().await;
        }
        assert_eq!(admission.under_way_max(came), SECONDS_UNDER_WAY * UNDER_WAY_MIN);
        let later = came + Duration::from_secs(5);
        assert_eq!(admission.under_way_max(later), UNDER_WAY_MIN, "what ended long ago says nothing");
    }
}
