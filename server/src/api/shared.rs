//! What every request may use: the way to the centre, and what is kept beside it for showing.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use crossbeam_channel::Sender;
use dispatch_core::fleet::UsualDemand;
use dispatch_core::policy::rollout::Extent;
use metrics_exporter_prometheus::PrometheusHandle;
use roads::RoadMap;
use thiserror::Error;
use tokio::sync::watch;

use super::cover::keep_cover;
use super::coverage::CoverageKeeper;
use super::estimate::{EtaKeeper, Etas, HospitalTimes};
use super::history::History;
use super::live::{Encoder, LiveHub, LiveSeats};
use super::openapi;
use super::problem::Problem;
use super::second_opinions::{self, SecondOpinions};
use super::text_call_key::{TextCallKey, TextCallKeyError};
use super::text_call_limit::TextCallLimit;
use crate::centre::{CentreHandle, FeedError};
use crate::enrolment::Invitations;
use crate::floods;
use crate::map::TileMaker;
use crate::plans::Planner;

/// What an interface is made with.
pub struct ApiSettings {
    /// The centre's name, on every screen.
    pub name: String,
    /// Whose map data is shown; `None` is OpenStreetMap's own line.
    pub attribution: Option<String>,
    /// The centre's data folder: it holds the key of text calls.
    pub data: PathBuf,
    /// What `/metrics` shows.
    pub metrics: PrometheusHandle,
    /// Where help is usually wanted, as far as the centre's people know.
    pub usual_demand: Vec<UsualDemand>,
    /// How far second opinions look; `None`: there are none.
    pub second_opinion: Option<Extent>,
    /// Invitations of vehicles; `None`: the centre has no enrolment door.
    pub invitations: Option<Arc<Invitations>>,
}

/// Why an interface could not start.
#[derive(Debug, Error)]
pub enum ApiError {
    /// No key for text calls.
    #[error(transparent)]
    TextCallKey(#[from] TextCallKeyError),
    /// The system gives no thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
    /// The newest events could not be read.
    #[error(transparent)]
    Feed(#[from] FeedError),
}

/// The interface. Cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Shared>);

struct Shared {
    centre: CentreHandle,
    settings: ApiSettings,
    usual_demand: ArcSwap<Vec<UsualDemand>>,
    tiles: ArcSwapOption<TileMaker>,
    etas: Arc<ArcSwap<Etas>>,
    hospital_times: Arc<HospitalTimes>,
    history: History,
    coverage: CoverageKeeper,
    second_opinions: Arc<SecondOpinions>,
    planner: Planner,
    live: LiveHub,
    live_seats: Arc<LiveSeats>,
    text_call_key: TextCallKey,
    text_call_limit: TextCallLimit,
    description: OnceLock<String>,
    stopping: watch::Sender<bool>,
    /// Closing it ends the thread of expectations.
    _eta_stop: Sender<()>,
    _eta_thread: JoinHandle<()>,
}

impl Api {
    /// Starts what runs beside requests. The newest events are written as live frames first, so that screens that come back
    /// after a restart go on where they were.
    pub async fn start(centre: CentreHandle, settings: ApiSettings) -> Result<Self, ApiError> {
        describe_metrics();
        floods::describe_metrics();
        let text_call_key = TextCallKey::open(&settings.data)?;
        let etas = Arc::new(ArcSwap::from_pointee(Etas::default()));
        let (eta_stop, stop) = crossbeam_channel::bounded(0);
        let keeper = EtaKeeper { centre: centre.clone(), etas: Arc::clone(&etas), stop };
        let snapshot = centre.snapshot();
        let live_from = snapshot.seq.saturating_sub(RESUMABLE_AFTER_RESTART_MAX);
        let tiles = centre.roads().map(|roads| Arc::new(TileMaker::of(&roads.map)));
        let tiles = ArcSwapOption::new(tiles);
        let (stopping, _) = watch::channel(false);
        let usual_demand = ArcSwap::from_pointee(settings.usual_demand.clone());
        let (second_opinions, wishes) = SecondOpinions::new(settings.second_opinion);
        let history = History::new(&settings.data);
        let api = Self(Arc::new(Shared {
            settings,
            usual_demand,
            tiles,
            etas,
            hospital_times: Arc::default(),
            history,
            coverage: CoverageKeeper::default(),
            second_opinions: Arc::new(second_opinions),
            planner: Planner::start(centre.clone())?,
            live: LiveHub::new(live_from),
            live_seats: Arc::new(LiveSeats::new()),
            text_call_key,
            text_call_limit: TextCallLimit::default(),
            description: OnceLock::new(),
            stopping,
            _eta_stop: eta_stop,
            _eta_thread: keeper.start()?,
            centre,
        }));
        let feed = api.centre().subscribe(Some(live_from));
        let mut encoder = Encoder::new(api.clone(), feed, &snapshot);
        encoder.catch_up(snapshot.seq).await?;
        let told = api.clone();
        tokio::spawn(async move {
            tokio::select! {
                error = encoder.run() => tracing::error!(%error, "live frames ended"),
                () = told.stopping() => {}
            }
        });
        tokio::spawn(keep_history(api.clone()));
        tokio::spawn(keep_cover(api.clone()));
        tokio::spawn(second_opinions::give(api.clone(), wishes));
        tokio::spawn(second_opinions::keep_city(api.clone()));
        Ok(api)
    }

    /// The invitations of vehicles, where there is a door for them.
    pub(crate) fn invitations(&self) -> Option<&Invitations> {
        self.0.settings.invitations.as_deref()
    }

    /// Announces the end: live readers are told, requests under way are answered, nothing new is taken.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
        self.0.planner.stop();
    }

    /// Waits until the end is announced.
    pub(crate) async fn stopping(&self) {
        // The sender lives as long as `self`.
        let _ = self.0.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.0.stopping.borrow()
    }

    pub(crate) fn centre(&self) -> &CentreHandle {
        &self.0.centre
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.settings.name
    }

    pub(crate) fn attribution(&self) -> &str {
        self.0.settings.attribution.as_deref().unwrap_or(OPEN_STREET_MAP)
    }

    pub(crate) fn metrics(&self) -> &PrometheusHandle {
        &self.0.settings.metrics
    }

    /// Draws another map from now on.
    pub(crate) fn draw(&self, map: &RoadMap) {
        self.0.tiles.store(Some(Arc::new(TileMaker::of(map))));
    }

    pub(crate) fn tiles(&self) -> Option<Arc<TileMaker>> {
        self.0.tiles.load_full()
    }

    pub(crate) fn etas(&self) -> Arc<Etas> {
        self.0.etas.load_full()
    }

    pub(crate) fn hospital_times(&self) -> Arc<HospitalTimes> {
        Arc::clone(&self.0.hospital_times)
    }

    pub(crate) fn history(&self) -> &History {
        &self.0.history
    }

    /// Where help is usually wanted.
    pub(super) fn usual_demand(&self) -> Vec<UsualDemand> {
        self.0.usual_demand.load().as_ref().clone()
    }

    /// Takes over another word on where help is usually wanted.
    pub(crate) fn expect_demand(&self, usual: Vec<UsualDemand>) {
        self.0.usual_demand.store(Arc::new(usual));
    }

    pub(crate) fn coverage(&self) -> &CoverageKeeper {
        &self.0.coverage
    }

    pub(crate) fn second_opinions(&self) -> &Arc<SecondOpinions> {
        &self.0.second_opinions
    }

    /// From now on second opinions look so far; `None`: there are none.
    pub(crate) fn look_ahead(&self, extent: Option<Extent>) {
        self.0.second_opinions.look(extent);
    }

    pub(crate) fn planner(&self) -> &Planner {
        &self.0.planner
    }

    pub(crate) fn live(&self) -> &LiveHub {
        &self.0.live
    }

    /// The places of live readers.
    pub(crate) fn live_seats(&self) -> &Arc<LiveSeats> {
        &self.0.live_seats
    }

    pub(crate) fn text_call_key(&self) -> &TextCallKey {
        &self.0.text_call_key
    }

    pub(crate) fn text_call_limit(&self) -> &TextCallLimit {
        &self.0.text_call_limit
    }

    pub(crate) fn description(&self) -> &str {
        self.0.description.get_or_init(openapi::description)
    }

    /// Runs what takes more than a moment away from the threads that answer requests.
    pub(crate) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "an answer could not be made");
            Problem::broken()
        })
    }
}

