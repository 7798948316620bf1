//! What an island wrote comes onto the leader's record exactly once: no call, incident or order is there twice, nothing that was brought in is
//! missing afterwards, and when everything that can rest has rested, nothing waits where the leader can fetch it.

use dispatch_core::Fact;

use super::{Law, Row, World};
use crate::faults::aside::Aside;
use crate::faults::site::Process;

/// See the file.
#[derive(Debug)]
pub struct AsideComesInOnce;

impl Law for AsideComesInOnce {
    fn name(&self) -> &'static str {
        "aside_comes_in_once"
    }

    fn decided(&mut self, world: &World, at: usize) -> Result<(), String> {
        let Some(process) = &world.sites[at].process else { return Ok(()) };
        let Some(made) = process.rows.last().and_then(made) else { return Ok(()) };
        let times = process.rows.iter().filter(|row| self::made(row).is_some_and(|it| it == made)).count();
        if times == 1 { Ok(()) } else { Err(format!("{made} is on record {times} times")) }
    }

    fn brought_in(&mut self, world: &World, at: usize, from: usize) -> Result<(), String> {
        let Some(process) = &world.sites[at].process else { return Ok(()) };
        let mut known: Vec<String> = process.rows[..from].iter().filter_map(made).collect();
        for made in process.rows[from..].iter().filter_map(made) {
            if known.contains(&made) {
                return Err(format!("{made} is brought in a second time"));
            }
            known.push(made);
        }
        Ok(())
    }

    fn end(&mut self, world: &World, rested: bool) -> Result<(), String> {
        for aside in world.sites.iter().flat_map(|site| &site.quarantine).filter(|aside| aside.brought_in) {
            missing(world, aside)
                .map_or(Ok(()), |made| Err(format!("{made} was brought in and is nowhere")))?;
        }
        let leads = |at: &usize| world.sites[*at].process.as_ref().is_some_and(Process::decides);
        let Some(leader) = [0, 1].into_iter().find(leads).filter(|_| rested) else { return Ok(()) };
        for from in [leader, 1 - leader].into_iter().filter(|from| world.reaches(leader, *from)) {
            let old = |aside: &&Aside| !aside.brought_in && aside.since_us + WAITS_US_MAX < world.elapsed_us;
            if let Some(aside) = world.sites[from].quarantine.iter().find(old) {
                return Err(format!(
                    "{:?} waits at machine {}, and nobody brings it in",
                    aside.what,
                    from + 1
                ));
            }
        }
        Ok(())
    }
}

/// The first thing of a stretch that no journal has, nor another stretch that waits.
fn missing(world: &World, aside: &Aside) -> Option<String> {
    let journals = world.sites.iter().map(|site| &site.disk).chain([&world.postgres.standby.rows]);
    let waiting = world.sites.iter().flat_map(|site| &site.quarantine).filter(|other| !other.brought_in);
    let kept: Vec<String> =
        journals.chain(waiting.map(|other| &other.rows)).flatten().filter_map(made).collect();
    aside.rows.iter().filter(|row| always_enters(row)).filter_map(made).find(|made| !kept.contains(made))
}

/// What an event brings into being, as words.
fn made(row: &Row) -> Option<String> {
    match &row.event.fact {
        Fact::CallReceived { call, .. } => Some(call.to_string()),
        Fact::IncidentCreated { incident, .. } => Some(incident.to_string()),
        Fact::UnitAssigned { assignment, .. } => Some(assignment.to_string()),
        _ => None,
    }
}

/// Calls and incidents come in whatever the leader did meanwhile; an order may not fit.
fn always_enters(row: &Row) -> bool {
    !matches!(row.event.fact, Fact::UnitAssigned { .. })
}

/// A person who looks every second or so has asked by then.
const WAITS_US_MAX: u64 = 60_000_000;
