//! How often help is wanted where, and from which stations each place is reached in time: what cover is worth.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::priority::{Priority, filled};
use super::streets::{days_to_ns, in_order};
use super::{
    Case, CaseError, Folder, Generator, Network, Point, Raster, SeedSet, Site, Spot, Spread, Table, Timetable,
};

/// The demand of a case.
#[derive(Debug)]
pub struct Demand {
    rasters: Vec<Raster>,
    /// How often help is wanted, set by set, by priority.
    sets: Vec<[Mode; 3]>,
    /// From when on which set holds, nanoseconds from the start.
    begins: Vec<(u64, usize)>,
    cover: CoverTimes,
}

/// How often help of one priority is wanted, and where.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Mode {
    calls_per_day: f64,
    /// Which of the rasters, from 0.
    raster: usize,
}

/// Within which time each priority counts as covered.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverTimes {
    /// By priority, nanoseconds.
    within_ns: [u64; 3],
    /// Into how many points each cell of the raster is divided: rows, columns.
    points: [usize; 2],
}

/// Places that are reached in time from the same stations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// The stations, counted from 0, in ascending order.
    pub stations: Vec<usize>,
    /// How often help is wanted there, calls per day, all priorities alike.
    pub calls_per_day: f64,
}

/// What holds from a time on until the next period begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Period {
    /// When it begins, nanoseconds from the start.
    pub begins_ns: u64,
    /// The zones, those that no station reaches left out.
    pub zones: Vec<Zone>,
}

/// Where help is wanted, tied to its nearest node. A case has half a million of them.
#[derive(Debug, Clone, Copy)]
struct DemandPoint {
    node: u32,
    off_road_km: f64,
    amount: f64,
}

/// Demand by set of stations; the set is one bit a station.
type BySet = BTreeMap<Vec<u64>, f64>;

impl Demand {
    /// Reads the demand of a case; where it names none, what its generator of calls and its promises amount to.
    pub fn read(case: &Case) -> Result<Self, CaseError> {
        let (demand, cover) = (&case.config.demand, &case.config.demand_coverage);
        let cover = cover.as_ref().map(|file| CoverTimes::read(&case.folder, file)).transpose()?;
        let Some(file) = demand else { return Self::of_generator(case, cover) };
        let tables = case.folder.tables(file)?;
        let (rasters, places) = read_rasters(case, file, tables.table("demandRasters")?)?;
        let sets = read_sets(file, &tables, &places)?;
        let timing = tables.table("demandSetsTiming")?;
        let (start, set) = (timing.column("startTime")?, timing.column("setIndex")?);
        let mut begins = Vec::new();
        for row in timing.rows() {
            begins.push((days_to_ns(row.days(start)?), row.index(set, sets.len())?));
        }
        if begins.is_empty() || begins.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            let problem = "`demandSetsTiming` must have a row, and its start times must rise";
            return Err(CaseError::new(file, problem));
        }
        let cover = cover.unwrap_or_else(|| CoverTimes::of_promises(case, 0.0));
        Ok(Self { rasters, sets, begins, cover })
    }

    fn of_generator(case: &Case, cover: Option<CoverTimes>) -> Result<Self, CaseError> {
        let generator = Generator::read(case, SeedSet::Train)?;
        let set = generator.calls_per_day().map(|calls_per_day| Mode { calls_per_day, raster: 0 });
        let cover = cover.unwrap_or_else(|| CoverTimes::of_promises(case, generator.dispatch_delay_days()));
        let raster = Raster::read(&case.folder, None)?.unwrap_or_else(|| case.even_raster());
        Ok(Self { rasters: vec![raster], sets: vec![set], begins: vec![(0, 0)], cover })
    }

    /// The zones of each period in which neither the demand nor the travel modes change.
    pub fn periods(
        &self,
        network: &Network,
        timetable: &Timetable,
        stations: &[Site],
        travels_as: [Priority; 3],
    ) -> Vec<Period> {
        let clouds: Vec<Vec<DemandPoint>> =
            self.rasters.iter().map(|raster| self.points(raster, network)).collect();
        let totals: Vec<f64> =
            clouds.iter().map(|points| points.iter().map(|point| point.amount).sum()).collect();
        let mut covered: BTreeMap<(usize, usize, u64), BySet> = BTreeMap::new();
        let mut starts: Vec<u64> =
            self.begins.iter().map(|begin| begin.0).chain(timetable.begins()).collect();
        starts.sort_unstable();
        starts.dedup();
        let period = |begins_ns: u64| {
            let set =
                self.begins.iter().rev().find(|begin| begin.0 <= begins_ns).map_or(self.begins[0].1, |b| b.1);
            let mut sum = BySet::new();
            for priority in Priority::ALL {
                let Mode { calls_per_day, raster } = self.sets[set][priority.index()];
                let mode = timetable.mode(travels_as[priority.index()], begins_ns);
                let within_ns = self.cover.within_ns[priority.index()];
                let by_set = covered
                    .entry((raster, mode, within_ns))
                    .or_insert_with(|| cover(network, timetable, stations, &clouds[raster], mode, within_ns));
                let rate = calls_per_day / totals[raster];
                for (stations, amount) in by_set.iter() {
                    *sum.entry(stations.clone()).or_default() += amount * rate;
                }
            }
            Period { begins_ns, zones: sum.into_iter().map(|(set, rate)| zone(&set, rate)).collect() }
        };
        starts.into_iter().map(period).collect()
    }

    /// The points of demand with their nearest nodes and amounts.
    fn points(&self, raster: &Raster, network: &Network) -> Vec<DemandPoint> {
        let [rows, columns] = self.cover.points;
        let size = raster.cell_size();
        let share = 1.0 / (rows * columns) as f64;
        let offset = |part: usize, parts: usize| (part as f64 + 0.5) / parts as f64 - 0.5;
        let mut points = Vec::with_capacity(raster.cells().len() * rows * columns);
        for (middle, amount) in raster.cells() {
            for part in 0..rows * columns {
                let at = Point {
                    x: middle.x + size.x * offset(part % columns, columns),
                    y: middle.y + size.y * offset(part / columns, rows),
                };
                let Spot { node, off_road_km, .. } = network.ground().nearest(at);
                points.push(DemandPoint { node, off_road_km, amount: amount * share });
            }
        }
        // Points of one node together: what its stations reach is worked out once.
        points.sort_by_key(|point| point.node);
        points
    }
}

