//! The mobile network between vehicles and centre: reports come late, twice, in another order, or never.

use std::collections::BTreeMap;

use dispatch_core::actor::Actor;
use dispatch_core::fleet::Fix;
use dispatch_core::ids::UnitId;
use dispatch_core::{Action, Span, UtcTime};

use crate::chance::Chance;

/// Something on its way to the centre.
#[derive(Debug, Clone, PartialEq)]
pub enum Parcel {
    /// A position.
    Position(UnitId, Fix),
    /// A report on the reliable stream: it comes late or twice, but it comes.
    Report(Box<(Actor, Action)>),
}

/// What is on its way, by the time of its arrival.
#[derive(Debug)]
pub struct Network {
    under_way: BTreeMap<(UtcTime, u64), Parcel>,
    sent: u64,
    chance: Chance,
}

impl Network {
    /// A quiet network.
    pub fn new(seed: u64) -> Self {
        Self { under_way: BTreeMap::new(), sent: 0, chance: Chance::of(seed, "network", 0) }
    }

    /// Sends a position: it may be lost, late (a tunnel), or doubled.
    pub fn position(&mut self, unit: UnitId, fix: Fix, now: UtcTime) {
        if !self.chance.yes(0.05) {
            self.put(Parcel::Position(unit, fix), now, 0.05);
        }
        if self.chance.yes(0.05) {
            self.put(Parcel::Position(unit, fix), now, 0.5);
        }
    }

    /// Sends a report: it is sent until it is answered, so it comes at least once.
    pub fn report(&mut self, by: &Actor, action: &Action, now: UtcTime) {
        self.put(Parcel::Report(Box::new((by.clone(), action.clone()))), now, 0.1);
        if self.chance.yes(0.15) {
            self.put(Parcel::Report(Box::new((by.clone(), action.clone()))), now, 0.6);
        }
    }

    /// What has arrived by now, in the order of arrival.
    pub fn arrived(&mut self, now: UtcTime) -> Vec<Parcel> {
        let later = self.under_way.split_off(&(now, u64::MAX));
        std::mem::replace(&mut self.under_way, later).into_values().collect()
    }

    fn put(&mut self, parcel: Parcel, now: UtcTime, tunnel_share: f64) {
        let late_s = if self.chance.yes(tunnel_share) {
            self.chance.between(5.0, 240.0)
        } else {
            self.chance.between(0.05, 1.5)
        };
        self.sent += 1;
        if self.under_way.len() < UNDER_WAY_MAX {
            self.under_way.insert((now + Span::from_secs_f64(late_s), self.sent), parcel);
        }
    }
}

const UNDER_WAY_MAX: usize = 100_000;
