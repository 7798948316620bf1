//! Personal data: out of the stored facts, back when their key is there, gone when it is not, and everything else the same.

use std::sync::Arc;

use dispatch_core::accident::{AccidentRequest, AccidentSketch, ByColour, CasualtyNote, Colour};
use dispatch_core::actor::Actor;
use dispatch_core::erasure::{ERASED, SUBJECTS_MAX, Sought, Subject, Trace, UNREADABLE, subject};
use dispatch_core::ids::{AccidentId, IncidentId};
use dispatch_core::incident::{CallSource, IncidentChange, IncidentSketch, Level, Patient, Place, Speaker};
use dispatch_core::journal::read;
use dispatch_core::journal::v2::Opened;
use dispatch_core::private::Private;
use dispatch_core::{Action, DispatchCentre, Refusal};

use crate::city::{City, sketch};
use crate::sealed::Stored;

const WORDS: [&str; 12] = [
    "13900007777",
    "甲路",
    "甲口",
    "乙路",
    "乙口",
    "胸痛甲",
    "欧阳甲",
    "备注甲",
    "胸痛乙",
    "备注乙",
    "伤员甲",
    "骨折甲",
];

fn place(address: &str, waiting_place: &str) -> Place {
    let place = sketch(Level::III).place;
    Place { address: address.to_owned(), waiting_place: waiting_place.to_owned(), ..place }
}

/// A city where every fact that can hold personal data has happened, and the incident of it.
pub(crate) fn told_everything() -> (City, IncidentId, AccidentId) {
    let mut city = City::new();
    let call = dispatch_core::ids::CallId::new(city.uuid());
    city.does(Action::ReceiveCall {
        call,
        source: CallSource::Text,
        phone: Private::new(WORDS[0]),
        text_only: true,
        place: place(WORDS[1], ""),
        text: Some(WORDS[5].to_owned()),
    });
    city.does(Action::AnswerCall { call });
    city.does(Action::WriteLine { call, from: Speaker::Centre, text: WORDS[7].to_owned() });
    city.does(Action::LocateCall { call, place: place(WORDS[1], WORDS[2]) });
    let incident = IncidentId::new(city.uuid());
    let patients = vec![Patient { name: Private::new(WORDS[6]), sex: None, age_years: Some(70) }];
    let told = IncidentSketch {
        complaint: WORDS[5].to_owned(),
        place: place(WORDS[3], WORDS[4]),
        patients: patients.clone(),
        notes: WORDS[7].to_owned(),
        ..sketch(Level::III)
    };
    city.does(Action::CreateIncident { incident, call: Some(call), sketch: Arc::new(told) });
    let change = IncidentChange {
        complaint: Some(WORDS[8].to_owned()),
        place: Some(place(WORDS[1], WORDS[2])),
        patients: Some(patients),
        notes: Some(WORDS[9].to_owned()),
        ..IncidentChange::default()
    };
    city.does(Action::ChangeIncident { incident, version: None, change });
    let accident = AccidentId::new(city.uuid());
    let about = AccidentSketch { title: "二桥".to_owned(), grade: None, notes: String::new() };
    city.does(Action::DeclareAccident { accident, sketch: about, scenes: vec![incident] });
    let mut found = ByColour::default();
    *found.of_mut(Colour::Green) = 1;
    let asks = |request| Action::ChangeAccident { accident, version: None, request };
    city.does(asks(AccidentRequest::Count { scene: incident, found }));
    let note =
        CasualtyNote { name: Private::new(WORDS[10]), injury: WORDS[11].to_owned(), ..Default::default() };
    city.does(asks(AccidentRequest::Note { casualty: 1, colour: None, note: Some(note) }));
    city.does(asks(AccidentRequest::Release {
        casualties: vec![1],
        how: dispatch_core::accident::Release::Treated,
    }));
    (city, incident, accident)
}

fn sought(city: &City, sought: Sought) -> Vec<Subject> {
    let mut trace = Trace::new(sought);
    for event in &city.events {
        trace.take(event);
    }
    trace.subjects()
}

#[test]
fn no_word_about_anybody_stands_open_in_the_stored_facts() {
    let (city, ..) = told_everything();
    let stored = Stored::of(&city.events);
    let mut sealed = 0;
    for (body, event) in stored.bodies.iter().zip(&city.events) {
        let mut shown: serde_json::Value = serde_json::from_slice(body).unwrap();
        let taken = shown.as_object_mut().unwrap().remove("sealed");
        let shown = shown.to_string();
        assert!(WORDS.iter().all(|word| !shown.contains(word)), "{shown}");
        sealed += usize::from(taken.is_some());
        assert!(taken.is_none() || subject(&event.fact).is_some());
    }
    assert_eq!(sealed, 7, "call, two lines, place, incident, change, casualty");
    assert_eq!(stored.read(), city.events);
}

