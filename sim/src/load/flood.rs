//! `sim flood`: a vehicle with a good certificate that sends what nobody should, as fast as the line takes it, and comes back at once
//! whenever it is cut off.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use link::encode_frame;
use link::v1::{FromVehicle, Ping, PositionHistory, from_vehicle};
use quinn::Endpoint;
use serde_json::json;
use tokio::time::Instant;

use super::Door;
use super::authority::Authority;
use super::session::{Boot, Session};
use super::tally::{unix_ms, unix_s};
use super::vehicle::standing;
use crate::chance::Chance;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloodKind {
    /// Datagrams of noise.
    Datagrams,
    /// Frames of noise.
    Frames,
    /// Frames that make sense, far too many: questions and old positions.
    Talk,
    /// Each of these in turn, one a connection.
    All,
}

/// Who floods, and how.
#[derive(Debug, Clone)]
pub struct FloodOptions {
    /// Where it connects.
    pub door: Door,
    /// As which unit.
    pub unit: String,
    /// What it sends.
    pub kind: FloodKind,
    /// How long.
    pub seconds: u64,
}

/// Floods, and tells at the end as one line of JSON what was sent and how the centre took it.
pub fn run_flood(options: &FloodOptions) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(flood(options))
}

async fn flood(options: &FloodOptions) -> anyhow::Result<()> {
    let client = Authority::open(&options.door.authority)?.vehicle(&options.unit)?;
    let endpoint = Endpoint::client(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))?;
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let (mut connection, mut messages) = (0, 0);
    let mut ends: BTreeMap<String, u64> = BTreeMap::new();
    while Instant::now() < until {
        connection += 1;
        let address = options.door.addresses[(connection as usize) % options.door.addresses.len()];
        let boot = Boot { boot: unix_s() as u64, connection };
        let end = match Session::open(&endpoint, &client, address, boot).await {
            Ok(mut session) => {
                let kind = in_turn(options.kind, connection);
                let sending = send(&mut session, kind, connection, &mut messages);
                match tokio::time::timeout_at(until, sending).await {
                    Ok(_) => {
                        session.connection.close_reason().map_or("stream ended".into(), |why| why.to_string())
                    }
                    Err(_) => "time over".to_owned(),
                }
            }
            Err(error) => error.to_string(),
        };
        *ends.entry(end).or_default() += 1;
    }
    let told = json!({"unit": options.unit, "connections": connection, "messages": messages, "ends": ends});
    writeln!(std::io::stdout().lock(), "{told}")?;
    endpoint.wait_idle().await;
    Ok(())
}

fn in_turn(kind: FloodKind, connection: u64) -> FloodKind {
    match (kind, connection % 3) {
        (FloodKind::All, 0) => FloodKind::Datagrams,
        (FloodKind::All, 1) => FloodKind::Frames,
        (FloodKind::All, _) => FloodKind::Talk,
        (kind, _) => kind,
    }
}

/// Sends until the centre ends it.
async fn send(session: &mut Session, kind: FloodKind, salt: u64, messages: &mut u64) -> anyhow::Result<()> {
    let mut chance = Chance::of(salt, "noise", 0);
    let mut number = 0;
    loop {
        number += 1;
        match kind {
            FloodKind::Datagrams => {
                let noise = noise(&mut chance, 1000);
                session.connection.send_datagram_wait(noise.into()).await?;
            }
            FloodKind::Frames => {
                let noise = noise(&mut chance, 1000);
                session.send.write_all(&(noise.len() as u32).to_be_bytes()).await?;
                session.send.write_all(&noise).await?;
            }
            FloodKind::Talk | FloodKind::All => {
                let body = if number % 2 == 0 { question(number) } else { old_positions(number) };
                session.send.write_all(&encode_frame(&FromVehicle { body: Some(body) })?).await?;
            }
        }
        *messages += 1;
    }
}

fn noise(chance: &mut Chance, bytes: usize) -> Vec<u8> {
    // A tag of a kind that no message has comes first, so that no noise ever is a message.
    let mut noise = vec![0xff; 12];
    while noise.len() < bytes {
        noise.extend(chance.number().to_le_bytes());
    }
    noise
}

fn question(nonce: u64) -> from_vehicle::Body {
    from_vehicle::Body::Ping(Ping { nonce })
}

fn old_positions(batch: u64) -> from_vehicle::Body {
    let old = |number: usize| {
        let mut position = standing(1, batch * 1000 + number as u64, (114.3, 30.6));
        position.fix_time_unix_ms = unix_ms() - 3_600_000;
        position
    };
    let positions = (0..link::BACKFILL_POSITIONS_MAX).map(old).collect();
    from_vehicle::Body::PositionHistory(PositionHistory { batch, positions })
}
