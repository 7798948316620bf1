//! A case: a city with its roads, stations, ambulances and hospitals, in the files of JEMSS, the reference simulator of emergency
//! services; and the calls of its days.

mod calls;
mod chains;
mod config;
mod demand;
mod distribution;
mod error;
mod expression;
mod folder;
mod generator;
mod ground;
mod hubs;
mod network;
mod priority;
mod raster;
mod sites;
mod spread;
mod streets;
mod tables;
mod timetable;

pub(crate) use calls::unpacked;
pub use calls::{CallRow, read_calls};
pub use chains::{Chains, OnChain, Place};
pub use config::SimConfig;
pub use demand::{CoverTimes, Demand, Period, Zone};
pub use error::CaseError;
pub use folder::Folder;
pub use generator::{Generator, SeedSet};
pub use ground::{Ground, Point, Scale, Spot};
pub use hubs::HubLabels;
#[cfg(test)]
pub(crate) use network::tests as network_tests;
pub use network::{Gates, Network};
pub use priority::{Priority, Promise};
pub use raster::Raster;
pub use sites::Site;
pub use spread::Spread;
pub use streets::{DAY_NS, Streets, days_to_ns};
pub use tables::{Column, Row, Table, Tables};
pub use timetable::Timetable;

use std::path::Path;

/// A city to simulate.
#[derive(Debug)]
pub struct Case {
    /// Its folder.
    pub folder: Folder,
    /// The files that make it up.
    pub config: SimConfig,
    /// Roads and times.
    pub network: Network,
    /// Who travels in which mode.
    pub timetable: Timetable,
    /// Stations.
    pub stations: Vec<Site>,
    /// Hospitals.
    pub hospitals: Vec<Site>,
    /// The station of each ambulance, counted from 0.
    pub ambulances: Vec<usize>,
    /// What each priority is promised.
    pub promises: [Promise; 3],
    /// Which priorities may take a unit from which: (from, to).
    pub redispatch: Vec<(Priority, Priority)>,
}

impl Case {
    /// Reads a case.
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        let folder = Folder::open(path)?;
        let config = SimConfig::read(&folder)?;
        let streets = Streets::read(&folder, &config.nodes, &config.arcs)?;
        let timetable = Timetable::read(&folder, &config.travel, streets.arc_ns.len())?;
        let network = Network::new(streets, Scale::read(&folder, &config.map)?);
        let stations = sites::read(&folder, &config.stations, "stations", &network)?;
        let hospitals = sites::read(&folder, &config.hospitals, "hospitals", &network)?;
        let ambulances = sites::read_ambulances(&folder, &config.ambulances, stations.len())?;
        let promises = priority::read_promises(&folder, &config.priorities)?;
        let redispatch = match &config.redispatch {
            Some(file) => priority::read_redispatch(&folder, file)?,
            None => Vec::new(),
        };
        Ok(Self { folder, config, network, timetable, stations, hospitals, ambulances, promises, redispatch })
    }

    /// The demand of the case with the times within which it counts as covered; from its generator of calls where it names none.
    pub fn demand(&self) -> Result<Demand, CaseError> {
        Demand::read(self)
    }

    /// People as a case without a raster has them: the same at every node that can be reached from beside the road.
    pub fn even_raster(&self) -> Raster {
        let ground = self.network.ground();
        Raster::even(ground.open_nodes().map(|node| ground.node(node)))
    }
}
