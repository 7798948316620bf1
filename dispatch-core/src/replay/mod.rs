//! A past day lived again: the same calls at the same times through the same core, under the day's own policy and under another.
//!
//! What came from outside happens as it did; what people asked for is asked again; what the centre decided is decided anew. A crew
//! needs for each piece of its work what that day recorded for the incident, and on the road what the roads say, made slower or
//! quicker as that incident's journey was. So a run that nothing has changed takes as long as it took, and one that has changed
//! differs by what the decision changed. Positions are not in the journal: the proposals hold those that they were made from.
//!
//! A [`Plan`] names another policy and what else is different: stations, units, a closed road, more calls.
//!
//! The way in: [`Past`] takes in the journal, [`compare`] lives the day and tells three results from each other: what was
//! recorded, the model under the day's own policy, and the model under the [`Plan`].

mod agenda;
mod change;
mod comparison;
mod course;
mod cover;
mod crews;
mod desk;
mod difference;
mod extra;
mod medians;
mod past;
mod plan;
mod repeat;
mod role;
mod scenes;
mod scripts;
mod sentence;
mod streets;
mod whereabouts;
mod world;

pub use change::Change;
pub use comparison::{Comparison, Departed, Side, compare};
pub use difference::{Answer, Difference, Fidelity};
pub use past::{Days, Past, Wanted};
pub use plan::{BadPlan, CALLS_TIMES_MAX, Plan};
pub use world::{Progress, Watch};
