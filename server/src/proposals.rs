//! Proposals are made here, on a thread of their own, from a snapshot and a picture; the centre puts them on record. As
//! long as an incident lacks units it is looked at again, for the picture changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, never, select, tick};
use dispatch_core::actor::Actor;
use dispatch_core::assignment::{NoProposal, Proposal, RoadsView, Scratch, gather, propose, relief};
use dispatch_core::ids::{ClosureId, IncidentId, ProposalId, UnitId};
use dispatch_core::{Action, Command, Record, Span, UtcTime};
use roads::SpeedFactors;
use thiserror::Error;
use tokio::sync::oneshot;

use crate::centre::{Board, Submission, SubmitError};
use crate::clock::Clock;
use crate::event_loop::Request;
use crate::journal::writer::Outcome;
use crate::leadership::Leadership;
use crate::positions::Positions;
use crate::road_weights::SharedRoads;
use crate::running::again_after_panic;

/// Somebody wants a proposal now.
#[derive(Debug)]
pub(crate) struct ProposalWish {
    pub(crate) incident: IncidentId,
    pub(crate) reply: oneshot::Sender<Result<Arc<Proposal>, ProposalError>>,
}

/// Why there is no proposal.
#[derive(Debug, Clone, Error)]
pub enum ProposalError {
    /// It cannot be made.
    #[error(transparent)]
    NoProposal(#[from] NoProposal),
    /// The centre does not take it.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// More are wanted than may wait.
    #[error("too many proposals are wanted at once: try again in a second")]
    Busy,
    /// The centre is stopping.
    #[error("the centre is stopping")]
    Stopping,
}

/// The thread that makes proposals.
#[derive(Debug)]
pub(crate) struct Proposer {
    pub(crate) board: Arc<Board>,
    pub(crate) positions: Arc<Positions>,
    pub(crate) roads: SharedRoads,
    pub(crate) clock: Clock,
    pub(crate) commands: Sender<Request>,
    /// How this node stands to the other one.
    pub(crate) leadership: Option<Arc<Leadership>>,
    /// Proposals that somebody waits for.
    pub(crate) wishes: Receiver<ProposalWish>,
    /// A word that the record has changed.
    pub(crate) news: Receiver<()>,
    /// Closed when the thread must end.
    pub(crate) stop: Receiver<()>,
}

/// What the thread remembers from one look to the next.
#[derive(Debug, Default)]
struct Memory {
    scratch: Scratch,
    /// When each incident that lacks units was last looked at.
    looked_at: BTreeMap<IncidentId, Instant>,
    /// The closures that the road weights follow, and the hour's speeds.
    closures: BTreeSet<ClosureId>,
    speeds: Option<SpeedFactors>,
    /// The units that were free at the last look, where a unit that becomes free may relieve another; none before the first.
    free: Option<BTreeSet<UnitId>>,
}

/// A proposal on its way to the record.
type Pending = (Proposal, oneshot::Receiver<Outcome>);

impl Proposer {
    pub(crate) fn start(self) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new()
            .name("proposals".to_owned())
            .spawn(move || again_after_panic("proposals", || self.run()))
    }

    fn run(&self) {
        let mut memory = Memory::default();
        let again = tick(self.look_again_every());
        let mut wishes = self.wishes.clone();
        loop {
            select! {
                recv(self.stop) -> _ => return,
                recv(wishes) -> wish => match wish {
                    Ok(ProposalWish { incident, reply }) => {
                        // Whoever asked may have gone; the proposal stands.
                        let _ = reply.send(self.make_now(incident, &mut memory.scratch));
                    }
                    Err(_) => wishes = never(),
                },
                recv(self.news) -> _ => self.look(&mut memory),
                recv(again) -> _ => self.look(&mut memory),
            }
        }
    }

    fn look_again_every(&self) -> Duration {
        Duration::from_secs_f64(LOOK_AGAIN_S / self.clock.rate())
            .clamp(LOOK_AGAIN_WALL_MIN, LOOK_AGAIN_WALL_MAX)
    }

