//! Whatever happens at an accident, the sums of casualties, units and beds add up, and nobody waits where nobody will be sent.

use std::collections::BTreeMap;

use dispatch_core::accident::{
    Accident, AccidentChange, AccidentRequest, AccidentTable, Allotment, COLOURS, Release, Tag, Whereabouts,
};
use dispatch_core::assignment::{Outcome, STAGES, Stage, StampSource};
use dispatch_core::ids::{AccidentId, AssignmentId, HospitalId, IncidentId};
use dispatch_core::incident::Level;
use dispatch_core::{Action, DispatchCentre, Fact};
use proptest::prelude::*;

use crate::accidents::{asking, colours, declaring};
use crate::city::{City, desk, hospital, unit};

/// One thing somebody does; the numbers pick whom it is done to.
#[derive(Debug, Clone)]
enum Doing {
    Create,
    Declare(usize),
    AddScene(usize, usize),
    RemoveScene(usize, usize),
    Count(usize, usize, [u16; 4]),
    Tag(usize, usize, usize),
    Offer(usize, usize, [u16; 4]),
    Keep(usize, usize, usize),
    Free(usize, usize),
    Load(usize, usize, usize),
    Unload(usize, usize),
    Arrive(usize, usize, usize),
    Release(usize, usize),
    Restore(usize, usize),
    Close(usize),
    Send(usize, usize),
    Press(usize),
    End(usize, usize),
    Recall(usize),
    Destination(usize, usize),
    Merge(usize, usize),
    Cancel(usize),
}

fn doing() -> impl Strategy<Value = Doing> {
    let n = || 0..6usize;
    let four = || prop::array::uniform4(0..4u16);
    let busy = prop_oneof![
        (n(), n(), four()).prop_map(|(a, b, c)| Doing::Count(a, b, c)),
        (n(), n(), four()).prop_map(|(a, b, c)| Doing::Offer(a, b, c)),
        (n(), n(), n()).prop_map(|(a, b, c)| Doing::Keep(a, b, c)),
        (n(), n(), n()).prop_map(|(a, b, c)| Doing::Load(a, b, c)),
        (n(), n()).prop_map(|(a, b)| Doing::Send(a, b)),
        n().prop_map(Doing::Press),
        n().prop_map(Doing::Press),
    ];
    let other = prop_oneof![
        Just(Doing::Create),
        n().prop_map(Doing::Declare),
        (n(), n()).prop_map(|(a, b)| Doing::AddScene(a, b)),
        (n(), n()).prop_map(|(a, b)| Doing::RemoveScene(a, b)),
        (n(), n(), n()).prop_map(|(a, b, c)| Doing::Tag(a, b, c)),
        (n(), n()).prop_map(|(a, b)| Doing::Free(a, b)),
        (n(), n()).prop_map(|(a, b)| Doing::Unload(a, b)),
        (n(), n(), n()).prop_map(|(a, b, c)| Doing::Arrive(a, b, c)),
        (n(), n()).prop_map(|(a, b)| Doing::Release(a, b)),
        (n(), n()).prop_map(|(a, b)| Doing::Restore(a, b)),
        n().prop_map(Doing::Close),
        (n(), n()).prop_map(|(a, b)| Doing::End(a, b)),
        n().prop_map(Doing::Recall),
        (n(), n()).prop_map(|(a, b)| Doing::Destination(a, b)),
        (n(), n()).prop_map(|(a, b)| Doing::Merge(a, b)),
        n().prop_map(Doing::Cancel),
    ];
    prop_oneof![2 => busy, 1 => other]
}

const UNITS: [&str; 3] = ["A01", "A02", "A03"];
const OUTCOMES: [Outcome; 5] =
    [Outcome::NoPatient, Outcome::Aborted, Outcome::Conveyed, Outcome::TreatedOnScene, Outcome::Dead];

fn pick<T: Copy>(list: &[T], n: usize) -> Option<T> {
    (!list.is_empty()).then(|| list[n % list.len()])
}

fn act(city: &mut City, doing: &Doing) {
    let action = match *doing {
        Doing::Create => Some(Action::CreateIncident {
            incident: IncidentId::new(city.uuid()),
            call: None,
            sketch: crate::city::sketch(Level::II).into(),
        }),
        Doing::Declare(n) => {
            let accident = AccidentId::new(city.uuid());
            incident(city, n).map(|scene| declaring(accident, &[scene]))
        }
        Doing::Close(n) => {
            pick_accident(city, n).map(|it| Action::CloseAccident { accident: it.id, reason: "x".to_owned() })
        }
        _ => asked(city, doing).or_else(|| sent(city, doing)),
    };
    if let Some(action) = action {
        // A refusal is a fine answer: only the sums count.
        let _ = city.by(desk(), action);
    }
    city.wait(7);
}

fn incident(city: &City, n: usize) -> Option<IncidentId> {
    pick(&city.centre.record().incidents().keys().copied().collect::<Vec<_>>(), n)
}

fn pick_accident(city: &City, n: usize) -> Option<&Accident> {
    let all: Vec<AccidentId> = city.centre.record().accidents().keys().copied().collect();
    pick(&all, n).and_then(|id| city.centre.record().accident(id))
}

