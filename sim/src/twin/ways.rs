//! The ways of a case as the twin drives them: the network, who travels how, and ready rows of times to the places that units
//! return to again and again.

use crate::case::{Case, Network, Priority, Spot, Spread, Timetable};

/// Roads, modes, and rows of times to stations and hospitals.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways<'a> {
    pub(super) network: &'a Network,
    pub(super) timetable: &'a Timetable,
    pub(super) sites: &'a Sites,
}

/// Times from everywhere to each station and hospital.
#[derive(Debug)]
pub(super) struct Sites {
    spots: Vec<Spot>,
    stations: usize,
    /// Times to each site: by mode, then by site; empty for modes in which nobody returns.
    rows: Vec<Vec<Spread>>,
    /// Times from each site, for every mode.
    from: Vec<Vec<Spread>>,
}

/// Where a way leads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Goal {
    /// A station or hospital.
    Site(usize),
    /// A call.
    Call(Spot),
}

impl Sites {
    /// The rows of a case, for the modes in which units drive to stations and hospitals.
    pub(super) fn new(case: &Case) -> Self {
        let spots: Vec<Spot> = case.stations.iter().chain(&case.hospitals).map(|site| site.spot).collect();
        Self::of(&case.network, &case.timetable, spots, case.stations.len())
    }

    /// The rows of some places, of which the first are stations.
    pub(super) fn of(network: &Network, timetable: &Timetable, spots: Vec<Spot>, stations: usize) -> Self {
        let used = timetable.modes_of(Priority::Low);
        let inward = |mode: usize| {
            let sites = spots.iter().filter(|_| used.contains(&mode));
            sites.map(|spot| Spread::to_node(network, mode, spot.node)).collect()
        };
        let outward =
            |mode: usize| spots.iter().map(|spot| Spread::from_node(network, mode, spot.node)).collect();
        let modes = 0..timetable.mode_count();
        Self {
            rows: modes.clone().map(inward).collect(),
            from: modes.map(outward).collect(),
            spots,
            stations,
        }
    }

    /// Where they are, stations first.
    pub(super) fn spots(&self) -> &[Spot] {
        &self.spots
    }

    /// A station by its number from 0.
    pub(super) fn station(number: usize) -> Goal {
        Goal::Site(number)
    }

    /// A hospital by its number from 0.
    pub(super) fn hospital(&self, number: usize) -> Goal {
        Goal::Site(self.stations + number)
    }
}

impl Ways<'_> {
    /// Where a goal is.
    pub(super) fn spot(&self, goal: Goal) -> Spot {
        match goal {
            Goal::Site(site) => self.sites.spots[site],
            Goal::Call(spot) => spot,
        }
    }

    /// Time from a node to a goal's node, nanoseconds; `None` where no way leads.
    pub(super) fn drive_ns(&self, mode: usize, from: u32, goal: Goal) -> Option<u64> {
        match self.row(mode, goal) {
            Some(row) => row.time_ns(self.network, from),
            None => self.network.time_ns(mode, from, self.spot(goal).node),
        }
    }

    /// Time from a junction to a station or hospital, nanoseconds; `None` where no way leads.
    pub(super) fn return_ns(self, mode: usize, site: usize, junction: u32) -> Option<u64> {
        match self.sites.rows[mode].get(site) {
            Some(row) => row.junction_ns(junction),
            None => self.network.time_ns(
                mode,
                self.network.chains().node_of(junction),
                self.sites.spots[site].node,
            ),
        }
    }

    /// Time from a station or hospital to a node, nanoseconds; `None` where no way leads.
    pub(super) fn leave_ns(self, mode: usize, site: usize, to: u32) -> Option<u64> {
        self.sites.from[mode][site].time_ns(self.network, to)
    }

    fn row(&self, mode: usize, goal: Goal) -> Option<&Spread> {
        match goal {
            Goal::Site(site) => self.sites.rows[mode].get(site),
            Goal::Call(_) => None,
        }
    }
}
