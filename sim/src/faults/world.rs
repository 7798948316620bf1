//! The simulated world of two machines: everything moves in one thread, in small steps of simulated time.

use std::sync::Arc;

use dispatch_core::actor::Actor;
use dispatch_core::leadership::{Input, Node};
use dispatch_core::{Action, Command, Event, Fact, Span, UtcTime};

use super::Mode;
use super::aside::Bringing;
use super::fleet::Fleet;
use super::laws::{Law, Ledger};
use super::postgres::Postgres;
use super::site::{Process, Row, Site};
use super::weather::Weather;
use super::wire::{Parcel, Wire};
use crate::chance::Chance;
use crate::check::Broken;

/// The world.
pub struct World {
    pub(super) mode: Mode,
    pub(super) chance: Chance,
    pub(super) elapsed_us: u64,
    start: UtcTime,
    pub(super) sites: [Site; 2],
    pub(super) postgres: Postgres,
    pub(super) wire: Wire,
    pub(super) weather: Weather,
    pub(super) fleet: Fleet,
    pub(super) ledger: Ledger,
    pub(super) laws: Vec<Box<dyn Law>>,
    pub(super) tally: Tally,
    /// Nothing more goes wrong.
    pub(super) calm: bool,
    /// PostgreSQL's primary restarts in the middle of the next commit.
    pub(super) half_next: bool,
    /// What is being brought in.
    pub(super) bringing: Option<Bringing>,
    /// A broken desk for the tests of the laws: what it brings in waits no more before it is acknowledged.
    pub(super) hasty: bool,
    ids: u64,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Processes that ended.
    pub ends: u64,
    /// Leaderships.
    pub leaderships: u64,
    /// Hand-overs.
    pub hand_overs: u64,
    /// Events acknowledged with two copies.
    pub acknowledged: u64,
    /// Among them those with the follower's copy.
    pub by_follower: u64,
    /// Events acknowledged with one copy, as an island.
    pub island: u64,
    /// Stretches of events moved aside.
    pub quarantined: u64,
    /// Such stretches that a person brought in.
    pub brought_in: u64,
    /// Calls taken.
    pub calls: u64,
    /// Orders that a vehicle took.
    pub orders: u64,
    /// Orders that a vehicle refused for their epoch.
    pub stale_orders: u64,
    /// Times that the standby took the primary's place.
    pub fail_overs: u64,
}

impl World {
    /// Two machines that have just been switched on.
    pub fn new(seed: u64, mode: Mode, laws: Vec<Box<dyn Law>>) -> Self {
        let mut chance = Chance::of(seed, "faults", 0);
        let sites = [0, 1].map(|at| Site {
            at,
            rate_ppm: chance.below(40_001) as i64 - 20_000,
            offset_us: chance.below(1_000_000_000) as u64,
            wall_off: Span::ZERO,
            disk: Vec::new(),
            quarantine: Vec::new(),
            led: dispatch_core::leadership::Position::START.epoch,
            process: None,
            asleep_until_us: 0,
        });
        Self {
            mode,
            chance,
            elapsed_us: 0,
            start: "2026-01-01T00:00:00Z".parse().expect("invariant: a time as written"),
            sites,
            postgres: Postgres::default(),
            wire: Wire::default(),
            weather: Weather::default(),
            fleet: Fleet::default(),
            ledger: Ledger::default(),
            laws,
            tally: Tally::default(),
            calm: false,
            half_next: false,
            bringing: None,
            hasty: false,
            ids: 0,
        }
    }

    /// The true time, UTC.
    pub fn now(&self) -> UtcTime {
        self.start + Span::from_secs_f64(self.elapsed_us as f64 / 1e6)
    }

    /// One small step of time, and all that happens in it.
    pub fn step(&mut self) -> Result<(), Broken> {
        self.elapsed_us += STEP_US;
        self.blow();
        while let Some(parcel) = self.wire.arrived(self.elapsed_us) {
            self.arrive(parcel)?;
        }
        for at in 0..2 {
            if self.sites[at].process.is_none() && self.elapsed_us >= self.sites[at].asleep_until_us {
                self.start_process(at)?;
            }
            if self.sites[at].is_awake(self.elapsed_us) {
                self.finish_writing(at)?;
                self.deadlines(at)?;
                self.tick(at)?;
                self.send_effects(at)?;
            }
        }
        self.finish_bringing()?;
        self.people()?;
        self.check(|law, world| law.moment(world))
    }

    /// Asks every law.
    pub(super) fn check(
        &mut self,
        mut ask: impl FnMut(&mut dyn Law, &Self) -> Result<(), String>,
    ) -> Result<(), Broken> {
        let mut laws = std::mem::take(&mut self.laws);
        let mut found = Ok(());
        for law in &mut laws {
            if let Err(how) = ask(law.as_mut(), self) {
                found = Err(Broken { law: law.name(), how });
                break;
            }
        }
        self.laws = laws;
        found
    }

    fn start_process(&mut self, at: usize) -> Result<(), Broken> {
        let site = &mut self.sites[at];
        let (setup, disk) = site.disk_at_start();
        let (node, out) = Node::start(setup, disk, site.moment(self.elapsed_us));
        site.process = Some(Process::new(node, &site.disk, self.elapsed_us));
        self.perform(at, out, &[])
    }

