//! One vehicle put together: spool, receiver, link and terminal.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::clock::VehicleClock;
use crate::config::Config;
use crate::connection::{self, TlsError};
use crate::duty::{Duty, SharedDuty, lock};
use crate::enrolment;
use crate::gnss;
use crate::map::PackedMap;
use crate::monitors::{self, Reading};
use crate::spool::{Spool, SpoolError};
use crate::terminal;

/// Why a vehicle's agent cannot start or go on, in one line.
#[derive(Debug, Error)]
pub enum AgentError {
    /// The spool.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The terminal's port.
    #[error("terminal {address}: {source}")]
    Terminal {
        /// Where it should be.
        address: std::net::SocketAddr,
        /// Why it is not.
        source: std::io::Error,
    },
    /// The link's socket.
    #[error("link: {0}")]
    Link(std::io::Error),
}

/// A vehicle's agent, ready to run.
#[derive(Debug)]
pub struct Agent {
    config: Config,
    duty: SharedDuty,
    client: quinn::ClientConfig,
    listener: TcpListener,
}

impl Agent {
    /// Opens everything that can fail.
    pub async fn open(config: Config) -> Result<Self, AgentError> {
        let clock = VehicleClock::new(config.clock_rate);
        let client = connection::client_config(&config.certificates, &clock.certificate_time())?;
        let spool = Spool::open(&config.spool, config.positions_kept_max)?;
        let duty = Duty::new(spool, clock, &config.unit)?;
        let address = config.terminal;
        let listener =
            TcpListener::bind(address).await.map_err(|source| AgentError::Terminal { address, source })?;
        Ok(Self { config, duty: Arc::new(std::sync::Mutex::new(duty)), client, listener })
    }

    /// Where the terminal is served.
    pub fn terminal(&self) -> std::io::Result<std::net::SocketAddr> {
        self.listener.local_addr()
    }

    /// Runs until `stop` is done; everything is on disk at any time, so stopping loses nothing.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), AgentError> {
        let Self { config, duty, client, listener } = self;
        info!(unit = config.unit, boot = lock(&duty).boot(), terminal = %config.terminal, "vehicle-agent is up");
        let (renewed, client) = watch::channel(client);
        let time = lock(&duty).clock.certificate_time();
        let renewal = enrolment::keep_renewed(config.clone(), time, renewed);
        let receiver = duty.clone();
        let source = config.receiver();
        let gnss = async move {
            match source {
                Some(source) => {
                    let heard = |news: gnss::Heard| lock(&receiver).heard(Instant::now(), &news);
                    gnss::read_receiver(source, heard).await;
                }
                None => std::future::pending().await,
            }
        };
        let (bedside, monitor) = (duty.clone(), config.monitor.as_deref().map(str::parse));
        let monitors = async move {
            match monitor {
                Some(Ok(address)) => {
                    let heard = move |reading| note_reading(&bedside, &reading);
                    monitors::hear_monitors(address, heard).await;
                }
                Some(Err(_)) | None => std::future::pending().await,
            }
        };
        let addresses = config.centre.all().to_vec();
        let link = connection::stay_linked(duty.clone(), client, addresses, config.centre_name.clone());
        let map = config.map.as_deref().and_then(open_map);
        let equipment = terminal::Equipment { map, navigation: config.navigation };
        let terminal = terminal::serve(listener, duty, &config.terminal_hosts, equipment);
        tokio::select! {
            () = gnss => Ok(()),
            () = monitors => Ok(()),
            () = renewal => Ok(()),
            link = link => link.map_err(AgentError::Link),
            served = terminal => served
                .map_err(|source| AgentError::Terminal { address: config.terminal, source }),
            () = stop => {
                info!("stopping");
                Ok(())
            }
        }
    }
}

/// A map that cannot be read keeps nobody from driving: the terminal draws the way alone.
fn open_map(path: &Path) -> Option<PackedMap> {
    PackedMap::open(path).inspect_err(|problem| warn!(%problem, "no map for the terminal")).ok()
}

/// Whether a reading was taken in. One that nobody needs was: the monitor need not say it again.
fn note_reading(duty: &SharedDuty, reading: &Reading) -> bool {
    match lock(duty).measured(Instant::now(), reading) {
        Ok(_) => true,
        Err(problem) => {
            warn!(device = reading.device, %problem, "a monitor's reading cannot be kept");
            false
        }
    }
}
