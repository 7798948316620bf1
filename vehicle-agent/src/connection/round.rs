//! Which of the centre's addresses is tried next, and when.

use std::time::Duration;

use super::backoff::Backoff;

/// The addresses in turn.
#[derive(Debug)]
pub(super) struct Round {
    addresses: usize,
    at: usize,
    /// How many nodes in a row said that another one leads.
    turned_away: usize,
    /// The last attempt met nobody at all.
    met_silence: bool,
    backoff: Backoff,
}

/// How an attempt gave no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nobody was heard: a tunnel, or a centre that is away.
    Silence,
    /// Somebody was heard, or the attempt could not be made.
    Answer,
    /// A node says that another one leads.
    Elsewhere,
}

impl Round {
    pub(super) fn new(addresses: usize) -> Self {
        Self { addresses, at: 0, turned_away: 0, met_silence: false, backoff: Backoff::default() }
    }

    /// The address to try: the one that answered last, as long as it does. After a tunnel it is the one that leads.
    pub(super) fn address(&self) -> usize {
        self.at
    }

    /// Before the next attempt, counting one more. Whoever answers that another node leads is reason to ask that one at once; only when all
    /// of them say so it is for the centre to decide who leads, which takes its time. Where nobody is heard there is nobody to be spared: an
    /// attempt says its first word at once, after 1 s and after 3 s, ends after 4 s, and the next begins, so that a line that comes back is
    /// met within 2 s however long it was away. A centre that has too much to do is heard, and is given time. `chance`: 0 to 1.
    pub(super) fn next_wait(&mut self, chance: f64) -> Duration {
        if self.met_silence {
            return Duration::ZERO;
        }
        if self.turned_away.checked_rem(self.addresses).is_some_and(|left| left > 0) {
            return Duration::ZERO;
        }
        self.backoff.next_wait(chance)
    }

    /// The address gave no link.
    pub(super) fn failed(&mut self, failure: Failure) {
        self.at = (self.at + 1).checked_rem(self.addresses).unwrap_or(0);
        self.turned_away = if failure == Failure::Elsewhere { self.turned_away + 1 } else { 0 };
        self.met_silence = failure == Failure::Silence;
    }

    /// There is a link.
    pub(super) fn linked(&mut self) {
        self.backoff.reset();
        self.turned_away = 0;
        self.met_silence = false;
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
    fn one_address_is_tried_again_and_again() {
        assert_eq!(attempts(&mut Round::new(1), &[Elsewhere, Answer, Elsewhere]), [(0, 0), (3, 0), (6, 0)]);
    }
}
