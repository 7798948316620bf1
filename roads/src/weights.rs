//! Live weights: the time over each arc for one profile, with closures and slow roads. Immutable and cheap to share; a change makes
//! a new value with a new id, and who searches keeps the one it began with.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::build::ARC_TIME_MAX_US;
use crate::network::Network;
use crate::search::Layout;
use crate::travel_time::OFF_ROAD_KMH;
use crate::{ArcId, Profile, SpeedFactors, TravelTime, Wgs84};

/// Times over the arcs of one network.
#[derive(Clone)]
pub struct Weights {
    inner: Arc<Inner>,
}

struct Inner {
    id: String,
    network_id: String,
    profile: Profile,
    /// Time over each arc as if nothing were closed, in microseconds.
    open_us: Vec<u32>,
    /// The same with `CLOSED` where no one may drive through.
    drive_us: Vec<u32>,
    /// What a search reads.
    layout: Layout,
    closed_ways: BTreeSet<i64>,
    top_speed_mps: f64,
}

/// Why weights could not be made.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum WeightsError {
    /// The factor is not a number between 0.05 and 100.
    #[error("a factor of {0} is not between 0.05 and 100")]
    BadFactor(f64),
    /// A speed factor is not a number between 0.05 and 5.
    #[error("speed factors must lie between 0.05 and 5")]
    BadSpeedFactors,
}

impl Weights {
    /// The network's own times at the speeds assumed for the profile.
    pub fn base(network: &Network, profile: Profile) -> Self {
        Self::timed(network, profile, &SpeedFactors::assumed(profile))
    }

    /// The network's own times at a centre's measured speeds.
    pub fn with_speeds(
        network: &Network,
        profile: Profile,
        speeds: &SpeedFactors,
    ) -> Result<Self, WeightsError> {
        if !speeds.are_usable() {
            return Err(WeightsError::BadSpeedFactors);
        }
        Ok(Self::timed(network, profile, speeds))
    }

    /// The network's own times at an hour at which roads are faster or slower than usual by these factors.
    pub fn at_hour(network: &Network, profile: Profile, hour: &SpeedFactors) -> Result<Self, WeightsError> {
        Self::with_speeds(network, profile, &SpeedFactors::assumed(profile).times(hour))
    }

    /// These weights with more roads closed. A closed road cannot be driven through; a journey may still begin or end on the
    /// very piece of it where the vehicle or the incident is. Ids that the map does not have change nothing. To open a road
    /// again, close the others anew on the weights without closures.
    #[must_use]
    pub fn with_closures(&self, network: &Network, way_ids: &BTreeSet<i64>) -> Self {
        self.assert_made_for(network);
        let mut drive_us = self.inner.drive_us.clone();
        let mut closed_ways = self.inner.closed_ways.clone();
        for &way in way_ids {
            for arc in network.arcs_of_way(way) {
                drive_us[arc.index()] = CLOSED;
                closed_ways.insert(way);
            }
        }
        Self::seal(network, self.inner.profile, self.inner.open_us.clone(), drive_us, closed_ways)
    }

    /// These weights with the time over some roads multiplied (2.0 takes twice as long). Times are rounded up to
    /// [`TIME_QUANTUM_US`] and end at 71 minutes an arc.
    pub fn with_factor(
        &self,
        network: &Network,
        way_ids: &BTreeSet<i64>,
        factor: f64,
    ) -> Result<Self, WeightsError> {
        self.assert_made_for(network);
        if !(0.05..=100.0).contains(&factor) {
            return Err(WeightsError::BadFactor(factor));
        }
        let mut open_us = self.inner.open_us.clone();
        let mut drive_us = self.inner.drive_us.clone();
        for arc in way_ids.iter().flat_map(|&way| network.arcs_of_way(way)) {
            let time = quantised(f64::from(open_us[arc.index()]) * factor);
            open_us[arc.index()] = time;
            if drive_us[arc.index()] != CLOSED {
                drive_us[arc.index()] = time;
            }
        }
        Ok(Self::seal(network, self.inner.profile, open_us, drive_us, self.inner.closed_ways.clone()))
    }

    /// Hash of the network, the profile and every time: equal ids give equal answers.
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// The profile the times are for.
    pub fn profile(&self) -> Profile {
        self.inner.profile
    }

    /// Ways closed in these weights.
    pub fn closed_ways(&self) -> &BTreeSet<i64> {
        &self.inner.closed_ways
    }

    /// Time over an arc; `None` when it is closed.
    pub fn arc_time(&self, arc: ArcId) -> Option<TravelTime> {
        let us = self.inner.drive_us[arc.index()];
        (us != CLOSED).then(|| TravelTime::from_us(u64::from(us)))
    }

