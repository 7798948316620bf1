//! Any commands in any order: the laws hold, and the record can be made again from the events.

use std::collections::BTreeSet;

use dispatch_core::assignment::{Outcome, Stage, StampSource};
use dispatch_core::erasure::Subject;
use dispatch_core::ids::{AssignmentId, CallId, IncidentId};
use dispatch_core::incident::Level;
use dispatch_core::{Action, DispatchCentre, Record, UtcTime};
use proptest::prelude::*;

use crate::city::{City, unit};
use crate::sealed::Stored;

/// One thing somebody does; the numbers pick whom it is done to.
#[derive(Debug, Clone)]
enum Doing {
    Ring,
    Answer(usize),
    Create(usize, Level),
    Propose(usize, usize),
    Send(usize, usize),
    Press(usize, usize),
    Prove(usize, usize),
    End(usize, usize),
    Recall(usize),
    Cancel(usize),
    Merge(usize, usize),
    Split(usize),
    SplitCall(usize),
    Hold(usize),
    Silence(usize),
    Heard(usize),
    Erase(usize),
    EraseCall(usize),
    Wait(i64),
}

fn doing() -> impl Strategy<Value = Doing> {
    use Doing::{
        Answer, Cancel, Create, End, Erase, EraseCall, Heard, Hold, Merge, Press, Propose, Prove, Recall,
        Ring, Send, Silence, Split, SplitCall, Wait,
    };
    let n = 0..6usize;
    prop_oneof![
        Just(Ring),
        n.clone().prop_map(Answer),
        (n.clone(), prop_oneof![Just(Level::I), Just(Level::III)]).prop_map(|(a, b)| Create(a, b)),
        (n.clone(), n.clone()).prop_map(|(a, b)| Propose(a, b)),
        (n.clone(), n.clone()).prop_map(|(a, b)| Send(a, b)),
        (n.clone(), 0..Stage::COUNT).prop_map(|(a, b)| Press(a, b)),
        (n.clone(), 0..Stage::COUNT).prop_map(|(a, b)| Prove(a, b)),
        (n.clone(), n.clone()).prop_map(|(a, b)| End(a, b)),
        n.clone().prop_map(Recall),
        n.clone().prop_map(Cancel),
        (n.clone(), n.clone()).prop_map(|(a, b)| Merge(a, b)),
        n.clone().prop_map(Split),
        n.clone().prop_map(SplitCall),
        n.clone().prop_map(Hold),
        n.clone().prop_map(Silence),
        n.clone().prop_map(Heard),
        n.clone().prop_map(Erase),
        n.prop_map(EraseCall),
        (0..400i64).prop_map(Wait),
    ]
}

const UNITS: [&str; 3] = ["A01", "A02", "A03"];
const OUTCOMES: [Outcome; 4] =
    [Outcome::NoPatient, Outcome::Aborted, Outcome::RefusedOrder, Outcome::TreatedOnScene];

fn pick<T: Copy>(list: &[T], n: usize) -> Option<T> {
    (!list.is_empty()).then(|| list[n % list.len()])
}

