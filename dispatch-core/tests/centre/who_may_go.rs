//! A policy never proposes a unit that may not go: random fleets, random days, every policy by name, judged by rules that share nothing
//! with the core's own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dispatch_core::assignment::{Candidate, Grounds, Outcome, STAGES, Stage, StampSource, gather, propose};
use dispatch_core::fleet::FleetPicture;
use dispatch_core::ids::{AssignmentId, IncidentId, ProposalId, UnitId};
use dispatch_core::incident::{IncidentSketch, Level, Needs, Skill};
use dispatch_core::policy::Preemptions;
use dispatch_core::rules::Rules;
use dispatch_core::vehicle::{CrewRole, UnitSpec};
use dispatch_core::{Action, Event, Fact, Span, UtcTime};
use proptest::prelude::*;

use crate::city::{City, desk, hospital, sketch};

/// Every way of ranking, alone and with every addition that it takes, and whether it takes units from others.
const POLICIES: [(&str, bool); 9] = [
    ("closest", false),
    ("closest-preempt", true),
    ("closest-guarded", true),
    ("matching", true),
    ("dmexclp:0.4", false),
    ("closest+bounded:60", false),
    ("closest-preempt+dmexclp:0.4", true),
    ("closest-guarded+relief+dmexclp:0.4", true),
    ("matching+bounded:120+relief+dmexclp:0.4", true),
];
/// How many units an incident may lose under a policy with guards.
const LOSSES: usize = 2;
const LEVELS: [Level; 4] = [Level::I, Level::II, Level::III, Level::IV];

/// One thing that happens; the numbers pick to whom.
#[derive(Debug, Clone)]
enum Doing {
    Create(usize, bool),
    Send(usize, usize),
    SendFirst(usize),
    Press(usize, usize),
    End(usize, usize),
    Pause(usize),
    Resume(usize),
    SignOn(usize),
    SignOff(usize),
    Silence(usize),
    Heard(usize),
    Merge(usize, usize),
    Level(usize, usize),
    Wait(i64),
}

fn doing() -> impl Strategy<Value = Doing> {
    let n = || 0..12usize;
    prop_oneof![
        3 => (n(), any::<bool>()).prop_map(|(a, b)| Doing::Create(a, b)),
        2 => (n(), n()).prop_map(|(a, b)| Doing::Send(a, b)),
        5 => n().prop_map(Doing::SendFirst),
        5 => (n(), 0..3usize).prop_map(|(a, b)| Doing::Press(a, b)),
        2 => (n(), n()).prop_map(|(a, b)| Doing::End(a, b)),
        1 => n().prop_map(Doing::Pause),
        1 => n().prop_map(Doing::Resume),
        1 => n().prop_map(Doing::SignOn),
        1 => n().prop_map(Doing::SignOff),
        1 => n().prop_map(Doing::Silence),
        1 => n().prop_map(Doing::Heard),
        1 => (n(), n()).prop_map(|(a, b)| Doing::Merge(a, b)),
        1 => (n(), n()).prop_map(|(a, b)| Doing::Level(a, b)),
        3 => (1..300i64).prop_map(Doing::Wait),
    ]
}

fn code(n: usize) -> UnitId {
    format!("B{n:02}").parse().unwrap()
}

/// A city with so many units more, some of whom can do more than others, some without a crew.
fn city(policy: &str, units: usize) -> City {
    let mut city = City::new();
    let rules = Rules { policy: policy.to_owned(), candidates_max: 6, ..Rules::default() };
    city.does(Action::AdoptRules { rules });
    for n in 0..units {
        let skills = if n % 3 == 0 { [Skill::Als].into() } else { BTreeSet::new() };
        let station = ["S01", "S02"][n % 2].parse().unwrap();
        let (plate, phone) = (String::new(), String::new());
        city.does(Action::RegisterUnit { unit: UnitSpec { id: code(n), station, skills, plate, phone } });
        if n % 4 != 3 {
            let name = "赵敏".to_owned();
            city.does(Action::SignOn { unit: code(n), name, role: CrewRole::Doctor });
        }
    }
    city
}

fn pick<T: Copy>(list: &[T], n: usize) -> Option<T> {
    (!list.is_empty()).then(|| list[n % list.len()])
}

