//! The rule of epochs: a vehicle keeps the highest epoch it has seen and refuses what comes from a lower one, so that
//! a centre that was replaced cannot order anybody who has met its successor.

use std::cmp::Ordering;

use thiserror::Error;

use crate::v1::Epoch;

impl PartialOrd for Epoch {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Epoch {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.term, self.node).cmp(&(other.term, other.node))
    }
}

/// The highest epoch that a vehicle has seen. The caller keeps it on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EpochGuard {
    highest: Option<Epoch>,
}

/// A delivery came from an epoch below the highest one seen.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("epoch {offered:?} is lower than {highest:?}, the highest seen")]
pub struct LowerEpoch {
    /// What the message carried.
    pub offered: Epoch,
    /// What the vehicle has seen.
    pub highest: Epoch,
}

impl EpochGuard {
    /// Starts from what was kept on disk.
    pub fn new(highest: Option<Epoch>) -> Self {
        Self { highest }
    }

    /// The highest epoch seen.
    pub fn highest(&self) -> Option<Epoch> {
        self.highest
    }

    /// Takes note of an epoch. `Ok(true)`: it is a new highest one and must be on disk before anything else is done.
    pub fn admit(&mut self, offered: Epoch) -> Result<bool, LowerEpoch> {
        match self.highest {
            Some(highest) if offered < highest => Err(LowerEpoch { offered, highest }),
            Some(highest) if offered == highest => Ok(false),
            Some(_) | None => {
                self.highest = Some(offered);
                Ok(true)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_epochs_are_refused() {
        let epoch = |term, node| Epoch { term, node };
        let mut guard = EpochGuard::default();
        for (offered, expected) in [
            (epoch(1, 2), Ok(true)),
            (epoch(1, 2), Ok(false)),
            (epoch(1, 1), Err(epoch(1, 2))),
            (epoch(1, 3), Ok(true)),
            (epoch(2, 1), Ok(true)),
            (epoch(1, 9), Err(epoch(2, 1))),
        ] {
            let answer = guard.admit(offered).map_err(|lower| lower.highest);
            assert_eq!(answer, expected, "{offered:?}");
        }
        assert_eq!(guard.highest(), Some(epoch(2, 1)));
    }
}
