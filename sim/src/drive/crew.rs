//! Crews: one for each vehicle. They see their terminal and nothing else of the centre, drive, and press.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use dispatch_core::{Span, UtcTime};
use roads::Wgs84;

use super::bedside;
use super::config::UnitConfig;
use super::mind::{Act, Habits, Look, next_act};
use super::terminal::{Order, Screen, Terminal, TerminalError};
use super::vehicle::{Goal, Vehicle};
use super::world::{World, count};

/// A crew at work.
struct Crew {
    world: Rc<World>,
    unit: UnitConfig,
    terminal: Terminal,
    screen: Rc<RefCell<Option<Screen>>>,
    habits: BTreeMap<String, Habits>,
    asked: BTreeMap<String, UtcTime>,
    /// Nothing is tried again before this, after something was refused.
    quiet_until: UtcTime,
    streets_version: u64,
}

/// Lives the day of one crew, for ever.
pub async fn work(world: Rc<World>, unit: UnitConfig, terminal: Terminal) {
    let screen = Rc::new(RefCell::new(None));
    tokio::task::spawn_local(watch_screen(terminal.clone(), screen.clone()));
    let quiet_until = world.clock.now();
    let streets_version = world.streets.version();
    let mut crew = Crew {
        world,
        unit,
        terminal,
        screen,
        habits: BTreeMap::new(),
        asked: BTreeMap::new(),
        quiet_until,
        streets_version,
    };
    loop {
        tokio::time::sleep(LOOK).await;
        if let Err(error) = crew.step().await {
            crew.quiet_until = crew.world.clock.now() + Span::from_secs_f64(QUIET_S);
            // A terminal that is away is no news: its agent was stopped or starts.
            if let TerminalError::Refused(_) = error {
                crew.world.refused(&crew.unit.id, &error);
            }
        }
    }
}

async fn watch_screen(terminal: Terminal, screen: Rc<RefCell<Option<Screen>>>) {
    loop {
        let show = |new: Screen| *screen.borrow_mut() = Some(new);
        let _ = terminal.follow(show).await;
        *screen.borrow_mut() = None;
        tokio::time::sleep(COME_BACK).await;
    }
}

impl Crew {
    async fn step(&mut self) -> Result<(), TerminalError> {
        let now = self.world.clock.now();
        self.with_vehicle(|vehicle| vehicle.settle(now));
        self.keep_to_open_roads(now);
        let Some(screen) = self.screen.borrow().clone() else { return Ok(()) };
        if now < self.quiet_until {
            return Ok(());
        }
        if screen.crew.is_empty() {
            return self.sign_on().await;
        }
        // The one at hand first: an order for which it drives is finished before the next is begun.
        let at_hand =
            |order: &&Order| Self::assignment_of(&self.vehicle().goal) == Some(order.assignment.as_str());
        let open = || screen.orders.iter().filter(|order| order.is_open());
        let order = open().find(at_hand).or_else(|| open().next()).or_else(|| {
            let recalled =
                |order: &&Order| order.end.as_ref().is_some_and(|end| end.kind.starts_with("recalled"));
            screen.orders.iter().find(recalled)
        });
        if open().next().is_none() {
            self.go_home(now);
        }
        let Some(order) = order else { return Ok(()) };
        let act = self.decide(order, now);
        self.do_it(order, act, now).await
    }

    fn decide(&mut self, order: &Order, now: UtcTime) -> Act {
        let (seed, calm) = (self.world.config.seed, self.world.config.calm);
        let draw = || {
            let habits = Habits::draw(seed, &order.assignment);
            let habits = match &self.world.config.learned {
                Some(profile) => habits.as_learned(profile, seed, &order.assignment),
                None => habits,
            };
            if calm { habits.on_a_calm_day() } else { habits }
        };
        let habits = self.habits.entry(order.assignment.clone()).or_insert_with(draw).clone();
        if self.habits.len() > ORDERS_KEPT_MAX {
            self.habits.pop_first();
            self.asked.pop_first();
        }
        let vehicle = self.vehicle();
        let nudged = self.world.nudged.borrow().contains(&order.assignment);
        let nearest = self.nearest_hospital(vehicle.motion(now).position);
        let asked_at = self.asked.get(&order.assignment).copied();
        next_act(&Look {
            order,
            habits: &habits,
            vehicle: &vehicle,
            now,
            nudged,
            asked_at,
            nearest_hospital: &nearest,
        })
    }

