//! Searches over the live weights. They run backwards from the target over arcs, not junctions, so that turn rules hold and
//! closures count at once; nothing is prepared.

mod heap;
mod nearest;
mod reverse;
mod route;
mod space;

pub use nearest::{Arrival, NearestArrivals, Source, nearest_arrivals};
pub use reverse::{ReverseSearch, U_TURN_S};
pub use route::{Route, RouteStep, route, travel_time};
pub use space::SearchSpace;

pub(crate) use reverse::{U_TURN_US, along_us};
