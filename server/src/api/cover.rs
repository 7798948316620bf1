//! Keeps the zones of cover true to the city: worked out by the core from the calls on record and what the configuration says is usual,
//! over the roads as they are, and put in force when they say something new.

use std::sync::Arc;
use std::time::Duration;

use dispatch_core::actor::Actor;
use dispatch_core::fleet::{CoverInputs, UsualDemand};
use dispatch_core::policy::cover::CoverZones;
use dispatch_core::{Action, Command};

use super::Api;
use crate::centre::Submission;
use crate::journal::JournalError;

/// Looks again and again, until the end is announced.
pub(super) async fn keep_cover(api: Api) {
    let mut pause = FIRST_AFTER;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = api.stopping() => return,
        }
        pause = LOOK_EVERY;
        let looking = api.clone();
        match tokio::task::spawn_blocking(move || new_zones(&looking)).await {
            Ok(Ok(Some(zones))) => put_in_force(&api, zones).await,
            Ok(Ok(None)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the journal could not be read for the cover"),
            Err(error) => tracing::error!(%error, "the cover could not be worked out"),
        }
    }
}

/// The zones as they are now, where they differ from those in force. Blocking.
pub(super) fn new_zones(api: &Api) -> Result<Option<CoverZones>, JournalError> {
    let scene = api.scene();
    let usual: Vec<UsualDemand> = api.usual_demand();
    let inputs = api.history().up_to(api.centre().journal(), scene.snapshot.seq, |read| {
        CoverInputs::new(scene.record(), &read.demand, &usual)
    })?;
    let zones = inputs.zones(&api.coverage().times(&scene, &inputs.ends()));
    let known = scene.record().cover();
    let new = match known {
        Some(known) => zones.differ_from(known, SHIFT_MIN),
        None => zones.total_calls_per_day() > 0.0,
    };
    Ok(new.then_some(zones))
}

pub(super) async fn put_in_force(api: &Api, zones: CoverZones) {
    let (count, stations) = (zones.calls_per_day.len(), zones.stations.len());
    let action = Action::AdoptCover { zones: Arc::new(zones) };
    let command = Command { by: Actor::rule("cover"), action };
    match api.centre().submit(Submission::new(command)).await {
        Ok(_) => tracing::info!(zones = count, stations, "the cover was worked out anew"),
        Err(error) => tracing::warn!(%error, "the cover could not be put in force"),
    }
}

/// A centre that starts has better things to do; the zones in force are on record.
const FIRST_AFTER: Duration = Duration::from_secs(15);
/// How often the demand and the roads are looked at.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Demand that shifted by less than this share of all is no news.
const SHIFT_MIN: f64 = 0.05;