#[test]
fn erased_it_is_gone_and_everything_else_the_same() {
    let (mut city, incident, accident) = told_everything();
    let number = city.centre.record().incident(incident).unwrap().number;
    let found = sought(&city, Sought::Incident(number));
    assert_eq!((found.len(), found[0]), (2, Subject::Incident(incident)), "the incident and its call");
    let accident_number = city.centre.record().accident(accident).unwrap().number;
    assert_eq!(sought(&city, Sought::Accident(accident_number)), [Subject::Accident(accident)]);
    assert!(sought(&city, Sought::Incident("20200101-0001".parse().unwrap())).is_empty());

    let reason = || "家属申请".to_owned();
    let erase =
        |subjects: &[Subject]| Action::ErasePersonalData { subjects: subjects.to_vec(), reason: reason() };
    for subject in found.iter().copied().chain([Subject::Accident(accident)]) {
        let refusal = city.refused(erase(&[subject]));
        assert!(matches!(refusal, Refusal::NotAllowed { .. }), "{subject} goes on: {refusal}");
    }
    city.does(Action::CloseAccident { accident, reason: reason() });
    city.does(Action::CancelIncident { incident, reason: reason() });
    assert!(matches!(city.refused(erase(&[])), Refusal::Empty { .. }));
    let too_many = vec![found[0]; SUBJECTS_MAX + 1];
    assert!(matches!(city.refused(erase(&too_many)), Refusal::TooMany { .. }));
    let by_a_rule = city.by(Actor::rule("x"), erase(&found)).unwrap_err();
    assert!(matches!(by_a_rule, Refusal::NotAllowed { .. }));
    city.does(erase(&found));
    city.does(erase(&[Subject::Accident(accident)]));

    let stored = Stored::of(&city.events);
    let again = DispatchCentre::from_events(&stored.read());
    assert_eq!(
        again.record(),
        city.centre.record(),
        "built without the keys it is the record that was shown"
    );
    let it = again.record().incident(incident).unwrap();
    assert_eq!((it.sketch.complaint.as_str(), it.sketch.place.address.as_str()), (ERASED, ERASED));
    assert_eq!(it.sketch.patients[0].name.masked_name(), ERASED);
    assert_eq!(it.sketch.patients[0].age_years, Some(70));
    assert!(it.sketch.place.position.is_some());
    let call = again.record().call(it.calls[0]).unwrap();
    assert!(call.phone.reveal() == ERASED && call.lines.iter().all(|line| line.text == ERASED));
    let note = again.record().accident(accident).unwrap().casualties[0].note.clone().unwrap();
    assert_eq!((note.name.reveal(), note.injury.as_str()), (ERASED, ERASED));
}

#[test]
fn what_was_merged_in_belongs_to_it_until_it_is_split_again() {
    let mut city = City::new();
    let (first, second, third) =
        (city.incident(Level::III), city.incident(Level::III), city.incident(Level::III));
    let call = city.call();
    city.does(Action::AnswerCall { call });
    city.does(Action::JoinCall { call, incident: third });
    let number = city.centre.record().incident(first).unwrap().number;
    city.does(Action::MergeIncident { incident: third, into: second });
    city.does(Action::MergeIncident { incident: second, into: first });
    let found = sought(&city, Sought::Incident(number));
    let all =
        [Subject::Incident(first), Subject::Incident(second), Subject::Incident(third), Subject::Call(call)];
    assert_eq!(found, all);
    city.does(Action::SplitIncident { incident: second });
    assert_eq!(sought(&city, Sought::Incident(number)), all[..1]);
}

#[test]
fn a_box_that_does_not_open_never_stops_the_reading() {
    let (city, ..) = told_everything();
    for body in &Stored::of(&city.events).bodies {
        let unreadable = read(body, |_, _| Opened::Unreadable).unwrap();
        let text = serde_json::to_string(&unreadable.fact).unwrap();
        assert!(WORDS.iter().all(|word| !text.contains(word)));
        let had_any = serde_json::from_slice::<serde_json::Value>(body).unwrap().get("sealed").is_some();
        assert_eq!(text.contains(UNREADABLE), had_any);
    }
    let call =
        Stored::of(&city.events).bodies.into_iter().find(|body| body.windows(6).any(|w| w == b"sealed"));
    for contents in [&br#"["a"]"#[..], br#"["a","b","c","d","e","f"]"#, b"x"] {
        let wrong = read(call.as_deref().unwrap(), |_, _| Opened::Contents(contents.to_vec()));
        assert!(wrong.is_err(), "texts that do not fit the event are damage");
    }
}
