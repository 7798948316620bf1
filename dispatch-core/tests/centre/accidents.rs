//! Accidents above incidents: what is counted, who has which bed, and that nobody is left at a scene.

use dispatch_core::accident::{
    Accident, AccidentRequest, AccidentSketch, AccidentTable, Allotment, ByColour, Colour, Release, Tag,
    Whereabouts,
};
use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Outcome, Stage};
use dispatch_core::ids::{AccidentId, AssignmentId, HospitalId, IncidentId};
use dispatch_core::incident::{IncidentSketch, Level, Needs};
use dispatch_core::{Action, Refusal};

use crate::city::{City, desk, hospital, sketch};

/// An accident at one incident.
pub(crate) fn declare(city: &mut City, scenes: &[IncidentId]) -> AccidentId {
    let accident = AccidentId::new(city.uuid());
    let action = declaring(accident, scenes);
    city.does(action);
    accident
}

pub(crate) fn declaring(accident: AccidentId, scenes: &[IncidentId]) -> Action {
    let sketch = AccidentSketch { title: "二桥连环车祸".to_owned(), grade: None, notes: String::new() };
    Action::DeclareAccident { accident, sketch, scenes: scenes.to_vec() }
}

pub(crate) fn asking(accident: AccidentId, request: AccidentRequest) -> Action {
    Action::ChangeAccident { accident, version: None, request }
}

pub(crate) fn colours(red: u16, yellow: u16, green: u16, black: u16) -> ByColour {
    ByColour { red, yellow, green, black }
}

fn accident(city: &City, id: AccidentId) -> &Accident {
    city.centre.record().accident(id).unwrap()
}

fn table(city: &City, id: AccidentId) -> AccidentTable {
    AccidentTable::of(city.centre.record(), accident(city, id))
}

fn counts(city: &mut City, id: AccidentId, scene: IncidentId, found: ByColour) {
    city.does(asking(id, AccidentRequest::Count { scene, found }));
}

fn offers(city: &mut City, id: AccidentId, code: &str, beds: ByColour) {
    city.does(asking(id, AccidentRequest::OfferBeds { hospital: hospital(code), beds }));
}

fn keeps(city: &mut City, id: AccidentId, casualty: Tag, code: &str) {
    let allotments = vec![Allotment { casualty, hospital: hospital(code) }];
    city.does(asking(id, AccidentRequest::KeepBeds { allotments }));
}

fn on_scene(city: &mut City, incident: IncidentId, unit: &str) -> AssignmentId {
    let assignment = city.sends(incident, unit);
    city.presses(assignment, &[Stage::Acknowledged, Stage::Rolling, Stage::OnScene]);
    assignment
}

fn loads(city: &mut City, id: AccidentId, assignment: AssignmentId, casualties: &[Tag]) {
    let casualties = casualties.to_vec();
    city.does(asking(id, AccidentRequest::Load { assignment, casualties }));
}

#[test]
fn two_crashes_become_one_accident_and_the_table_adds_up() {
    let mut city = City::new();
    let (bridge, ramp) = (city.incident(Level::I), city.incident(Level::II));
    let id = declare(&mut city, &[bridge, ramp]);
    assert_eq!(accident(&city, id).number.to_string(), "20261121-M01");
    counts(&mut city, id, bridge, colours(2, 1, 3, 1));
    counts(&mut city, id, ramp, colours(0, 2, 0, 0));
    offers(&mut city, id, "H01", colours(1, 2, 0, 0));
    keeps(&mut city, id, 1, "H01");

    let assignment = on_scene(&mut city, bridge, "A01");
    loads(&mut city, id, assignment, &[1]);
    let destination = city.centre.record().assignment(assignment).unwrap().destination.clone().unwrap();
    assert_eq!(destination.hospital, hospital("H01"), "the ambulance goes where the bed is kept");

    let before = table(&city, id);
    let [red, yellow, green, black] = before.colours;
    assert_eq!((red.found, red.without_bed, red.with_bed, red.aboard), (2, 1, 0, 1));
    assert_eq!((yellow.found, green.found, black.found), (3, 3, 1));
    assert_eq!((before.scenes[0].sent, before.scenes[0].on_scene), (1, 1));
    assert_eq!(before.scenes[0].waiting, colours(1, 1, 3, 0), "the dead do not wait");
    assert_eq!(before.scenes[0].advised, 1 + 1 + 1, "one red, one yellow, three green in one");
    assert_eq!(before.hospitals[0].coming, colours(1, 0, 0, 0));
    assert_eq!(before.hospitals[0].free, colours(0, 2, 0, 0));

    city.presses(assignment, &[Stage::AtPatient, Stage::LeftScene, Stage::AtHospital, Stage::HandedOver]);
    let after = table(&city, id);
    assert_eq!((after.colours[0].aboard, after.colours[0].at_hospital), (0, 1));
    assert_eq!(after.hospitals[0].arrived, colours(1, 0, 0, 0));
    assert_eq!(after.hospitals[0].given, colours(1, 0, 0, 0), "a bed in use is not free again");
}

