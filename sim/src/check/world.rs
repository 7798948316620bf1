//! The simulated world: the real centre, its journal in memory with what is durable of it, the network to the vehicles, the clock. One
//! thread, no wall clock.

use dispatch_core::actor::Actor;
use dispatch_core::ids::UnitId;
use dispatch_core::{Action, Command, DispatchCentre, Event, Refusal, Span, UtcTime};

use super::checkers::{Checker, View};
use super::network::Network;
use super::reference::Reference;
use super::vehicles::Vehicles;
use crate::chance::Chance;

/// The simulated world.
pub struct World {
    /// Domain time, UTC.
    pub now: UtcTime,
    /// The centre.
    pub centre: DispatchCentre,
    /// Reports on their way to the centre.
    pub network: Network,
    /// The vehicles.
    pub vehicles: Vehicles,
    /// What people draw from.
    pub chance: Chance,
    /// What happened, for the report.
    pub tally: Tally,
    journal: Vec<Event>,
    /// Where the journal may end after a crash, the durable part first: what one command made is written whole or not at all.
    seams: Vec<usize>,
    reference: Reference,
    checkers: Vec<Box<dyn Checker>>,
}

/// What happened so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Commands carried out.
    pub commands: u64,
    /// Commands refused.
    pub refusals: u64,
    /// Restarts.
    pub restarts: u64,
    /// Events that a restart took back, because they were not on disk.
    pub taken_back: u64,
    /// Positions heard.
    pub positions: u64,
}

/// A law that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its name.
    pub law: &'static str,
    /// How.
    pub how: String,
}

impl World {
    /// An empty world.
    pub fn new(seed: u64, start: UtcTime, vehicles: Vehicles, checkers: Vec<Box<dyn Checker>>) -> Self {
        Self {
            now: start,
            centre: DispatchCentre::new(),
            network: Network::new(seed),
            vehicles,
            chance: Chance::of(seed, "people", 0),
            tally: Tally::default(),
            journal: Vec::new(),
            seams: vec![0],
            reference: Reference::default(),
            checkers,
        }
    }

    /// Every event so far.
    pub fn journal(&self) -> &[Event] {
        &self.journal
    }

    /// Somebody asks for something; a refusal is as good as an answer.
    pub fn ask(&mut self, by: Actor, action: Action) -> Result<(), Broken> {
        let command = Command { by, action };
        let answer = self.centre.handle(&command, self.now);
        match answer {
            Ok(events) => {
                self.tally.commands += 1;
                self.take_in(events)?;
                self.check(|checker, view| checker.carried_out(view, &command))
            }
            Err(refusal) => {
                self.tally.refusals += 1;
                self.judge_refusal(&command, &refusal)
            }
        }
    }

    /// Lets time pass up to a moment; what is due on the way happens when it is due, or a little late.
    pub fn pass(&mut self, until: UtcTime) -> Result<(), Broken> {
        while let Some(due) = self.centre.next_deadline().filter(|due| *due <= until) {
            let late = if self.chance.yes(0.2) {
                Span::from_secs_f64(self.chance.between(0.0, 0.9))
            } else {
                Span::ZERO
            };
            self.now = self.now.max(due + late).min(until.max(self.now));
            self.happen()?;
        }
        self.now = self.now.max(until);
        self.happen()?;
        self.check(|checker, view| checker.moment(view))
    }

    /// Everything so far is on disk.
    pub fn make_durable(&mut self) -> Result<(), Broken> {
        self.seams = vec![self.journal.len()];
        self.check(|checker, view| checker.durable(view))
    }

    /// The process ends at this moment and is built again from the disk.
    pub fn restart(&mut self) -> Result<(), Broken> {
        // Part of what was under way may have reached the disk all the same.
        let kept = *self.chance.pick(&self.seams);
        self.tally.restarts += 1;
        self.tally.taken_back += (self.journal.len() - kept) as u64;
        self.journal.truncate(kept);
        self.centre = DispatchCentre::from_events(&self.journal);
        self.reference = Reference::of(&self.journal);
        self.check(|checker, view| checker.restarted(view))?;
        self.make_durable()?;
        self.now = self.now + Span::from_secs_f64(self.chance.between(0.3, 20.0));
        // What was due while nobody was there is made up for at once.
        self.happen()?;
        self.check(|checker, view| checker.moment(view))
    }

    /// A vehicle's position comes in.
    pub fn observe(&mut self, unit: UnitId, fix: dispatch_core::fleet::Fix) -> Result<(), Broken> {
        self.tally.positions += 1;
        self.centre.observe(unit, fix, self.now);
        self.check(|checker, view| checker.position(view, unit))
    }

    fn happen(&mut self) -> Result<(), Broken> {
        for _ in 0..ROUNDS_MAX {
            let events = self.centre.advance_to(self.now);
            if events.is_empty() {
                return Ok(());
            }
            self.take_in(events)?;
        }
        Err(Broken {
            law: "deadlines_come_to_rest",
            how: format!("{ROUNDS_MAX} rounds at {} and more is due", self.now),
        })
    }

    /// Takes in what one command, or one look at the deadlines, has made.
    fn take_in(&mut self, events: Vec<Event>) -> Result<(), Broken> {
        for event in events {
            self.centre.apply(&event);
            self.reference.apply(self.journal.len() as u64 + 1, &event);
            self.journal.push(event);
            self.check(|checker, view| checker.event(view))?;
        }
        self.seams.push(self.journal.len());
        Ok(())
    }

    /// A refusal must be true: the reference knows which unit is taken.
    fn judge_refusal(&self, command: &Command, refusal: &Refusal) -> Result<(), Broken> {
        if let (Action::AssignUnit { unit, .. }, Refusal::UnitTaken { assignment, .. }) =
            (&command.action, refusal)
            && !self.reference.open_of(*unit).contains(assignment)
        {
            let how = format!("{unit} was refused as taken by {assignment}, which it does not have");
            return Err(Broken { law: "refusals_are_true", how });
        }
        Ok(())
    }

    fn check(
        &mut self,
        mut ask: impl FnMut(&mut dyn Checker, &View<'_>) -> Result<(), String>,
    ) -> Result<(), Broken> {
        let view =
            View { now: self.now, centre: &self.centre, journal: &self.journal, reference: &self.reference };
        for checker in &mut self.checkers {
            ask(checker.as_mut(), &view).map_err(|how| Broken { law: checker.name(), how })?;
        }
        Ok(())
    }
}

/// What is due may make something else due; it must end.
const ROUNDS_MAX: usize = 20;
