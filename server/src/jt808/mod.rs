//! The door for trackers that speak JT/T 808 (2013 and 2019) over TCP. A position of one goes the way of a position over QUIC: to the fleet, the desk and
//! the history. Such a terminal has no orders, no presses and no proof of who it is but a number and a code, so that its unit is shown as
//! tracked only, and nothing personal is ever sent to it. `docs/jt808.md` says what is understood.
//!
//! **Invariant:** bad bytes are counted and cost nobody a connection. Before a terminal has shown its code it may register and show it, nothing else.

mod codec;
mod connection;
mod gateway;
mod places;
mod session;
mod terminals;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use codec::{Assembly, Deframer, Header, Upward, enclose};
pub use gateway::{Enrolment, Gateway, describe_metrics};
pub use terminals::{Terminals, TerminalsError};
