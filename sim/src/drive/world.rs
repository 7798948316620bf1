//! What the simulated people share, in one thread: the clock, the centre's picture, the streets, the vehicles, the open calls.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use dispatch_core::UtcTime;
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::centre::{Centre, Place, Who};
use super::clock::DomainClock;
use super::config::Config;
use super::picture::Picture;
use super::streets::Streets;
use super::vehicle::Vehicle;
use crate::chance::Chance;
use crate::city::person_name;
use crate::demand::CallPlan;

/// Everything that the simulated people share.
#[derive(Debug)]
pub struct World {
    /// What was configured.
    pub config: Config,
    /// Domain time.
    pub clock: DomainClock,
    /// The centre's interface.
    pub centre: Centre,
    /// The centre's live picture.
    pub picture: Picture,
    /// The ways vehicles take.
    pub streets: Streets,
    /// The vehicles by unit.
    pub vehicles: RefCell<BTreeMap<String, Vehicle>>,
    /// The open calls that we made, by key.
    pub scripts: RefCell<BTreeMap<ScriptKey, Script>>,
    /// Calls are made up to this moment, UTC.
    pub called_until: Cell<UtcTime>,
    /// Assignments whose crews asked by radio where to go, and since when, UTC.
    pub radio: RefCell<BTreeMap<String, UtcTime>>,
    /// Assignments whose crews were telephoned to hurry.
    pub nudged: RefCell<BTreeSet<String>>,
    /// The seats.
    pub seats: SeatPool,
    /// What happened so far.
    pub counts: Counts,
}

/// Hour, number in the hour, and whether it is the second call about the same event.
pub type ScriptKey = (u64, u32, bool);

/// A call that we made, from its ring to the end of its incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Script {
    /// What the caller means.
    pub plan: CallPlan,
    /// Somebody else calls about the same event.
    pub second: bool,
    /// The centre's call.
    pub call: Option<String>,
    /// The centre's incident.
    pub incident: Option<String>,
}

impl Script {
    /// Its key.
    pub fn key(&self) -> ScriptKey {
        (self.plan.key.0, self.plan.key.1, self.second)
    }
}

/// What happened so far, for the progress line.
#[derive(Debug, Default)]
pub struct Counts {
    /// Calls made.
    pub calls: Cell<u64>,
    /// Incidents opened by simulated seats.
    pub incidents: Cell<u64>,
    /// Orders sent by simulated seats.
    pub orders: Cell<u64>,
    /// Buttons pressed by crews.
    pub presses: Cell<u64>,
    /// Runs ended by crews.
    pub runs: Cell<u64>,
    /// Writes that the centre or a terminal refused.
    pub refused: Cell<u64>,
}

/// Adds one.
pub fn count(cell: &Cell<u64>) {
    cell.set(cell.get() + 1);
}

impl World {
    /// Says once on the log that something was refused; the city goes on.
    pub fn refused(&self, what: &str, error: &dyn std::error::Error) {
        count(&self.counts.refused);
        eprintln!("sim drive: {what}: {error}");
    }

    /// Changes a script, if it is still there.
    pub fn with_script(&self, key: ScriptKey, change: impl FnOnce(&mut Script)) {
        if let Some(script) = self.scripts.borrow_mut().get_mut(&key) {
            change(script);
        }
    }
}

/// The simulated seats: a person is at one thing at a time.
#[derive(Debug)]
pub struct SeatPool {
    free: RefCell<Vec<Who>>,
    permits: Semaphore,
}

/// A seat that is at something; it becomes free when this is dropped.
#[derive(Debug)]
pub struct Seat<'a> {
    pool: &'a SeatPool,
    /// The person.
    pub who: Who,
    _permit: SemaphorePermit<'a>,
}

impl SeatPool {
    /// So many seats with made-up people.
    pub fn new(count: usize, seed: u64) -> Self {
        let mut chance = Chance::of(seed, "seats", 0);
        let person = |number: usize| Who {
            person: format!("模拟席 {}", person_name(&mut chance)),
            place: Place::Seat(format!("模拟{:02}", number + 1)),
        };
        let free: Vec<Who> = (0..count).map(person).collect();
        Self { free: RefCell::new(free), permits: Semaphore::new(count) }
    }

    /// The next free seat.
    pub async fn take(&self) -> Seat<'_> {
        let permit = self.permits.acquire().await.expect("invariant: the seats are never closed");
        let who = self.free.borrow_mut().pop().expect("invariant: there is a person for each permit");
        Seat { pool: self, who, _permit: permit }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.pool.free.borrow_mut().push(self.who.clone());
    }
}