#[test]
fn a_scene_with_casualties_is_not_done_when_its_unit_is() {
    let mut city = City::new();
    let scene = city.incident(Level::I);
    let id = declare(&mut city, &[scene]);
    counts(&mut city, id, scene, colours(2, 0, 0, 0));
    let first = on_scene(&mut city, scene, "A01");
    loads(&mut city, id, first, &[1]);
    let conveyed =
        [Stage::AtPatient, Stage::LeftScene, Stage::AtHospital, Stage::HandedOver, Stage::Available];
    city.presses(first, &conveyed);
    let it = city.centre.record().incident(scene).unwrap();
    assert!(it.is_open(), "one casualty waits");
    assert_eq!(it.sketch.needs.units, 2, "and one unit more is wanted");
    assert_eq!(city.centre.record().units_short(scene), 1);
    assert!(it.short_since.is_some(), "so that somebody is called");
    let author = &city
        .events
        .iter()
        .rev()
        .find(|event| matches!(event.fact, dispatch_core::Fact::IncidentChanged { .. }));
    assert_eq!(author.unwrap().by, Actor::rule("casualties_wait"), "nobody at the desk said so");
    let cancel = Action::CancelIncident { incident: scene, reason: "误报".to_owned() };
    assert_eq!(city.refused(cancel.clone()), Refusal::CasualtiesWait { count: 1 });
    let close = Action::CloseAccident { accident: id, reason: "处置完毕".to_owned() };
    assert_eq!(city.refused(close.clone()), Refusal::CasualtiesWait { count: 1 });

    let second = on_scene(&mut city, scene, "A02");
    loads(&mut city, id, second, &[2]);
    city.presses(second, &conveyed);
    assert!(!city.centre.record().incident(scene).unwrap().is_open(), "now it is done");
    city.does(close);
    assert!(!accident(&city, id).is_open());
}

#[test]
fn an_ambulance_that_ends_without_conveying_puts_its_casualties_back() {
    let mut city = City::new();
    let scene = city.incident(Level::I);
    let id = declare(&mut city, &[scene]);
    counts(&mut city, id, scene, colours(1, 0, 0, 0));
    let first = on_scene(&mut city, scene, "A01");
    loads(&mut city, id, first, &[1]);
    city.ends(first, Outcome::TreatedOnScene).unwrap();
    assert_eq!(accident(&city, id).casualty(1).unwrap().whereabouts, Whereabouts::Scene);
    assert_eq!(city.centre.record().units_short(scene), 1);
}

#[test]
fn beds_are_given_once_and_a_hospital_speaks_for_itself_alone() {
    let mut city = City::new();
    let scene = city.incident(Level::I);
    let id = declare(&mut city, &[scene]);
    counts(&mut city, id, scene, colours(2, 0, 0, 0));
    offers(&mut city, id, "H01", colours(1, 0, 0, 0));
    let both: Vec<Allotment> =
        [1, 2].map(|casualty| Allotment { casualty, hospital: hospital("H01") }).into();
    let refused = city.refused(asking(id, AccidentRequest::KeepBeds { allotments: both }));
    assert_eq!(refused, Refusal::NoBed { hospital: hospital("H01"), colour: Colour::Red });
    assert_eq!(accident(&city, id).casualty(1).unwrap().bed, None, "all of them or none");
    keeps(&mut city, id, 1, "H01");
    let fewer = AccidentRequest::OfferBeds { hospital: hospital("H01"), beds: ByColour::default() };
    let given = Refusal::BedsGiven { hospital: hospital("H01"), colour: Colour::Red, given: 1 };
    assert_eq!(city.refused(asking(id, fewer)), given);

    let nurse = |code: &str| Actor::Hospital { name: "周敏".to_owned(), hospital: hospital(code) };
    let offer =
        |hospital: HospitalId| asking(id, AccidentRequest::OfferBeds { hospital, beds: colours(3, 0, 0, 0) });
    assert!(city.by(nurse("H02"), offer(hospital("H01"))).is_err(), "not another's beds");
    assert!(city.by(nurse("H01"), offer(hospital("H01"))).is_ok());
    // Tagged anew, the casualty needs a bed of another kind, and there is none.
    let yellow = AccidentRequest::Note { casualty: 1, colour: Some(Colour::Yellow), note: None };
    city.does(asking(id, yellow));
    assert_eq!(accident(&city, id).casualty(1).unwrap().bed, None);
    assert_eq!(accident(&city, id).beds_free(hospital("H01"), Colour::Red), 3);
}

