//! What a node wrote while it was cut off comes onto the leader's record as if it had been known there: with its own times, and without
//! taking back what the leader decided meanwhile.

use dispatch_core::actor::Actor;
use dispatch_core::aside::AsideMatter;
use dispatch_core::assignment::{Outcome, Stage};
use dispatch_core::ids::{AssignmentId, CallId, IncidentId};
use dispatch_core::incident::Level;
use dispatch_core::reports::{Ledger, Measure, Period, response_times};
use dispatch_core::{Action, DispatchCentre, Fact, Refusal, Span};

use crate::city::{City, desk, sketch, unit};

/// A city that two nodes know alike, and then each its own part of.
struct Parted {
    /// Who leads.
    leader: City,
    /// Who was cut off.
    island: City,
    /// How many events both know.
    common: usize,
}

impl Parted {
    fn new() -> Self {
        let leader = City::new();
        let common = leader.events.len();
        Self { island: leader.branch(1_000_000), leader, common }
    }

    fn matters(&self) -> Vec<AsideMatter> {
        AsideMatter::part(2, self.island.events[self.common..].iter().cloned())
    }

    /// A person brings everything in. Comes back with what is left out.
    fn bring_in(&mut self) -> u32 {
        self.leader.now = self.leader.now.max(self.island.now);
        let mut left_out = 0;
        for matter in self.matters() {
            let events = self.leader.does(Action::BringIn { matter: Box::new(matter) });
            for event in events {
                if let Fact::EventsBroughtIn { left_out: more, .. } = event.fact {
                    left_out += more;
                }
            }
        }
        left_out
    }
}

impl City {
    /// A call that leads to an incident.
    fn call_and_incident(&mut self) -> (CallId, IncidentId) {
        let call = self.call();
        self.wait(5);
        self.does(Action::AnswerCall { call });
        let incident = IncidentId::new(self.uuid());
        self.wait(20);
        self.does(Action::CreateIncident { incident, call: Some(call), sketch: sketch(Level::II).into() });
        (call, incident)
    }

    /// A whole run of a unit.
    fn whole_run(&mut self, incident: IncidentId, code: &str) -> AssignmentId {
        let assignment = self.sends(incident, code);
        self.presses(
            assignment,
            &[Stage::Acknowledged, Stage::Rolling, Stage::OnScene, Stage::LeftScene, Stage::AtHospital],
        );
        self.presses(assignment, &[Stage::HandedOver, Stage::Available]);
        assignment
    }
}

#[test]
fn a_run_that_is_over_stands_on_record_as_it_was() {
    let mut city = Parted::new();
    let (call, incident) = city.island.call_and_incident();
    let assignment = city.island.whole_run(incident, "A01");
    // The same number was given twice: each node counted for itself.
    let other = city.leader.incident(Level::I);
    let leaders = city.leader.centre.record().incident(other).unwrap().number;
    assert_eq!(city.island.centre.record().incident(incident).unwrap().number, leaders);

    assert_eq!(city.bring_in(), 0);
    let record = city.leader.centre.record();
    let (here, there) = (record.incident(incident).unwrap(), city.island.centre.record());
    assert_ne!(here.number, leaders, "no number is given twice");
    assert_eq!(here.created_at, there.incident(incident).unwrap().created_at);
    assert_eq!(here.end, there.incident(incident).unwrap().end);
    assert_eq!(record.call(call).unwrap().rang_at, there.call(call).unwrap().rang_at);
    assert_eq!(record.assignment(assignment).unwrap().times, there.assignment(assignment).unwrap().times);
    assert!(record.unit(unit("A01")).unwrap().assignments.is_empty());
    assert!(record.outbox().is_empty(), "nobody is sent anywhere for a run that is over");
    let about_it = record.escalations().keys().any(|key| key.to_string().contains(&incident.to_string()));
    assert!(!about_it, "nothing is asked about what is over");

    // The report counts it with its own times, like any other.
    assert_eq!(measures(&city.leader), measures(&city.island));
    assert!(measures(&city.leader).iter().all(Option::is_some));
}

/// The figures that are told of a run with all its steps.
fn measures(city: &City) -> Vec<Option<Span>> {
    let days = Period::between(city.events[0].at, city.now + Span::seconds(1)).unwrap();
    let report = response_times(&Ledger::of(&city.events), &days);
    let told = [Measure::Answer, Measure::Dispatch, Measure::Departure, Measure::Response, Measure::Handover];
    told.map(|measure| report.figure(measure).total().mean_s).to_vec()
}

