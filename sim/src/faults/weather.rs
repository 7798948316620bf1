//! What goes wrong, and for how long.

use crate::chance::Chance;

use super::Mode;
use super::world::World;

/// The cables that are cut, until when (microseconds of the world).
#[derive(Debug, Clone, Default)]
pub struct Weather {
    /// From each machine to PostgreSQL.
    pub to_postgres: [u64; 2],
    /// Back from it.
    pub from_postgres: [u64; 2],
    /// To each machine from the other.
    pub to_peer: [u64; 2],
    /// Between each machine and the vehicles.
    pub vehicles: [u64; 2],
}

impl World {
    /// Perhaps something goes wrong now.
    pub(super) fn blow(&mut self) {
        if self.calm || !self.chance.yes(FAULT_EACH_STEP) {
            return;
        }
        let now_us = self.elapsed_us;
        let lasting = duration_us(&mut self.chance);
        let until_us = now_us + lasting;
        let at = self.chance.below(2);
        match self.chance.below(14) {
            0 => self.end_process(at),
            1 => {
                self.end_process(at);
                self.sites[at].asleep_until_us = until_us;
            }
            2 | 3 => self.postgres.away_until_us = until_us,
            4 => self.postgres.slow_us = lasting.min(1_500_000),
            5 => self.postgres.slow_us = 0,
            6 => self.weather.to_postgres[at] = until_us,
            7 => self.weather.from_postgres[at] = until_us,
            8 => self.weather.to_peer[at] = until_us,
            9 => self.weather.to_peer = [until_us; 2],
            // Everything around one machine.
            10 => {
                self.weather.to_postgres[at] = until_us;
                self.weather.to_peer = [until_us; 2];
            }
            11 => self.weather.vehicles[at] = until_us,
            // A machine that is suspended: its clock goes on.
            12 => self.sites[at].asleep_until_us = until_us.min(now_us + 8_000_000),
            _ => {
                let off_s = self.chance.between(-4.0, 4.0);
                self.sites[at].wall_off = dispatch_core::Span::from_secs_f64(off_s);
                self.half_next = self.chance.yes(0.5);
            }
        }
    }

    /// From half-way on only what is broken for good stays broken: one machine, or PostgreSQL for one of them, or the cable between them.
    pub(super) fn settle_weather(&mut self, step: u64, steps: u64) {
        if self.mode != Mode::Liveness || step != steps / 2 {
            return;
        }
        self.calm = true;
        self.weather = Weather::default();
        self.postgres.slow_us = 0;
        self.postgres.away_until_us = 0;
        self.half_next = false;
        let at = self.chance.below(2);
        for site in &mut self.sites {
            site.asleep_until_us = 0;
        }
        match self.chance.below(4) {
            0 => {
                self.end_process(at);
                self.sites[at].asleep_until_us = u64::MAX;
            }
            1 => (self.weather.to_postgres[at], self.weather.from_postgres[at]) = (u64::MAX, u64::MAX),
            2 => self.weather.to_peer = [u64::MAX; 2],
            _ => {
                // One way alone, which is the nastier case.
                self.weather.from_postgres[at] = u64::MAX;
                self.weather.to_peer[at] = u64::MAX;
            }
        }
    }
}

/// Mostly short, now and then long.
fn duration_us(chance: &mut Chance) -> u64 {
    let seconds = if chance.yes(0.3) { chance.between(4.0, 40.0) } else { chance.between(0.1, 4.0) };
    (seconds * 1_000_000.0) as u64
}

/// One fault in five simulated seconds or so.
const FAULT_EACH_STEP: f64 = 0.004;
