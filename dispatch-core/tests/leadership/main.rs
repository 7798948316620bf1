//! The protocol of leadership, checked exhaustively for small sizes: the production [`dispatch_core::leadership::Node`] twice, one PostgreSQL
//! with a standby, channels that lose, repeat and reorder, processes that end at any moment, and clocks that run unevenly.

mod actions;
mod laws;
mod mutants;
mod postgres;
mod scenarios;
mod stories;
mod world;