    async fn do_it(&mut self, order: &Order, act: Act, now: UtcTime) -> Result<(), TerminalError> {
        let id = &order.assignment;
        match act {
            Act::Wait => return Ok(()),
            Act::Acknowledge => self.terminal.acknowledge(id).await?,
            Act::Refuse => self.terminal.refuse(id, "车辆故障，无法出车").await?,
            Act::Press(stage) => {
                self.terminal.press(id, stage).await?;
                for entry in bedside::entries(self.world.config.seed, order, stage) {
                    self.terminal.chart(id, entry).await?;
                }
                if let Some(ecg) = bedside::ecg(self.world.config.seed, order, stage, now) {
                    self.terminal.keep_ecg(id, ecg).await?;
                }
                if stage == "available" {
                    count(&self.world.counts.runs);
                }
            }
            Act::Abort(reason) => {
                self.terminal.abort(id, reason).await?;
                count(&self.world.counts.runs);
            }
            Act::Dismiss => self.terminal.dismiss(id).await?,
            Act::AskDestination => {
                self.asked.insert(id.clone(), now);
                self.world.radio.borrow_mut().insert(id.clone(), now);
                return Ok(());
            }
            Act::Drive(goal) => {
                self.drive(goal, order, now);
                return Ok(());
            }
        }
        count(&self.world.counts.presses);
        // What was pressed shows on the screen in a moment: do not press it twice meanwhile.
        *self.screen.borrow_mut() = self.terminal.screen().await.ok();
        Ok(())
    }

    fn drive(&self, goal: Goal, order: &Order, now: UtcTime) {
        let to = match &goal {
            Goal::Scene { .. } => order.location.and_then(super::terminal::Degrees::position),
            Goal::Hospital { hospital, .. } => {
                let shown = order.hospital.as_ref().filter(|h| h.id == *hospital).and_then(|h| h.location);
                shown
                    .and_then(super::terminal::Degrees::position)
                    .or_else(|| self.hospital_position(hospital))
            }
            Goal::Station | Goal::Halt => None,
        };
        let urgent = matches!(goal, Goal::Scene { .. }) || order.level == "I" || order.level == "II";
        if let Some(to) = to {
            self.set_off(goal, to, urgent, now);
        }
    }

    fn set_off(&self, goal: Goal, to: Wgs84, lights: bool, now: UtcTime) {
        let from = self.vehicle().motion(now).position;
        let leg = self.world.streets.leg(from, to, lights, now);
        self.with_vehicle(|vehicle| vehicle.drive(goal, leg, now));
    }

    /// Back to the station when nothing is left to do: stops first, as one does on being called back.
    fn go_home(&self, now: UtcTime) {
        let vehicle = self.vehicle();
        let Some(home) = self.world.config.station(&self.unit.station).map(|station| station.position) else {
            return;
        };
        match vehicle.goal {
            Goal::Station => {}
            Goal::Scene { .. } if vehicle.is_driving() => self.with_vehicle(|vehicle| vehicle.halt(now)),
            Goal::Scene { .. } | Goal::Hospital { .. } | Goal::Halt => {
                let rested = now >= vehicle.arrived_at + Span::from_secs_f64(BEFORE_HOME_S);
                if rested && !vehicle.is_driving() {
                    self.set_off(Goal::Station, home, false, now);
                }
            }
        }
    }

    /// Looks for another way when roads were closed or opened.
    fn keep_to_open_roads(&mut self, now: UtcTime) {
        let version = self.world.streets.version();
        if std::mem::replace(&mut self.streets_version, version) == version {
            return;
        }
        let vehicle = self.vehicle();
        if let Some((to, lights)) = vehicle.leg().and_then(|leg| Some((*leg.points.last()?, leg.lights))) {
            self.set_off(vehicle.goal.clone(), to, lights, now);
        }
    }

    async fn sign_on(&mut self) -> Result<(), TerminalError> {
        for person in &self.unit.crew {
            self.terminal.sign_on(&person.name, &person.role).await?;
        }
        *self.screen.borrow_mut() = self.terminal.screen().await.ok();
        Ok(())
    }

    fn vehicle(&self) -> Vehicle {
        self.world
            .vehicles
            .borrow()
            .get(&self.unit.id)
            .cloned()
            .expect("invariant: every unit has a vehicle from the start")
    }

    fn with_vehicle(&self, change: impl FnOnce(&mut Vehicle)) {
        if let Some(vehicle) = self.world.vehicles.borrow_mut().get_mut(&self.unit.id) {
            change(vehicle);
        }
    }

    fn hospital_position(&self, id: &str) -> Option<Wgs84> {
        self.world
            .config
            .hospitals
            .iter()
            .find(|hospital| hospital.id == id)
            .map(|hospital| hospital.position)
    }

    fn nearest_hospital(&self, from: Wgs84) -> String {
        let hospitals = self.world.config.hospitals.iter();
        let nearest =
            hospitals.min_by(|a, b| a.position.distance_m(from).total_cmp(&b.position.distance_m(from)));
        nearest.map(|hospital| hospital.id.clone()).unwrap_or_default()
    }

    fn assignment_of(goal: &Goal) -> Option<&str> {
        match goal {
            Goal::Scene { assignment } | Goal::Hospital { assignment, .. } => Some(assignment),
            Goal::Station | Goal::Halt => None,
        }
    }
}

/// How often a crew looks, on the wall: often enough for ten domain seconds at thirty times the wall.
const LOOK: Duration = Duration::from_millis(250);
const COME_BACK: Duration = Duration::from_secs(1);
/// After something was refused a crew waits so long.
const QUIET_S: f64 = 20.0;
/// From the end of a run to the drive home.
const BEFORE_HOME_S: f64 = 60.0;
const ORDERS_KEPT_MAX: usize = 64;
