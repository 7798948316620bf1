//! What a dispatch centre decides, and nothing it does.
//!
//! Commands come in with the time, events come out; the same crate runs the live centre, the simulated city and the
//! replay of a past day. Nothing here reads a clock, a file, a socket or a random source: the doing is in `server`.
//!
//! The way in: [`centre::DispatchCentre`] decides ([`centre::DispatchCentre::handle`]), [`record::Record`] is the state
//! that events build, [`command::Action`] and [`event::Fact`] list everything that can be asked and everything that
//! can have happened.

pub mod accident;
pub mod actor;
pub mod aside;
pub mod assignment;
pub mod centre;
pub mod command;
pub mod destination;
pub mod effect;
pub mod erasure;
pub mod escalation;
pub mod event;
pub mod fleet;
pub mod ids;
pub mod incident;
pub mod journal;
pub mod leadership;
pub mod number;
pub mod paper;
pub mod patient;
pub mod policy;
pub mod private;
pub mod record;
pub mod refusal;
pub mod replay;
pub mod reports;
pub mod roadworks;
pub mod rules;
pub mod time;
pub mod timers;
pub mod traffic;
pub mod vehicle;

pub use centre::DispatchCentre;
pub use command::{Action, Command};
pub use event::{Event, Fact};
pub use record::Record;
pub use refusal::Refusal;
pub use time::{Span, UtcTime};
