//! Where the units are. Positions are not events: they update the fleet through [`Fleet::observe`] with rules of their own,
//! and readers take a [`FleetPicture`] away to another thread.

mod cover;
mod coverage;
mod demand;
mod fix;
mod picture;

pub(crate) use cover::calls_per_day;
pub use cover::{CoverInputs, UsualDemand};
pub use coverage::{CellCover, Coverage, CoverageInputs, ReadyUnit, TravelTable, coverage};
pub use demand::{Cell, Demand};
pub use fix::{Fix, FixRefusal, Heard};
pub use picture::{FleetPicture, UnitFix};

use std::collections::BTreeMap;

use crate::ids::UnitId;
use crate::time::{Span, UtcTime};

/// Where every unit is, as far as it was heard.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    tracks: BTreeMap<UnitId, Track>,
}

/// What is kept of one unit: its present position, one that nobody believes yet, and when it was last heard.
#[derive(Debug, Clone)]
struct Track {
    current: Option<Fix>,
    suspect: Option<Fix>,
    heard_at: UtcTime,
}

impl Fleet {
    /// A fleet of which nothing was heard.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a position report. Only one that is newer by the vehicle's count and by its time becomes "now"; a late one is
    /// history; an impossible one is refused. A single jump moves nothing: it is held until the next fix agrees with it.
    pub fn observe(&mut self, unit: UnitId, fix: Fix, now: UtcTime) -> Heard {
        let track = self.touch(unit, now);
        match fix.check(now) {
            Ok(()) => track.take(fix),
            Err(refusal) => Heard::Refused(refusal),
        }
    }

    /// A unit gave any sign of life without a position, as in a tunnel.
    pub fn note_heard(&mut self, unit: UnitId, now: UtcTime) {
        self.touch(unit, now);
    }

    /// Forgets a unit that is no longer the centre's.
    pub fn forget(&mut self, unit: UnitId) {
        self.tracks.remove(&unit);
    }

    /// Where a unit is now.
    pub fn current(&self, unit: UnitId) -> Option<&Fix> {
        self.tracks.get(&unit).and_then(|track| track.current.as_ref())
    }

    /// When a unit last gave a sign of life, UTC, by the centre's clock.
    pub fn last_heard(&self, unit: UnitId) -> Option<UtcTime> {
        self.tracks.get(&unit).map(|track| track.heard_at)
    }

    /// The units heard once, and not for longer than `after`, each with the time it was last heard.
    pub fn silent(&self, now: UtcTime, after: Span) -> impl Iterator<Item = (UnitId, UtcTime)> + '_ {
        self.tracks
            .iter()
            .filter(move |(_, track)| now.since(track.heard_at) > after)
            .map(|(&unit, track)| (unit, track.heard_at))
    }

    /// How many units were heard.
    pub fn len(&self) -> usize {
        self.tracks.len()
    }

    /// Whether no unit was heard.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// A copy of the present positions, in the order of the units' codes: what the owner gives away for
    /// [`FleetPicture::new`], which may be made on another thread.
    pub fn positions(&self) -> Vec<UnitFix> {
        let located = |(&unit, track): (&UnitId, &Track)| {
            track.current.map(|fix| UnitFix { unit, fix, heard_at: track.heard_at })
        };
        self.tracks.iter().filter_map(located).collect()
    }

    /// An immutable picture of the fleet. Costs about 5 ms for 10,000 units: see [`Fleet::positions`].
    pub fn picture(&self, now: UtcTime) -> FleetPicture {
        FleetPicture::new(now, self.positions())
    }

    fn touch(&mut self, unit: UnitId, now: UtcTime) -> &mut Track {
        let track = self.tracks.entry(unit).or_insert(Track { current: None, suspect: None, heard_at: now });
        track.heard_at = track.heard_at.max(now);
        track
    }
}

impl Track {
    fn take(&mut self, fix: Fix) -> Heard {
        let Some(current) = self.current else {
            self.current = Some(fix);
            return Heard::Current;
        };
        if !supersedes(&fix, &current) {
            return Heard::History;
        }
        if fix.reachable_from(&current) {
            self.current = Some(fix);
            self.suspect = self.suspect.filter(|suspect| supersedes(suspect, &fix));
            return Heard::Current;
        }
        let confirmed =
            self.suspect.is_some_and(|suspect| supersedes(&fix, &suspect) && fix.reachable_from(&suspect));
        if confirmed {
            self.current = Some(fix);
            self.suspect = None;
            return Heard::Current;
        }
        // The newest of several that disagree is the one worth waiting for.
        if self.suspect.is_none_or(|suspect| supersedes(&fix, &suspect)) {
            self.suspect = Some(fix);
        }
        Heard::Refused(FixRefusal::Jump)
    }
}

/// Whether `fix` is newer than `other` both by the vehicle's count and by its time. A count that fell while a minute passed is a
/// terminal that lost its memory, not a late report: it counts as newer, or the unit would stand still on the map for ever.
fn supersedes(fix: &Fix, other: &Fix) -> bool {
    let later = fix.at > other.at;
    later && (fix.order() > other.order() || fix.at > other.at + COUNT_LOST_AFTER)
}

/// No report travels this long while later ones of the same start arrive, and is still meant as "now".
const COUNT_LOST_AFTER: Span = Span::seconds(60);

#[cfg(test)]
mod tests;
