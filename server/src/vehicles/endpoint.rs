//! The gateway's QUIC endpoint: TLS 1.3 with client certificates of our authority, and limits that a hostile vehicle
//! cannot stretch (the defaults allow more than a megabyte for each stream).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Endpoint, IdleTimeout, ServerConfig, TransportConfig, VarInt};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use thiserror::Error;

use super::certificates::{AUTHORITY_PEM, CENTRE_KEY, CENTRE_PEM};

/// Why the vehicles' door cannot be opened, in one line.
#[derive(Debug, Error)]
pub enum GatewayError {
    /// There are no certificates yet.
    #[error(
        "{path} is missing: put your authority's and the centre's certificates there, or make development ones with \
         `dispatchd issue-certificate --config FILE.toml --unit UNIT --out DIR`"
    )]
    Missing {
        /// The file that is not there.
        path: PathBuf,
    },
    /// A certificate or key is not readable.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The certificates do not go together.
    #[error("the vehicles' certificates: {0}")]
    Tls(String),
    /// The port.
    #[error("vehicles {listen} (UDP): {source}")]
    Listen {
        /// Where.
        listen: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
}

const IDLE_MS_MAX: u32 = 120_000;
const STREAMS_MAX: u32 = 4;
const STREAM_WINDOW_BYTES: u32 = 128 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 256 * 1024;
const SEND_WINDOW_BYTES: u64 = 512 * 1024;
const DATAGRAM_BUFFER_BYTES_MAX: usize = 16 * 1024;
const INCOMING_MAX: usize = 2_000;
const INCOMING_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Opens the endpoint with the certificates in `folder`.
pub(super) fn open(listen: SocketAddr, folder: &Path) -> Result<Endpoint, GatewayError> {
    let mut config = ServerConfig::with_crypto(Arc::new(crypto(folder)?));
    config.transport_config(Arc::new(transport()));
    config.max_incoming(INCOMING_MAX);
    config.incoming_buffer_size_total(INCOMING_BYTES_MAX);
    Endpoint::server(config, listen).map_err(|source| GatewayError::Listen { listen, source })
}

fn crypto(folder: &Path) -> Result<QuicServerConfig, GatewayError> {
    let tls = |problem: String| GatewayError::Tls(problem);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut authority = RootCertStore::empty();
    for certificate in certificates(&folder.join(AUTHORITY_PEM))? {
        authority.add(certificate).map_err(|error| tls(error.to_string()))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authority), Arc::clone(&provider))
        .build()
        .map_err(|error| tls(error.to_string()))?;
    let key_path = folder.join(CENTRE_KEY);
    let key = PrivateKeyDer::from_pem_file(&key_path)
        .map_err(|error| GatewayError::File { path: key_path, problem: error.to_string() })?;
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| tls(error.to_string()))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates(&folder.join(CENTRE_PEM))?, key)
        .map_err(|error| tls(error.to_string()))?;
    config.alpn_protocols = vec![link::ALPN.to_vec()];
    // A resumed session skips the certificate verifier, so there is none.
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    QuicServerConfig::try_from(config).map_err(|error| tls(error.to_string()))
}

fn transport() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_MS_MAX))))
        .max_concurrent_bidi_streams(VarInt::from_u32(STREAMS_MAX))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW_BYTES))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW_BYTES))
        .send_window(SEND_WINDOW_BYTES)
        .datagram_receive_buffer_size(Some(DATAGRAM_BUFFER_BYTES_MAX))
        .datagram_send_buffer_size(DATAGRAM_BUFFER_BYTES_MAX);
    transport
}

/// The certificates in a PEM file.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, GatewayError> {
    if !path.exists() {
        return Err(GatewayError::Missing { path: path.to_owned() });
    }
    let bad = |problem: String| GatewayError::File { path: path.to_owned(), problem };
    let all: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| bad(error.to_string()))?;
    if all.is_empty() { Err(bad("no certificate in it".into())) } else { Ok(all) }
}