fn act(city: &mut City, doing: &Doing) {
    let record = city.centre.record();
    let open: Vec<IncidentId> = record.open_incidents().map(|it| it.id).collect();
    let units: Vec<UnitId> = record.units().keys().copied().collect();
    let going: Vec<AssignmentId> =
        record.assignments().values().filter(|a| a.is_open()).map(|a| a.id).collect();
    let (now, reason) = (city.now, "x".to_owned());
    let action = match *doing {
        Doing::Create(level, als) => {
            let skills = if als { [Skill::Als].into() } else { BTreeSet::new() };
            let sketch = IncidentSketch {
                needs: Needs { skills, ..Needs::default() },
                test: level > 9,
                ..sketch(LEVELS[level % LEVELS.len()])
            };
            let incident = IncidentId::new(city.uuid());
            Some(Action::CreateIncident { incident, call: None, sketch: sketch.into() })
        }
        Doing::Send(n, u) => pick(&open, n).zip(pick(&units, u)).map(|(i, u)| sending(city, i, u)),
        Doing::SendFirst(n) => pick(&open, n).and_then(|incident| send_first(city, incident)),
        Doing::Press(n, steps) => pick(&going, n).map(|assignment| {
            let (to, reason) = (hospital("H01"), String::new());
            let _ = city.by(desk(), Action::ChooseDestination { assignment, hospital: to, reason });
            let at_stage = city.centre.record().assignment(assignment).unwrap().stage;
            let after = STAGES.iter().map(|row| row.stage).filter(|stage| *stage > at_stage);
            let stage = after.take(steps + 1).last().unwrap_or(Stage::Available);
            Action::ReportStage { assignment, stage, at: now, source: StampSource::Desk }
        }),
        Doing::End(n, o) => pick(&going, n).map(|assignment| {
            let outcome = [Outcome::RefusedOrder, Outcome::Aborted, Outcome::NoPatient][o % 3];
            Action::EndAssignment { assignment, outcome, at: now, reason, source: StampSource::Desk }
        }),
        Doing::Pause(u) => pick(&units, u).map(|unit| Action::PauseUnit { unit, reason }),
        Doing::Resume(u) => pick(&units, u).map(|unit| Action::ResumeUnit { unit }),
        Doing::SignOn(u) => pick(&units, u).map(|unit| Action::SignOn {
            unit,
            name: "赵敏".to_owned(),
            role: CrewRole::Doctor,
        }),
        Doing::SignOff(u) => pick(&units, u).and_then(|unit| {
            let name = city.centre.record().unit(unit)?.crew.first()?.name.clone();
            Some(Action::SignOff { unit, name })
        }),
        Doing::Silence(u) => pick(&units, u).map(|unit| Action::NoteSilence { unit, since: now }),
        Doing::Heard(u) => pick(&units, u).map(|unit| Action::NoteHeard { unit }),
        Doing::Merge(a, b) => pick(&open, a)
            .zip(pick(&open, b))
            .map(|(incident, into)| Action::MergeIncident { incident, into }),
        Doing::Level(n, level) => pick(&open, n).map(|incident| {
            let triage = Some(dispatch_core::incident::Triage::level(LEVELS[level % LEVELS.len()]));
            let change = dispatch_core::incident::IncidentChange { triage, ..Default::default() };
            Action::ChangeIncident { incident, version: None, change }
        }),
        Doing::Wait(seconds) => {
            city.wait(seconds);
            None
        }
    };
    if let Some(action) = action {
        // A refusal is a fine answer: only who is proposed counts.
        let _ = city.by(desk(), action);
    }
}

fn sending(city: &mut City, incident: IncidentId, unit: UnitId) -> Action {
    let assignment = AssignmentId::new(city.uuid());
    let (reason, grounds) = (Some("x".to_owned()), Grounds::default());
    Action::AssignUnit { assignment, incident, unit, proposal: None, reason, grounds }
}

/// What is proposed now is put on record, and the first of it sent: the centre that proposes a unit also lets it go.
fn send_first(city: &mut City, incident: IncidentId) -> Option<Action> {
    let picture = FleetPicture::empty(city.now);
    let inputs = gather(city.centre.record(), &picture, None, incident, city.now).ok()?;
    let proposal = propose(ProposalId::new(city.uuid()), inputs);
    let first = proposal.ranked.first().map(|candidate| candidate.unit);
    let id = proposal.id;
    city.does(Action::RecordProposal { proposal: Arc::new(proposal) });
    let assignment = AssignmentId::new(city.uuid());
    let unit = first?;
    let (proposal, reason, grounds) = (Some(id), None, Grounds::default());
    city.does(Action::AssignUnit { assignment, incident, unit, proposal, reason, grounds });
    None
}

/// What must be known of the fleet to judge, from the events alone.
#[derive(Default)]
struct Judge {
    crew: BTreeMap<UnitId, BTreeSet<String>>,
    paused: BTreeSet<UnitId>,
    silent: BTreeSet<UnitId>,
    level: BTreeMap<IncidentId, Level>,
    tests: BTreeSet<IncidentId>,
    created: BTreeMap<IncidentId, UtcTime>,
    orders: BTreeMap<AssignmentId, Order>,
}