fn act(city: &mut City, doing: &Doing) {
    let record = city.centre.record();
    let calls: Vec<CallId> = record.calls().keys().copied().collect();
    let incidents: Vec<IncidentId> = record.incidents().keys().copied().collect();
    let assignments: Vec<AssignmentId> = record.assignments().keys().copied().collect();
    let now: UtcTime = city.now;
    let report = |assignment, stage: usize, source| {
        let stage = dispatch_core::assignment::STAGES[stage].stage;
        Action::ReportStage { assignment, stage, at: now, source }
    };
    let reason = "x".to_owned();
    let action = match *doing {
        Doing::Ring => {
            city.call();
            None
        }
        Doing::Wait(seconds) => {
            city.wait(seconds);
            None
        }
        Doing::Answer(n) => pick(&calls, n).map(|call| Action::AnswerCall { call }),
        Doing::Create(n, level) => {
            let incident = IncidentId::new(city.uuid());
            let sketch = crate::city::sketch(level).into();
            Some(Action::CreateIncident { incident, call: pick(&calls, n), sketch })
        }
        Doing::Propose(n, units) => pick(&incidents, n).map(|incident| {
            let proposal = std::sync::Arc::new(city.proposal(incident, &UNITS[..units % 4]));
            Action::RecordProposal { proposal }
        }),
        Doing::Send(n, u) => {
            pick(&incidents, n).map(|i| city.sending(i, UNITS[u % 3], (u > 2).then_some("x")))
        }
        Doing::Press(n, stage) => pick(&assignments, n).map(|a| report(a, stage, StampSource::Terminal)),
        Doing::Prove(n, stage) => pick(&assignments, n).map(|a| report(a, stage, StampSource::Motion)),
        Doing::End(n, o) => pick(&assignments, n).map(|assignment| {
            let (outcome, source) = (OUTCOMES[o % 4], StampSource::Desk);
            Action::EndAssignment { assignment, outcome, at: now, reason, source }
        }),
        Doing::Recall(n) => pick(&assignments, n).map(|assignment| Action::RecallUnit { assignment, reason }),
        Doing::Cancel(n) => pick(&incidents, n).map(|incident| Action::CancelIncident { incident, reason }),
        Doing::Merge(a, b) => pick(&incidents, a)
            .zip(pick(&incidents, b))
            .map(|(incident, into)| Action::MergeIncident { incident, into }),
        Doing::Split(n) => pick(&incidents, n).map(|incident| Action::SplitIncident { incident }),
        Doing::SplitCall(n) => {
            let (incident, sketch) = (IncidentId::new(city.uuid()), crate::city::sketch(Level::I).into());
            pick(&calls, n).map(|call| Action::SplitCall { call, incident, sketch })
        }
        Doing::Hold(n) => pick(&incidents, n).map(|incident| {
            let until = now + dispatch_core::Span::seconds(120);
            Action::HoldIncident { incident, reason, until }
        }),
        Doing::Silence(u) => Some(Action::NoteSilence { unit: unit(UNITS[u % 3]), since: now }),
        Doing::Erase(n) => pick(&incidents, n)
            .map(|id| Action::ErasePersonalData { subjects: vec![Subject::Incident(id)], reason }),
        Doing::EraseCall(n) => {
            pick(&calls, n).map(|id| Action::ErasePersonalData { subjects: vec![Subject::Call(id)], reason })
        }
        Doing::Heard(u) => Some(Action::NoteHeard { unit: unit(UNITS[u % 3]) }),
    };
    if let Some(action) = action {
        // A refusal is a fine answer: only the laws below count.
        let _ = city.by(crate::city::desk(), action);
    }
}

fn laws_hold(city: &City) {
    let record = city.centre.record();
    let mut taken = BTreeSet::new();
    for assignment in record.assignments().values().filter(|a| a.is_open()) {
        assert!(taken.insert(assignment.unit), "{} is on two orders", assignment.unit);
        let unit = record.unit(assignment.unit).unwrap();
        assert_eq!(unit.assignments, [assignment.id], "the unit knows its order");
        let incident = record.incident(assignment.incident).unwrap();
        assert!(incident.is_open(), "an ended incident has no unit on it");
        assert!(incident.assignments.contains(&assignment.id));
    }
    for call in record.calls().values() {
        let of = record.incidents().values().filter(|it| it.calls.contains(&call.id)).map(|it| it.id);
        assert_eq!(of.collect::<Vec<_>>(), Vec::from_iter(call.incident), "a call is about one incident");
    }
    for unit in record.units().values() {
        assert!(unit.assignments.iter().all(|id| record.assignment(*id).unwrap().is_open()));
    }
    for incident in record.open_incidents().filter(|i| !i.is_held()) {
        // Nobody is forgotten: what lacks a unit has a clock or an alarm.
        assert_eq!(
            incident.short_since.is_some(),
            record.units_short(incident.id) > 0,
            "{}",
            incident.number
        );
        let watched = incident.short_since.is_none()
            || city.centre.next_deadline().is_some()
            || !record.escalations().is_empty();
        assert!(watched, "{} lacks a unit and nobody is told", incident.number);
        let alive =
            incident.short_since.is_some() || record.open_assignments_of(incident.id).next().is_some();
        assert!(alive, "{} has nothing left to do and is still open", incident.number);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_laws_hold_whatever_is_done(day in prop::collection::vec(doing(), 1..120), at in 0..120usize) {
        let mut city = City::new();
        let mut snapshot = None;
        for (number, one) in day.iter().enumerate() {
            if number == at % day.len() {
                snapshot = Some((city.centre.record().written(), city.events.len()));
            }
            act(&mut city, one);
            laws_hold(&city);
        }
        let again = DispatchCentre::from_events(&city.events);
        prop_assert_eq!(again.record().digest(), city.centre.record().digest());
        prop_assert_eq!(again.next_deadline(), city.centre.next_deadline());
        // And so does a journal whose keys are gone for what was erased.
        let stored = Stored::of(&city.events);
        let again = DispatchCentre::from_events(&stored.read());
        prop_assert_eq!(again.record(), city.centre.record());
        // And so does a snapshot of any moment with what came after it.
        let (written, place) = snapshot.unwrap();
        let mut again = DispatchCentre::from_record(Record::restored(&written).unwrap());
        prop_assert_eq!(&again.record().written(), &written);
        for event in &city.events[place..] {
            again.apply(event);
        }
        prop_assert_eq!(again.record(), city.centre.record());
        prop_assert_eq!(again.record().digest(), city.centre.record().digest());
        prop_assert_eq!(again.next_deadline(), city.centre.next_deadline());
    }
}
