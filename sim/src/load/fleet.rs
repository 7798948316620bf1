//! `sim vehicles`: thousands of vehicles in one process, over a few sockets.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use quinn::Endpoint;

use super::Door;
use super::authority::Authority;
use super::tally::{Tally, unix_s};
use super::vehicle::Vehicle;
use crate::chance::Chance;

/// How large a fleet, and what it does.
#[derive(Debug, Clone)]
pub struct FleetOptions {
    /// Where it connects.
    pub door: Door,
    /// How many vehicles, named `PREFIX` and five digits from 1.
    pub count: usize,
    /// What their names begin with.
    pub prefix: String,
    /// Positions a second of each vehicle.
    pub positions_per_s: f64,
    /// How long; for ever without.
    pub seconds: Option<u64>,
    /// Sockets they share.
    pub sockets: usize,
    /// Threads they share.
    pub threads: usize,
    /// The middle of where they stand: longitude and latitude in degrees, WGS-84.
    pub around: (f64, f64),
    /// The seed of places and waits.
    pub seed: u64,
}

/// Runs a fleet. A line of JSON each second tells how it stands.
pub fn run_fleet(options: &FleetOptions) -> anyhow::Result<()> {
    anyhow::ensure!(options.count > 0 && options.sockets > 0, "a fleet has a vehicle and a socket");
    anyhow::ensure!(options.positions_per_s > 0.0, "a vehicle reports now and then");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(options.threads.max(1))
        .enable_all()
        .build()?;
    runtime.block_on(drive(options))
}

async fn drive(options: &FleetOptions) -> anyhow::Result<()> {
    let authority = Authority::open(&options.door.authority)?;
    let addresses: Arc<[SocketAddr]> = options.door.addresses.clone().into();
    let mut endpoints = Vec::new();
    for _ in 0..options.sockets {
        endpoints.push(Endpoint::client(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))?);
    }
    let tally = Arc::new(Tally::default());
    let mut clients = Vec::with_capacity(options.count);
    for number in 1..=options.count {
        clients.push(authority.vehicle(&format!("{}{number:05}", options.prefix))?);
    }
    for (number, client) in clients.into_iter().enumerate() {
        let mut chance = Chance::of(options.seed, "a vehicle of a fleet", number as u64);
        let (longitude, latitude) = options.around;
        let stands_at = (
            longitude + chance.between(-SPREAD_DEG, SPREAD_DEG),
            latitude + chance.between(-SPREAD_DEG, SPREAD_DEG),
        );
        let vehicle = Vehicle {
            endpoint: endpoints[number % endpoints.len()].clone(),
            client,
            addresses: Arc::clone(&addresses),
            tally: Arc::clone(&tally),
            chance,
            stands_at,
            every: Duration::from_secs_f64(1.0 / options.positions_per_s),
            boot: unix_s() as u64,
        };
        tokio::spawn(vehicle.drive());
    }
    let over = async {
        match options.seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        told = tally.tell(options.count) => told,
        () = over => Ok(()),
        stop = tokio::signal::ctrl_c() => Ok(stop?),
    }
}

/// They stand within this of the middle, each way.
const SPREAD_DEG: f64 = 0.1;
