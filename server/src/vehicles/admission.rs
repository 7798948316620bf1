//! Who may begin a handshake, and how many are worked on at a time. A flood of first packets is the cheapest attack: above a bound a sender must
//! first show that its address is its own, and above another it is turned away. And when a whole fleet comes at once, all handshakes together
//! would end only after every vehicle has given up; so a few are worked on at a time, in the order in which they came, and those whose
//! vehicles have given up are left.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use quinn::Incoming;
use tokio::sync::mpsc::{self, Receiver, Sender};

/// Above this many that wait, addresses must be shown to be real.
const WAITING_BEFORE_RETRY_MAX: usize = 200;
/// Above this many, nobody is let in.
const WAITING_MAX: usize = 1_000;
/// Handshakes worked on at a time.
const UNDER_WAY_MAX: usize = 64;
/// One that takes longer waits for the vehicle's radio and not for this machine: it makes room for the next, and goes on.
pub(super) const PLACE_HELD_MAX: Duration = Duration::from_millis(150);
/// A vehicle gives up after 4 s; what waited longer than this can hardly end before.
const WAITED_MAX: Duration = Duration::from_millis(3_500);

/// Those who wait, and the places.
#[derive(Debug)]
pub(super) struct Admission<T = Incoming> {
    waiting: VecDeque<(T, Instant)>,
    free: usize,
    hand_back: Sender<()>,
    returned: Receiver<()>,
}

/// A place among the handshakes that are worked on.
#[derive(Debug)]
pub(super) struct Place(Sender<()>);

/// What to do with a first packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    LetIn,
    AskAgain,
    TurnAway,
}

impl<T> Default for Admission<T> {
    fn default() -> Self {
        // Each place comes back once.
        let (hand_back, returned) = mpsc::channel(UNDER_WAY_MAX);
        Self { waiting: VecDeque::new(), free: UNDER_WAY_MAX, hand_back, returned }
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
    /// The next one to work on, while there is a place. Those whose vehicles have given up come back for nothing but to be left.
    pub(super) fn next(&mut self, now: Instant) -> Option<Next<T>> {
        let since = self.waiting.front().map(|(_, since)| *since)?;
        let stale = now.saturating_duration_since(since) > WAITED_MAX;
        if !stale && self.free == 0 {
            return None;
        }
        let (incoming, _) = self.waiting.pop_front()?;
        if stale {
            return Some(Next::TooLate(incoming));
        }
        self.free -= 1;
        Some(Next::Begin(incoming, Place(self.hand_back.clone())))
    }

    /// Waits until a place is free again.
    pub(super) async fn place_free(&mut self) {
        // The sender is kept here: it never closes.
        if self.returned.recv().await.is_some() {
            self.free += 1;
        }
    }
}

/// What to do with one who waited.
#[derive(Debug)]
pub(super) enum Next<T> {
    /// Begin the handshake.
    Begin(T, Place),
    /// Nobody waits for it any more.
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

impl Drop for Place {
    fn drop(&mut self) {
        // There is room for all of them; nobody listens only when the door is closed.
        let _ = self.0.try_send(());
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

    #[tokio::test]
    async fn a_few_are_worked_on_at_a_time_and_who_gave_up_is_left() {
        let (mut admission, came) = (Admission::default(), Instant::now());
        let count = 3 * UNDER_WAY_MAX;
        admission.waiting.extend((0..count).map(|number| (number, came)));
        let mut places = Vec::new();
        while let Some(Next::Begin(number, place)) = admission.next(came) {
            assert_eq!(number, places.len(), "in their order");
            places.push(place);
        }
        assert_eq!(places.len(), UNDER_WAY_MAX);
        drop(places.pop());
        admission.place_free().await;
        let next = admission.next(came);
        assert!(matches!(next, Some(Next::Begin(UNDER_WAY_MAX, _))), "{next:?}");
        // While none is free, those who waited too long are left all the same.
        let late = came + WAITED_MAX + Duration::from_millis(1);
        let left = std::iter::from_fn(|| admission.next(late));
        assert_eq!(left.filter(|next| matches!(next, Next::TooLate(_))).count(), count - UNDER_WAY_MAX - 1);
        drop((places, next));
        for _ in 0..UNDER_WAY_MAX {
            admission.place_free().await;
        }
        assert_eq!(admission.free, UNDER_WAY_MAX);
    }
}
