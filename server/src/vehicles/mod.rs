//! The vehicles' door: QUIC with mutual TLS, one owner task for each connection, and nothing decided here. What a
//! vehicle says goes to the centre; an answer leaves only when the centre's record is durable.
//!
//! **Invariant:** a vehicle that misbehaves loses its own connection at worst, never another's.

mod admission;
mod bulk;
mod card;
mod centre;
mod centre_port;
pub mod certificates;
mod charting;
mod connection;
mod deny_list;
mod endpoint;
pub(crate) mod files;
mod further;
mod gateway;
mod identity;
mod pace;
mod penalty;
mod roster;
mod settings;
mod speech;
mod ways;

#[cfg(test)]
mod tests;

pub use centre::VehicleCentre;
pub use centre_port::{CentrePort, Greeting, News, ReportAnswer};
pub use deny_list::{DenyList, DenyListError};
pub use endpoint::GatewayError;
pub(crate) use endpoint::certificates as pem_certificates;
pub use gateway::{Denials, Gateway, describe_metrics};
pub(crate) use identity::{Identity, of_connection as identity_of};