    /// Whoever has no unit comes first; a unit that nobody waits for may then relieve another.
    fn look(&self, memory: &mut Memory) {
        // A follower's proposals would be refused, and its leader makes them.
        if self.leadership.as_ref().is_some_and(|leadership| !leadership.leads()) {
            return;
        }
        self.look_for_units(memory);
        self.look_for_reliefs(memory);
    }

    /// Makes every proposal that the record wants, and looks again at incidents that lack units.
    fn look_for_units(&self, memory: &mut Memory) {
        let Memory { scratch, looked_at, closures, speeds, .. } = memory;
        let nothing_to_do = self.board.read(|record| {
            let short = record.open_incidents().any(|it| it.short_since.is_some());
            let same_roads = record.closures().keys().eq(&*closures)
                && *speeds == Some(record.rules().speeds_at(self.clock.now()));
            !short && record.proposals_wanted().is_empty() && same_roads
        });
        if nothing_to_do {
            return;
        }
        let record = Arc::clone(&self.board.snapshot(self.clock.now()).record);
        let now = self.clock.now();
        *closures = record.closures().keys().copied().collect();
        *speeds = Some(record.rules().speeds_at(now));
        self.roads.follow(&record, now);
        let wanted = record.proposals_wanted();
        let mut pending: Vec<(IncidentId, Option<Pending>)> = Vec::new();
        for &incident in &wanted {
            looked_at.insert(incident, Instant::now());
            pending.push((
                incident,
                self.make(&record, incident, scratch).map_or(None, |made| self.submit(made)),
            ));
        }
        looked_at.retain(|incident, _| record.incident(*incident).is_some_and(|it| it.short_since.is_some()));
        let begun = Instant::now();
        for incident in self.due(&record, looked_at, &wanted) {
            if begun.elapsed() > LOOK_AGAIN_BUDGET {
                break; // The others come first next time: they were not looked at for the longest.
            }
            looked_at.insert(incident, Instant::now());
            let older =
                record.incident(incident).and_then(|it| it.proposal).and_then(|id| record.proposal(id));
            let (Some(older), Ok(made)) = (older, self.make(&record, incident, scratch)) else { continue };
            if made.differs_from(older, ARRIVAL_TOLERANCE) {
                pending.push((incident, self.submit(made)));
            }
        }
        for (incident, sent) in pending {
            // Waiting keeps the next look from proposing the same twice.
            let outcome = sent.map(|(_, outcome)| outcome.blocking_recv());
            if let Some(Ok(Err(SubmitError::Refused(refusal)))) = outcome {
                tracing::debug!(%incident, %refusal, "a proposal came too late");
            }
        }
    }

    /// Whether a unit that has become free since the last look should go in place of one that is on its way.
    fn look_for_reliefs(&self, memory: &mut Memory) {
        let now_free: Option<BTreeSet<UnitId>> = self.board.read(|record| {
            let free = record.units().values().filter(|unit| unit.is_free()).map(|unit| unit.spec.id);
            record.policy().relieves.then(|| free.collect())
        });
        let before = std::mem::replace(&mut memory.free, now_free.clone());
        let (Some(before), Some(free)) = (before, now_free) else { return };
        for unit in free.difference(&before) {
            // Whoever has come to want a unit meanwhile does not wait for the rest.
            self.look_for_units(memory);
            self.relieve(*unit, &mut memory.scratch);
        }
    }

