//! What a journal holds, told in few words: under which epoch each stretch of it was written. One epoch has one writer, which
//! writes each number once; so two journals with the same epoch at the same number are the same up to there.

use serde::{Deserialize, Serialize};

use crate::journal::Epoch;

/// A place in a journal: a number, and the epoch its event was written under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The event's sequence number; 0 before the first.
    pub seq: u64,
    /// Its epoch.
    pub epoch: Epoch,
}

impl Position {
    /// Before the first event.
    pub const START: Self = Self { seq: 0, epoch: Epoch { term: 0, node: 0 } };
}

/// A stretch of a journal written under one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Run {
    /// The epoch.
    pub epoch: Epoch,
    /// The number of its last event.
    pub last_seq: u64,
}

/// The stretches of a journal, oldest first, above a place that is known of the older ones.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Told")]
pub struct History {
    floor: Position,
    runs: Vec<Run>,
}

/// A history as another tells it, before it is believed.
#[derive(Deserialize)]
struct Told {
    floor: Position,
    runs: Vec<Run>,
}

/// A history that cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum NoHistory {
    #[error("its stretches do not rise from its floor")]
    NotRising,
    #[error("it has more than {RUNS_MAX} stretches")]
    TooLong,
    #[error("it has an event beyond number {SEQ_MAX}")]
    TooFar,
}

impl TryFrom<Told> for History {
    type Error = NoHistory;

    fn try_from(Told { floor, runs }: Told) -> Result<Self, NoHistory> {
        if runs.len() > RUNS_MAX {
            return Err(NoHistory::TooLong);
        }
        let mut before = floor.seq;
        for run in &runs {
            if run.last_seq <= before {
                return Err(NoHistory::NotRising);
            }
            before = run.last_seq;
        }
        if before > SEQ_MAX { Err(NoHistory::TooFar) } else { Ok(Self { floor, runs }) }
    }
}

impl Default for History {
    fn default() -> Self {
        Self { floor: Position::START, runs: Vec::new() }
    }
}

impl History {
    /// The stretches above a place, as a journal or a table holds them.
    pub fn new(floor: Position, runs: impl IntoIterator<Item = Run>) -> Self {
        let mut history = Self { floor, runs: Vec::new() };
        history.extend(runs);
        history
    }

    /// The last event.
    pub fn head(&self) -> Position {
        self.runs.last().map_or(self.floor, |run| Position { seq: run.last_seq, epoch: run.epoch })
    }

    /// The epoch of an event; none when it is above the last, or further back than is known.
    pub fn epoch_at(&self, seq: u64) -> Option<Epoch> {
        if seq == self.floor.seq {
            return Some(self.floor.epoch);
        }
        let run = self.runs.iter().find(|run| seq <= run.last_seq)?;
        (seq > self.floor.seq).then_some(run.epoch)
    }

    /// The place of an event, under the same limits.
    pub fn position(&self, seq: u64) -> Option<Position> {
        self.epoch_at(seq).map(|epoch| Position { seq, epoch })
    }

    /// Whether this place is part of it.
    pub fn holds(&self, position: Position) -> bool {
        self.epoch_at(position.seq) == Some(position.epoch)
    }

    /// Appends stretches; what does not lie above the last event is passed over.
    pub fn extend(&mut self, runs: impl IntoIterator<Item = Run>) {
        for run in runs {
            if run.last_seq <= self.head().seq {
                continue;
            }
            match self.runs.last_mut() {
                Some(last) if last.epoch == run.epoch => last.last_seq = run.last_seq,
                _ => self.runs.push(run),
            }
        }
        while self.runs.len() > RUNS_MAX {
            let oldest = self.runs.remove(0);
            self.floor = Position { seq: oldest.last_seq, epoch: oldest.epoch };
        }
    }

    /// Cuts off everything after an event.
    pub fn cut(&mut self, after_seq: u64) {
        while let Some(last) = self.runs.pop() {
            let begins = self.head().seq + 1;
            if begins <= after_seq {
                self.runs.push(Run { epoch: last.epoch, last_seq: last.last_seq.min(after_seq) });
                return;
            }
        }
    }

    /// The stretches after one event and up to another.
    pub fn part(&self, after_seq: u64, up_to_seq: u64) -> Vec<Run> {
        let above = self.runs.iter().filter(|run| run.last_seq > after_seq);
        let mut part: Vec<Run> = Vec::new();
        for run in above {
            part.push(Run { epoch: run.epoch, last_seq: run.last_seq.min(up_to_seq) });
            if run.last_seq >= up_to_seq {
                break;
            }
        }
        part.retain(|run| run.last_seq > after_seq);
        part
    }

