//! How often help is wanted where, and from which stations each place is reached in time: what cover is worth.

use std::collections::BTreeMap;

use super::priority::Priority;
use super::streets::{days_to_ns, in_order};
use super::{CaseError, Folder, Network, Point, Raster, SimConfig, Site, Spot, Spread, Table, Timetable};

/// The demand of a case.
#[derive(Debug)]
pub struct Demand {
    raster: Raster,
    /// Calls per day of each priority, set by set.
    sets: Vec<[f64; 3]>,
    /// From when on which set holds, nanoseconds from the start.
    begins: Vec<(u64, usize)>,
    cover: CoverTimes,
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
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// The stations, counted from 0, in ascending order.
    pub stations: Vec<usize>,
    /// How often help is wanted there, calls per day, all priorities alike.
    pub calls_per_day: f64,
}

/// What holds from a time on until the next period begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// When it begins, nanoseconds from the start.
    pub begins_ns: u64,
    /// The zones, those that no station reaches left out.
    pub zones: Vec<Zone>,
}

/// Demand by set of stations; the set is one bit a station.
type BySet = BTreeMap<Vec<u64>, f64>;

impl Demand {
    /// Reads the demand of a case.
    pub fn read(folder: &Folder, config: &SimConfig) -> Result<Self, CaseError> {
        let missing = |element: &str| {
            CaseError::new("sim_config.xml", format!("names no <{element}>, which this policy needs"))
        };
        let file = config.demand.as_ref().ok_or_else(|| missing("demand"))?;
        let cover_file = config.demand_coverage.as_ref().ok_or_else(|| missing("demandCoverage"))?;
        let tables = folder.tables(file)?;
        let sets = read_sets(file, &tables)?;
        let timing = tables.table("demandSetsTiming")?;
        let (start, set) = (timing.column("startTime")?, timing.column("setIndex")?);
        let mut begins = Vec::new();
        for row in timing.rows() {
            begins.push((days_to_ns(row.amount(start)?), row.index(set, sets.len())?));
        }
        if begins.is_empty() {
            return Err(CaseError::new(file, "`demandSetsTiming` has no row"));
        }
        Ok(Self { raster: Raster::read(folder)?, sets, begins, cover: CoverTimes::read(folder, cover_file)? })
    }

    /// The raster of where people are.
    pub fn raster(&self) -> &Raster {
        &self.raster
    }

    /// The zones of each period in which neither the demand nor the travel modes change.
    pub fn periods(
        &self,
        network: &Network,
        timetable: &Timetable,
        stations: &[Site],
        travels_as: [Priority; 3],
    ) -> Vec<Period> {
        let points = self.points(network);
        let mut covered: BTreeMap<(usize, u64), BySet> = BTreeMap::new();
        let mut starts: Vec<u64> =
            self.begins.iter().map(|begin| begin.0).chain(timetable.begins()).collect();
        starts.sort_unstable();
        starts.dedup();
        let period = |begins_ns: u64| {
            let set =
                self.begins.iter().rev().find(|begin| begin.0 <= begins_ns).map_or(self.begins[0].1, |b| b.1);
            let mut sum = BySet::new();
            for priority in Priority::ALL {
                let mode = timetable.mode(travels_as[priority.index()], begins_ns);
                let within_ns = self.cover.within_ns[priority.index()];
                let by_set = covered
                    .entry((mode, within_ns))
                    .or_insert_with(|| cover(network, timetable, stations, &points, mode, within_ns));
                let total: f64 = points.iter().map(|point| point.1).sum();
                let rate = self.sets[set][priority.index()] / total;
                for (stations, amount) in by_set.iter() {
                    *sum.entry(stations.clone()).or_default() += amount * rate;
                }
            }
            Period { begins_ns, zones: sum.into_iter().map(|(set, rate)| zone(&set, rate)).collect() }
        };
        starts.into_iter().map(period).collect()
    }

