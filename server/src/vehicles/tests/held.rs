//! What a vehicle holds and a real centre does not know.

use dispatch_core::assignment::Stage;
use dispatch_core::ids::AssignmentId;
use link::v1::{OrderHeld, RefusedCode};
use uuid::Uuid;

use super::centre::{Door, poll};
use super::vehicle::{TestVehicle, Turned};
use crate::centre::Submission;
use crate::clock::Clock;
use crate::config::TerminalConfig;
use crate::testing::{TempFolder, at_desk, start, two_units};
use crate::vehicles::{CentrePort, VehicleCentre};

#[tokio::test]
async fn a_vehicle_does_not_wait_for_a_record_that_hangs_and_comes_again() {
    let door = Door::open(&["A12"]).await;
    door.centre.get_stuck(true);
    let turned = TestVehicle::link(&door, "A12", (3, 1)).await;
    assert!(matches!(turned, Err(Turned::Refused(RefusedCode::Busy))), "{turned:?}");
    assert!(!door.centre.is_up("A12"));
    door.centre.get_stuck(false);
    TestVehicle::link(&door, "A12", (3, 2)).await.unwrap();
    poll(|| door.centre.is_up("A12")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_only_the_vehicle_knows_comes_on_record_once() {
    let folder = TempFolder::new("held");
    let running = start(folder.path(), Clock::real());
    let centre = running.handle().clone();
    for action in two_units() {
        centre.submit(Submission::new(at_desk(action))).await.unwrap();
    }
    let assignment = AssignmentId::new(Uuid::now_v7());
    let held = OrderHeld {
        assignment_id: assignment.to_string(),
        epoch: None,
        stage: link::v1::Stage::Rolling.into(),
        incident_number: "20261121-0042\u{7}".to_owned(),
    };
    let nonsense = OrderHeld { assignment_id: "assignment_1".to_owned(), ..held.clone() };
    let door = VehicleCentre::new(centre.clone(), TerminalConfig::default());
    for _ in 0..2 {
        assert!(door.take_in_held("A01".to_owned(), vec![nonsense.clone(), held.clone()]).await);
    }
    let seen = centre.snapshot();
    let it = seen.record.assignment(assignment).expect("it is on record");
    assert_eq!((it.stage, it.unit.as_str()), (Stage::Rolling, "A01"));
    assert_eq!(seen.record.incidents().len(), 1, "told twice, taken in once");
    let notes = &seen.record.incident(it.incident).unwrap().sketch.notes;
    assert!(notes.contains("20261121-0042") && !notes.contains('\u{7}'));
    assert!(centre.undelivered("A01".parse().unwrap()).is_empty(), "the crew's card is not written over");
    drop((seen, door, centre));
    tokio::task::spawn_blocking(move || running.stop()).await.unwrap();
}
