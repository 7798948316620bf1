//! What the system tests share: the tree as a reader sees it, real processes on free ports, deadlines instead of
//! sleeps. The tests themselves are in `tests/`: `architecture` (rules about the tree), `centre` (one `dispatchd` and
//! what surrounds it), `demo` (a small city with its mishaps, and a real browser).

pub mod agent;
pub mod api;
pub mod browser;
pub mod city;
pub mod deadline;
pub mod judge;
pub mod nmea;
pub mod ports;
pub mod process;
pub mod scratch;
pub mod tracker;
pub mod tree;