impl CoverTimes {
    fn read(folder: &Folder, file: &str) -> Result<Self, CaseError> {
        let tables = folder.tables(file)?;
        let times = tables.table("coverTimes")?;
        let (priority, time) = (times.column("demandPriority")?, times.column("coverTime")?);
        let mut within = [None; 3];
        for row in times.rows() {
            within[Priority::named(row, priority)?.index()] = Some(days_to_ns(row.days(time)?));
        }
        let Some(within_ns) = filled(within) else {
            return Err(CaseError::new(file, "`coverTimes` must have a row"));
        };
        let Ok(parts) = tables.table("demandRasterCellNumPoints") else {
            return Ok(Self { within_ns, points: [1, 1] });
        };
        let row = parts.first()?;
        let count = |name| Ok::<_, CaseError>(row.index(parts.column(name)?, POINTS_MAX)? + 1);
        Ok(Self { within_ns, points: [count("rows")?, count("cols")?] })
    }

    /// What each priority is promised, less the time until somebody may be sent.
    fn of_promises(case: &Case, delay_days: f64) -> Self {
        let within = |priority: Priority| {
            days_to_ns((case.promises[priority.index()].target_days - delay_days).max(0.0))
        };
        Self { within_ns: Priority::ALL.map(within), points: [1, 1] }
    }
}

/// The rasters, each file once, and for each row of the table which of them it is.
fn read_rasters(case: &Case, file: &str, table: &Table) -> Result<(Vec<Raster>, Vec<usize>), CaseError> {
    let column = table.column("rasterFilename")?;
    let (mut names, mut places): (Vec<&str>, Vec<usize>) = (Vec::new(), Vec::new());
    for row in table.rows() {
        let file = row.text(column);
        places.push(names.iter().position(|known| *known == file).unwrap_or(names.len()));
        if places.last() == Some(&names.len()) {
            names.push(file);
        }
    }
    let several = names.len() > 1;
    let read = |named: &&str| match Raster::read(&case.folder, Some(named))? {
        Some(raster) => Ok(raster),
        None if several => {
            Err(CaseError::new(file, format!("names the raster `{named}`, which is not in the case")))
        }
        None => Ok(case.even_raster()),
    };
    let rasters = names.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if rasters.is_empty() {
        return Err(CaseError::new(file, "`demandRasters` has no row"));
    }
    Ok((rasters, places))
}

