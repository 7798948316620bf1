//! `sim drive`: callers, seats, crews and emergency departments for a running centre, over its public contracts alone: the HTTP
//! interface of the centre, NMEA 0183 to each vehicle's agent, the HTTP interface of each terminal. Nothing here sees the inside of
//! either.

pub mod bedside;
pub mod calls;
pub mod centre;
pub mod clock;
pub mod config;
pub mod crew;
pub mod dispatch;
pub mod feeds;
pub mod mind;
pub mod nmea;
pub mod nurses;
pub mod picture;
pub mod save;
pub mod streets;
pub mod terminal;
pub mod vehicle;
pub mod world;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context;
use dispatch_core::{Span, UtcTime};
use roads::RoadMap;
use tokio::task::{LocalSet, spawn_local};

use crate::demand::places::Places;
use crate::demand::{CallPlan, Demand, Turn};
use centre::Centre;
use clock::DomainClock;
use config::{Config, Seats};
use picture::Picture;
use save::Saved;
use streets::Streets;
use terminal::Terminal;
use vehicle::Vehicle;
use world::{Counts, Script, SeatPool, World};

/// Drives until told to stop (SIGTERM, SIGINT) or until `seconds` of the wall are over.
pub fn run(config_path: &Path, seconds: Option<u64>) -> anyhow::Result<()> {
    let config = Config::read(config_path)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, drive(config, seconds))
}

async fn drive(config: Config, seconds: Option<u64>) -> anyhow::Result<()> {
    let demand_map = read_map(&config)?;
    let demand = Demand::new(config.seed, config.calls_per_day, Places::of(&demand_map));
    let demand = match &config.learned {
        Some(profile) => demand.with_profile(profile.clone()),
        None => demand,
    };
    let world = Rc::new(open_world(config, demand_map)?);
    let mut feeds = Vec::new();
    for unit in &world.config.units {
        feeds.push((unit.id.clone(), feeds::open(&unit.feed).await?));
    }
    for (unit, listener) in feeds {
        spawn_local(feeds::serve(world.clone(), unit, listener));
    }
    let http = centre::client()?;
    for unit in world.config.units.clone() {
        let terminal = Terminal::at(&unit.terminal, http.clone());
        spawn_local(crew::work(world.clone(), unit, terminal));
    }
    spawn_task(&world, |world| async move { world.clock.follow().await });
    spawn_task(&world, |world| async move { world.picture.follow(&world.centre).await });
    spawn_task(&world, follow_closures);
    if world.config.seats == Seats::All {
        spawn_local(nurses::watch(world.clone()));
    }
    let keys: Vec<_> = world.scripts.borrow().keys().copied().collect();
    for key in keys {
        spawn_local(calls::play(world.clone(), key));
    }
    spawn_task(&world, |world| call(world, demand));
    let reason = until_the_end(&world, seconds).await?;
    Saved::of(&world).write(&world.config.state)?;
    eprintln!("sim drive: {reason}: stopped; {}", progress(&world));
    Ok(())
}

fn spawn_task<F: Future<Output = ()> + 'static>(world: &Rc<World>, task: impl FnOnce(Rc<World>) -> F) {
    spawn_local(task(world.clone()));
}

fn read_map(config: &Config) -> anyhow::Result<RoadMap> {
    let bytes = std::fs::read(&config.map)
        .with_context(|| format!("cannot read the map {}", config.map.display()))?;
    RoadMap::from_bytes(&bytes).with_context(|| config.map.display().to_string())
}

