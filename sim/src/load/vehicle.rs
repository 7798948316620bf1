//! One vehicle of a fleet: it connects, reports where it is, answers what it is told, and comes back after every loss as
//! `docs/vehicle-link.md` asks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::bail;
use link::v1::{
    DeliveryAck, DeliveryOutcome, FixQuality, Ping, Position, Settings, from_centre, from_vehicle,
};
use quinn::{ClientConfig, Endpoint};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

use super::backoff::Backoff;
use super::session::{Boot, Session};
use super::tally::{Tally, unix_ms};
use crate::chance::Chance;

/// One vehicle.
pub(super) struct Vehicle {
    pub(super) endpoint: Endpoint,
    pub(super) client: ClientConfig,
    pub(super) addresses: Arc<[SocketAddr]>,
    pub(super) tally: Arc<Tally>,
    pub(super) chance: Chance,
    /// Where it stands: longitude and latitude in degrees, WGS-84.
    pub(super) stands_at: (f64, f64),
    /// Between positions.
    pub(super) every: Duration,
    /// Of this start.
    pub(super) boot: u64,
}

impl Vehicle {
    /// Drives for ever.
    pub(super) async fn drive(mut self) {
        let (mut backoff, mut connection, mut seq) = (Backoff::default(), 0_u64, 0_u64);
        loop {
            sleep(backoff.next_wait(&mut self.chance)).await;
            connection += 1;
            Tally::count(&self.tally.attempts);
            let address = self.addresses[(connection as usize) % self.addresses.len()];
            let boot = Boot { boot: self.boot, connection };
            match Session::open(&self.endpoint, &self.client, address, boot).await {
                Ok(session) => {
                    backoff.reset();
                    self.tally.linked.fetch_add(1, Ordering::Relaxed);
                    // Whatever ended it: the vehicle comes back.
                    let _ = self.work(session, &mut seq).await;
                    self.tally.linked.fetch_sub(1, Ordering::Relaxed);
                    Tally::count(&self.tally.lost);
                    backoff.ended();
                }
                Err(_) => Tally::count(&self.tally.failed),
            }
        }
    }

    /// Returns when the link is lost.
    async fn work(&mut self, mut session: Session, seq: &mut u64) -> anyhow::Result<()> {
        let settings = session.welcome.settings.take().unwrap_or_default();
        // The fleet does not report in step.
        let first = Instant::now() + self.every.mul_f64(self.chance.unit());
        let mut report = interval_at(first, self.every);
        report.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut ping = interval_at(first, ping_every(&settings));
        let (mut nonce, mut asked): (u64, Option<Instant>) = (0, None);
        loop {
            let silent = async {
                match asked {
                    Some(at) => tokio::time::sleep_until(at + SILENT_AFTER).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                body = session.ears.hear() => match body? {
                    from_centre::Body::Pong(_) => asked = None,
                    from_centre::Body::Delivery(delivery) => {
                        Tally::count(&self.tally.deliveries);
                        session.say(from_vehicle::Body::DeliveryAck(stored(delivery.effect_id))).await?;
                    }
                    _ => {}
                },
                _ = report.tick() => {
                    *seq += 1;
                    session.show(&standing(self.boot, *seq, self.stands_at))?;
                    Tally::count(&self.tally.positions);
                }
                _ = ping.tick() => {
                    nonce += 1;
                    session.say(from_vehicle::Body::Ping(Ping { nonce })).await?;
                    asked.get_or_insert_with(Instant::now);
                }
                () = silent => bail!("no answer"),
            }
        }
    }
}

/// The vehicle has it.
pub(super) fn stored(effect_id: String) -> DeliveryAck {
    DeliveryAck { effect_id, outcome: DeliveryOutcome::Stored.into(), ..DeliveryAck::default() }
}

/// A fix of now.
pub(super) fn standing(boot: u64, seq: u64, (longitude_deg, latitude_deg): (f64, f64)) -> Position {
    Position {
        boot,
        seq,
        fix_time_unix_ms: unix_ms(),
        longitude_deg,
        latitude_deg,
        accuracy_m: 5.0,
        satellites: 12,
        quality: FixQuality::Simulated.into(),
        ..Position::default()
    }
}

fn ping_every(settings: &Settings) -> Duration {
    match settings.ping_interval_ms {
        0 => PING_EVERY,
        told_ms => Duration::from_millis(u64::from(told_ms.max(100))),
    }
}

/// A question that nobody has answered for so long means that nobody is there.
const SILENT_AFTER: Duration = Duration::from_secs(3);
/// Where the centre says nothing of it.
const PING_EVERY: Duration = Duration::from_secs(10);
