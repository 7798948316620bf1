//! `serve`: runs the centre until it is told to stop or its journal cannot go on.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use dispatch_core::leadership::Order;
use metrics_exporter_prometheus::PrometheusHandle;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

use super::doors::Doors;
use super::reload::reload;
use super::{complain, load_map, say};
use crate::centre::{CentreHandle, SubmitError};
use crate::clock::Clock;
use crate::config::{Config, OtherNode};
use crate::districts::Districts;
use crate::journal::{Journal, Opened};
use crate::leadership::{Leadership, MustStop, NodeWiring, Standing};
use crate::postgres::position_history::PositionHistory;
use crate::running::{City, RunningCentre, VITAL_THREADS};
use crate::vehicles::certificates;
use crate::{master_data, postgres, telemetry};

pub(super) fn serve(config: &Path, check_only: bool) -> anyhow::Result<ExitCode> {
    let config = Config::load(config)?;
    let clock = config.clock()?;
    let map = config.map.as_deref().map(load_map).transpose()?.map(Arc::new);
    if check_only {
        config.terminals()?;
        config.denied()?;
        say(&format!("{}: good", config.path.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    end_when_a_vital_thread_breaks();
    take_all_files_allowed();
    let metrics = telemetry::start_metrics().context("cannot start the metrics")?;
    let opened = open_journal(&config)?;
    let districts = Districts::new(config.districts.clone());
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    let runtime = threads.context("cannot start the network threads")?;
    let wiring = node_wiring(&config, runtime.handle())?;
    let city = City { clock: clock.clone(), map, districts, head_to: config.head_to.clone(), wiring };
    let centre = RunningCentre::start(opened, city)?;
    let code = runtime.block_on(run(&config, &centre, &clock, metrics));
    // Connections end before the centre does, so that nobody waits for an answer that cannot come.
    runtime.shutdown_timeout(CUT_AFTER);
    let failure = centre.failure();
    centre.stop();
    let failure = failure.borrow().clone();
    if let Some(failure) = failure {
        complain(&format!("dispatchd: {failure}"));
        return Ok(ExitCode::from(EXIT_JOURNAL));
    }
    tracing::info!("stopped");
    code
}

/// Nobody may be answered by a centre that has lost its owner or its journal: the process ends and starts again from the
/// journal.
fn end_when_a_vital_thread_breaks() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        before(panic);
        if std::thread::current().name().is_some_and(|name| VITAL_THREADS.contains(&name)) {
            complain("dispatchd: a vital thread broke; the process ends and must be started again");
            std::process::exit(EXIT_BROKEN.into());
        }
    }));
}

/// A thousand connections and the files beside them are more than a process is given unasked.
fn take_all_files_allowed() {
    let allowed = getrlimit(Resource::Nofile);
    let all = Rlimit { current: allowed.maximum, maximum: allowed.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, all) {
        tracing::warn!(%error, current = allowed.current, "the number of open files stays as it is");
    }
}

/// What the configuration says of a record in PostgreSQL and another node.
fn node_wiring(config: &Config, runtime: &tokio::runtime::Handle) -> anyhow::Result<Option<NodeWiring>> {
    let (Some(standby), Some(postgres)) = (config.standby.clone(), config.postgres.clone()) else {
        return Ok(None);
    };
    if let Some(OtherNode { certificates: folder, .. }) = &standby.other
        && config.demo
        && !folder.join(certificates::NODE_PEM).exists()
    {
        certificates::ensure_authority(folder)?;
        certificates::issue_node(folder, folder)?;
    }
    let stop = Box::new(|why: MustStop| {
        complain(&format!("dispatchd: {why}"));
        std::process::exit(EXIT_START_AGAIN.into());
    });
    Ok(Some(NodeWiring { standby, postgres, runtime: runtime.clone(), stop }))
}

fn open_journal(config: &Config) -> anyhow::Result<Opened> {
    let opened = Journal::open(&config.data, |seq| {
        if seq.is_multiple_of(REPLAY_SAID_EVERY) {
            tracing::info!(events = seq, "replaying the journal");
        }
    })?;
    let (head, epoch) = (opened.journal.head(), opened.journal.epoch());
    tracing::info!(events = head.seq, epoch = %crate::journal::words(epoch), "the journal is whole");
    Ok(opened)
}