fn open_world(config: Config, map: RoadMap) -> anyhow::Result<World> {
    let clock = DomainClock::open(config.clock_file.clone())?;
    let now = clock.now();
    let saved = Saved::read(&config.state)?;
    let kept = saved.as_ref().map(|saved| saved.vehicles.clone()).unwrap_or_default();
    let vehicle = |unit: &config::UnitConfig| {
        let station = config.station(&unit.station).context("invariant: stations were checked")?;
        let vehicle = kept.get(&unit.id).cloned().unwrap_or_else(|| Vehicle::standing(station.position, now));
        Ok((unit.id.clone(), vehicle))
    };
    let vehicles = config.units.iter().map(vehicle).collect::<anyhow::Result<BTreeMap<_, _>>>()?;
    let scripts =
        saved.iter().flat_map(|saved| saved.scripts.iter().map(|script| (script.key(), script.clone())));
    // A city that slept longer than this does not call all at once for what happened meanwhile.
    let earliest = now - Span::from_secs_f64(CATCH_UP_S);
    let called_until = saved.as_ref().map_or(now, |saved| saved.called_until.clamp(earliest, now));
    Ok(World {
        centre: Centre::at(&config.centre, centre::client()?, clock::wall_now().micros().unsigned_abs()),
        picture: Picture::new(),
        streets: Streets::new(map, config.traffic_factor),
        vehicles: RefCell::new(vehicles),
        scripts: RefCell::new(scripts.collect()),
        called_until: Cell::new(called_until),
        radio: RefCell::default(),
        nudged: RefCell::default(),
        seats: SeatPool::new(config.seat_count, config.seed),
        counts: Counts::default(),
        clock,
        config,
    })
}

/// Lets the city call, hour by hour, for ever.
async fn call(world: Rc<World>, demand: Demand) {
    loop {
        let until = world.called_until.get();
        let hour = until.micros().unsigned_abs() / HOUR_US;
        for plan in demand.hour(hour) {
            if plan.at > until && world.scripts.borrow().len() < SCRIPTS_MAX {
                world.clock.sleep_until(plan.at).await;
                world.called_until.set(plan.at);
                begin(&world, &plan);
            }
        }
        let next_hour = UtcTime::from_micros(((hour + 1) * HOUR_US) as i64);
        world.clock.sleep_until(next_hour).await;
        world.called_until.set(next_hour);
    }
}

fn begin(world: &Rc<World>, plan: &CallPlan) {
    let twice = matches!(plan.turn, Turn::CalledTwice { .. });
    for second in [false, true].into_iter().take(if twice { 2 } else { 1 }) {
        let script = Script { plan: plan.clone(), second, call: None, incident: None };
        let key = script.key();
        world.scripts.borrow_mut().insert(key, script);
        spawn_local(calls::play(world.clone(), key));
    }
}

async fn follow_closures(world: Rc<World>) {
    let mut changes = world.picture.changes();
    while changes.changed().await.is_ok() {
        world.streets.close(world.picture.closed_ways());
    }
}

/// Waits for the end, saving and telling now and then.
async fn until_the_end(world: &World, seconds: Option<u64>) -> anyhow::Result<&'static str> {
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let mut save = tokio::time::interval(SAVE_EVERY);
    let mut tell = tokio::time::interval(TELL_EVERY);
    let over = tokio::time::sleep(Duration::from_secs(seconds.unwrap_or(u64::from(u32::MAX))));
    tokio::pin!(over);
    loop {
        tokio::select! {
            _ = term.recv() => return Ok("told to stop"),
            interrupted = tokio::signal::ctrl_c() => return interrupted.map(|()| "interrupted").map_err(Into::into),
            () = &mut over => return Ok("time is over"),
            _ = save.tick() => Saved::of(world).write(&world.config.state)?,
            _ = tell.tick() => eprintln!("sim drive: {}", progress(world)),
        }
    }
}

fn progress(world: &World) -> String {
    let vehicles = world.vehicles.borrow();
    let driving = vehicles.values().filter(|vehicle| vehicle.is_driving()).count();
    let counts = &world.counts;
    format!(
        "{} · {} calls ({} open), {} incidents, {} orders, {} runs ended, {driving}/{} driving, {} presses, {} refused, {} frames",
        world.clock.now(),
        counts.calls.get(),
        world.scripts.borrow().len(),
        counts.incidents.get(),
        counts.orders.get(),
        counts.runs.get(),
        vehicles.len(),
        counts.presses.get(),
        counts.refused.get(),
        world.picture.frames.get(),
    )
}

const HOUR_US: u64 = 3_600_000_000;
const CATCH_UP_S: f64 = 300.0;
const SCRIPTS_MAX: usize = 2_000;
const SAVE_EVERY: Duration = Duration::from_secs(2);
const TELL_EVERY: Duration = Duration::from_secs(20);
