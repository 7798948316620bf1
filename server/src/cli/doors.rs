//! The doors of the centre: the HTTP interface and the vehicles' QUIC endpoint, opened together and closed together.

use std::sync::Arc;

use anyhow::Context;
use metrics_exporter_prometheus::PrometheusHandle;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::{self, Api, ApiSettings};
use crate::centre::CentreHandle;
use crate::config::{Config, VehiclesConfig};
use crate::enrolment::{self, EnrolmentDesk, Invitations};
use crate::jt808;
use crate::vehicles::{self, Denials, Gateway, VehicleCentre, certificates};

/// Open doors.
pub(super) struct Doors {
    api: Api,
    enrolment: Option<jt808::Enrolment>,
    denials: Option<Denials>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<anyhow::Result<()>>>,
    /// Held until the doors are closed.
    _vehicles: Option<VehicleThreads>,
}

impl Doors {
    /// Opens what the configuration names. A port that is taken, or a certificate that is wrong, is an error here.
    pub(super) async fn open(
        config: &Config,
        centre: &CentreHandle,
        metrics: PrometheusHandle,
    ) -> anyhow::Result<Self> {
        let (stop, stopping) = watch::channel(false);
        let (mut tasks, mut vehicles) = (Vec::new(), None);
        let enrolment = open_jt808(config, centre, &stopping, &mut tasks).await?;
        let (mut denials, mut invitations) = (None, None);
        if let Some(door) = &config.vehicles {
            if config.demo {
                certificates::ensure_authority(&door.certificates)?;
            }
            vehicles::describe_metrics();
            let threads = VehicleThreads::start()?;
            let gateway = {
                let _inside = threads.handle()?.enter();
                let door_of = VehicleCentre::new(centre.clone(), door.terminal.clone());
                Gateway::open(door.listen, &door.certificates, Arc::new(door_of))?
            };
            tracing::info!(address = %gateway.listens_at()?, "vehicles connect here (QUIC)");
            gateway.denials().replace(config.denied()?);
            invitations = open_enrolment(door, centre, gateway.denials(), &stopping, &mut tasks)?;
            denials = Some(gateway.denials());
            tasks.push(threads.handle()?.spawn(async move {
                gateway.run(told(stopping)).await;
                Ok(())
            }));
            vehicles = Some(threads);
        }
        let settings = ApiSettings {
            name: config.name.clone(),
            attribution: config.map_attribution.clone(),
            data: config.data.clone(),
            metrics,
            usual_demand: config.demand.clone(),
            second_opinion: config.second_opinion,
            invitations,
        };
        let api = Api::start(centre.clone(), settings).await?;
        let listener = TcpListener::bind(config.api_listen).await;
        let listener = listener.with_context(|| format!("cannot listen at {}", config.api_listen))?;
        tracing::info!(address = %listener.local_addr()?, "browsers connect here (HTTP)");
        let serving = api.clone();
        tasks.push(tokio::spawn(async move {
            api::serve(serving, listener).await.context("the HTTP interface ended")
        }));
        Ok(Self { api, enrolment, denials, stop, tasks, _vehicles: vehicles })
    }

    /// Puts the lists of who may come in in force, as the configuration names them: who is no longer on one loses the connection at once.
    pub(super) fn take_over_lists(&self, config: &Config) -> anyhow::Result<()> {
        let (terminals, denied) = (config.terminals()?, config.denied()?);
        if let Some(enrolment) = &self.enrolment {
            enrolment.replace(terminals);
        }
        if let Some(denials) = &self.denials {
            denials.replace(denied);
        }
        Ok(())
    }

    /// The HTTP interface.
    pub(super) fn api(&self) -> &Api {
        &self.api
    }

    /// Tells everybody to come back later, and waits for the requests under way.
    pub(super) async fn close(mut self) {
        self.api.stop();
        self.stop.send_replace(true);
        for task in std::mem::take(&mut self.tasks) {
            match task.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!("{error:#}"),
                Err(error) => tracing::error!(%error, "a door broke"),
            }
        }
    }
}

