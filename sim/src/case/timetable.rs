//! Travel modes of a case: how fast off the road, and which priority travels in which mode at what time of the simulation.

use super::priority::{Priority, filled};
use super::streets::days_to_ns;
use super::{CaseError, Folder};

/// Which mode a journey is made in.
#[derive(Debug, Clone, PartialEq)]
pub struct Timetable {
    /// Off-road time per kilometre of each mode, nanoseconds.
    off_road_ns_per_km: Vec<f64>,
    /// Mode of each priority, set by set.
    sets: Vec<[usize; 3]>,
    /// From when on which set holds, nanoseconds from the start.
    begins: Vec<(u64, usize)>,
}

impl Timetable {
    /// Reads the case's travel file; `mode_count` is how many modes the roads have times for.
    pub fn read(folder: &Folder, file: &str, mode_count: usize) -> Result<Self, CaseError> {
        let tables = folder.tables(file)?;
        let modes = tables.table("travelModes")?;
        let (index, speed) = (modes.column("travelModeIndex")?, modes.column("offRoadSpeed")?);
        let mut off_road_ns_per_km = Vec::new();
        for row in modes.rows() {
            super::streets::in_order(row.index(index, mode_count)?, off_road_ns_per_km.len(), row, index)?;
            let km_per_day = row.number(speed)?;
            if !SPEEDS_KM_PER_DAY.contains(&km_per_day) {
                return Err(row.bad(speed, row.text(speed), "a speed from 24 to 100000 km a day"));
            }
            off_road_ns_per_km.push(super::streets::DAY_NS / km_per_day);
        }
        let mode_count = off_road_ns_per_km.len();
        if mode_count == 0 {
            return Err(CaseError::new(file, "`travelModes` has no row"));
        }
        let sets = read_sets(&tables, mode_count, file)?;
        let begins = read_begins(&tables, sets.len(), file)?;
        Ok(Self { off_road_ns_per_km, sets, begins })
    }

    /// One set for all time: off-road time per kilometre of each mode, nanoseconds, and the mode of each priority.
    #[cfg(test)]
    pub(crate) fn of_one_set(off_road_ns_per_km: &[f64], modes: [usize; 3]) -> Self {
        let off_road_ns_per_km = off_road_ns_per_km.to_vec();
        Self { off_road_ns_per_km, sets: vec![modes], begins: vec![(0, 0)] }
    }

    /// How many modes there are.
    pub fn mode_count(&self) -> usize {
        self.off_road_ns_per_km.len()
    }

    /// The mode of a priority at a time, nanoseconds from the start.
    pub fn mode(&self, priority: Priority, at_ns: u64) -> usize {
        self.sets[self.set(at_ns)][priority.index()]
    }

    /// Which set holds at a time.
    fn set(&self, at_ns: u64) -> usize {
        let after = self.begins.partition_point(|(begin, _)| *begin <= at_ns);
        self.begins[after.saturating_sub(1)].1
    }

    /// Every mode so many times over, one after the other, and which of them holds in each hour of so many days.
    pub(super) fn repeat_modes(&mut self, times: usize, by_hour: &[usize; 24], days: u32) {
        let modes = self.off_road_ns_per_km.len();
        let mut begins: Vec<(u64, usize)> = Vec::new();
        let hours = (0..u64::from(days) * 24).map(|hour| hour * HOUR_NS);
        let mut changes: Vec<u64> = hours.chain(self.begins()).collect();
        changes.sort_unstable();
        changes.dedup();
        for at_ns in changes {
            let set = self.set(at_ns) * times + by_hour[(at_ns / HOUR_NS) as usize % 24];
            if begins.last().is_none_or(|(_, last)| *last != set) {
                begins.push((at_ns, set));
            }
        }
        let repeated =
            |set: &[usize; 3]| (0..times).map(|time| set.map(|mode| mode + time * modes)).collect::<Vec<_>>();
        self.sets = self.sets.iter().flat_map(repeated).collect();
        self.off_road_ns_per_km = self.off_road_ns_per_km.repeat(times);
        self.begins = begins;
    }

    /// Every mode that a priority ever travels in, each once.
    pub fn modes_of(&self, priority: Priority) -> Vec<usize> {
        let mut modes: Vec<usize> = self.sets.iter().map(|set| set[priority.index()]).collect();
        modes.sort_unstable();
        modes.dedup();
        modes
    }

    /// When the sets change, nanoseconds from the start.
    pub fn begins(&self) -> impl Iterator<Item = u64> + '_ {
        self.begins.iter().map(|begin| begin.0)
    }

    /// Time over a distance off the road, nanoseconds.
    pub fn off_road_ns(&self, mode: usize, km: f64) -> u64 {
        (km * self.off_road_ns_per_km[mode]).round() as u64
    }

    /// How much longer the same way off the road takes in one mode than in another.
    pub fn off_road_ratio(&self, mode: usize, other: usize) -> f64 {
        self.off_road_ns_per_km[mode] / self.off_road_ns_per_km[other]
    }
}

fn read_sets(tables: &super::Tables, mode_count: usize, file: &str) -> Result<Vec<[usize; 3]>, CaseError> {
    let table = tables.table("travelSets")?;
    let (index, priority) = (table.column("travelSetIndex")?, table.column("priority")?);
    let mode = table.column("travelModeIndex")?;
    let mut sets: Vec<[Option<usize>; 3]> = Vec::new();
    for row in table.rows() {
        let set = row.index(index, table.len())?;
        if set >= sets.len() {
            sets.resize(set + 1, [None; 3]);
        }
        let of_priority = &mut sets[set][Priority::named(row, priority)?.index()];
        if of_priority.replace(row.index(mode, mode_count)?).is_some() {
            return Err(row.bad(priority, row.text(priority), "named once only in its set"));
        }
    }
    let whole: Option<Vec<_>> = sets.into_iter().map(filled).collect();
    let whole = whole.filter(|sets| !sets.is_empty());
    whole.ok_or_else(|| CaseError::new(file, "`travelSets` must give each set a mode for its priorities"))
}

fn read_begins(tables: &super::Tables, set_count: usize, file: &str) -> Result<Vec<(u64, usize)>, CaseError> {
    let table = tables.table("travelSetsTiming")?;
    let (start, set) = (table.column("startTime")?, table.column("travelSetIndex")?);
    let mut begins = Vec::new();
    for row in table.rows() {
        begins.push((days_to_ns(row.days(start)?), row.index(set, set_count)?));
    }
    if begins.is_empty() || begins.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
        return Err(CaseError::new(
            file,
            "`travelSetsTiming` must have a row, and its start times must rise",
        ));
    }
    Ok(begins)
}

/// Slower than on foot, or faster than anything on wheels, is a mistake in the unit.
const SPEEDS_KM_PER_DAY: std::ops::RangeInclusive<f64> = 24.0..=100_000.0;
const HOUR_NS: u64 = 3_600_000_000_000;
