//! The day lived again: the journal's calls and the crews' work, in order of time, with the core deciding.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use roads::{RoadMap, Wgs84};
use uuid::Uuid;

use super::agenda::{Agenda, Happening};
use super::course::Course;
use super::extra::{Extra, extras};
use super::past::{AFTERWARDS, Drills, Past};
use super::plan::{BadPlan, Plan};
use super::role::{Role, role};
use super::scripts::Scripts;
use super::streets::Streets;
use super::whereabouts::Whereabouts;
use super::{change, cover, repeat, scenes};
use crate::actor::Actor;
use crate::centre::DispatchCentre;
use crate::command::{Action, Command};
use crate::event::{Event, Fact};
use crate::ids::{AssignmentId, IncidentId, UnitId};
use crate::incident::Needs;
use crate::refusal::Refusal;
use crate::reports::Ledger;
use crate::time::UtcTime;

/// How far the work has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Events of the journal lived again, of all the times the day is lived.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

/// Whoever watches the work, and may end it.
pub type Watch<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

/// What came of a day.
#[derive(Debug)]
pub(super) struct Lived {
    /// The figures' rows.
    pub(super) ledger: Ledger,
    /// What people had asked for and no longer made sense.
    pub(super) refused: u64,
    /// The incident that each added one repeats.
    pub(super) originals: BTreeMap<IncidentId, IncidentId>,
}

/// The day, the centre in it, and what will happen.
pub(super) struct World<'a> {
    pub(super) past: &'a Past,
    pub(super) scripts: &'a Scripts,
    plan: &'a Plan,
    drills: Drills,
    /// Orders given before the day began, or on paper: they go on as they did.
    carried: BTreeSet<AssignmentId>,
    pub(super) centre: DispatchCentre,
    pub(super) streets: Streets<'a>,
    pub(super) whereabouts: Whereabouts,
    pub(super) agenda: Agenda,
    /// Units that have just become free.
    pub(super) freed: Vec<UnitId>,
    /// Incidents whose first proposed unit is kept for another, and when each is looked at again.
    pub(super) kept_waiting: BTreeMap<IncidentId, UtcTime>,
    /// When the desk will be ready for each incident, as far as it was noted.
    pub(super) ready_at: BTreeMap<IncidentId, UtcTime>,
    pub(super) courses: BTreeMap<AssignmentId, Course>,
    ledger: Ledger,
    /// What the scenes of accidents wanted in the end.
    pub(super) scenes: BTreeMap<IncidentId, Needs>,
    map: Option<&'a RoadMap>,
    /// The calls that the plan adds, each with its incident once it has one.
    pub(super) extras: Vec<(Extra, Option<IncidentId>)>,
    /// The incident that each added one repeats.
    pub(super) originals: BTreeMap<IncidentId, IncidentId>,
    pub(super) now: UtcTime,
    ids: u64,
    refused: u64,
}

impl<'a> World<'a> {
    /// The day before its first event.
    pub(super) fn new(
        past: &'a Past,
        scripts: &'a Scripts,
        plan: &'a Plan,
        map: Option<&'a RoadMap>,
    ) -> Self {
        let centre = past.centre().clone();
        let open = centre.record().assignments().values().filter(|held| held.is_open());
        let drills = past.drills();
        let extras = extras(past, &drills, plan.calls_times, plan.seed).into_iter();
        Self {
            past,
            scripts,
            plan,
            drills,
            scenes: scenes::wanted_in_the_end(past),
            map,
            extras: extras.map(|extra| (extra, None)).collect(),
            originals: BTreeMap::new(),
            carried: open.map(|held| held.id).collect(),
            streets: Streets::new(map),
            whereabouts: past.whereabouts().clone(),
            agenda: Agenda::default(),
            freed: Vec::new(),
            kept_waiting: BTreeMap::new(),
            ready_at: BTreeMap::new(),
            courses: BTreeMap::new(),
            ledger: past.ledger().clone(),
            now: past.begins(),
            ids: 0,
            refused: 0,
            centre,
        }
    }

