//! `dispatchd`: the only crate at the centre that does things. It keeps the journal, runs the clock, talks to vehicles,
//! browsers and PostgreSQL; what is right is decided in `dispatch-core`.

pub mod api;
pub mod centre;
pub mod cli;
pub mod clock;
pub mod config;
pub mod districts;
pub mod enrolment;
mod event_loop;
mod files;
mod floods;
#[cfg(test)]
mod fuzz;
mod heads;
pub mod journal;
pub mod jt808;
pub mod leadership;
mod map;
pub mod master_data;
mod mutant;
mod next_version;
pub mod paper;
mod plans;
pub mod positions;
pub mod postgres;
pub mod proposals;
mod publisher;
pub mod road_weights;
pub mod running;
mod snapshots;
pub mod telemetry;
#[cfg(test)]
pub(crate) mod testing;
mod upkeep;
pub mod vehicles;
