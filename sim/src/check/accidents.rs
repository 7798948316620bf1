//! Accidents of the simulated day: declared, counted, shared out over hospitals, conveyed and closed, by people who are in a hurry and
//! ask for the impossible as well.

use dispatch_core::Action;
use dispatch_core::accident::{
    Accident, AccidentRequest, AccidentSketch, Allotment, ByColour, Release, Tag, Whereabouts,
};
use dispatch_core::ids::{AccidentId, AssignmentId, HospitalId, IncidentId};

use super::people::{person, pick, uuid};
use super::world::{Broken, World};

/// Somebody does the next thing about some accident.
pub fn act(world: &mut World) -> Result<(), Broken> {
    let by = person(world);
    let known: Vec<Accident> = world.centre.record().open_accidents().cloned().collect();
    if known.is_empty() || world.chance.yes(0.05) {
        return match declare(world) {
            Some(action) => world.ask(by, action),
            None => Ok(()),
        };
    }
    let Some(it) = pick(world, &known).cloned() else { return Ok(()) };
    if world.chance.yes(0.08) {
        return world.ask(by, Action::CloseAccident { accident: it.id, reason: "处置完毕".to_owned() });
    }
    let Some(request) = request(world, &it) else { return Ok(()) };
    // Now and then by somebody who looked at an older version.
    let version = world.chance.yes(0.3).then(|| it.version.saturating_sub(world.chance.below(2) as u32));
    world.ask(by, Action::ChangeAccident { accident: it.id, version, request })
}

fn declare(world: &mut World) -> Option<Action> {
    let open: Vec<IncidentId> = world.centre.record().open_incidents().map(|i| i.id).collect();
    let scenes = vec![*pick(world, &open)?];
    let accident = AccidentId::new(uuid(world));
    let sketch = AccidentSketch { title: "连环车祸".to_owned(), grade: None, notes: String::new() };
    Some(Action::DeclareAccident { accident, sketch, scenes })
}

fn request(world: &mut World, it: &Accident) -> Option<AccidentRequest> {
    let scene = *pick(world, &it.scenes)?;
    let hospital: HospitalId = format!("H{:02}", world.chance.below(4)).parse().ok()?;
    let any: Vec<Tag> = it.casualties.iter().map(|it| it.tag).collect();
    let waiting: Vec<Tag> = it.casualties.iter().filter(|it| it.is_waiting()).map(|it| it.tag).collect();
    let gone: Vec<Tag> = it
        .casualties
        .iter()
        .filter(|it| matches!(it.whereabouts, Whereabouts::Released { .. }))
        .map(|it| it.tag)
        .collect();
    Some(match world.chance.below(10) {
        0 | 1 => AccidentRequest::Count { scene, found: counts(world) },
        2 => AccidentRequest::OfferBeds { hospital, beds: ByColour { black: 0, ..counts(world) } },
        3 => {
            let casualty = *pick(world, &waiting)?;
            AccidentRequest::KeepBeds { allotments: vec![Allotment { casualty, hospital }] }
        }
        4 => {
            let open: Vec<IncidentId> = world.centre.record().open_incidents().map(|i| i.id).collect();
            AccidentRequest::AddScene { incident: *pick(world, &open)? }
        }
        5 => AccidentRequest::Release { casualties: vec![*pick(world, &any)?], how: Release::Treated },
        6 if !gone.is_empty() => AccidentRequest::Restore { casualties: vec![*pick(world, &gone)?] },
        _ => {
            let record = world.centre.record();
            let there: Vec<AssignmentId> = it
                .scenes
                .iter()
                .flat_map(|scene| record.open_assignments_of(*scene))
                .map(|assignment| assignment.id)
                .collect();
            let assignment = *pick(world, &there)?;
            AccidentRequest::Load { assignment, casualties: vec![*pick(world, &waiting)?] }
        }
    })
}

fn counts(world: &mut World) -> ByColour {
    let mut some = || world.chance.below(4) as u16;
    ByColour { red: some(), yellow: some(), green: some(), black: some() }
}
