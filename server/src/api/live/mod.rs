//! Live: what happens, as it happens, to every screen at once. Each frame is written once and shared by all readers; a
//! reader that does not keep up is dropped with a reason and may come back to where it was.

mod changed;
mod encoder;
mod fact;
mod frame;
mod hub;
mod seats;
mod socket;

pub(crate) use encoder::{Encoder, opinion_frame};
#[cfg(test)]
pub(crate) use frame::Frame;
pub(crate) use frame::{LiveEvent, LivePositions, LiveStart, LiveTick};
pub(crate) use hub::LiveHub;
pub(crate) use seats::LiveSeats;
pub(super) use socket::routes;