    /// Lives the day. `watch` is told of every event of the journal that is behind.
    pub(super) fn live(mut self, watch: &mut dyn FnMut(usize) -> ControlFlow<()>) -> Result<Lived, BadPlan> {
        self.begin();
        for (number, event) in self.past.events().iter().enumerate() {
            if number.is_multiple_of(TOLD_EVERY) && watch(number).is_break() {
                return Err(BadPlan::Stopped);
            }
            self.pass(event.at);
            self.repeat(event);
        }
        self.pass(self.past.until().min(self.past.period().to) + AFTERWARDS);
        Ok(Lived { ledger: self.ledger, refused: self.refused, originals: self.originals })
    }

    fn begin(&mut self) {
        self.streets.follow(self.centre.record());
        self.streets.follow_hour(self.centre.record(), self.now);
        let rules = self.centre.record().rules().clone();
        self.ask_again(Actor::rule(REPLAY), Action::AdoptRules { rules });
        let changes = self.plan.changes.iter().zip(1..);
        for (change, number) in changes {
            for action in change::actions(change, self.centre.record(), self.map, number) {
                let asked = self.ask(Actor::rule(REPLAY), action);
                self.refused += u64::from(asked.is_err());
            }
        }
        // After the changes, so that a station that the plan adds covers, too. The day's own policy gets no more than it had then.
        let record = self.centre.record();
        if self.plan.policy.is_some() && record.policy().wants_cover() && record.cover().is_none() {
            let zones = cover::zones(self.past, record, self.map);
            self.ask_again(Actor::rule(REPLAY), zones);
        }
        self.expect_extras();
        self.serve();
    }

    /// Lets time pass; what is due on the way happens when it is due.
    fn pass(&mut self, until: UtcTime) {
        loop {
            let deadline = self.centre.next_deadline().filter(|at| *at <= until);
            let happening = self.agenda.next_at().filter(|at| *at <= until);
            match (deadline, happening) {
                (Some(due), happening) if happening.is_none_or(|at| due <= at) => {
                    self.turn_to(due);
                    let events = self.centre.advance_to(self.now);
                    let nothing = events.is_empty();
                    self.take_in(&events);
                    if nothing {
                        break;
                    }
                }
                (_, Some(at)) => {
                    self.turn_to(at);
                    match self.agenda.take() {
                        Some(Happening::Step(assignment, step)) => self.step(assignment, step),
                        Some(Happening::ExtraRings(number)) => self.extra_rings(number),
                        Some(Happening::ExtraCreated(number)) => self.extra_created(number),
                        Some(Happening::ExtraCancelled(number)) => self.extra_cancelled(number),
                        // Who is ready is looked at below, whatever has happened.
                        Some(Happening::Ready) | None => {}
                    }
                }
                _ => break,
            }
            self.serve();
        }
        self.turn_to(until);
    }

    /// It is later now, and everybody drives as at that hour.
    fn turn_to(&mut self, at: UtcTime) {
        self.now = self.now.max(at);
        self.streets.follow_hour(self.centre.record(), self.now);
    }

    /// What an event of the journal brings.
    fn repeat(&mut self, event: &Event) {
        let carried = match &event.fact {
            Fact::StageReported { assignment, .. }
            | Fact::StageCorrected { assignment, .. }
            | Fact::AssignmentEnded { assignment, .. }
            | Fact::DestinationChosen { assignment, .. } => self.carried.contains(assignment),
            _ => false,
        };
        let plays = match role(event) {
            Role::Outside => true,
            Role::Asked => !matches!(event.fact, Fact::UnitPosted { .. }) || self.keeps_postings(),
            Role::Own => carried,
            Role::Scenes => {
                self.lead_as_one(&event.fact);
                self.serve();
                false
            }
            Role::Paper => {
                self.enter_paper(event);
                false
            }
            Role::Words => false,
        };
        if !plays || self.drills.has(&event.fact) {
            return;
        }
        if let Some(action) = repeat::action(&event.fact) {
            let action = self.parting_its_call(action);
            self.ask_again(event.by.clone(), action);
            self.serve();
        }
    }