#[test]
fn a_run_that_goes_on_goes_on_here() {
    let mut city = Parted::new();
    let (_, incident) = city.island.call_and_incident();
    let assignment = city.island.sends(incident, "A01");
    city.island.presses(assignment, &[Stage::Acknowledged, Stage::Rolling]);
    city.bring_in();
    let record = city.leader.centre.record();
    assert_eq!(record.assignment(assignment).unwrap().stage, Stage::Rolling);
    assert_eq!(record.unit(unit("A01")).unwrap().assignments, [assignment]);
    assert_eq!(record.outbox().len(), 1, "the crew has it from the leader as well");
    city.leader.presses(assignment, &[Stage::OnScene]);
    city.leader.ends(assignment, Outcome::TreatedOnScene).unwrap();
    assert!(!city.leader.centre.record().incident(incident).unwrap().is_open());
}

#[test]
fn what_was_brought_in_is_not_brought_in_again() {
    let mut city = Parted::new();
    let (_, incident) = city.island.call_and_incident();
    city.island.whole_run(incident, "A01");
    city.bring_in();
    let before = city.leader.events.len();
    city.bring_in();
    assert_eq!(city.leader.events.len(), before);
}

#[test]
fn a_unit_that_the_leader_sent_elsewhere_stays_there() {
    let mut city = Parted::new();
    let (_, incident) = city.island.call_and_incident();
    let islands = city.island.sends(incident, "A01");
    city.island.presses(islands, &[Stage::Acknowledged]);
    let other = city.leader.incident(Level::I);
    let leaders = city.leader.sends(other, "A01");
    // The order and the crew's step on it.
    assert_eq!(city.bring_in(), 2);
    let record = city.leader.centre.record();
    assert_eq!(record.unit(unit("A01")).unwrap().assignments, [leaders]);
    assert!(record.assignment(islands).is_none());
    let it = record.incident(incident).unwrap();
    let waits = record.waiting_incidents().any(|waiting| waiting.id == it.id);
    assert!(it.is_open() && waits, "it wants a unit, in front of a dispatcher");
}

#[test]
fn an_incident_ends_with_the_last_order_that_comes_in_whatever_matter_said_so() {
    let mut city = Parted::new();
    let incident = city.leader.incident(Level::II);
    let first = city.leader.sends(incident, "A01");
    city.leader.presses(first, &[Stage::Acknowledged, Stage::Rolling, Stage::OnScene]);
    city.common = city.leader.events.len();
    city.island = city.leader.branch(1_000_000);
    // The island sends a second unit, and both are free again there: its incident ends with the second, and the first order is a matter of its own.
    let second = city.island.sends(incident, "A02");
    let rest = [Stage::LeftScene, Stage::AtHospital, Stage::HandedOver, Stage::Available];
    city.island.presses(first, &rest);
    city.island.presses(second, &[Stage::Acknowledged, Stage::Rolling, Stage::OnScene]);
    city.island.presses(second, &rest);
    assert!(!city.island.centre.record().incident(incident).unwrap().is_open());
    let second_alone = city
        .matters()
        .into_iter()
        .find(|matter| matter.events.iter().any(|event| matches!(event.fact, Fact::UnitAssigned { .. })));
    city.leader.now = city.island.now;
    city.leader.does(Action::BringIn { matter: Box::new(second_alone.unwrap()) });
    let record = city.leader.centre.record();
    assert!(record.incident(incident).unwrap().is_open(), "the first unit is on it, as far as is known here");
    city.bring_in();
    let record = city.leader.centre.record();
    assert!(record.open_assignments_of(incident).next().is_none());
    assert!(!record.incident(incident).unwrap().is_open(), "nobody is on it, and it wants nobody");
}

#[test]
fn the_leaders_word_on_an_incident_stands() {
    let mut city = Parted { ..Parted::new() };
    let incident = city.leader.incident(Level::II);
    city.common = city.leader.events.len();
    city.island = city.leader.branch(1_000_000);
    let reason = "误报".to_owned();
    city.island.does(Action::CancelIncident { incident, reason });
    let assignment = city.leader.sends(incident, "A02");
    assert_eq!(
        city.bring_in(),
        1,
        "the leader has sent somebody: it is not called off behind the crew's back"
    );
    let record = city.leader.centre.record();
    assert!(record.incident(incident).unwrap().is_open());
    assert!(record.assignment(assignment).unwrap().is_open());
}

