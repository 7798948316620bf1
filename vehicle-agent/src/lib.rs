//! The in-vehicle agent: reads the GNSS receiver, keeps orders and reports on disk through dead zones, speaks to the
//! centre over QUIC, and serves the crew's terminal. It never needs the centre to accept a press.
//!
//! **Invariant:** it knows the centre through the crate `link` alone.

pub mod check;
pub mod clock;
pub mod config;
pub mod connection;
pub mod duty;
pub mod enrolment;
pub mod gnss;
pub mod map;
pub mod monitors;
pub mod spool;
pub mod terminal;

mod agent;

pub use agent::{Agent, AgentError};
