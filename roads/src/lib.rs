//! Road network and travel times. Takes bytes and positions, gives times and ways; knows nothing of ambulances, opens no file,
//! reads no clock. Coordinates are WGS-84 throughout.
//!
//! A [`RoadMap`] comes from an OpenStreetMap extract, from a [`MapBuilder`], or from its own file. [`Weights`] are its times for one
//! profile, with closures. [`nearest_arrivals`] finds who arrives first, [`route`] the way, [`TravelTables`] whole tables; all three
//! give the same microseconds.
//!
//! ```
//! use roads::*;
//! use std::collections::BTreeSet;
//!
//! // Two streets between two junctions: a short one over a bridge, a long one around.
//! let mut city = MapBuilder::new();
//! let at = |lon, lat| Wgs84::new(lon, lat).unwrap();
//! let west = city.add_node(at(114.00, 30.5));
//! let east = city.add_node(at(114.02, 30.5));
//! let around = city.add_node(at(114.01, 30.6));
//! city.add_way(WaySpec { name: "长江大桥".into(), bridge: true, ..WaySpec::new(1, RoadClass::Primary, vec![west, east]) });
//! city.add_way(WaySpec::new(2, RoadClass::Primary, vec![west, around, east]));
//! let map = city.build(&mut |_| {})?;
//!
//! let weights = Weights::base(map.network(), Profile::LightsAndSirens);
//! let from = map.snap(at(114.001, 30.5), 50.0).unwrap();
//! let to = map.snap(at(114.019, 30.5), 50.0).unwrap();
//! let mut space = SearchSpace::new();
//! let over_the_bridge = route(map.network(), &weights, &mut space, &from, &to).unwrap();
//! assert_eq!(over_the_bridge.steps[0].name, "长江大桥");
//!
//! // From the far bank, with the bridge closed, the way leads around.
//! let closed = weights.with_closures(map.network(), &BTreeSet::from([1]));
//! let ends = [west, east].map(|key| Snap::at_node(map.network(), map.network().node_for(key).unwrap()));
//! let before = travel_time(map.network(), &weights, &mut space, &ends[0], &ends[1]).unwrap();
//! let after = travel_time(map.network(), &closed, &mut space, &ends[0], &ends[1]).unwrap();
//! assert!(after > before);
//! # Ok::<(), MapError>(())
//! ```
#![warn(missing_docs)]

pub mod base_map;
mod build;
mod cache;
mod class;
mod error;
mod map;
mod network;
mod osm;
mod position;
mod search;
mod snap;
mod snap_memory;
mod tables;
mod travel_time;
mod weights;

pub use base_map::BaseMap;
pub use build::{
    Barrier, Direction, FixedTimes, GATE_DELAY_S, MapBuilder, NODES_MAX, NodeKey, TurnRule, WaySpec,
};
pub use class::{RoadClass, SpeedFactors};
pub use error::{MapError, Progress, Stage};
pub use map::RoadMap;
pub use network::{ArcId, Network, NodeId, RoadPiece, Way};
pub use position::{Bounds, EARTH_RADIUS_M, PositionError, Wgs84};
pub use search::{
    Arrival, NearestArrivals, ReverseSearch, Route, RouteStep, SearchSpace, Source, U_TURN_S,
    nearest_arrivals, route, travel_time,
};
pub use snap::Snap;
pub use snap_memory::SnapMemory;
pub use tables::{TableIndex, TravelTables};
pub use travel_time::{
    Basis, DETOUR_FACTOR, OFF_ROAD_KMH, Profile, STRAIGHT_LINE_LIGHTS_KMH, STRAIGHT_LINE_ORDINARY_KMH,
    TravelTime, off_road_time, straight_line_time, straight_line_time_at,
};
pub use weights::{RESTRICTED_FACTOR, TIME_QUANTUM_US, Weights, WeightsError};
