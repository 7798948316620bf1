//! The thread that proposes, in a whole running centre: whoever waits is proposed a unit, and whose unit is far away another.

use dispatch_core::assignment::{Grounds, Stage, StampSource};
use dispatch_core::ids::{AssignmentId, IncidentId, UnitId};
use dispatch_core::rules::Rules;
use dispatch_core::{Action, UtcTime};
use uuid::Uuid;

use crate::centre::{CentreHandle, Submission};
use crate::clock::Clock;
use crate::testing::{TempFolder, an_incident, at_desk, start, two_units, wait_until};

async fn does(centre: &CentreHandle, action: Action) {
    centre.submit(Submission::new(at_desk(action))).await.unwrap();
}

fn unit(code: &str) -> UnitId {
    code.parse().unwrap()
}

/// The farther unit is on its way while the nearer one has a flat tyre.
async fn the_farther_one_on_its_way(centre: &CentreHandle, policy: &str) -> (IncidentId, AssignmentId) {
    let rules = Rules { policy: policy.to_owned(), ..Rules::default() };
    does(centre, Action::AdoptRules { rules }).await;
    for action in two_units() {
        does(centre, action).await;
    }
    let reason = "flat tyre".to_owned();
    does(centre, Action::PauseUnit { unit: unit("A01"), reason }).await;
    let (incident, assignment) = (IncidentId::new(Uuid::now_v7()), AssignmentId::new(Uuid::now_v7()));
    does(centre, an_incident(incident)).await;
    let proposed = || centre.snapshot().record.incident(incident).and_then(|it| it.proposal);
    wait_until("a proposal for the new incident", || proposed().is_some());
    let order = Action::AssignUnit {
        assignment,
        incident,
        unit: unit("A02"),
        proposal: proposed(),
        reason: None,
        grounds: Grounds::default(),
    };
    does(centre, order).await;
    for stage in [Stage::Acknowledged, Stage::Rolling] {
        let at: UtcTime = centre.clock().now();
        does(centre, Action::ReportStage { assignment, stage, at, source: StampSource::Desk }).await;
    }
    (incident, assignment)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_becomes_free_nearby_is_proposed_in_place_of_the_one_on_its_way() {
    let folder = TempFolder::new("relief");
    let running = start(folder.path(), Clock::real());
    let centre = running.handle().clone();
    let (incident, held) = the_farther_one_on_its_way(&centre, "closest+relief").await;
    does(&centre, Action::ResumeUnit { unit: unit("A01") }).await;
    let relieves = || {
        let record = &centre.snapshot().record;
        let proposal = record.incident(incident).and_then(|it| record.proposal(it.proposal?))?;
        let relieved = proposal.inputs.relieves?;
        Some((relieved.assignment, relieved.unit, proposal.ranked[0].unit))
    };
    wait_until("the nearer unit is proposed", || relieves().is_some());
    assert_eq!(relieves(), Some((held, unit("A02"), unit("A01"))));
    // It is proposed, and a person decides.
    assert_eq!(centre.snapshot().record.unit(unit("A02")).unwrap().assignments, [held]);
    tokio::task::spawn_blocking(move || running.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_relieved_where_the_policy_relieves_nobody() {
    let folder = TempFolder::new("relief");
    let running = start(folder.path(), Clock::real());
    let centre = running.handle().clone();
    let (incident, _) = the_farther_one_on_its_way(&centre, "closest").await;
    let before = centre.snapshot().record.incident(incident).unwrap().proposal;
    does(&centre, Action::ResumeUnit { unit: unit("A01") }).await;
    // Another incident makes the thread look at everything once more.
    let other = IncidentId::new(Uuid::now_v7());
    does(&centre, an_incident(other)).await;
    let proposed = |id| centre.snapshot().record.incident(id).and_then(|it| it.proposal);
    wait_until("a proposal for the other incident", || proposed(other).is_some());
    assert_eq!(proposed(incident), before);
    tokio::task::spawn_blocking(move || running.stop()).await.unwrap();
}
