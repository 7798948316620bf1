//! A city in one thread by seed: it is drawn, it calls, it drives, and the real dispatch core is watched while everything goes
//! wrong. Everything by chance hangs on a seed: the same seed gives the same bytes on any machine.
//!
//! - [`check`] watches the laws through a day in which much goes wrong (`sim check`).
//! - [`faults`] watches two machines through everything that can go wrong between them (`sim faults`).
//! - [`city`] makes a city and the files to run a centre in it (`sim city`).
//! - [`demand`] says who calls, when, where, for what (`sim calls`).
//! - [`drive`] plays callers, seats, crews and emergency departments against running processes over the public contracts alone
//!   (`sim drive`).
//! - [`load`] is a fleet of thousands, a vehicle that floods, and a desk that times what it waits for (`sim vehicles`, `sim flood`,
//!   `sim probe`).
//! - [`ecg`] writes an electrocardiogram of twelve leads as a device does.
//! - [`monitor`] is a monitor at a patient's side (`sim monitor`).

pub mod case;
pub mod chance;
pub mod check;
pub mod city;
pub mod demand;
pub mod drive;
pub mod ecg;
pub mod faults;
pub mod load;
pub mod monitor;
pub mod twin;