    /// What was led on paper took no part in what the centre decided, then or now.
    fn enter_paper(&mut self, event: &Event) {
        if self.drills.has(&event.fact) {
            return;
        }
        if let Fact::IncidentEnteredFromPaper { paper, .. } = &event.fact {
            self.carried.extend(paper.runs.iter().map(|run| run.assignment));
        }
        self.take_in(std::slice::from_ref(event));
    }

    /// An incident made from a call that belongs to another: the call was about another event, and leaves that one as it did then.
    fn parting_its_call(&self, action: Action) -> Action {
        match action {
            Action::CreateIncident { incident, call: Some(call), sketch }
                if self.centre.record().call(call).is_some_and(|it| it.incident.is_some()) =>
            {
                Action::SplitCall { call, incident, sketch }
            }
            action => action,
        }
    }

    /// Where people posted units is theirs to keep as long as no policy posts any, then or now.
    fn keeps_postings(&self) -> bool {
        let then = self.past.dawn().policy().move_up;
        then.is_none() && self.centre.record().policy().move_up.is_none()
    }

    /// Asks for something as the plan has it; what is refused is counted.
    pub(super) fn ask_again(&mut self, by: Actor, action: Action) {
        let asked = self.plan.bend(action).map(|action| self.ask(by, action));
        self.refused += u64::from(asked.is_some_and(|asked| asked.is_err()));
    }

    pub(super) fn ask(&mut self, by: Actor, action: Action) -> Result<Vec<Event>, Refusal> {
        let events = self.centre.handle(&Command { by, action }, self.now)?;
        self.take_in(&events);
        Ok(events)
    }

    fn take_in(&mut self, events: &[Event]) {
        let mut posts = Vec::new();
        for event in events {
            let leaving = self.leaving(&event.fact);
            self.centre.apply(event);
            self.ledger.apply(event);
            self.whereabouts.stand(event, self.centre.record());
            if let Some((unit, from)) = leaving {
                self.whereabouts.returns(unit, from, self.now);
                self.freed.push(unit);
            }
            match &event.fact {
                Fact::RoadClosed { .. } | Fact::RoadOpened { .. } => {
                    self.streets.follow(self.centre.record());
                }
                Fact::MoveUpAdvised { advice } => posts.push((advice.unit, advice.to)),
                _ => {}
            }
        }
        // The desk follows the policy's advice where nothing is posted without a person.
        for (unit, station) in posts {
            if !self.centre.record().rules().automatic_dispatch
                && self.ask(Actor::rule(REPLAY), Action::PostUnit { unit, station }).is_err()
            {
                self.refused += 1;
            }
        }
    }

    /// The unit that a fact sets on its way back, and from where.
    fn leaving(&mut self, fact: &Fact) -> Option<(UnitId, Wgs84)> {
        let unit = match fact {
            Fact::AssignmentEnded { assignment, .. } => self.centre.record().assignment(*assignment)?.unit,
            Fact::UnitPosted { unit, .. } if self.centre.record().unit(*unit)?.assignments.is_empty() => {
                *unit
            }
            _ => return None,
        };
        let seen = self.whereabouts.see(unit, self.centre.record(), &mut self.streets, self.now)?;
        Some((unit, seen.position))
    }

    /// An id that no other thing of the day has.
    pub(super) fn id(&mut self) -> Uuid {
        self.ids += 1;
        numbered(self.ids)
    }

    /// The incident of the day that one is, or repeats.
    pub(super) fn original(&self, incident: IncidentId) -> IncidentId {
        self.originals.get(&incident).copied().unwrap_or(incident)
    }

    /// Whether a drill is not to be served.
    pub(super) fn is_drill(&self, incident: IncidentId) -> bool {
        self.drills.incidents.contains(&incident)
    }
}

/// An id from a number, of a time long before any journal's, so that no id of a journal is among them.
pub(super) fn numbered(number: u64) -> Uuid {
    Uuid::from_u128(VERSION_AND_VARIANT | u128::from(number))
}

/// Who acts where the day's own people did.
pub(super) const REPLAY: &str = "replay";
const VERSION_AND_VARIANT: u128 = 0x0000_7000_8000_0000_0000_0000;
const TOLD_EVERY: usize = 64;
