//! What was moved aside is brought in: a person at whoever leads asks for the oldest stretch that waits there or at the other machine, and
//! its matters go on record one by one. Only when that is acknowledged the stretch waits no more; when anything happens before, it waits on.

use dispatch_core::Action;
use dispatch_core::aside::AsideMatter;
use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{Input, Quarantined};

use super::people::dispatcher;
use super::site::Row;
use super::world::World;
use crate::check::Broken;

/// A stretch that a machine moved aside. Its rows stay there.
#[derive(Debug)]
pub struct Aside {
    /// Which events.
    pub what: Quarantined,
    /// The events.
    pub rows: Vec<Row>,
    /// When they were moved, microseconds of the world.
    pub since_us: u64,
    /// A person has brought them in, and it was acknowledged.
    pub brought_in: bool,
}

/// A stretch whose matters are on record and not acknowledged yet.
#[derive(Debug, Clone)]
pub struct Bringing {
    /// Who leads.
    at: usize,
    epoch: Epoch,
    /// The last event that it was made of.
    up_to_seq: u64,
    /// Where it waits.
    from: usize,
    what: Quarantined,
}

impl World {
    /// A person at a leader asks for what waits.
    pub(super) fn bring_in(&mut self, at: usize) -> Result<(), Broken> {
        let busy = self.bringing.is_some();
        let Some((from, what, rows)) = self.oldest_aside(at).filter(|_| !busy) else { return Ok(()) };
        let Some(epoch) = self.sites[at].process.as_ref().and_then(|process| process.leads) else {
            return Ok(());
        };
        let node = what.runs.last().map_or(0, |run| run.epoch.node);
        let events = rows.iter().map(|row| (*row.event).clone());
        for matter in AsideMatter::part(node, events) {
            self.ask(at, dispatcher(), Action::BringIn { matter: Box::new(matter) })?;
        }
        let Some(process) = &self.sites[at].process else { return Ok(()) };
        let up_to_seq = process.rows.len() as u64;
        self.bringing = Some(Bringing { at, epoch, up_to_seq, from, what });
        self.finish_bringing()?;
        if !self.calm && self.chance.yes(DIES_MEANWHILE) {
            self.end_process(at);
        }
        Ok(())
    }

    /// The word that a stretch waits no more, once all of it is acknowledged. It may be lost: then it is asked for again.
    pub(super) fn finish_bringing(&mut self) -> Result<(), Broken> {
        let Some(bringing) = self.bringing.clone() else { return Ok(()) };
        let leads = |process: &super::site::Process| process.leads == Some(bringing.epoch);
        let Some(process) = self.sites[bringing.at].process.as_ref().filter(|process| leads(process)) else {
            self.bringing = None;
            return Ok(());
        };
        if process.acknowledged < bringing.up_to_seq && !self.hasty {
            return Ok(());
        }
        self.bringing = None;
        if !self.reaches(bringing.at, bringing.from) || self.chance.yes(WORD_LOST) {
            return Ok(());
        }
        self.tally.brought_in += 1;
        let waiting = &mut self.sites[bringing.from].quarantine;
        if let Some(aside) = waiting.iter_mut().find(|aside| aside.what == bringing.what) {
            aside.brought_in = true;
        }
        self.tell(bringing.from, Input::BroughtIn { quarantined: bringing.what }, &[])
    }

    /// The oldest stretch that waits where a machine can fetch it.
    fn oldest_aside(&self, at: usize) -> Option<(usize, Quarantined, Vec<Row>)> {
        let waits = |from: usize| self.sites[from].quarantine.iter().find(|aside| !aside.brought_in);
        let from = [at, 1 - at].into_iter().find(|from| self.reaches(at, *from) && waits(*from).is_some())?;
        waits(from).map(|aside| (from, aside.what.clone(), aside.rows.clone()))
    }

    /// Whether a machine can ask another one, and hear the answer.
    pub(super) fn reaches(&self, at: usize, from: usize) -> bool {
        let cables = at == from || self.weather.to_peer.iter().all(|until_us| *until_us <= self.elapsed_us);
        cables && self.sites[from].is_awake(self.elapsed_us)
    }
}

const WORD_LOST: f64 = 0.1;
/// The machine ends before what it has put on record is acknowledged, and as a rule before it is durable.
const DIES_MEANWHILE: f64 = 0.2;
