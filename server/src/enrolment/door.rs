//! The enrolment door: QUIC with the centre's certificate and its authority's, so that a vehicle that knows nothing but an invitation can check both. One
//! request on one stream, one answer, the end.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use link::enrolment::{ALPN, REQUEST_BYTES_MAX, Request};
use prost::Message;
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Endpoint, IdleTimeout, Incoming, ServerConfig, TransportConfig, VarInt};
use rustls::RootCertStore;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::WebPkiClientVerifier;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tracing::debug;

use super::EnrolmentDesk;
use super::verifier::LateVerifier;
use crate::vehicles::certificates::{AUTHORITY_PEM, CENTRE_KEY, CENTRE_PEM};
use crate::vehicles::{GatewayError, identity_of, pem_certificates};

/// The door, open.
#[derive(Debug)]
pub struct Door {
    endpoint: Endpoint,
    desk: EnrolmentDesk,
}

impl Door {
    /// Opens the door with the certificates that the desk's authority folder holds. Needs a tokio runtime.
    pub fn open(listen: SocketAddr, desk: EnrolmentDesk) -> Result<Self, GatewayError> {
        let mut config = ServerConfig::with_crypto(Arc::new(crypto(&desk.authority)?));
        config.transport_config(Arc::new(transport()));
        config.max_incoming(INCOMING_MAX);
        let endpoint =
            Endpoint::server(config, listen).map_err(|source| GatewayError::Listen { listen, source })?;
        Ok(Self { endpoint, desk })
    }

    /// Where vehicles come.
    pub fn listens_at(&self) -> std::io::Result<SocketAddr> {
        self.endpoint.local_addr()
    }

    /// Serves until `stop` is done.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        tokio::select! {
            () = accept(&self.endpoint, &self.desk) => {}
            () = stop => {}
        }
        self.endpoint.close(VarInt::from_u32(0), b"stopping");
        self.endpoint.wait_idle().await;
    }
}

async fn accept(endpoint: &Endpoint, desk: &EnrolmentDesk) {
    let seats = Arc::new(Semaphore::new(AT_ONCE_MAX));
    while let Some(incoming) = endpoint.accept().await {
        // A signature costs more than a packet: whoever wants one shows first that the address is its own.
        if !incoming.remote_address_validated() {
            drop(incoming.retry());
            continue;
        }
        let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else {
            metrics::counter!("jichi_enrolments_total", "outcome" => "busy").increment(1);
            incoming.refuse();
            continue;
        };
        let desk = desk.clone();
        tokio::spawn(async move {
            let from = incoming.remote_address();
            match timeout(ALL_WITHIN, exchange(incoming, desk)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => debug!(%from, error, "an enrolment broke off"),
                Err(_) => debug!(%from, "an enrolment took too long"),
            }
            drop(seat);
        });
    }
}

async fn exchange(incoming: Incoming, desk: EnrolmentDesk) -> Result<(), String> {
    let broken = |error: &dyn std::fmt::Display| error.to_string();
    let connection = incoming.await.map_err(|error| broken(&error))?;
    let (mut send, mut receive) = connection.accept_bi().await.map_err(|error| broken(&error))?;
    let bytes = receive.read_to_end(REQUEST_BYTES_MAX).await.map_err(|error| broken(&error))?;
    let request = Request::decode(bytes.as_slice()).map_err(|error| broken(&error))?;
    let shown = identity_of(&connection);
    let answering =
        tokio::task::spawn_blocking(move || desk.answer(&request, shown.as_ref(), Instant::now()));
    let answer = answering.await.map_err(|error| broken(&error))?;
    send.write_all(&answer.encode_to_vec()).await.map_err(|error| broken(&error))?;
    send.finish().map_err(|error| broken(&error))?;
    // The vehicle ends it when it has the answer.
    connection.closed().await;
    Ok(())
}

fn crypto(folder: &Path) -> Result<QuicServerConfig, GatewayError> {
    let tls = |problem: String| GatewayError::Tls(problem);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let authority = pem_certificates(&folder.join(AUTHORITY_PEM))?;
    let mut roots = RootCertStore::empty();
    for certificate in &authority {
        roots.add(certificate.clone()).map_err(|error| tls(error.to_string()))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|error| tls(error.to_string()))?;
    let key_path = folder.join(CENTRE_KEY);
    let key = PrivateKeyDer::from_pem_file(&key_path)
        .map_err(|error| GatewayError::File { path: key_path, problem: error.to_string() })?;
    // The authority comes with it: an invited vehicle knows only its hash.
    let mut chain = pem_certificates(&folder.join(CENTRE_PEM))?;
    chain.extend(authority);
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| tls(error.to_string()))?
        .with_client_cert_verifier(Arc::new(LateVerifier(verifier)))
        .with_single_cert(chain, key)
        .map_err(|error| tls(error.to_string()))?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    QuicServerConfig::try_from(config).map_err(|error| tls(error.to_string()))
}

fn transport() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_MS_MAX))))
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .receive_window(VarInt::from_u32(WINDOW_BYTES))
        .stream_receive_window(VarInt::from_u32(WINDOW_BYTES))
        .datagram_receive_buffer_size(None);
    transport
}

/// Says what the door counts. Call once, when metrics are set up.
pub fn describe_metrics() {
    metrics::describe_counter!("jichi_enrolments_total", "Requests for a certificate, by outcome.");
}

const ALL_WITHIN: Duration = Duration::from_secs(20);
const IDLE_MS_MAX: u32 = 10_000;
const WINDOW_BYTES: u32 = 16 * 1024;
/// Vehicles served at once: each costs a handshake and a signature.
const AT_ONCE_MAX: usize = 32;
const INCOMING_MAX: usize = 256;
