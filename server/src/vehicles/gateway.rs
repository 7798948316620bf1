//! The gateway: lets vehicles in, and carries what the centre has to say to those who are there.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt;
use link::CloseCode;
use quinn::{Endpoint, VarInt};
use tracing::info;

use super::admission::{Admission, Next};
use super::centre_port::{CentrePort, News};
use super::connection;
use super::deny_list::DenyList;
use super::endpoint::{self, GatewayError};
use super::identity::Identity;
use super::roster::Roster;

/// The vehicles' door, open.
pub struct Gateway {
    endpoint: Endpoint,
    port: Arc<dyn CentrePort>,
    roster: Arc<Roster>,
}

/// The way to the list of withdrawn certificates while the door is open.
#[derive(Debug, Clone, Default)]
pub struct Denials(Arc<Roster>);

impl Denials {
    /// Puts another list in force. Terminals that are on it lose their connections at once.
    pub fn replace(&self, list: DenyList) {
        info!(denied = list.len(), "the list of withdrawn certificates is in force");
        self.0.deny(list);
    }

    /// Whether a certificate is on it.
    pub(crate) fn holds(&self, identity: &Identity) -> bool {
        self.0.is_denied(identity)
    }
}

impl Gateway {
    /// Opens the door. `certificates`: folder with `authority.pem`, `centre.pem`, `centre.key`. Needs a tokio runtime.
    pub fn open(
        listen: SocketAddr,
        certificates: &Path,
        port: Arc<dyn CentrePort>,
    ) -> Result<Self, GatewayError> {
        let endpoint = endpoint::open(listen, certificates)?;
        Ok(Self { endpoint, port, roster: Arc::new(Roster::default()) })
    }

    /// Where vehicles connect.
    pub fn listens_at(&self) -> std::io::Result<SocketAddr> {
        self.endpoint.local_addr()
    }

    /// The way to the list of withdrawn certificates.
    pub fn denials(&self) -> Denials {
        Denials(Arc::clone(&self.roster))
    }

    /// Serves until `stop` is done, then tells every vehicle to come back later.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let serve = async {
            let roster = &self.roster;
            tokio::join!(accept(&self.endpoint, &self.port, roster), carry(self.port.as_ref(), roster));
        };
        tokio::select! {
            () = serve => {}
            () = stop => {}
        }
        let code = CloseCode::Unavailable;
        self.endpoint.close(VarInt::from_u32(code.number()), code.word().as_bytes());
        self.endpoint.wait_idle().await;
        info!("the vehicles' door is closed");
    }
}

async fn accept(endpoint: &Endpoint, port: &Arc<dyn CentrePort>, roster: &Arc<Roster>) {
    let mut admission = Admission::default();
    loop {
        tokio::select! {
            incoming = endpoint.accept() => match incoming {
                Some(incoming) => admission.admit(incoming),
                None => return,
            },
            () = admission.place_free() => {}
        }
        while let Some(next) = admission.next(Instant::now()) {
            match next {
                Next::Begin(incoming, place) => {
                    tokio::spawn(connection::serve(incoming, place, Arc::clone(port), Arc::clone(roster)));
                }
                Next::TooLate(incoming) => {
                    metrics::counter!("jichi_vehicles_refused_total", "reason" => "too_late").increment(1);
                    incoming.refuse();
                }
            }
        }
    }
}

async fn carry(port: &dyn CentrePort, roster: &Roster) {
    let mut news = port.news();
    while let Some(news) = news.next().await {
        match news {
            News::For { unit, delivery } => roster.hand(&unit, *delivery),
            News::Missed => roster.refresh(),
            News::Settings(settings) => roster.set(&settings),
            News::NotLeading => roster.send_away(),
        }
    }
}

/// Says what the gateway counts. Call once, when metrics are set up.
pub fn describe_metrics() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_gauge!("jichi_vehicles_connected_items", "Vehicles connected.");
    describe_counter!(
        "jichi_vehicles_bad_messages_total",
        "Messages of vehicles that were passed over, by reason."
    );
    describe_counter!(
        "jichi_vehicles_refused_total",
        "Connections that were turned away or ended, by reason."
    );
    describe_counter!("jichi_vehicles_reports_total", "Reports of vehicles, by outcome.");
    describe_counter!("jichi_vehicles_patient_reports_total", "What vehicles told of patients, by outcome.");
    describe_counter!("jichi_vehicles_files_total", "What came of vehicles' files and of their pieces.");
    describe_counter!("jichi_vehicles_deliveries_total", "Answers of vehicles to deliveries, by outcome.");
    describe_counter!("jichi_vehicles_positions_total", "Positions of vehicles, by how they came.");
    describe_histogram!("jichi_ways_search_seconds", "Time to find the ways that travel with an order.");
}