fn assignment(city: &City, n: usize) -> Option<AssignmentId> {
    let open = city.centre.record().assignments().values().filter(|a| a.is_open()).map(|a| a.id);
    pick(&open.collect::<Vec<_>>(), n)
}

fn beds_at(n: usize) -> HospitalId {
    hospital(["H01", "H02"][n % 2])
}

/// What is asked of an accident.
fn asked(city: &City, doing: &Doing) -> Option<Action> {
    let of = |n: usize| pick_accident(city, n);
    let tags = |it: &Accident, n: usize| -> Vec<Tag> {
        let all: Vec<Tag> = it.casualties.iter().map(|it| it.tag).collect();
        pick(&all, n).into_iter().collect()
    };
    let (it, request) = match *doing {
        Doing::AddScene(n, s) => (of(n)?, AccidentRequest::AddScene { incident: incident(city, s)? }),
        Doing::RemoveScene(n, s) => {
            let it = of(n)?;
            (it, AccidentRequest::RemoveScene { incident: pick(&it.scenes, s)? })
        }
        Doing::Count(n, s, [red, yellow, green, black]) => {
            let it = of(n)?;
            let found = colours(red, yellow, green, black);
            (it, AccidentRequest::Count { scene: pick(&it.scenes, s)?, found })
        }
        Doing::Tag(n, c, colour) => {
            let it = of(n)?;
            let (casualty, colour) = (*tags(it, c).first()?, Some(COLOURS[colour % 4]));
            (it, AccidentRequest::Note { casualty, colour, note: None })
        }
        Doing::Offer(n, h, [red, yellow, green, _]) => {
            let beds = colours(red, yellow, green, 0);
            (of(n)?, AccidentRequest::OfferBeds { hospital: beds_at(h), beds })
        }
        Doing::Keep(n, c, h) => {
            let it = of(n)?;
            let allotments =
                tags(it, c).into_iter().map(|casualty| Allotment { casualty, hospital: beds_at(h) });
            (it, AccidentRequest::KeepBeds { allotments: allotments.collect() })
        }
        Doing::Free(n, c) => (of(n)?, AccidentRequest::FreeBeds { casualties: tags(of(n)?, c) }),
        Doing::Load(n, a, c) => {
            let (assignment, casualties) = (assignment(city, a)?, tags(of(n)?, c));
            (of(n)?, AccidentRequest::Load { assignment, casualties })
        }
        Doing::Unload(n, c) => (of(n)?, AccidentRequest::Unload { casualties: tags(of(n)?, c) }),
        Doing::Arrive(n, c, h) => {
            (of(n)?, AccidentRequest::Arrive { casualties: tags(of(n)?, c), hospital: beds_at(h) })
        }
        Doing::Release(n, c) => {
            (of(n)?, AccidentRequest::Release { casualties: tags(of(n)?, c), how: Release::Treated })
        }
        Doing::Restore(n, c) => (of(n)?, AccidentRequest::Restore { casualties: tags(of(n)?, c) }),
        _ => return None,
    };
    Some(asking(it.id, request))
}

/// What happens to ambulances and incidents meanwhile.
fn sent(city: &mut City, doing: &Doing) -> Option<Action> {
    let (now, reason) = (city.now, "x".to_owned());
    Some(match *doing {
        Doing::Send(n, u) => city.sending(incident(city, n)?, UNITS[u % 3], Some("x")),
        Doing::Press(n) => {
            let assignment = assignment(city, n)?;
            let at_stage = city.centre.record().assignment(assignment)?.stage;
            let stage = STAGES.iter().map(|row| row.stage).find(|stage| *stage > at_stage)?;
            Action::ReportStage { assignment, stage, at: now, source: StampSource::Desk }
        }
        Doing::End(n, o) => {
            let (assignment, outcome) = (assignment(city, n)?, OUTCOMES[o % OUTCOMES.len()]);
            Action::EndAssignment { assignment, outcome, at: now, reason, source: StampSource::Desk }
        }
        Doing::Recall(n) => Action::RecallUnit { assignment: assignment(city, n)?, reason },
        Doing::Destination(n, h) => {
            Action::ChooseDestination { assignment: assignment(city, n)?, hospital: beds_at(h), reason }
        }
        Doing::Merge(a, b) => {
            Action::MergeIncident { incident: incident(city, a)?, into: incident(city, b)? }
        }
        Doing::Cancel(n) => Action::CancelIncident { incident: incident(city, n)?, reason },
        _ => return None,
    })
}

/// How many casualties an accident must have, from the events alone.
fn counted_by_the_journal(city: &City) -> BTreeMap<AccidentId, usize> {
    let mut counted: BTreeMap<AccidentId, usize> = BTreeMap::new();
    for event in &city.events {
        let Fact::AccidentChanged { accident, change } = &event.fact else { continue };
        let count = counted.entry(*accident).or_default();
        match change.as_ref() {
            AccidentChange::Found { count: more, .. } => *count += usize::from(*more),
            AccidentChange::Struck { casualties } => *count -= casualties.len(),
            _ => {}
        }
    }
    counted
}