    fn relieve(&self, unit: UnitId, scratch: &mut Scratch) {
        // The record with what was decided for the unit before this one.
        let now = self.clock.now();
        let record = Arc::clone(&self.board.snapshot(now).record);
        self.roads.follow(&record, now);
        let picture = self.positions.picture();
        let roads = self.roads.load_full();
        let view = roads.as_ref().map(|now| RoadsView { map: &now.map, weights: &now.weights, scratch });
        let Some(inputs) = relief(&record, &picture, view, unit, now) else { return };
        let incident = inputs.incident;
        let sent = self.submit(propose(ProposalId::new(uuid::Uuid::now_v7()), inputs));
        let outcome = sent.map(|(_, outcome)| outcome.blocking_recv());
        if let Some(Ok(Err(SubmitError::Refused(refusal)))) = outcome {
            tracing::debug!(%incident, %refusal, "a relief came too late");
        }
    }

    /// Incidents that lack units and whose proposal was not looked at for a while, the longest first.
    fn due(
        &self,
        record: &Record,
        looked_at: &BTreeMap<IncidentId, Instant>,
        just_made: &[IncidentId],
    ) -> Vec<IncidentId> {
        let every = self.look_again_every();
        let short =
            record.open_incidents().filter(|it| it.short_since.is_some() && !just_made.contains(&it.id));
        let mut due: Vec<_> = short
            .map(|it| (looked_at.get(&it.id).copied(), it.id))
            .filter(|(at, _)| at.is_none_or(|at| at.elapsed() >= every))
            .collect();
        due.sort_unstable();
        due.into_iter().map(|(_, id)| id).collect()
    }

    fn make_now(&self, incident: IncidentId, scratch: &mut Scratch) -> Result<Arc<Proposal>, ProposalError> {
        let record = Arc::clone(&self.board.snapshot(self.clock.now()).record);
        let made = self.make(&record, incident, scratch)?;
        let (proposal, outcome) = self.submit(made).ok_or(ProposalError::Busy)?;
        outcome.blocking_recv().map_err(|_| ProposalError::Stopping)??;
        Ok(Arc::new(proposal))
    }

    fn make(
        &self,
        record: &Record,
        incident: IncidentId,
        scratch: &mut Scratch,
    ) -> Result<Proposal, NoProposal> {
        let begun = Instant::now();
        let picture = self.positions.picture();
        // The roads are those of the very moment that the proposal is made for.
        let now: UtcTime = self.clock.now();
        self.roads.follow(record, now);
        let roads = self.roads.load_full();
        let view = roads.as_ref().map(|now| RoadsView { map: &now.map, weights: &now.weights, scratch });
        let inputs = gather(record, &picture, view, incident, now)?;
        let proposal = propose(ProposalId::new(uuid::Uuid::now_v7()), inputs);
        metrics::histogram!("jichi_proposals_search_seconds").record(begun.elapsed().as_secs_f64());
        Ok(proposal)
    }

    /// `None` when the centre takes no more now: the next look makes it again.
    fn submit(&self, proposal: Proposal) -> Option<Pending> {
        let (reply, outcome) = oneshot::channel();
        let action = Action::RecordProposal { proposal: Arc::new(proposal.clone()) };
        let submission = Submission::new(Command { by: Actor::rule("proposal"), action });
        let request = Request::Submit { submission: Box::new(submission), reply };
        self.commands.try_send(request).ok()?;
        metrics::counter!("jichi_proposals_total").increment(1);
        Some((proposal, outcome))
    }
}

/// An incident that lacks units is looked at again after this many seconds of domain time.
const LOOK_AGAIN_S: f64 = 5.0;
/// However fast the demonstration's clock, not more often than this.
const LOOK_AGAIN_WALL_MIN: Duration = Duration::from_millis(500);
/// However slow, not less often than this.
const LOOK_AGAIN_WALL_MAX: Duration = Duration::from_secs(10);
/// Looking again takes no more than this at a time, however many incidents lack units: new ones must not wait for it.
const LOOK_AGAIN_BUDGET: Duration = Duration::from_millis(100);
/// A proposal in the same order whose arrivals moved by less than this says nothing new.
const ARRIVAL_TOLERANCE: Span = Span::seconds(30);
/// Wishes that may wait.
pub(crate) const WISHES_MAX: usize = 64;

#[cfg(test)]
mod tests;
