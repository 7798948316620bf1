//! The centre's decisions, as a dispatcher would tell them: what is asked, what comes out, what is refused.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

mod about_to_be_free;
mod accident_sums;
mod accidents;
mod bookings;
mod bringing_in;
mod choices;
mod city;
mod cover;
mod days;
mod deadlines;
mod drills;
mod erasure;
mod golden;
mod handoffs;
mod held_orders;
mod life;
mod mishaps;
mod paper;
mod patients;
mod plans;
mod policies;
mod random_days;
mod record;
mod refusals;
mod reliefs;
mod roadside;
mod sealed;
mod shifts;
mod splits;
mod station_areas;
mod traffic;
mod who_may_go;