fn sums_add_up(city: &City) {
    let record = city.centre.record();
    let counted = counted_by_the_journal(city);
    for it in record.accidents().values() {
        let table = AccidentTable::of(record, it);
        let number = it.number;
        let expected = counted.get(&it.id).copied().unwrap_or(0);
        let found: usize = table.colours.iter().map(|row| row.found).sum();
        assert_eq!((it.casualties.len(), found), (expected, expected), "{number}: everybody is counted once");
        for row in &table.colours {
            let parts = row.without_bed + row.with_bed + row.aboard + row.at_hospital + row.released;
            assert_eq!(row.found, parts, "{number}: everybody is in one place");
        }
        beds_add_up(it, &table);
        units_add_up(city, it, &table);
        nobody_is_forgotten(city, it);
    }
}

fn beds_add_up(it: &Accident, table: &AccidentTable) {
    for row in &table.hospitals {
        for colour in COLOURS {
            let (offered, given, free) = (row.offered.of(colour), row.given.of(colour), row.free.of(colour));
            assert_eq!(offered, given + free, "{} {colour:?} at {}", it.number, row.hospital);
        }
        let with_bed = it.casualties.iter().filter(|c| c.bed == Some(row.hospital)).count();
        assert_eq!(row.given.total(), with_bed, "{}: a bed given is somebody's", it.number);
        let gets = row.coming.total() + row.arrived.total() + row.expected.total();
        assert_eq!(gets, with_bed + row.without_bed, "{}: who comes has a bed there or none", it.number);
    }
    let kept: usize = table.hospitals.iter().map(|row| row.given.total()).sum();
    assert_eq!(kept, it.casualties.iter().filter(|c| c.bed.is_some()).count(), "{}", it.number);
    let at_scene: usize = table.colours.iter().map(|row| row.with_bed).sum();
    let expected: usize = table.hospitals.iter().map(|row| row.expected.total()).sum();
    assert_eq!(at_scene, expected, "{}: a kept bed is expected by its hospital", it.number);
}

fn units_add_up(city: &City, it: &Accident, table: &AccidentTable) {
    let record = city.centre.record();
    assert_eq!(table.scenes.len(), it.scenes.len());
    let mut sent = 0;
    for row in &table.scenes {
        assert_eq!(row.sent, row.on_way + row.on_scene + row.conveyed, "{}", it.number);
        sent += row.sent;
        let waiting = it.waiting_at(row.incident).count();
        assert_eq!(row.waiting.total(), waiting, "{}", it.number);
    }
    let of_scenes = record.assignments().values().filter(|a| it.has_scene(a.incident));
    let stayed =
        of_scenes.filter(|a| a.end.as_ref().is_none_or(|end| !end.outcome.leaves_incident_wanting()));
    assert_eq!(sent, stayed.count(), "{}: every unit is at one scene", it.number);
}

fn nobody_is_forgotten(city: &City, it: &Accident) {
    let record = city.centre.record();
    for casualty in &it.casualties {
        assert!(it.has_scene(casualty.scene), "{}: {} belongs to no scene", it.number, casualty.tag);
        if let Whereabouts::Aboard { assignment } = casualty.whereabouts {
            let ambulance = record.assignment(assignment).unwrap();
            assert!(ambulance.is_open(), "{}: {} is in an ambulance that is gone", it.number, casualty.tag);
            assert!((Stage::OnScene..Stage::HandedOver).contains(&ambulance.stage));
        }
        if casualty.is_waiting() && it.is_open() {
            let scene = record.incident(casualty.scene).unwrap();
            assert!(scene.is_open(), "{}: {} waits where nobody is sent", it.number, casualty.tag);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_sums_add_up_whatever_happens(day in prop::collection::vec(doing(), 1..160)) {
        let mut city = City::new();
        act(&mut city, &Doing::Create);
        act(&mut city, &Doing::Declare(0));
        for one in &day {
            act(&mut city, one);
            sums_add_up(&city);
        }
        let again = DispatchCentre::from_events(&city.events);
        prop_assert_eq!(again.record().digest(), city.centre.record().digest());
    }
}

#[test]
fn the_random_days_do_something() {
    // A day of refusals would prove nothing.
    let mut city = City::new();
    let day = [
        Doing::Create,
        Doing::Declare(0),
        Doing::Count(0, 0, [2, 1, 1, 1]),
        Doing::Offer(0, 0, [2, 2, 2, 0]),
        Doing::Keep(0, 0, 0),
        Doing::Send(0, 0),
        Doing::Press(0),
        Doing::Press(0),
        Doing::Press(0),
        Doing::Load(0, 0, 0),
    ];
    for one in &day {
        let before = city.events.len();
        act(&mut city, one);
        assert!(city.events.len() > before, "{one:?} is refused");
        sums_add_up(&city);
    }
    assert_eq!(unit("A01"), city.centre.record().assignments().values().next().unwrap().unit);
    assert_eq!(city.centre.record().accidents().values().next().unwrap().casualties.len(), 5);
}
