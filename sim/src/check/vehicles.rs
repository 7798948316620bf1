//! The simulated vehicles: they drift about the city, restart, and sometimes send what no vehicle should.

use std::collections::BTreeMap;

use dispatch_core::fleet::Fix;
use dispatch_core::ids::UnitId;
use dispatch_core::{Span, UtcTime};
use roads::Wgs84;

use crate::chance::Chance;

/// All vehicles.
#[derive(Debug)]
pub struct Vehicles {
    vehicles: BTreeMap<UnitId, Vehicle>,
    chance: Chance,
}

#[derive(Debug, Clone)]
struct Vehicle {
    position: Wgs84,
    moved_at: UtcTime,
    boot: u64,
    seq: u64,
    /// Its agent is off: nothing is heard.
    off: bool,
}

impl Vehicles {
    /// Vehicles standing where they are told.
    pub fn new(seed: u64, at: impl IntoIterator<Item = (UnitId, Wgs84)>, now: UtcTime) -> Self {
        let vehicle =
            |(unit, position)| (unit, Vehicle { position, moved_at: now, boot: 1, seq: 0, off: false });
        Self { vehicles: at.into_iter().map(vehicle).collect(), chance: Chance::of(seed, "vehicles", 0) }
    }

    /// Every unit.
    pub fn units(&self) -> Vec<UnitId> {
        self.vehicles.keys().copied().collect()
    }

    /// Turns an agent off or on again; on again it counts from the start.
    pub fn switch(&mut self, unit: UnitId) {
        if let Some(vehicle) = self.vehicles.get_mut(&unit) {
            vehicle.off = !vehicle.off;
            if !vehicle.off {
                vehicle.boot += 1;
                vehicle.seq = 0;
            }
        }
    }

    /// What the vehicles send at a moment.
    pub fn fixes(&mut self, now: UtcTime) -> Vec<(UnitId, Fix)> {
        let chance = &mut self.chance;
        let mut fixes = Vec::new();
        for (unit, vehicle) in &mut self.vehicles {
            if vehicle.off || chance.yes(0.3) {
                continue;
            }
            let passed_s = now.since(vehicle.moved_at).as_secs_f64().clamp(0.0, 600.0);
            vehicle.moved_at = now;
            // At most about 90 km/h along each axis, so that only the jumps below are jumps.
            let step = |chance: &mut Chance| chance.between(-1.0, 1.0) * passed_s * 25.0 / 111_195.0;
            vehicle.position = shifted(vehicle.position, step(chance), step(chance));
            vehicle.seq += 1;
            let mut fix = Fix {
                boot: vehicle.boot,
                seq: vehicle.seq,
                at: now,
                position: vehicle.position,
                speed_kmh: 40.0,
                heading_deg: None,
                accuracy_m: Some(6.0),
            };
            match chance.below(60) {
                0 => fix.at = now + Span::from_secs_f64(chance.between(6.0, 90_000.0)),
                1 => fix.position = shifted(vehicle.position, 0.5, 0.3),
                2 => fix.position = Wgs84::new(0.0, 0.0).unwrap_or(vehicle.position),
                3 => fix.speed_kmh = f32::NAN,
                4 => fix.at = now - Span::from_secs_f64(chance.between(30.0, 4_000.0)),
                _ => {}
            }
            fixes.push((*unit, fix));
        }
        fixes
    }
}

fn shifted(p: Wgs84, east: f64, north: f64) -> Wgs84 {
    Wgs84::new(p.longitude() + east, p.latitude() + north).unwrap_or(p)
}
