//! The record: the same events give the same record, written and read back included; what ended leaves it in time.

use dispatch_core::assignment::{Outcome, Stage};
use dispatch_core::incident::Level;
use dispatch_core::journal::v1;
use dispatch_core::{Action, DispatchCentre, Event};

use crate::city::City;

fn busy_city() -> City {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.proposes(incident, &["A01", "A02"]);
    let assignment = city.sends(incident, "A01");
    city.wait(200);
    city.presses(assignment, &[Stage::Acknowledged, Stage::Rolling]);
    city.call();
    city.wait(60);
    city
}

#[test]
fn a_journal_written_and_read_gives_the_same_record() {
    let city = busy_city();
    let read: Vec<Event> = city.events.iter().map(|event| v1::read(&v1::write(event)).unwrap()).collect();
    assert_eq!(read, city.events);
    let again = DispatchCentre::from_events(&read);
    assert_eq!(again.record(), city.centre.record());
    assert_eq!(again.record().digest(), city.centre.record().digest());
    assert_eq!(again.next_deadline(), city.centre.next_deadline());
}

#[test]
fn a_private_number_is_in_the_journal_and_nowhere_else() {
    let city = busy_city();
    let call =
        city.events.iter().find(|e| matches!(e.fact, dispatch_core::Fact::CallReceived { .. })).unwrap();
    assert!(String::from_utf8(v1::write(call)).unwrap().contains("13812342290"));
    assert!(!format!("{:?}", city.events).contains("13812342290"));
    assert!(!format!("{:?}", city.centre).contains("13812342290"));
}

#[test]
fn a_later_format_is_refused_with_advice() {
    let error = v1::read(br#"{"v":2,"at":"2026-11-21T00:00:00Z"}"#).unwrap_err().to_string();
    assert!(error.contains("use a newer one"), "{error}");
    assert!(v1::read(b"\xff").is_err());
}

#[test]
fn what_ended_leaves_the_record_after_a_day() {
    let mut city = City::new();
    let incident = city.incident(Level::III);
    let assignment = city.sends(incident, "A01");
    city.presses(assignment, &[Stage::OnScene]);
    city.ends(assignment, Outcome::NoPatient).unwrap();
    city.wait(24 * 3600 - 60);
    city.call();
    assert!(city.centre.record().incident(incident).is_some());
    city.wait(3600);
    let call = city.call();
    let record = city.centre.record();
    assert!(record.incident(incident).is_none());
    assert!(record.assignments().is_empty());
    assert!(record.call(call).is_some());
    let calls = record.calls().len();
    assert_eq!(calls, 2, "a call that goes on stays, however old");
    city.does(Action::AnswerCall { call });
}

proptest::proptest! {
    /// A coordinate that came back off by its last bit would make a replay differ from the live day.
    #[test]
    fn a_coordinate_comes_back_to_the_last_bit(longitude in -180.0..180.0f64, latitude in -90.0..90.0f64) {
        let position = roads::Wgs84::new(longitude, latitude).unwrap();
        let json = serde_json::to_string(&position).unwrap();
        let back: roads::Wgs84 = serde_json::from_str(&json).unwrap();
        proptest::prop_assert_eq!(back.longitude().to_bits(), longitude.to_bits());
        proptest::prop_assert_eq!(back.latitude().to_bits(), latitude.to_bits());
    }
}
