//! Second opinions on proposals: asked for when a proposal is out, worked out beside everything else, one at a time, and shown when
//! they are there. Nothing waits for them; what cannot be looked at in its turn is left out, and counted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use dispatch_core::ids::ProposalId;
use dispatch_core::policy::rollout::{City, CityPlan, Extent, SecondOpinion, Situation, rollout};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Api;
use super::live::opinion_frame;
use crate::journal::JournalError;

/// What is kept of second opinions.
pub(crate) struct SecondOpinions {
    /// How far each looks; none where the centre wants none.
    extent: ArcSwapOption<Extent>,
    /// The city as the rollout knows it, made anew from time to time.
    city: ArcSwapOption<City>,
    kept: Mutex<BTreeMap<ProposalId, Arc<SecondOpinion>>>,
    wishes: Sender<ProposalId>,
}

impl SecondOpinions {
    pub(super) fn new(extent: Option<Extent>) -> (Self, Receiver<ProposalId>) {
        let (wishes, waiting) = channel(WISHES_MAX);
        let (city, kept) = (ArcSwapOption::empty(), Mutex::default());
        (Self { extent: ArcSwapOption::from_pointee(extent), city, kept, wishes }, waiting)
    }

    /// From now on they look so far; none: there are none.
    pub(super) fn look(&self, extent: Option<Extent>) {
        self.extent.store(extent.map(Arc::new));
    }

    /// A proposal is out: an opinion on it is wanted. Never waits.
    pub(super) fn wish(&self, proposal: ProposalId) {
        if self.extent.load().is_some() && self.wishes.try_send(proposal).is_err() {
            counted("left_out");
        }
    }

    /// The opinion on a proposal, where there is one.
    pub(super) fn on(&self, proposal: ProposalId) -> Option<Arc<SecondOpinion>> {
        self.kept().get(&proposal).cloned()
    }

    /// Any opinion at all.
    #[cfg(test)]
    pub(super) fn on_any(&self) -> Option<Arc<SecondOpinion>> {
        self.kept().values().next().cloned()
    }

    fn keep(&self, proposal: ProposalId, opinion: SecondOpinion) {
        let mut kept = self.kept();
        kept.insert(proposal, Arc::new(opinion));
        // Ids grow with time: the first is the oldest.
        while kept.len() > KEPT_MAX {
            kept.pop_first();
        }
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<ProposalId, Arc<SecondOpinion>>> {
        // Every change is whole before anything in it can panic.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives one opinion after the other, until the end is announced.
pub(super) async fn give(api: Api, mut wishes: Receiver<ProposalId>) {
    loop {
        let proposal = tokio::select! {
            wish = wishes.recv() => wish,
            () = api.stopping() => return,
        };
        let Some(proposal) = proposal else { return };
        let giving = api.clone();
        // Away from the async threads: it takes some milliseconds.
        if let Err(error) = tokio::task::spawn_blocking(move || give_on(&giving, proposal)).await {
            tracing::error!(%error, "a second opinion could not be worked out");
        }
    }
}

/// Works out the opinion on a proposal and shows it. Blocking. Nothing is said of a proposal that is not the newest any more, or
/// whose incident lacks nobody.
fn give_on(api: &Api, proposal: ProposalId) {
    let opinions = api.second_opinions();
    let (scene, begun) = (api.scene(), Instant::now());
    let record = scene.record();
    let stands = record.proposal(proposal).filter(|it| {
        let incident = record.incident(it.inputs.incident);
        incident.is_some_and(|it| it.proposal == Some(proposal) && it.short_since.is_some())
    });
    let (Some(stands), Some(extent), Some(city)) =
        (stands, opinions.extent.load_full(), opinions.city.load_full())
    else {
        return counted("not_asked");
    };
    let situation = Situation::of(record, &scene.picture, stands, &city, *extent);
    let Some(opinion) = situation.and_then(|situation| rollout(&city, &situation)) else {
        return counted("nothing_to_say");
    };
    metrics::histogram!("jichi_second_opinion_seconds").record(begun.elapsed().as_secs_f64());
    counted("given");
    opinions.keep(proposal, opinion);
    api.live().sign(opinion_frame(&scene, api.live().seq(), scene.proposal(stands)));
}

/// Keeps the city of the rollout true to the demand and the roads, until the end is announced.
pub(super) async fn keep_city(api: Api) {
    let mut pause = FIRST_AFTER;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = api.stopping() => return,
        }
        pause = LOOK_EVERY;
        if api.second_opinions().extent.load().is_none() {
            continue;
        }
        let looking = api.clone();
        match tokio::task::spawn_blocking(move || look_at_city(&looking)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the journal could not be read for second opinions"),
            Err(error) => tracing::error!(%error, "the city of second opinions could not be worked out"),
        }
    }
}

/// Works the city out anew. Blocking. A centre that knows no demand yet has none.
pub(super) fn look_at_city(api: &Api) -> Result<(), JournalError> {
    let scene = api.scene();
    let usual = api.usual_demand();
    let plan = api.history().up_to(api.centre().journal(), scene.snapshot.seq, |read| {
        CityPlan::learned(scene.record(), &read.demand, &usual, &read.ledger)
    })?;
    let places = plan.places();
    let sites = plan.stations.len() + plan.hospitals.len();
    let table = api.coverage().times_of_runs(&scene, &places, sites);
    match City::new(plan, &table) {
        Ok(city) => api.second_opinions().city.store(Some(Arc::new(city))),
        Err(why) => tracing::debug!(%why, "no second opinions yet"),
    }
    Ok(())
}

fn counted(outcome: &'static str) {
    metrics::counter!("jichi_second_opinions_total", "outcome" => outcome).increment(1);
}

/// Proposals that may wait for an opinion.
const WISHES_MAX: usize = 32;
/// Opinions that are kept for those who ask later.
const KEPT_MAX: usize = 500;
/// A centre that starts has better things to do.
const FIRST_AFTER: Duration = Duration::from_secs(5);
/// How often the demand and the roads are looked at.
const LOOK_EVERY: Duration = Duration::from_mins(1);