/// Opens the door where vehicles come by their certificates, if the configuration names one.
fn open_enrolment(
    door: &VehiclesConfig,
    centre: &CentreHandle,
    denials: Denials,
    stopping: &watch::Receiver<bool>,
    tasks: &mut Vec<JoinHandle<anyhow::Result<()>>>,
) -> anyhow::Result<Option<Arc<Invitations>>> {
    let Some(listen) = door.enrolment else { return Ok(None) };
    enrolment::describe_metrics();
    let authority = vehicles::pem_certificates(&door.certificates.join(certificates::AUTHORITY_PEM))?;
    let authority = authority.first().context("the authority has a certificate")?;
    let invitations = Arc::new(Invitations::new(Sha256::digest(authority).into()));
    let desk = EnrolmentDesk {
        centre: centre.clone(),
        invitations: Arc::clone(&invitations),
        denials,
        authority: door.certificates.clone(),
    };
    let enrolment = enrolment::Door::open(listen, desk)?;
    tracing::info!(address = %enrolment.listens_at()?, "vehicles enrol here (QUIC)");
    let stopping = stopping.clone();
    tasks.push(tokio::spawn(async move {
        enrolment.run(told(stopping)).await;
        Ok(())
    }));
    Ok(Some(invitations))
}

async fn open_jt808(
    config: &Config,
    centre: &CentreHandle,
    stopping: &watch::Receiver<bool>,
    tasks: &mut Vec<JoinHandle<anyhow::Result<()>>>,
) -> anyhow::Result<Option<jt808::Enrolment>> {
    let Some(door) = &config.jt808 else { return Ok(None) };
    jt808::describe_metrics();
    let terminals = config.terminals()?;
    let enrolled = terminals.len();
    let gateway = jt808::Gateway::open(door, terminals, centre.clone()).await;
    let gateway =
        gateway.with_context(|| format!("cannot listen at {} for JT/T 808 terminals", door.listen))?;
    tracing::info!(address = %gateway.listens_at()?, enrolled, "trackers connect here (JT/T 808)");
    let enrolment = gateway.enrolment();
    let stopping = stopping.clone();
    tasks.push(tokio::spawn(async move {
        gateway.run(told(stopping)).await;
        Ok(())
    }));
    Ok(Some(enrolment))
}

/// Threads of their own for vehicles: their handshakes and their noise are worked off beside those who sit at the desks, never before them.
struct VehicleThreads(Option<Runtime>);

impl VehicleThreads {
    fn start() -> anyhow::Result<Self> {
        let threads = Builder::new_multi_thread()
            .worker_threads(VEHICLE_WORKERS)
            .max_blocking_threads(VEHICLE_SEARCHES_MAX)
            .thread_name("vehicles")
            .on_thread_start(|| {
                // Refused where the system allows no such thing; then they share evenly.
                let _ = rustix::process::nice(VEHICLE_NICE);
            })
            .enable_all()
            .build();
        Ok(Self(Some(threads.context("cannot start the vehicles' threads")?)))
    }

    fn handle(&self) -> anyhow::Result<&Handle> {
        self.0.as_ref().map(Runtime::handle).context("the vehicles' threads have ended")
    }
}

impl Drop for VehicleThreads {
    /// Doors that were closed, or that could not all be opened: what still runs there is cut, and nobody waits for it.
    fn drop(&mut self) {
        if let Some(threads) = self.0.take() {
            threads.shutdown_background();
        }
    }
}

/// Threads that carry the vehicles' connections.
const VEHICLE_WORKERS: usize = 2;
/// Ways that are searched at a time.
const VEHICLE_SEARCHES_MAX: usize = 4;
/// How far the vehicles' threads stand back when there is not enough of the machine for all.
const VEHICLE_NICE: i32 = 5;

async fn told(mut stopping: watch::Receiver<bool>) {
    // The sender gone means the same.
    let _ = stopping.wait_for(|stop| *stop).await;
}
