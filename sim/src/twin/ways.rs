//! The ways of a case as the twin drives them: the network, who travels how, and ready times to and from the places that units
//! return to again and again.

use crate::case::{Case, Gates, Network, OnChain, Priority, Spot, Spread, Timetable};

/// Roads, modes, and ready times to and from stations and hospitals.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways<'a> {
    pub(super) network: &'a Network,
    pub(super) timetable: &'a Timetable,
    pub(super) sites: &'a Sites,
}

/// Times between everywhere and each station and hospital.
#[derive(Debug)]
pub(super) struct Sites {
    spots: Vec<Spot>,
    /// The gates by which one gets from each site, and to it. Which they are is the same in every mode, how far they are is not.
    gates: Vec<(Gates, Gates)>,
    stations: usize,
    /// Times to the sites by mode; `None` for modes in which nobody returns.
    inward: Vec<Option<Inward>>,
    /// Times from the sites, for every mode.
    outward: Vec<Times>,
}

/// Times between each junction and every site, junction by junction: whoever asks for one site asks for others next, and finds them
/// side by side.
#[derive(Debug)]
struct Times {
    sites: usize,
    /// Nanoseconds; `u64::MAX` where no way leads.
    ns: Vec<u64>,
}

/// What is known of the ways to the sites in one mode.
#[derive(Debug)]
struct Inward {
    times: Times,
    /// Site by site, junction by junction: over which chain the shortest way goes on.
    onward: Vec<Vec<Onward>>,
}

/// A whole chain by which a shortest way goes on, with what is asked of it by whoever follows many of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Onward {
    /// [`NO_CHAIN`] where the way goes on over none to its end, as on the chain that the site lies on.
    pub(super) chain: u32,
    /// The junction that it leads to.
    pub(super) to: u32,
    /// Time over it, nanoseconds.
    pub(super) ns: u64,
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
    /// The times of a case, for the modes in which units drive to stations and hospitals.
    pub(super) fn new(case: &Case) -> Self {
        let spots: Vec<Spot> = case.stations.iter().chain(&case.hospitals).map(|site| site.spot).collect();
        Self::of(&case.network, &case.timetable, spots, case.stations.len())
    }

    /// The times of some places, of which the first are stations.
    pub(super) fn of(network: &Network, timetable: &Timetable, spots: Vec<Spot>, stations: usize) -> Self {
        let used = timetable.modes_of(Priority::Low);
        let inward = |mode: usize| used.contains(&mode).then(|| Inward::new(network, mode, &spots));
        let outward = |mode: usize| {
            let rows = spots.iter().map(|spot| Spread::from_node(network, mode, spot.node));
            Times::new(network, &rows.collect::<Vec<_>>())
        };
        let modes = 0..timetable.mode_count();
        let gates = |spot: &Spot| (network.gates_from(0, spot.node), network.gates_to(0, spot.node));
        Self {
            inward: modes.clone().map(inward).collect(),
            outward: modes.map(outward).collect(),
            gates: spots.iter().map(gates).collect(),
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

impl Times {
    /// From one row of times for each site.
    fn new(network: &Network, rows: &[Spread]) -> Self {
        let junctions = 0..network.chains().junction_count() as u32;
        let of = |junction| rows.iter().map(move |row| row.junction_ns(junction).unwrap_or(u64::MAX));
        Self { sites: rows.len(), ns: junctions.flat_map(of).collect() }
    }

    fn ns(&self, junction: u32, site: usize) -> u64 {
        self.ns[junction as usize * self.sites + site]
    }

    /// The time by way of one of the gates of a node; `u64::MAX` where no way leads.
    fn through(&self, gates: Gates, site: usize) -> u64 {
        let through = gates.iter().map(|(junction, ns)| self.ns(junction, site).saturating_add(ns));
        through.min().unwrap_or(u64::MAX)
    }
}

impl Inward {
    fn new(network: &Network, mode: usize, spots: &[Spot]) -> Self {
        let rows: Vec<Spread> = spots.iter().map(|spot| Spread::to_node(network, mode, spot.node)).collect();
        let onward = rows.iter().zip(spots).map(|(row, spot)| onward(network, mode, row, spot.node));
        Self { onward: onward.collect(), times: Times::new(network, &rows) }
    }
}

/// The first of the chains by which a shortest way to a node goes on from each junction to the next.
fn onward(network: &Network, mode: usize, row: &Spread, node: u32) -> Vec<Onward> {
    let chains = network.chains();
    let chain = |junction: u32| {
        let left_ns = row.junction_ns(junction)?;
        let ends_on = |on: OnChain| {
            chains.ends(on.chain).0 == junction && chains.along(mode, on.chain)[on.at as usize] == left_ns
        };
        if chains.place(node).positions().any(ends_on) {
            return None;
        }
        let leads_on = |chain: &u32| {
            let rest_ns = row.junction_ns(chains.ends(*chain).1);
            rest_ns.is_some_and(|rest_ns| chains.chain_ns(mode, *chain) + rest_ns == left_ns)
        };
        chains.leaving(junction).find(leads_on)
    };
    let to_its_end = Onward { chain: NO_CHAIN, to: u32::MAX, ns: u64::MAX };
    let over = |chain| Onward { chain, to: chains.ends(chain).1, ns: chains.chain_ns(mode, chain) };
    (0..chains.junction_count() as u32).map(|junction| chain(junction).map_or(to_its_end, over)).collect()
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
        if let (Goal::Site(site), Some(inward)) = (goal, &self.sites.inward[mode]) {
            let gates = self.network.gates_from(mode, from);
            let on_its_chain = gates.meet(&self.sites.gates[site].0);
            let straight = || self.network.straight_ns(mode, from, self.sites.spots[site].node);
            let straight = on_its_chain.then(straight).flatten();
            return shorter(inward.times.through(gates, site), straight);
        }
        self.network.time_ns(mode, from, self.spot(goal).node)
    }

    /// Time from a junction to a station or hospital, nanoseconds; `None` where no way leads.
    pub(super) fn return_ns(self, mode: usize, site: usize, junction: u32) -> Option<u64> {
        if let Some(inward) = &self.sites.inward[mode] {
            return shorter(inward.times.ns(junction, site), None);
        }
        let from = self.network.chains().node_of(junction);
        self.network.time_ns(mode, from, self.sites.spots[site].node)
    }

    /// The chain by which the shortest way to a station or hospital goes on from a junction to the next; `None` where there is none,
    /// or nobody returns in that mode.
    pub(super) fn onward(self, mode: usize, site: usize, junction: u32) -> Option<Onward> {
        let inward = self.sites.inward[mode].as_ref()?;
        Some(inward.onward[site][junction as usize]).filter(|onward| onward.chain != NO_CHAIN)
    }

    /// Time from a station or hospital to a node with its gates, nanoseconds; `None` where no way leads.
    pub(super) fn leave_ns(self, mode: usize, site: usize, (to, gates): (u32, Gates)) -> Option<u64> {
        let on_its_chain = gates.meet(&self.sites.gates[site].1);
        let straight = || self.network.straight_ns(mode, self.sites.spots[site].node, to);
        shorter(self.sites.outward[mode].through(gates, site), on_its_chain.then(straight).flatten())
    }
}

/// The shorter of a time that may be `u64::MAX` for none, and another.
fn shorter(through: u64, straight: Option<u64>) -> Option<u64> {
    let best = straight.map_or(through, |straight| straight.min(through));
    (best != u64::MAX).then_some(best)
}

const NO_CHAIN: u32 = u32::MAX;
