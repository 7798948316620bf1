//! Crews, terminals, hospitals and the world outside in the simulated day. What crews report goes through the network.

use dispatch_core::Action;
use dispatch_core::Span;
use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Outcome, Stage, StampSource};
use dispatch_core::destination::Diversion;
use dispatch_core::ids::{AssignmentId, ClosureId, HospitalId, UnitId};
use dispatch_core::roadworks::Closure;
use dispatch_core::vehicle::CrewRole;

use super::network::Parcel;
use super::people::{open_assignments, person, pick, uuid};
use super::transition::Transition;
use super::world::{Broken, World};

/// Carries out a transition outside the centre.
pub fn act(world: &mut World, transition: Transition) -> Result<(), Broken> {
    match transition {
        Transition::CrewStep => {
            crew_step(world);
            Ok(())
        }
        Transition::CrewEnds => {
            crew_ends(world);
            Ok(())
        }
        Transition::Hospital => hospital(world),
        Transition::Outside => outside(world),
        Transition::Readiness => readiness(world),
        Transition::Deliver => deliver(world),
        Transition::Positions => {
            positions(world);
            Ok(())
        }
        Transition::Silence => silence(world),
        Transition::CallArrives
        | Transition::CallTaker
        | Transition::Propose
        | Transition::Assign
        | Transition::AssignAnyhow
        | Transition::Change
        | Transition::CallOff
        | Transition::Accident
        | Transition::DeskStep
        | Transition::PaperForm
        | Transition::TakeOn
        | Transition::Durable
        | Transition::Restart => Ok(()),
    }
}

/// Hands over to the centre what has arrived from the network.
pub fn receive(world: &mut World) -> Result<(), Broken> {
    for parcel in world.network.arrived(world.now) {
        match parcel {
            Parcel::Position(unit, fix) => world.observe(unit, fix)?,
            Parcel::Report(report) => {
                let (by, action) = *report;
                world.ask(by, action)?;
            }
        }
    }
    Ok(())
}

/// A crew at work on one of the open assignments.
fn crew_at_work(world: &mut World) -> Option<(AssignmentId, UnitId, Stage)> {
    let open = open_assignments(world);
    let assignment = *pick(world, &open)?;
    world.centre.record().assignment(assignment).map(|a| (a.id, a.unit, a.stage))
}

fn crew_step(world: &mut World) {
    let Some((assignment, unit, stage)) = crew_at_work(world) else { return };
    // Mostly the next step; now and then one is left out, or an earlier one is pressed.
    let skip = world.chance.weighted([0.06, 0.84, 0.10].into_iter());
    let place = (stage as usize + skip).clamp(1, Stage::COUNT - 1);
    let Some(next) = dispatch_core::assignment::STAGES.get(place).map(|row| row.stage) else { return };
    let source = if world.chance.yes(0.25) { StampSource::Motion } else { StampSource::Terminal };
    // The vehicle's clock is off by seconds, or by an hour.
    let off_s = if world.chance.yes(0.03) { 3_600.0 } else { world.chance.between(-3.0, 3.0) };
    let at = world.now + Span::from_secs_f64(off_s);
    let action = Action::ReportStage { assignment, stage: next, at, source };
    world.network.report(&Actor::Crew { unit }, &action, world.now);
}

fn crew_ends(world: &mut World) {
    let Some((assignment, unit, stage)) = crew_at_work(world) else { return };
    let outcomes: &[Outcome] = if stage < Stage::OnScene {
        &[Outcome::Aborted, Outcome::RefusedOrder]
    } else {
        &[Outcome::NoPatient, Outcome::RefusedTransport, Outcome::TreatedOnScene, Outcome::Dead]
    };
    let outcome = *world.chance.pick(outcomes);
    let (at, reason, source) = (world.now, "车组报告".to_owned(), StampSource::Terminal);
    let action = Action::EndAssignment { assignment, outcome, at, reason, source };
    world.network.report(&Actor::Crew { unit }, &action, world.now);
}