    /// The last event that both hold; none when it lies further back than either knows.
    pub fn common(&self, other: &Self) -> Option<u64> {
        let mut seq = self.head().seq.min(other.head().seq);
        loop {
            let (ours, theirs) = (self.epoch_at(seq)?, other.epoch_at(seq)?);
            if ours == theirs {
                return Some(seq);
            }
            // One epoch on each side of the difference: the whole stretch differs.
            seq = self.begin_of(seq).max(other.begin_of(seq)).checked_sub(1)?;
        }
    }

    /// The first number of the stretch that an event lies in.
    fn begin_of(&self, seq: u64) -> u64 {
        let before = self.runs.iter().take_while(|run| run.last_seq < seq).last();
        if seq == self.floor.seq { seq } else { before.map_or(self.floor.seq, |run| run.last_seq) + 1 }
    }
}

/// Changes of leader that are remembered; older ones are taken as known to everybody.
pub const RUNS_MAX: usize = 1_024;
/// No journal gets there: the highest number that it can store.
const SEQ_MAX: u64 = i64::MAX as u64;

#[cfg(test)]
mod tests {
    use super::*;

    fn run(term: u64, last_seq: u64) -> Run {
        Run { epoch: Epoch { term, node: 1 }, last_seq }
    }

    fn history(runs: &[(u64, u64)]) -> History {
        History::new(Position::START, runs.iter().map(|(term, last_seq)| run(*term, *last_seq)))
    }

    #[test]
    fn the_last_common_event_is_found() {
        let ours = history(&[(1, 5), (2, 9)]);
        assert_eq!(ours.common(&history(&[(1, 5), (2, 7)])), Some(7));
        assert_eq!(ours.common(&history(&[(1, 5), (3, 7)])), Some(5));
        assert_eq!(ours.common(&history(&[(1, 3), (3, 12)])), Some(3));
        assert_eq!(ours.common(&history(&[(4, 12)])), Some(0));
        assert_eq!(ours.common(&History::default()), Some(0));
        assert_eq!(ours.common(&ours), Some(9));
    }

    #[test]
    fn what_lies_below_the_floor_is_not_guessed() {
        let floor = Position { seq: 20, epoch: Epoch { term: 3, node: 1 } };
        let ours = History::new(floor, [run(4, 25)]);
        assert_eq!(ours.common(&History::new(floor, [run(5, 30)])), Some(20));
        assert_eq!(ours.common(&history(&[(1, 5)])), None);
        assert_eq!(ours.common(&history(&[(1, 30)])), None);
    }

    #[test]
    fn parts_and_cuts_keep_the_epochs() {
        let ours = history(&[(1, 5), (2, 9), (4, 12)]);
        assert_eq!(ours.part(3, 10), [run(1, 5), run(2, 9), run(4, 10)]);
        assert_eq!(ours.part(5, 7), [run(2, 7)]);
        assert_eq!(ours.part(12, 20), []);
        let mut cut = ours.clone();
        cut.cut(7);
        assert_eq!(cut, history(&[(1, 5), (2, 7)]));
        cut.cut(5);
        assert_eq!(cut, history(&[(1, 5)]));
        cut.cut(0);
        assert_eq!(cut, History::default());
        let mut whole = ours.clone();
        whole.cut(40);
        assert_eq!(whole, ours);
    }

    #[test]
    fn what_another_tells_is_believed_only_if_it_can_be() {
        let told = |runs: &[(u64, u64)]| {
            let runs: Vec<Run> = runs.iter().map(|(term, last_seq)| run(*term, *last_seq)).collect();
            serde_json::from_value::<History>(serde_json::json!({ "floor": Position::START, "runs": runs }))
        };
        assert_eq!(told(&[(1, 5), (2, 9)]).unwrap(), history(&[(1, 5), (2, 9)]));
        for (runs, why) in [
            (&[(1, 5), (2, 5)][..], "do not rise"),
            (&[(1, 0)], "do not rise"),
            (&[(1, u64::MAX)], "beyond number"),
        ] {
            let error = told(runs).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        let long: Vec<_> = (1..=RUNS_MAX as u64 + 1).map(|term| (term, term)).collect();
        assert!(told(&long).unwrap_err().to_string().contains("more than"));
    }

    #[test]
    fn only_so_many_changes_of_leader_are_remembered() {
        let mut long = History::default();
        long.extend((1..=RUNS_MAX as u64 + 3).map(|term| run(term, term * 10)));
        assert_eq!((long.runs.len(), long.floor.seq), (RUNS_MAX, 30));
        assert_eq!((long.epoch_at(29), long.epoch_at(31)), (None, Some(Epoch { term: 4, node: 1 })));
    }
}