    /// No journey between two places can take less: straight distance at the network's top speed. The order in which
    /// `nearest_arrivals` wants its sources.
    pub fn road_time_min(&self, from: Wgs84, to: Wgs84) -> TravelTime {
        // Lengths are rounded to millimetres and snapped points to the drawing: a thousandth covers both.
        TravelTime::from_us((from.distance_m(to) / self.inner.top_speed_mps * 1e6 * 0.999) as u64)
    }

    /// The fastest arc, in metres per second.
    pub fn top_speed_mps(&self) -> f64 {
        self.inner.top_speed_mps
    }

    pub(crate) fn open_us(&self) -> &[u32] {
        &self.inner.open_us
    }

    pub(crate) fn drive_us(&self) -> &[u32] {
        &self.inner.drive_us
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.inner.layout
    }

    pub(crate) fn assert_made_for(&self, network: &Network) {
        assert_eq!(self.inner.network_id, network.id, "weights of one map were used with another");
    }

    fn timed(network: &Network, profile: Profile, speeds: &SpeedFactors) -> Self {
        let way_mps: Vec<f64> = network
            .ways
            .iter()
            .map(|way| {
                let restricted = if way.restricted { RESTRICTED_FACTOR } else { 1.0 };
                f64::from(way.speed_tenth_kmh) / 36.0 * speeds.of(way.class) * restricted
            })
            .collect();
        let fixed_slot = usize::from(profile == Profile::Ordinary);
        let time = |number: usize| {
            if let Some(fixed) = network.fixed_us.get(number).filter(|fixed| fixed[fixed_slot] != 0) {
                return fixed[fixed_slot];
            }
            let arc = &network.arcs[number];
            let edge = &network.edges[arc.edge as usize];
            quantised(edge.length_m() / way_mps[edge.way as usize] * 1e6 + f64::from(arc.delay_us))
        };
        let open_us: Vec<u32> = (0..network.arcs.len()).map(time).collect();
        Self::seal(network, profile, open_us.clone(), open_us, BTreeSet::new())
    }

    fn seal(
        network: &Network,
        profile: Profile,
        open_us: Vec<u32>,
        drive_us: Vec<u32>,
        closed_ways: BTreeSet<i64>,
    ) -> Self {
        let mut hash = Sha256::new();
        hash.update(network.id.as_bytes());
        hash.update([profile as u8]);
        for us in drive_us.iter().chain(&open_us) {
            hash.update(us.to_le_bytes());
        }
        let id = short_hex(&hash.finalize());
        let speed = |(arc, &us): (usize, &u32)| {
            network.edges[network.arcs[arc].edge as usize].length_m() / (f64::from(us.max(1)) / 1e6)
        };
        // Off the road is slower than any road, but a network of very slow roads must not make the bound wrong.
        let top_speed_mps = open_us.iter().enumerate().map(speed).fold(OFF_ROAD_KMH / 3.6, f64::max);
        let network_id = network.id.clone();
        let layout = Layout::new(network, &drive_us);
        Self {
            inner: Arc::new(Inner {
                id,
                network_id,
                profile,
                open_us,
                drive_us,
                layout,
                closed_ways,
                top_speed_mps,
            }),
        }
    }
}

impl fmt::Debug for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Weights")
            .field("id", &self.inner.id)
            .field("profile", &self.inner.profile)
            .field("closed_ways", &self.inner.closed_ways)
            .finish_non_exhaustive()
    }
}

fn quantised(us: f64) -> u32 {
    let quanta = (us / f64::from(TIME_QUANTUM_US)).ceil().max(1.0);
    let most = ARC_TIME_MAX_US / TIME_QUANTUM_US;
    (quanta.min(f64::from(most)) as u32) * TIME_QUANTUM_US
}

/// The first 16 hex digits of a hash.
pub(crate) fn short_hex(hash: &[u8]) -> String {
    let first = hash.iter().take(8).fold(0u64, |number, &byte| number << 8 | u64::from(byte));
    format!("{first:016x}")
}

/// Times computed from lengths and speeds are whole multiples of this, rounded up, so that the tables (which count in these
/// units to reach 5.9 hours in 31 bits) give exactly what the search gives. Only times fixed by the builder are finer.
pub const TIME_QUANTUM_US: u32 = 10;
/// Speed on private and residents' roads in relation to others. Assumption, to be set per centre.
pub const RESTRICTED_FACTOR: f64 = 0.5;
/// Marks an arc nobody may drive through.
pub(crate) const CLOSED: u32 = u32::MAX;