#[test]
fn a_count_is_corrected_as_long_as_nobody_is_known() {
    let mut city = City::new();
    let scene = city.incident(Level::I);
    let id = declare(&mut city, &[scene]);
    counts(&mut city, id, scene, colours(0, 0, 5, 0));
    counts(&mut city, id, scene, colours(0, 0, 3, 0));
    assert_eq!(accident(&city, id).casualties.len(), 3);
    city.does(asking(id, AccidentRequest::Release { casualties: vec![1, 2], how: Release::Left }));
    let one = AccidentRequest::Count { scene, found: colours(0, 0, 1, 0) };
    let refused = city.refused(asking(id, one));
    assert_eq!(refused, Refusal::CountTooLow { colour: Colour::Green, count_min: 2 });
    counts(&mut city, id, scene, colours(1, 0, 3, 0));
    let newest = accident(&city, id).casualties.last().unwrap();
    assert_eq!(newest.tag, 6, "a tag is never given twice");
}

#[test]
fn a_drill_and_a_real_event_are_not_one() {
    let mut city = City::new();
    let (real, drill) = (city.incident(Level::I), IncidentId::new(city.uuid()));
    let sketch = IncidentSketch { test: true, needs: Needs::default(), ..sketch(Level::I) };
    city.does(Action::CreateIncident { incident: drill, call: None, sketch: sketch.into() });
    let id = AccidentId::new(city.uuid());
    assert!(matches!(city.refused(declaring(id, &[real, drill])), Refusal::NotAllowed { .. }));
    assert!(matches!(
        city.refused(Action::MergeIncident { incident: drill, into: real }),
        Refusal::NotAllowed { .. }
    ));
    let id = declare(&mut city, &[drill]);
    assert!(accident(&city, id).test);
}

#[test]
fn two_scenes_that_turn_out_to_be_one_keep_their_casualties() {
    let mut city = City::new();
    let (one, same) = (city.incident(Level::I), city.incident(Level::I));
    let id = declare(&mut city, &[one, same]);
    counts(&mut city, id, one, colours(1, 0, 0, 0));
    counts(&mut city, id, same, colours(2, 0, 0, 0));
    city.does(Action::MergeIncident { incident: same, into: one });
    assert_eq!(accident(&city, id).scenes, [one]);
    assert_eq!(accident(&city, id).found(one, Colour::Red), 3);
    let other = city.incident(Level::I);
    let elsewhere = declare(&mut city, &[other]);
    let refused = city.by(desk(), Action::MergeIncident { incident: other, into: one });
    assert!(matches!(refused, Err(Refusal::SceneTaken { .. })), "{refused:?} {elsewhere}");
}

#[test]
fn the_scenes_of_an_open_accident_stay_in_the_record() {
    let mut city = City::new();
    let (scene, other) = (city.incident(Level::I), city.incident(Level::II));
    let id = declare(&mut city, &[scene, other]);
    counts(&mut city, id, other, colours(1, 0, 0, 0));
    let assignment = on_scene(&mut city, scene, "A01");
    let rest = [Stage::AtPatient, Stage::LeftScene, Stage::AtHospital, Stage::HandedOver, Stage::Available];
    city.presses(assignment, &rest);
    assert!(!city.centre.record().incident(scene).unwrap().is_open());
    city.wait(2 * 24 * 3600);
    city.call();
    assert!(city.centre.record().incident(scene).is_some());
    assert_eq!(table(&city, id).scenes[0].conveyed, 1, "what was done is still counted");
}
