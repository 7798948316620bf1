//! The desk enters a form of some paper hours: mostly one that can be, now and then one with a slip of the pen.

use std::sync::Arc;

use dispatch_core::assignment::{Outcome, Stage};
use dispatch_core::ids::{AssignmentId, CallId, IncidentId};
use dispatch_core::incident::{CallSource, IncidentSketch};
use dispatch_core::paper::{CalledOff, PaperCall, PaperForm, PaperIncident, PaperRun};
use dispatch_core::private::Private;
use dispatch_core::{Action, Span, UtcTime};

use super::people::{emergency, person, pick, place, uuid};
use super::world::{Broken, World};

/// Enters one.
pub fn act(world: &mut World) -> Result<(), Broken> {
    let ago = |s: f64| Span::from_secs_f64(s);
    let received_at = world.now - ago(world.chance.between(-300.0, 7_200.0));
    let created_at = received_at + ago(world.chance.between(0.0, 90.0));
    let place = place(world.chance.between(0.0, 20.0));
    let sketch = IncidentSketch { test: world.chance.yes(0.1), ..emergency(place.clone()) };
    let call = PaperCall {
        source: CallSource::Telephone,
        phone: Private::new(format!("139{:08}", world.chance.below(100_000_000))),
        text_only: false,
        place,
        received_at,
        answered_at: Some(created_at),
    };
    let mut runs = Vec::new();
    for _ in 0..world.chance.below(3) {
        runs.extend(run(world, created_at));
    }
    let called_off =
        runs.is_empty().then(|| CalledOff { at: created_at, reason: "呼救人取消".to_owned() });
    let overlap_reason = world.chance.yes(0.3).then(|| "两单均属实".to_owned());
    let incident = PaperIncident { form_number: String::new(), created_at, runs, called_off, overlap_reason };
    let form = Box::new(PaperForm { call, sketch: Arc::new(sketch), incident });
    let (call, incident) = (CallId::new(uuid(world)), IncidentId::new(uuid(world)));
    let by = person(world);
    world.ask(by, Action::EnterPaperForm { call, incident, form })
}

fn run(world: &mut World, from: UtcTime) -> Option<PaperRun> {
    let units = world.vehicles.units();
    let unit = *pick(world, &units)?;
    let mut at = from;
    let mut later = |world: &mut World| {
        // A slip of the pen now and then: a step before the one before it.
        at = at + Span::from_secs_f64(world.chance.between(-2.0, 400.0));
        at
    };
    let ordered_at = later(world);
    let steps = [Stage::Acknowledged, Stage::Rolling, Stage::OnScene, Stage::LeftScene, Stage::AtHospital];
    let reached = world.chance.below(steps.len() + 1);
    let times = steps[..reached].iter().map(|stage| (*stage, later(world))).collect();
    let outcome = match reached {
        0 | 1 => Outcome::CancelledBeforeRolling,
        2 => Outcome::CancelledRolling,
        3 => Outcome::TreatedOnScene,
        _ => Outcome::Conveyed,
    };
    Some(PaperRun {
        assignment: AssignmentId::new(uuid(world)),
        unit,
        ordered_at,
        times,
        hospital: None,
        ended_at: later(world),
        outcome,
        reason: String::new(),
    })
}
