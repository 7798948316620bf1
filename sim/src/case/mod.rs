//! A case: a city with its roads, stations, ambulances and hospitals, in the files of JEMSS, the reference simulator of emergency
//! services; and the calls of its days.

mod calls;
mod chains;
mod change;
mod config;
mod demand;
mod distribution;
mod error;
mod expression;
mod folder;
mod generator;
mod ground;
mod hubs;
mod keep;
mod network;
mod priority;
mod raster;
mod sites;
mod spread;
mod streets;
mod tables;
mod timetable;
mod traffic;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::sketch;

pub use calls::unpacked;
pub use calls::{CallRow, multiplied, read_calls};
pub use chains::{Chains, OnChain, Place};
pub use change::{Change, ChangeError, Numbered};
pub use config::SimConfig;
pub use demand::{CoverTimes, Demand, Period, Zone};
pub(crate) use distribution::{exponential, gamma, normal};
pub use error::CaseError;
pub use folder::Folder;
pub use generator::{Generator, SeedSet};
pub use ground::{Ground, Point, Scale, Spot};
pub use hubs::HubLabels;
pub use keep::Keep;
#[cfg(test)]
pub(crate) use network::tests as network_tests;
pub use network::{Gates, Network};
pub use priority::{Priority, Promise};
pub use raster::Raster;
pub use sites::{NEAR_KM_MAX, Site};
pub use spread::Spread;
pub use streets::{DAY_NS, Streets, days_to_ns};
pub use tables::{Column, Row, Table, Tables};
pub use timetable::Timetable;
pub use traffic::Traffic;

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
    /// Where what is made of it is kept.
    keep: Option<Keep>,
}

impl Case {
    /// Reads a case.
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        Self::read_changed(path, &[])
    }

    /// Reads a case with what was made of it before, and keeps what is made of it now; `keep` chooses where.
    pub fn read_kept(
        path: &Path,
        keep: impl FnOnce(&Folder) -> Result<Option<Keep>, CaseError>,
    ) -> Result<Self, CaseError> {
        let folder = Folder::open(path)?;
        let Some(keep) = keep(&folder)? else { return Self::read(path) };
        let config = SimConfig::read(&folder)?;
        let network = keep.or_make("roads", || {
            let streets = Streets::read(&folder, &config.nodes, &config.arcs)?;
            Ok(Network::new(streets, Scale::read(&folder, &config.map)?))
        })?;
        let timetable = Timetable::read(&folder, &config.travel, network.mode_count())?;
        Ok(Self { keep: Some(keep), ..Self::of(folder, config, network, timetable)? })
    }

    /// Reads a case and changes it.
    pub fn read_changed(path: &Path, changes: &[Change]) -> Result<Self, CaseError> {
        let folder = Folder::open(path)?;
        let config = SimConfig::read(&folder)?;
        let mut streets = Streets::read(&folder, &config.nodes, &config.arcs)?;
        let mut timetable = Timetable::read(&folder, &config.travel, streets.arc_ns.len())?;
        let scale = Scale::read(&folder, &config.map)?;
        for change in changes {
            change.close(&mut streets, scale)?;
        }
        if changes.iter().any(|change| matches!(change, Change::CloseRoad { .. })) {
            streets.keep_to_the_main_part();
        }
        for change in changes {
            if let Change::Traffic { traffic, days } = change {
                traffic.make(&mut streets, &mut timetable, *days);
            }
        }
        let mut case = Self::of(folder, config, Network::new(streets, scale), timetable)?;
        let mut removed = Vec::new();
        for change in changes {
            change.make(&mut case, &mut removed)?;
        }
        let mut unit = 0;
        case.ambulances.retain(|_| {
            unit += 1;
            !removed.contains(&(unit - 1))
        });
        if case.ambulances.is_empty() {
            return Err(CaseError::new("what if", "--remove-unit: no unit is left"));
        }
        Ok(case)
    }

    fn of(
        folder: Folder,
        config: SimConfig,
        network: Network,
        timetable: Timetable,
    ) -> Result<Self, CaseError> {
        let stations = sites::read(&folder, &config.stations, "stations", &network)?;
        let hospitals = sites::read(&folder, &config.hospitals, "hospitals", &network)?;
        let ambulances = sites::read_ambulances(&folder, &config.ambulances, stations.len())?;
        let promises = priority::read_promises(&folder, &config.priorities)?;
        let redispatch = match &config.redispatch {
            Some(file) => priority::read_redispatch(&folder, file)?,
            None => Vec::new(),
        };
        Ok(Self {
            folder,
            config,
            network,
            timetable,
            stations,
            hospitals,
            ambulances,
            promises,
            redispatch,
            keep: None,
        })
    }

    /// What the stations cover of the demand, period by period.
    pub fn periods(&self) -> Result<Vec<Period>, CaseError> {
        let make = || {
            let travels_as = self.promises.map(|promise| promise.travels_as);
            Ok(self.demand()?.periods(&self.network, &self.timetable, &self.stations, travels_as))
        };
        match &self.keep {
            Some(keep) => keep.or_make("cover", make),
            None => make(),
        }
    }

    /// The demand of the case with the times within which it counts as covered; from its generator of calls where it names none.
    pub fn demand(&self) -> Result<Demand, CaseError> {
        Demand::read(self)
    }

    /// What its users should know about what is not in it.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.config.redispatch.is_none() {
            notes.push("the case names no redispatch table: no unit is taken from a call".to_owned());
        }
        if self.config.mobilisation_delay.is_some() {
            notes.push(
                "the case's mobilisationDelay is left aside: crews roll at once, or as --profile --turnout has it"
                    .to_owned(),
            );
        }
        if !Raster::is_in(&self.folder) {
            notes.push("the case has no raster.json: its people are spread evenly over its nodes".to_owned());
        }
        notes
    }

    /// People as a case without a raster has them: the same at every node that can be reached from beside the road.
    pub fn even_raster(&self) -> Raster {
        let ground = self.network.ground();
        Raster::even(ground.open_nodes().map(|node| ground.node(node)))
    }
}
