//! Emergency departments: somebody sees each arrival on the board and says so, sometimes late.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use super::centre::{Place, Who};
use super::world::World;
use crate::chance::{Chance, text_number};
use crate::city::person_name;
use crate::demand::spread::NURSE;

/// Watches the boards of all hospitals, for ever.
pub async fn watch(world: Rc<World>) {
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    let mut changes = world.picture.changes();
    loop {
        for (assignment, hospital) in unseen(&world, &seen) {
            seen.insert((assignment.clone(), hospital.clone()));
            tokio::task::spawn_local(acknowledge(world.clone(), assignment, hospital));
        }
        while seen.len() > SEEN_MAX {
            seen.pop_first();
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

fn unseen(world: &World, seen: &BTreeSet<(String, String)>) -> Vec<(String, String)> {
    let assignments = world.picture.assignments.borrow();
    let waiting = assignments.iter().filter_map(|(id, row)| {
        let open = row.get("end").is_none_or(Value::is_null);
        let to = row.get("destination").filter(|to| to.get("acknowledged").is_none_or(Value::is_null))?;
        let hospital = to.get("hospital")?.as_str()?;
        open.then(|| (id.clone(), hospital.to_owned()))
    });
    waiting.filter(|arrival| !seen.contains(arrival)).collect()
}

async fn acknowledge(world: Rc<World>, assignment: String, hospital: String) {
    let mut chance = Chance::of(world.config.seed, "nurses", text_number(&assignment));
    world.clock.sleep_s(NURSE.draw_s(&mut chance)).await;
    // The same few people in each hospital.
    let mut person = Chance::of(world.config.seed, "nurse", text_number(&hospital) ^ chance.below(4) as u64);
    let who = Who {
        person: format!("模拟护士 {}", person_name(&mut person)),
        place: Place::Hospital(hospital),
    };
    let path = format!("/assignments/{assignment}/arrival-acknowledgement");
    if let Err(error) = world.centre.post(Some(&who), &path, &Value::Null).await {
        world.refused("an arrival was not acknowledged", &error);
    }
}

const SEEN_MAX: usize = 20_000;