/// Runs the doors until a signal or a failure. Comes back with the exit code of an orderly end.
async fn run(
    config: &Config,
    centre: &RunningCentre,
    clock: &Clock,
    metrics: PrometheusHandle,
) -> anyhow::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let mut hang_up = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
    let mut config = config.clone();
    let handle = centre.handle().clone();
    if let Some(postgres) = &config.postgres
        && let Some(days) = postgres.positions_days
    {
        handle.keep_positions(PositionHistory::start(postgres.clone(), days, clock.clone()));
    }
    if let Some(postgres) = config.postgres.clone() {
        handle.files().copy_to(postgres);
    }
    match handle.leadership().map(|leadership| leadership.follow()) {
        None => {
            let changes = master_data::register(&handle, &config)
                .await
                .context("the configuration cannot take effect")?;
            tracing::info!(changes, "the configuration is in effect");
            if let Some(postgres) = config.postgres.clone() {
                tokio::spawn(postgres::copy(postgres, handle.journal().clone(), handle.head()));
            }
        }
        // Only the one that leads can put the configuration on record.
        Some(standing) => drop(tokio::spawn(register_as_leader(handle.clone(), config.clone(), standing))),
    }
    let doors = Doors::open(&config, &handle, metrics.clone()).await?;
    tracing::info!(centre = config.name, rate = clock.rate(), "the centre is up");
    let mut upkeep = tokio::time::interval(UPKEEP_EVERY);
    let mut failure = centre.failure();
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => reload(&mut config, &handle, &doors).await,
            word = failure.changed() => {
                // The sender gone without a word is a thread that broke: no better than a failed journal.
                if word.is_err() || failure.borrow().is_some() {
                    return Ok(ExitCode::from(EXIT_JOURNAL));
                }
            }
            _ = upkeep.tick() => metrics.run_upkeep(),
        }
    }
    tracing::info!("told to stop: working off what was taken");
    if let Some(leadership) = handle.leadership() {
        hand_over(leadership).await;
    }
    if timeout(DRAIN_MAX, doors.close()).await.is_err() {
        tracing::warn!("some connections would not end and are cut");
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets the other node lead before this one goes, if there is one that can: dispatching goes on there at once, and not after a lease.
async fn hand_over(leadership: &Leadership) {
    if !leadership.standing().state.leads() {
        return;
    }
    // What comes of it does not keep this node: the other one takes the lease when it has run out.
    let _ = timeout(HAND_OVER_MAX, leadership.order(Order::HandOver)).await;
    tracing::info!(state = ?leadership.standing().state, "stopping as");
}

/// Brings the record in line with the configuration whenever this node comes to lead.
async fn register_as_leader(
    handle: CentreHandle,
    config: Config,
    mut standing: tokio::sync::watch::Receiver<Standing>,
) {
    let mut led_under = None;
    loop {
        let epoch = standing.borrow_and_update().epoch;
        if epoch.is_some() && epoch != led_under {
            match master_data::register(&handle, &config).await {
                Ok(changes) => {
                    led_under = epoch;
                    tracing::info!(changes, "this node leads; the configuration is in effect");
                }
                // A later try may find the owner ready; a configuration that the rules refuse keeps no vehicle out.
                Err(SubmitError::NotLeading { .. }) => {}
                Err(error) => {
                    led_under = epoch;
                    tracing::error!("the configuration cannot take effect: {error}");
                }
            }
            if let (Some(leadership), true, Some(epoch)) = (handle.leadership(), led_under == epoch, epoch) {
                leadership.begin(epoch);
            }
        }
        // Looked at again now and then: the owner may hear of leading a moment later than this does.
        if let Ok(Err(_)) = timeout(REGISTER_AGAIN, standing.changed()).await {
            return;
        }
    }
}

/// Another node leads, or events were moved aside: the process must be started again, in the words of `sysexits.h`.
const EXIT_START_AGAIN: u8 = 75;
/// Longer than a node tries.
const HAND_OVER_MAX: Duration = Duration::from_secs(3);
/// How often a configuration that could not be registered is tried again.
const REGISTER_AGAIN: Duration = Duration::from_millis(500);
/// The journal could not be written: input/output error in the words of `sysexits.h`.
const EXIT_JOURNAL: u8 = 74;
/// A mistake in the program, in the words of the same.
const EXIT_BROKEN: u8 = 70;
/// The owner and the journal have threads of their own; these carry the network.
const WORKERS: usize = 2;
/// Connections that go on longer after the end was announced are cut.
const DRAIN_MAX: Duration = Duration::from_secs(5);
/// What still runs then is cut.
const CUT_AFTER: Duration = Duration::from_secs(1);
/// Histograms are folded at this pace, asked for or not.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
const REPLAY_SAID_EVERY: u64 = 100_000;