    /// The process ends: what was not durable is gone.
    pub(super) fn end_process(&mut self, at: usize) {
        if self.sites[at].process.take().is_some() {
            self.tally.ends += 1;
            let pause_s = self.chance.between(0.2, 1.5);
            self.sites[at].asleep_until_us = self.elapsed_us + (pause_s * 1e6) as u64;
        }
    }

    /// Tells a node something.
    pub(super) fn tell(&mut self, at: usize, input: Input, bodies: &[Row]) -> Result<(), Broken> {
        let moment = self.sites[at].moment(self.elapsed_us);
        let Some(process) = &mut self.sites[at].process else { return Ok(()) };
        let out = process.node.step(input, moment);
        self.perform(at, out, bodies)
    }

    fn tick(&mut self, at: usize) -> Result<(), Broken> {
        let elapsed_us = self.elapsed_us;
        let Some(process) = self.sites[at].process.as_mut().filter(|p| p.tick_us <= elapsed_us) else {
            return Ok(());
        };
        process.tick_us = elapsed_us + TICK_US;
        self.tell(at, Input::Tick, &[])
    }

    /// What happens by itself at the one who decides.
    fn deadlines(&mut self, at: usize) -> Result<(), Broken> {
        let now = self.sites[at].wall(self.now());
        for _ in 0..ROUNDS_MAX {
            let Some(process) = self.sites[at].process.as_ref().filter(|process| process.decides()) else {
                return Ok(());
            };
            let events = process.centre.advance_to(now);
            if events.is_empty() {
                return self.check(|law, world| law.decided_up_to(world, at, now));
            }
            self.decide(at, events)?;
        }
        Err(Broken { law: "deadlines_come_to_rest", how: format!("more than {ROUNDS_MAX} rounds at {now}") })
    }

    /// Somebody asks a centre for something. True when it was carried out.
    pub(super) fn ask(&mut self, at: usize, by: Actor, action: Action) -> Result<bool, Broken> {
        let now = self.sites[at].wall(self.now());
        let Some(process) = self.sites[at].process.as_ref().filter(|process| process.decides()) else {
            return Ok(false);
        };
        match process.centre.handle(&Command { by, action }, now) {
            Ok(events) => self.decide(at, events).map(|()| true),
            Err(_) => Ok(false),
        }
    }

    fn decide(&mut self, at: usize, events: Vec<Event>) -> Result<(), Broken> {
        let sync_us = self.elapsed_us + self.chance.between(300.0, 9_000.0) as u64;
        // What is brought in is one decision: an order that is over in it asks for no free unit.
        let brings_in = events.last().is_some_and(|last| matches!(last.fact, Fact::EventsBroughtIn { .. }));
        let from = self.sites[at].process.as_ref().map_or(0, |process| process.rows.len());
        for event in events {
            self.ids += 1;
            let Some(process) = &mut self.sites[at].process else { return Ok(()) };
            let Some(epoch) = process.leads else { return Ok(()) };
            process.take_in(Row { epoch, id: self.ids, event: Arc::new(event) });
            if !brings_in {
                self.check(|law, world| law.decided(world, at))?;
            }
        }
        if brings_in {
            self.check(|law, world| law.brought_in(world, at, from))?;
        }
        if let Some(process) = &mut self.sites[at].process {
            process.writing.push_back((sync_us, process.rows.len()));
        }
        Ok(())
    }

    fn arrive(&mut self, parcel: Parcel) -> Result<(), Broken> {
        let now_us = self.elapsed_us;
        match parcel {
            Parcel::ToPeer { to, message, bodies } => {
                if self.sites[to].is_awake(now_us) {
                    return self.tell(to, Input::Heard { message }, &bodies);
                }
            }
            Parcel::ToPostgres { from, connection, sent, ask, bodies } => {
                if self.postgres.away_until_us <= now_us {
                    let half = std::mem::take(&mut self.half_next);
                    let answered = self.postgres.carry_out(from as u32 + 1, &ask, &bodies, half);
                    if half {
                        self.restart_postgres();
                    }
                    if let Some((answer, bodies)) =
                        answered.filter(|_| self.weather.from_postgres[from] <= now_us)
                    {
                        let arrives_us =
                            now_us + self.postgres.slow_us + self.chance.between(500.0, 8_000.0) as u64;
                        self.wire.send(
                            arrives_us,
                            Parcel::FromPostgres { to: from, connection, sent, answer, bodies },
                        );
                    }
                }
            }
            Parcel::FromPostgres { to, connection, sent, answer, bodies } => {
                let current =
                    self.sites[to].process.as_ref().is_some_and(|process| process.connection == connection);
                if current && self.sites[to].is_awake(now_us) {
                    return self.tell(to, Input::Answered { sent, answer }, &bodies);
                }
            }
            Parcel::ToVehicle { from, epoch, effect } => return self.vehicle_hears(from, epoch, &effect),
            Parcel::FromVehicle { to, by, action, .. } => {
                if self.sites[to].is_awake(now_us) {
                    return self.ask(to, by, *action).map(|_| ());
                }
            }
        }
        Ok(())
    }

    /// A restarted primary shows what its standby never had; now and then the standby takes its place.
    fn restart_postgres(&mut self) {
        self.postgres.away_until_us = self.elapsed_us + self.chance.between(100_000.0, 4_000_000.0) as u64;
        if self.chance.yes(0.5) {
            self.postgres.fail_over();
            self.tally.fail_overs += 1;
        }
    }
}

/// One step of simulated time.
pub(super) const STEP_US: u64 = 20_000;
const TICK_US: u64 = 40_000;
const ROUNDS_MAX: usize = 20;
