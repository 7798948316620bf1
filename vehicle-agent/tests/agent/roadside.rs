//! A crew is flagged down where the centre is out of reach: its task goes on, and is told when the link is there.

use link::v1::{ReportSource, Stage, report};
use serde_json::json;

use crate::centre::Centre;
use crate::terminal::{get_state, post};
use crate::vehicle::Vehicle;
use crate::{EPOCH, order, stage_of};

#[tokio::test]
async fn a_task_opened_without_the_centre_is_told_before_its_steps() {
    let mut vehicle = Vehicle::new("A12").await;
    let mut centre = Centre::open(&vehicle.certificates(), 0).await;
    let port = centre.port();
    vehicle.start(port).await;
    centre.welcome(EPOCH).await;
    let task = json!({ "complaint": "晕倒", "notes": "路口" });
    assert_eq!(post(vehicle.terminal(), "/api/roadside", &task).await.0, 409, "nobody is signed on");
    let person = json!({ "name": "李强", "role": "driver" });
    assert_eq!(post(vehicle.terminal(), "/api/crew/sign-on", &person).await.0, 200);
    let signed_on = centre.report().await;
    centre.acknowledge(&signed_on).await;
    vehicle.until(|state| state["link"]["unsent"] == 0).await;
    drop(centre);

    assert_eq!(post(vehicle.terminal(), "/api/roadside", &json!({ "complaint": " " })).await.0, 422);
    assert_eq!(post(vehicle.terminal(), "/api/roadside", &task).await.0, 200);
    assert_eq!(post(vehicle.terminal(), "/api/roadside", &task).await.0, 409, "one at a time");
    let state = get_state(vehicle.terminal()).await;
    let (assignment, next) = (&state["orders"][0]["assignment"], &state["orders"][0]["next"]["stage"]);
    assert_eq!((&state["orders"][0]["complaint"], next), (&json!("晕倒"), &json!("at_patient")));
    vehicle.kill().await;

    let mut centre = Centre::open(&vehicle.certificates(), port).await;
    vehicle.start(port).await;
    let hello = centre.welcome(EPOCH).await;
    assert!(hello.orders_held.is_empty(), "the centre never gave it: {:?}", hello.orders_held);
    let told = centre.report().await;
    assert_eq!(told.source(), ReportSource::CrewButton);
    let Some(report::Content::Roadside(roadside)) = &told.content else { panic!("not the task: {told:?}") };
    assert_eq!((json!(roadside.assignment_id), roadside.complaint.as_str()), (assignment.clone(), "晕倒"));
    centre.acknowledge(&told).await;
    vehicle.until(|state| state["link"]["unsent"] == 0).await;

    // Its order from the centre takes the place of what was made here, and the steps go on.
    centre.deliver(order("9.0", &roadside.assignment_id, EPOCH)).await;
    centre.delivery_ack().await;
    let state = get_state(vehicle.terminal()).await;
    assert_eq!(state["orders"].as_array().map(Vec::len), Some(1));
    assert_eq!(state["orders"][0]["incident_number"], "20261121-0042");
    assert_eq!(state["orders"][0]["stages"][0]["stage"], "on_scene");
    let press = json!({ "assignment": roadside.assignment_id, "stage": "left_scene" });
    vehicle.until_taken("/api/press", &press).await;
    assert_eq!(stage_of(&centre.report().await), (Stage::LeftScene, ReportSource::CrewButton));
}