fn describe_metrics() {
    use metrics::{describe_counter as counter, describe_gauge as gauge, describe_histogram as histogram};
    counter!("jichi_api_requests_total", "HTTP requests by status.");
    counter!(
        "jichi_api_bad_requests_total",
        "Requests refused because of what was sent, by kind of problem."
    );
    counter!("jichi_api_timeouts_total", "Requests that took too long.");
    histogram!("jichi_api_request_seconds", "Time to answer a request.");
    counter!("jichi_second_opinions_total", "Second opinions on proposals, by outcome.");
    histogram!("jichi_second_opinion_seconds", "Time to work out a second opinion.");
    gauge!("jichi_live_readers", "Screens and boards that read live.");
    counter!("jichi_live_dropped_total", "Live readers dropped, by reason.");
}

/// Reads the journal as it grows, so that the first report of the day is as quick as the second.
async fn keep_history(api: Api) {
    while !api.is_stopping() {
        let (reader, seq) = (api.centre().journal().clone(), api.centre().snapshot().seq);
        let keeper = api.clone();
        let read = tokio::task::spawn_blocking(move || keeper.history().up_to(&reader, seq, |_| ())).await;
        if let Ok(Err(error)) = read {
            tracing::warn!(%error, "the journal could not be read for reports");
        }
        tokio::select! {
            () = tokio::time::sleep(HISTORY_EVERY) => {}
            () = api.stopping() => {}
        }
    }
}

/// How many events back a screen can resume from after a restart.
const RESUMABLE_AFTER_RESTART_MAX: u64 = 1000;
/// How often the journal is read on for reports.
const HISTORY_EVERY: Duration = Duration::from_secs(10);
/// The line that OpenStreetMap's licence asks for.
const OPEN_STREET_MAP: &str = "© OpenStreetMap contributors";
