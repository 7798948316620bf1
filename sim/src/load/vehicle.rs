//! One vehicle of a fleet: it connects, reports where it is, answers what it is told, and comes back after every loss as
//! `docs/vehicle-link.md` asks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use link::attempts::{Round, SILENT_AFTER};
use link::v1::{
    DeliveryAck, DeliveryOutcome, FixQuality, Ping, Position, Settings, from_centre, from_vehicle,
};
use quinn::{ClientConfig, Endpoint};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

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
        let mut round = Round::new(self.addresses.len());
        let (mut connection, mut seq) = (0_u64, 0_u64);
        loop {
            sleep(round.next_wait(self.chance.unit())).await;
            connection += 1;
            Tally::count(&self.tally.attempts);
            let address = self.addresses[round.address()];
            let boot = Boot { boot: self.boot, connection };
            match Session::open(&self.endpoint, &self.client, address, boot).await {
                Ok(session) => {
                    round.linked();
                    self.tally.linked.fetch_add(1, Ordering::Relaxed);
                    // Whatever ended it, the vehicle comes back; one that hears nobody comes at once.
                    if self.work(session, &mut seq).await.is_err() {
                        round.ended();
                    }
                    self.tally.linked.fetch_sub(1, Ordering::Relaxed);
                    Tally::count(&self.tally.lost);
                }
                Err(no_session) => {
                    Tally::count(&self.tally.failed);
                    round.failed(no_session.failure);
                    sleep(no_session.retry_after).await;
                }
            }
        }
    }

    /// Returns when nobody answers any more. An error: the link has ended.
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
                () = silent => return Ok(()),
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

/// Where the centre says nothing of it.
const PING_EVERY: Duration = Duration::from_secs(10);