#[test]
fn matters_are_told_apart_and_what_is_of_none_is_left() {
    let mut city = Parted::new();
    let (_, one) = city.island.call_and_incident();
    let (_, other) = city.island.call_and_incident();
    city.island.sends(one, "A01");
    city.island.sends(other, "A02");
    city.island.does(Action::PauseUnit { unit: unit("A03"), reason: "加油".to_owned() });
    assert_eq!(city.matters().len(), 2);
    city.island.does(Action::MergeIncident { incident: other, into: one });
    let [whole] = <[AsideMatter; 1]>::try_from(city.matters()).unwrap();
    assert!(whole.events.is_sorted_by_key(|event| event.at));
    city.bring_in();
    let record = city.leader.centre.record();
    assert!(record.unit(unit("A03")).unwrap().pause.is_none());
    assert_eq!(record.open_assignments_of(one).count(), 2);
}

#[test]
fn it_takes_a_person_and_a_bounded_matter() {
    let mut city = Parted::new();
    city.island.call_and_incident();
    let [matter] = <[AsideMatter; 1]>::try_from(city.matters()).unwrap();
    let action = Action::BringIn { matter: Box::new(matter.clone()) };
    let refused = city.leader.by(Actor::rule("test"), action).unwrap_err();
    assert!(matches!(refused, Refusal::NotAllowed { .. }));
    let events = vec![matter.events[0].clone(); AsideMatter::EVENTS_MAX + 1];
    let refused = city.leader.refused(Action::BringIn { matter: Box::new(AsideMatter { events, ..matter }) });
    assert!(matches!(refused, Refusal::TooMany { .. }));
}

/// Any two halves of a night: nothing that was brought in breaks the record, and the journal tells the same again.
#[test]
fn no_night_breaks_the_record() {
    for seed in 0..200_u64 {
        let mut city = Parted::new();
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..30 {
            random_step(&mut city.island, &mut dice);
            random_step(&mut city.leader, &mut dice);
        }
        city.bring_in();
        let record = city.leader.centre.record();
        for (code, it) in record.units() {
            assert!(it.assignments.len() <= 1, "seed {seed}: {code} has two orders");
        }
        let mut numbers: Vec<_> = record.incidents().values().map(|it| it.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), record.incidents().len(), "seed {seed}: a number was given twice");
        for call in city.island.centre.record().calls().keys() {
            assert!(record.call(*call).is_some(), "seed {seed}: a call was forgotten");
        }
        let again = DispatchCentre::from_events(&city.leader.events);
        assert_eq!(again.record(), record, "seed {seed}: the journal tells another story");
    }
}

/// Chance by a seed, good enough to choose steps.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % count as u64) as usize
    }
}

fn random_step(city: &mut City, dice: &mut Dice) {
    city.wait(dice.below(60) as i64);
    let record = city.centre.record();
    let incidents: Vec<IncidentId> = record.incidents().keys().copied().collect();
    let orders: Vec<AssignmentId> = record.assignments().keys().copied().collect();
    let next = match dice.below(8) {
        0 | 1 => {
            city.call_and_incident();
            return;
        }
        2 if !incidents.is_empty() => {
            let code = ["A01", "A02", "A03"][dice.below(3)];
            city.sending(incidents[dice.below(incidents.len())], code, Some("夜班"))
        }
        3..=5 if !orders.is_empty() => {
            let assignment = orders[dice.below(orders.len())];
            let stages =
                [Stage::Acknowledged, Stage::Rolling, Stage::OnScene, Stage::LeftScene, Stage::Available];
            let _ = city.press(assignment, stages[dice.below(stages.len())]);
            return;
        }
        6 if incidents.len() > 1 => {
            let (one, other) = (dice.below(incidents.len()), dice.below(incidents.len()));
            Action::MergeIncident { incident: incidents[one], into: incidents[other] }
        }
        7 if !incidents.is_empty() => {
            let incident = incidents[dice.below(incidents.len())];
            Action::CancelIncident { incident, reason: "误报".to_owned() }
        }
        _ => return,
    };
    // Much of it is refused, as it would be.
    let _ = city.by(desk(), next);
}