struct Order {
    unit: UnitId,
    incident: IncidentId,
    stage: Stage,
    outcome: Option<Outcome>,
}

impl Judge {
    fn of(events: &[Event]) -> Self {
        let mut judge = Self::default();
        for event in events {
            judge.take_in(event);
        }
        judge
    }

    fn take_in(&mut self, event: &Event) {
        match &event.fact {
            Fact::SignedOn { unit, name, .. } => {
                self.crew.entry(*unit).or_default().insert(name.clone());
            }
            Fact::SignedOff { unit, name } => {
                self.crew.entry(*unit).or_default().remove(name);
            }
            Fact::UnitPaused { unit, .. } => {
                self.paused.insert(*unit);
            }
            Fact::UnitResumed { unit } => {
                self.paused.remove(unit);
            }
            Fact::UnitSilent { unit, .. } => {
                self.silent.insert(*unit);
            }
            Fact::UnitHeard { unit } => {
                self.silent.remove(unit);
            }
            Fact::IncidentCreated { incident, sketch, .. } => {
                self.level.insert(*incident, sketch.triage.level);
                self.created.insert(*incident, event.at);
                if sketch.test {
                    self.tests.insert(*incident);
                }
            }
            Fact::IncidentChanged { incident, change } => {
                if let Some(triage) = &change.triage {
                    self.level.insert(*incident, triage.level);
                }
            }
            Fact::IncidentMerged { incident, into } => {
                let open = |order: &&mut Order| order.incident == *incident && order.outcome.is_none();
                self.orders.values_mut().filter(open).for_each(|order| order.incident = *into);
            }
            Fact::UnitAssigned { assignment, incident, unit, .. } => {
                let order = Order { unit: *unit, incident: *incident, stage: Stage::Ordered, outcome: None };
                self.orders.insert(*assignment, order);
            }
            Fact::StageReported { assignment, stage, advances: true, .. } => {
                self.orders.get_mut(assignment).unwrap().stage = *stage;
            }
            Fact::AssignmentEnded { assignment, outcome, .. } => {
                self.orders.get_mut(assignment).unwrap().outcome = Some(*outcome);
            }
            _ => {}
        }
    }

    /// Why a unit may not go to an incident under a policy, if so.
    fn objects(
        &self,
        candidate: &Candidate,
        incident: IncidentId,
        policy: &str,
        now: UtcTime,
    ) -> Option<&'static str> {
        let unit = candidate.unit;
        if self.paused.contains(&unit) {
            return Some("is paused");
        }
        if self.silent.contains(&unit) {
            return Some("is silent");
        }
        if self.crew.get(&unit).is_none_or(BTreeSet::is_empty) {
            return Some("has no crew");
        }
        let returned = [Some(Outcome::RefusedOrder), Some(Outcome::Aborted)];
        let gave_back = |order: &Order| {
            order.unit == unit && order.incident == incident && returned.contains(&order.outcome)
        };
        if self.orders.values().any(gave_back) {
            return Some("gave this incident back");
        }
        let mut open = self.orders.iter().filter(|(_, order)| order.unit == unit && order.outcome.is_none());
        let Some((id, held)) = open.next() else {
            return candidate.interrupts.map(|_| "leaves an order that it has not");
        };
        let says_so = candidate.interrupts.is_some_and(|it| it.assignment == *id);
        let (from, to) = (self.level[&held.incident], self.level[&incident]);
        let allowed = Preemptions::default().allow(from, to);
        match policy.split('+').next().unwrap_or_default() {
            _ if open.next().is_some() => Some("is on two orders"),
            _ if !says_so => Some("is taken, and the proposal does not say so"),
            _ if held.incident == incident => Some("is on this incident already"),
            _ if held.stage >= Stage::OnScene => Some("is with a patient"),
            _ if self.tests.contains(&incident) && !self.tests.contains(&held.incident) => {
                Some("is taken from somebody real for a drill")
            }
            _ if !allowed => Some("may not be taken from that level"),
            "closest-guarded" | "matching" if !self.may_lose(held.incident, now) => {
                Some("is taken from one that lost enough")
            }
            "closest-preempt" | "closest-guarded" | "matching" => None,
            _ => Some("is taken, and this policy takes nobody"),
        }
    }

    /// Why a unit is not about to be free for an incident, if so.
    fn doubts(&self, candidate: &Candidate, incident: IncidentId) -> Option<&'static str> {
        let unit = candidate.unit;
        let open: Vec<&Order> =
            self.orders.values().filter(|order| order.unit == unit && order.outcome.is_none()).collect();
        let at_hospital = [Stage::AtHospital, Stage::HandedOver];
        let returned = [Some(Outcome::RefusedOrder), Some(Outcome::Aborted)];
        let gave_back = |order: &Order| {
            order.unit == unit && order.incident == incident && returned.contains(&order.outcome)
        };
        match open.as_slice() {
            _ if self.paused.contains(&unit) => Some("is paused"),
            _ if self.silent.contains(&unit) => Some("is silent"),
            _ if self.crew.get(&unit).is_none_or(BTreeSet::is_empty) => Some("has no crew"),
            _ if self.orders.values().any(gave_back) => Some("gave this incident back"),
            [held] if !at_hospital.contains(&held.stage) => Some("is not at hospital"),
            [_] if candidate.interrupts.is_some() => Some("is taken from its patient"),
            [_] if candidate.free_in_s.is_none_or(|left| left <= Span::ZERO) => Some("is free"),
            [_] => None,
            _ => Some("is not on one order"),
        }
    }

    /// So many losses at the most, and none once help should have been there for an eighth of its goal.
    fn may_lose(&self, incident: IncidentId, now: UtcTime) -> bool {
        let lost = |order: &&Order| order.incident == incident && order.outcome == Some(Outcome::Diverted);
        let goal_s = match self.level[&incident] {
            Level::I => 480,
            Level::II => 720,
            Level::III => 900,
            Level::IV => 1_800,
        };
        let waited = now.since(self.created[&incident]);
        self.orders.values().filter(lost).count() < LOSSES && waited.micros() <= goal_s * 1_125_000
    }
}

