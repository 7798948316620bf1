//! On SIGHUP the configuration and the map are read again, while calls are taken. What is wrong with them is said, counted and
//! changes nothing: the centre goes on with what it has.

use std::sync::Arc;

use roads::RoadMap;

use super::doors::Doors;
use super::load_map;
use crate::api::Api;
use crate::centre::CentreHandle;
use crate::config::Config;
use crate::master_data;

/// Reads again what `config` was read from, and replaces it when it is good.
pub(super) async fn reload(config: &mut Config, centre: &CentreHandle, doors: &Doors) {
    let outcome = match take_over(config, centre, doors).await {
        Ok(changes) => {
            tracing::info!(changes, "the configuration was read again");
            "done"
        }
        Err(Refused { what, why }) => {
            tracing::error!("the configuration was not taken over: {why:#}");
            what
        }
    };
    metrics::counter!("jichi_reloads_total", "outcome" => outcome).increment(1);
}

/// Why nothing was taken over.
struct Refused {
    /// A word for the metrics.
    what: &'static str,
    why: anyhow::Error,
}

async fn take_over(config: &mut Config, centre: &CentreHandle, doors: &Doors) -> Result<usize, Refused> {
    let refused = |what| move |why: anyhow::Error| Refused { what, why };
    let fresh = Config::load(&config.path).map_err(|error| refused("refused_config")(error.into()))?;
    // A stolen terminal loses its connection first, whatever becomes of the rest.
    doors.take_over_lists(&fresh).map_err(refused("refused_lists"))?;
    // Both are read before either takes effect. A map takes half a second to read: not on a thread that carries the network.
    let path = fresh.map.clone();
    let reading = tokio::task::spawn_blocking(move || path.as_deref().map(load_map).transpose());
    let map = reading.await.map_err(anyhow::Error::from).and_then(|read| read);
    let map = map.map_err(refused("refused_map"))?;
    let changes = master_data::register(centre, &fresh).await;
    let changes = changes.map_err(|error| refused("refused_data")(error.into()))?;
    let api = doors.api();
    api.expect_demand(fresh.demand.clone());
    api.look_ahead(fresh.second_opinion);
    if let Some(map) = map {
        replace_map(centre, api, map).await;
    }
    for what in needs_restart(config, &fresh) {
        tracing::warn!("{what} changed: that takes effect when the centre is started anew");
    }
    *config = fresh;
    Ok(changes)
}

async fn replace_map(centre: &CentreHandle, api: &Api, map: RoadMap) {
    let known = centre.roads().map(|roads| roads.map.id().to_owned());
    if known.is_none_or(|known| known == map.id()) {
        return;
    }
    tracing::info!(map = map.id(), "another map takes effect");
    let (centre, api) = (centre.clone(), api.clone());
    let replaced = tokio::task::spawn_blocking(move || {
        let map = Arc::new(map);
        api.draw(&map);
        centre.use_map(map);
    });
    if let Err(error) = replaced.await {
        tracing::error!(%error, "the new map could not be taken in");
    }
}

/// What a running centre cannot change.
fn needs_restart(old: &Config, new: &Config) -> impl Iterator<Item = &'static str> {
    let differs = [
        ("centre.name", old.name != new.name),
        ("api.listen", old.api_listen != new.api_listen),
        ("vehicles", old.vehicles != new.vehicles),
        ("jt808", old.jt808 != new.jt808),
        ("data.dir", old.data != new.data),
        ("postgres", old.postgres != new.postgres),
        ("districts", old.districts != new.districts),
        ("map_attribution", old.map_attribution != new.map_attribution),
        ("the clock", old.clock != new.clock || old.demo != new.demo),
        ("map, where there was none or shall be none", old.map.is_some() != new.map.is_some()),
    ];
    differs.into_iter().filter_map(|(what, changed)| changed.then_some(what))
}
