//! Searches over the live weights. They run backwards from the target, over arcs wherever a turn rule can matter and over junctions
//! elsewhere; closures count at once, and nothing is prepared that takes longer than reading the weights.

mod heap;
mod layout;
mod nearest;
mod reverse;
mod route;
mod space;

pub use nearest::{Arrival, NearestArrivals, Source, nearest_arrivals};
pub use reverse::{ReverseSearch, U_TURN_S};
pub use route::{Route, RouteStep, route, travel_time};
pub use space::SearchSpace;

pub(crate) use layout::Layout;
pub(crate) use reverse::{U_TURN_US, along_us};