    /// The points of demand with their nearest nodes and amounts.
    fn points(&self, network: &Network) -> Vec<(Spot, f64)> {
        let [rows, columns] = self.cover.points;
        let size = self.raster.cell_size();
        let share = 1.0 / (rows * columns) as f64;
        let offset = |part: usize, parts: usize| (part as f64 + 0.5) / parts as f64 - 0.5;
        let mut points: Vec<(Spot, f64)> = Vec::new();
        for (middle, amount) in self.raster.cells() {
            for part in 0..rows * columns {
                let at = Point {
                    x: middle.x + size.x * offset(part % columns, columns),
                    y: middle.y + size.y * offset(part / columns, rows),
                };
                points.push((network.ground().nearest(at), amount * share));
            }
        }
        // Points of one node together: what its stations reach is worked out once.
        points.sort_by_key(|point| point.0.node);
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
            within[Priority::named(row, priority)?.index()] = Some(days_to_ns(row.amount(time)?));
        }
        let [Some(high), Some(medium), Some(low)] = within else {
            return Err(CaseError::new(file, "`coverTimes` must name all three priorities"));
        };
        let parts = tables.table("demandRasterCellNumPoints")?;
        let row = parts.first()?;
        let count = |name| Ok::<_, CaseError>(row.index(parts.column(name)?, POINTS_MAX)? + 1);
        Ok(Self { within_ns: [high, medium, low], points: [count("rows")?, count("cols")?] })
    }
}

fn read_sets(file: &str, tables: &super::Tables) -> Result<Vec<[f64; 3]>, CaseError> {
    let rasters = tables.table("demandRasters")?;
    let name = rasters.column("rasterFilename")?;
    if rasters.rows().any(|row| rasters.first().is_ok_and(|first| first.text(name) != row.text(name))) {
        return Err(CaseError::new(file, "names several rasters; a case here has one, raster.f32.gz"));
    }
    let modes = tables.table("demandModes")?;
    let (index, priority) = (modes.column("modeIndex")?, modes.column("priority")?);
    let rate = modes.column("arrivalRate")?;
    let mut rates = Vec::new();
    for row in modes.rows() {
        in_order(row.index(index, modes.len())?, rates.len(), row, index)?;
        rates.push((Priority::named(row, priority)?, row.amount(rate)?));
    }
    let table = tables.table("demandSets")?;
    let mut sets = Vec::new();
    for row in table.rows() {
        sets.push(read_set(file, table, row, &rates)?);
    }
    Ok(sets)
}

/// A set is written as `[1; 2; 3]`: one mode for each priority.
fn read_set(
    file: &str,
    table: &Table,
    row: super::Row<'_>,
    rates: &[(Priority, f64)],
) -> Result<[f64; 3], CaseError> {
    let column = table.column("modeIndices")?;
    let text = row.text(column);
    let mut set = [None; 3];
    for number in text.trim_matches(['[', ']']).split([';', ',', ' ']).filter(|part| !part.is_empty()) {
        let mode = number.parse::<usize>().ok().and_then(|n| rates.get(n.checked_sub(1)?));
        let (priority, rate) =
            mode.ok_or_else(|| row.bad(column, text, "a list of modes such as [1; 2; 3]"))?;
        set[priority.index()] = Some(*rate);
    }
    let [Some(high), Some(medium), Some(low)] = set else {
        return Err(CaseError::new(file, "each of `demandSets` must have a mode for each priority"));
    };
    Ok([high, medium, low])
}

/// Demand by the set of stations that reach it in time.
fn cover(
    network: &Network,
    timetable: &Timetable,
    stations: &[Site],
    points: &[(Spot, f64)],
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
    for (spot, amount) in points {
        if node.replace(spot.node) != Some(spot.node) {
            left_ns.clear();
            left_ns.extend(
                rows.iter().map(|(off_road, row)| {
                    within_ns.checked_sub(off_road + row.time_ns(network, spot.node)?)
                }),
            );
        }
        let last_ns = timetable.off_road_ns(mode, spot.off_road_km);
        set.fill(0);
        for (station, left) in left_ns.iter().enumerate() {
            if left.is_some_and(|left| left >= last_ns) {
                set[station / 64] |= 1 << (station % 64);
            }
        }
        match by_set.get_mut(&set) {
            Some(sum) => *sum += amount,
            None => {
                by_set.insert(set.clone(), *amount);
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