fn read_sets(file: &str, tables: &super::Tables, places: &[usize]) -> Result<Vec<[Mode; 3]>, CaseError> {
    let modes = tables.table("demandModes")?;
    let (index, priority) = (modes.column("modeIndex")?, modes.column("priority")?);
    let (raster, rate) = (modes.column("rasterIndex")?, modes.column("arrivalRate")?);
    let mut rates = Vec::new();
    for row in modes.rows() {
        in_order(row.index(index, modes.len())?, rates.len(), row, index)?;
        let raster = places[row.index(raster, places.len())?];
        rates.push((Priority::named(row, priority)?, Mode { calls_per_day: row.amount(rate)?, raster }));
    }
    let table = tables.table("demandSets")?;
    let index = table.column("setIndex")?;
    let mut sets = Vec::new();
    for row in table.rows() {
        in_order(row.index(index, table.len())?, sets.len(), row, index)?;
        sets.push(read_set(table, row, &rates)?);
    }
    if sets.is_empty() {
        return Err(CaseError::new(file, "`demandSets` has no row"));
    }
    Ok(sets)
}

/// A set is written as `[1; 2; 3]`, `[1, 2, 3]` or `1:3`: one mode for each priority; a priority without one is never wanted.
fn read_set(table: &Table, row: super::Row<'_>, rates: &[(Priority, Mode)]) -> Result<[Mode; 3], CaseError> {
    let column = table.column("modeIndices")?;
    let text = row.text(column);
    let wrong = || row.bad(column, text, "a list of modes such as [1; 2; 3], one for each priority");
    let mut set = [None; 3];
    for part in text.trim_matches(['[', ']']).split([';', ',', ' ']).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once(':').unwrap_or((part, part));
        let (Ok(first), Ok(last)) = (first.trim().parse::<usize>(), last.trim().parse::<usize>()) else {
            return Err(wrong());
        };
        if first < 1 || last > rates.len() {
            return Err(wrong());
        }
        for (priority, mode) in &rates[first - 1..last.max(first - 1)] {
            if set[priority.index()].replace(*mode).is_some() {
                return Err(wrong());
            }
        }
    }
    if set.iter().all(Option::is_none) {
        return Err(wrong());
    }
    Ok(set.map(|mode| mode.unwrap_or(Mode { calls_per_day: 0.0, raster: 0 })))
}

/// Demand by the set of stations that reach it in time.
fn cover(
    network: &Network,
    timetable: &Timetable,
    stations: &[Site],
    points: &[DemandPoint],
    mode: usize,
    within_ns: u64,
) -> BySet {
    let rows: Vec<(u64, Spread)> = stations
        .iter()
        .map(|station| {
            let off_road = timetable.off_road_ns(mode, station.spot.off_road_km);
            (off_road, Spread::from_node(network, mode, station.spot.node))
        })
        .collect();
    let mut by_set = BySet::new();
    let mut left_ns: Vec<Option<u64>> = Vec::new();
    let mut set = vec![0u64; stations.len().div_ceil(64)];
    let mut node = None;
    for point in points {
        if node.replace(point.node) != Some(point.node) {
            left_ns.clear();
            left_ns.extend(
                rows.iter().map(|(off_road, row)| {
                    within_ns.checked_sub(off_road + row.time_ns(network, point.node)?)
                }),
            );
        }
        let last_ns = timetable.off_road_ns(mode, point.off_road_km);
        set.fill(0);
        for (station, left) in left_ns.iter().enumerate() {
            if left.is_some_and(|left| left >= last_ns) {
                set[station / 64] |= 1 << (station % 64);
            }
        }
        match by_set.get_mut(&set) {
            Some(sum) => *sum += point.amount,
            None => {
                by_set.insert(set.clone(), point.amount);
            }
        }
    }
    by_set.remove(&vec![0u64; set.len()]);
    by_set
}

fn zone(set: &[u64], calls_per_day: f64) -> Zone {
    let stations = (0..set.len() * 64).filter(|s| set[s / 64] >> (s % 64) & 1 == 1).collect();
    Zone { stations, calls_per_day }
}

/// Into how many points a cell may be divided along one side.
const POINTS_MAX: usize = 32;