fn hospital(world: &mut World) -> Result<(), Broken> {
    let Some((assignment, _, _)) = crew_at_work(world) else { return Ok(()) };
    let hospitals: Vec<HospitalId> = world.centre.record().hospitals().keys().copied().collect();
    let Some(&hospital) = pick(world, &hospitals) else { return Ok(()) };
    let chosen =
        world.centre.record().assignment(assignment).and_then(|a| a.destination.as_ref()).map(|d| d.hospital);
    match chosen {
        Some(to) if world.chance.yes(0.85) => {
            // Now and then another hospital than the right one says that it knows.
            let from = if world.chance.yes(0.9) { to } else { hospital };
            let by = Actor::Hospital { hospital: from, name: "赵护士".to_owned() };
            world.ask(by, Action::AcknowledgeArrival { assignment })
        }
        _ => {
            let by = person(world);
            world.ask(by, Action::ChooseDestination { assignment, hospital, reason: "就近".to_owned() })
        }
    }
}

fn outside(world: &mut World) -> Result<(), Broken> {
    let by = person(world);
    let closures: Vec<ClosureId> = world.centre.record().closures().keys().copied().collect();
    let hospitals: Vec<HospitalId> = world.centre.record().hospitals().keys().copied().collect();
    match world.chance.below(4) {
        0 => {
            let id = ClosureId::new(uuid(world));
            let ways = vec![1_000 + world.chance.below(500) as i64];
            let closure =
                Closure {
                    id, ways, name: "二桥".to_owned(), reason: "施工".to_owned(), since: world.now
                };
            world.ask(by, Action::CloseRoad { closure })
        }
        1 => match pick(world, &closures) {
            Some(&closure) => world.ask(by, Action::OpenRoad { closure }),
            None => Ok(()),
        },
        _ => {
            let Some(&hospital) = pick(world, &hospitals) else { return Ok(()) };
            let until = world.now + Span::from_secs_f64(world.chance.between(600.0, 7_200.0));
            let (reason, authority) = ("抢救室满员".to_owned(), "市卫健委值班室".to_owned());
            let diversion =
                world.chance.yes(0.5).then_some(Diversion { reason, authority, since: world.now, until });
            world.ask(by, Action::DivertHospital { hospital, diversion })
        }
    }
}

fn readiness(world: &mut World) -> Result<(), Broken> {
    let units = world.vehicles.units();
    let Some(&unit) = pick(world, &units) else { return Ok(()) };
    let by = if world.chance.yes(0.5) { Actor::Crew { unit } } else { person(world) };
    let name = format!("{unit} 驾驶员");
    match world.chance.below(6) {
        0 => world.ask(by, Action::SignOff { unit, name }),
        1 => world.ask(by, Action::PauseUnit { unit, reason: "加油".to_owned() }),
        2 | 3 => world.ask(by, Action::ResumeUnit { unit }),
        _ => world.ask(by, Action::SignOn { unit, name, role: CrewRole::Driver }),
    }
}

fn deliver(world: &mut World) -> Result<(), Broken> {
    let owed: Vec<_> = world.centre.record().outbox().keys().copied().collect();
    let Some(&effect) = pick(world, &owed) else { return Ok(()) };
    // Sent only when its event is on disk, so it cannot be confirmed before.
    world.make_durable()?;
    world.ask(Actor::rule("vehicles"), Action::ConfirmDelivery { effect })
}

fn positions(world: &mut World) {
    for (unit, fix) in world.vehicles.fixes(world.now) {
        world.network.position(unit, fix, world.now);
    }
}

/// As the centre's own watch does: who was not heard for as long as the rules say is silent, who is heard again is not.
fn silence(world: &mut World) -> Result<(), Broken> {
    if world.chance.yes(0.3) {
        let units = world.vehicles.units();
        if let Some(&unit) = pick(world, &units) {
            world.vehicles.switch(unit);
        }
    }
    let after = world.centre.record().rules().silent_after_s;
    let silent: Vec<(UnitId, _)> = world.centre.fleet().silent(world.now, after).collect();
    let known: Vec<UnitId> = world
        .centre
        .record()
        .units()
        .values()
        .filter(|u| u.silent_since.is_some())
        .map(|u| u.spec.id)
        .collect();
    for unit in known {
        if !silent.iter().any(|(one, _)| *one == unit) {
            world.ask(Actor::rule("silence"), Action::NoteHeard { unit })?;
        }
    }
    for (unit, since) in silent {
        world.ask(Actor::rule("silence"), Action::NoteSilence { unit, since })?;
    }
    Ok(())
}