fn nobody_is_proposed_who_may_not_go(city: &mut City, policy: &str) -> usize {
    nobody_is_named_who_may_not_go(city, policy, &mut 0)
}

fn nobody_is_named_who_may_not_go(city: &mut City, policy: &str, soon: &mut usize) -> usize {
    let judge = Judge::of(&city.events);
    let open: Vec<IncidentId> = city.centre.record().open_incidents().map(|it| it.id).collect();
    let mut proposed = 0;
    for incident in open {
        let Ok(inputs) =
            gather(city.centre.record(), &FleetPicture::empty(city.now), None, incident, city.now)
        else {
            continue;
        };
        let proposal = propose(ProposalId::new(city.uuid()), inputs);
        for candidate in &proposal.about_to_be_free {
            if let Some(why) = judge.doubts(candidate, incident) {
                panic!("{policy}: {} is about to be free and {why}", candidate.unit);
            }
            *soon += 1;
        }
        for candidate in &proposal.ranked {
            if let Some(why) = judge.objects(candidate, incident, policy, city.now) {
                panic!("{policy}: {} is proposed and {why}", candidate.unit);
            }
            proposed += 1;
        }
    }
    proposed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn a_policy_never_proposes_a_unit_that_may_not_go(
        (policy, _) in prop::sample::select(&POLICIES[..]),
        units in 0..10usize,
        day in prop::collection::vec(doing(), 1..100),
    ) {
        let mut city = city(policy, units);
        for one in &day {
            act(&mut city, one);
            nobody_is_proposed_who_may_not_go(&mut city, policy);
        }
    }
}

#[test]
fn the_judge_sees_units_about_to_be_free() {
    let mut city = city("closest", 0);
    let incident = city.incident(Level::IV);
    let _ = send_first(&mut city, incident);
    let mut soon = 0;
    for _ in 0..STAGES.len() {
        act(&mut city, &Doing::Press(0, 0));
        nobody_is_named_who_may_not_go(&mut city, "closest", &mut soon);
    }
    assert_eq!(soon, 2, "at hospital and after the handover");
}

#[test]
fn the_judge_sees_units_taken_where_a_policy_takes_them() {
    // A day in which nobody is ever taken would prove nothing of the policies that take.
    for (policy, expected) in POLICIES {
        let mut city = city(policy, 0);
        let minor = [city.incident(Level::IV), city.incident(Level::IV), city.incident(Level::IV)];
        for incident in minor {
            let _ = send_first(&mut city, incident);
        }
        let grave = city.incident(Level::I);
        nobody_is_proposed_who_may_not_go(&mut city, policy);
        let inputs =
            gather(city.centre.record(), &FleetPicture::empty(city.now), None, grave, city.now).unwrap();
        let taking = propose(ProposalId::new(city.uuid()), inputs).ranked;
        assert_eq!(taking.iter().any(|candidate| candidate.interrupts.is_some()), expected, "{policy}");
        assert_eq!(taking.is_empty(), !expected, "{policy}");
    }
}
