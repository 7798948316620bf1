//! How a vehicle looks for its centre: which of the addresses is tried next, and when. Whoever plays a vehicle follows the same rule
//! (`docs/vehicle-link.md`, section 7), so that what is measured with thousands of them holds for the one in the ambulance.

use std::time::Duration;

/// The centre is heard within this time, and greets within as much again, or another attempt is made.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(4);
/// Something unanswered, and nothing heard for this long: a fresh connection is tried.
pub const SILENT_AFTER: Duration = Duration::from_secs(3);
/// A centre that is heard and gives no link is given a random time up to these, one after the other: it may have its whole fleet to let in.
const WINDOWS_S: [u64; 3] = [3, 6, 12];

/// The addresses in turn.
#[derive(Debug)]
pub struct Round {
    addresses: usize,
    at: usize,
    /// How many attempts since the last link have asked for a wait.
    tried: usize,
    /// How many nodes in a row said that another one leads.
    turned_away: usize,
    /// The last attempt met nobody at all.
    met_silence: bool,
}

/// How an attempt gave no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody was heard: a tunnel, or a centre that is away.
    Silence,
    /// Somebody was heard, or the attempt could not be made.
    Answer,
    /// A node says that another one leads.
    Elsewhere,
}

impl Round {
    /// Of so many addresses; the first is tried at once.
    pub fn new(addresses: usize) -> Self {
        Self { addresses, at: 0, tried: 0, turned_away: 0, met_silence: false }
    }

    /// The address to try: the one that answered last, as long as it does. After a tunnel it is the one that leads.
    pub fn address(&self) -> usize {
        self.at
    }

    /// Before the next attempt, counting one more. Whoever answers that another node leads is reason to ask that one at once; only when all
    /// of them say so it is for the centre to decide who leads, which takes its time. Where nobody is heard there is nobody to be spared: an
    /// attempt says its first word at once, after 1 s and after 3 s, ends after 4 s, and the next begins, so that a line that comes back is
    /// met within 2 s however long it was away. A centre that has too much to do is heard, and is given time. `chance`: 0 to 1.
    pub fn next_wait(&mut self, chance: f64) -> Duration {
        if self.met_silence {
            return Duration::ZERO;
        }
        if self.turned_away.checked_rem(self.addresses).is_some_and(|left| left > 0) {
            return Duration::ZERO;
        }
        let window_s =
            self.tried.checked_sub(1).map_or(0, |before| WINDOWS_S[before.min(WINDOWS_S.len() - 1)]);
        self.tried += 1;
        Duration::from_secs(window_s).mul_f64(chance.clamp(0.0, 1.0))
    }

    /// The address gave no link.
    pub fn failed(&mut self, failure: Failure) {
        self.at = (self.at + 1).checked_rem(self.addresses).unwrap_or(0);
        self.turned_away = if failure == Failure::Elsewhere { self.turned_away + 1 } else { 0 };
        self.met_silence = failure == Failure::Silence;
    }

    /// There is a link: the attempt after it is at once, if nobody answers on it any more.
    pub fn linked(&mut self) {
        self.tried = 0;
        self.turned_away = 0;
        self.met_silence = false;
    }

    /// The centre has ended the link, which a tunnel never does: it is met again after a wait, for it may have ended those of all.
    pub fn ended(&mut self) {
        self.tried = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Failure::{Answer, Elsewhere, Silence};
    use super::*;

    /// The waits and the addresses of so many attempts, none of which gives a link.
    fn attempts(round: &mut Round, failures: &[Failure]) -> Vec<(u64, usize)> {
        let one = |failure: &Failure| {
            let tried = (round.next_wait(1.0).as_secs(), round.address());
            round.failed(*failure);
            tried
        };
        failures.iter().map(one).collect()
    }

    #[test]
    fn who_is_sent_to_the_other_node_goes_there_at_once() {
        let mut round = Round::new(2);
        let tried = attempts(&mut round, &[Elsewhere; 5]);
        assert_eq!(tried, [(0, 0), (0, 1), (3, 0), (0, 1), (6, 0)], "and waits when neither leads");
    }

    #[test]
    fn who_is_heard_and_gives_no_link_is_given_longer_each_time() {
        let mut round = Round::new(2);
        assert_eq!(attempts(&mut round, &[Answer; 3]), [(0, 0), (3, 1), (6, 0)]);
        assert_eq!(
            attempts(&mut round, &[Elsewhere, Answer]),
            [(12, 1), (0, 0)],
            "a word of one node is worth a try"
        );
    }

    #[test]
    fn where_nobody_is_heard_the_next_attempt_is_at_once() {
        let mut round = Round::new(1);
        assert!(attempts(&mut round, &[Silence; 100]).iter().all(|(wait_s, _)| *wait_s == 0));
        // The tunnel is over, and the centre is busy with all who were in it.
        assert_eq!(attempts(&mut round, &[Answer; 3]), [(0, 0), (3, 0), (6, 0)]);
        assert_eq!(attempts(&mut round, &[Silence, Silence]), [(12, 0), (0, 0)]);
    }

    #[test]
    fn both_nodes_are_asked_in_turn_through_a_tunnel() {
        assert_eq!(attempts(&mut Round::new(2), &[Silence; 4]), [(0, 0), (0, 1), (0, 0), (0, 1)]);
    }

    #[test]
    fn the_one_that_answered_last_is_tried_first() {
        let mut round = Round::new(2);
        attempts(&mut round, &[Answer]);
        round.linked();
        assert_eq!(attempts(&mut round, &[Answer, Answer]), [(0, 1), (3, 0)]);
    }

    #[test]
    fn a_centre_that_ends_a_link_is_given_time_and_a_silent_one_none() {
        let mut round = Round::new(1);
        attempts(&mut round, &[Answer; 5]);
        round.linked();
        assert_eq!(round.next_wait(1.0), Duration::ZERO, "silence");
        round.linked();
        round.ended();
        assert_eq!(attempts(&mut round, &[Answer; 4]), [(3, 0), (6, 0), (12, 0), (12, 0)]);
        assert_eq!(round.next_wait(0.25), Duration::from_secs(3), "it is random");
    }

    #[test]
    fn one_address_is_tried_again_and_again() {
        assert_eq!(attempts(&mut Round::new(1), &[Elsewhere, Answer, Elsewhere]), [(0, 0), (3, 0), (6, 0)]);
    }
}
