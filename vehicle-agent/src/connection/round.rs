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
    backoff: Backoff,
}

impl Round {
    pub(super) fn new(addresses: usize) -> Self {
        Self { addresses, at: 0, turned_away: 0, backoff: Backoff::default() }
    }

    /// The address to try: the one that answered last, as long as it does. After a tunnel it is the one that leads.
    pub(super) fn address(&self) -> usize {
        self.at
    }

    /// Before the next attempt, counting one more. Whoever answers that another node leads is reason to ask that one at once; only when all
    /// of them say so it is for the centre to decide who leads, which takes its time. `chance`: 0 to 1.
    pub(super) fn next_wait(&mut self, chance: f64) -> Duration {
        if self.turned_away.checked_rem(self.addresses).is_some_and(|left| left > 0) {
            return Duration::ZERO;
        }
        self.backoff.next_wait(chance)
    }

    /// The address gave no link. `elsewhere`: it says that another node leads.
    pub(super) fn failed(&mut self, elsewhere: bool) {
        self.at = (self.at + 1).checked_rem(self.addresses).unwrap_or(0);
        self.turned_away = if elsewhere { self.turned_away + 1 } else { 0 };
    }

    /// There is a link.
    pub(super) fn linked(&mut self) {
        self.backoff.reset();
        self.turned_away = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The waits and the addresses of so many attempts, none of which gives a link.
    fn attempts(round: &mut Round, answers: &[bool]) -> Vec<(u64, usize)> {
        let one = |elsewhere: &bool| {
            let tried = (round.next_wait(1.0).as_secs(), round.address());
            round.failed(*elsewhere);
            tried
        };
        answers.iter().map(one).collect()
    }

    #[test]
    fn who_is_sent_to_the_other_node_goes_there_at_once() {
        let mut round = Round::new(2);
        let tried = attempts(&mut round, &[true, true, true, true, true]);
        assert_eq!(tried, [(0, 0), (0, 1), (3, 0), (0, 1), (6, 0)], "and waits when neither leads");
    }

    #[test]
    fn who_hears_nothing_waits_longer_each_time() {
        let mut round = Round::new(2);
        assert_eq!(attempts(&mut round, &[false, false, false]), [(0, 0), (3, 1), (6, 0)]);
        assert_eq!(
            attempts(&mut round, &[true, false]),
            [(12, 1), (0, 0)],
            "a word of one node is worth a try"
        );
    }

    #[test]
    fn the_one_that_answered_last_is_tried_first() {
        let mut round = Round::new(2);
        attempts(&mut round, &[false]);
        round.linked();
        assert_eq!(attempts(&mut round, &[false, false]), [(0, 1), (3, 0)]);
    }

    #[test]
    fn one_address_is_tried_again_and_again() {
        assert_eq!(attempts(&mut Round::new(1), &[true, false, true]), [(0, 0), (3, 0), (6, 0)]);
    }
}
