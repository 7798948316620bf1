//! Who the nodes are to each other: certificates of the centre's own authority that name a node. A vehicle's certificate, which the same
//! authority signed, opens nothing here.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, IdleTimeout, ServerConfig, TransportConfig, VarInt};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use super::PeerError;
use crate::vehicles::certificates::{AUTHORITY_PEM, NODE_KEY, NODE_NAME, NODE_PEM};
use crate::vehicles::{GatewayError, pem_certificates};

/// The configurations of a node whose certificates are in `folder`: as the one that is called, and as the one that calls.
pub(super) fn configs(folder: &Path) -> Result<(ServerConfig, ClientConfig), PeerError> {
    let unfit = |problem: String| PeerError::Unfit { folder: folder.to_owned(), problem };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut authority = RootCertStore::empty();
    for certificate in pem_certificates(&folder.join(AUTHORITY_PEM))? {
        authority.add(certificate).map_err(|error| unfit(error.to_string()))?;
    }
    let authority = Arc::new(authority);
    let own = pem_certificates(&folder.join(NODE_PEM))?;
    let key_path = folder.join(NODE_KEY);
    let key = || {
        PrivateKeyDer::from_pem_file(&key_path)
            .map_err(|error| GatewayError::File { path: key_path.clone(), problem: error.to_string() })
    };
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::clone(&authority), Arc::clone(&provider))
        .build()
        .map_err(|error| unfit(error.to_string()))?;
    let mut server = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| unfit(error.to_string()))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(own.clone(), key()?)
        .map_err(|error| unfit(error.to_string()))?;
    server.alpn_protocols = vec![ALPN.to_vec()];
    // A resumed session skips the certificate verifier, so there is none.
    server.send_tls13_tickets = 0;
    let mut client = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| unfit(error.to_string()))?
        .with_root_certificates(authority)
        .with_client_auth_cert(own, key()?)
        .map_err(|error| unfit(error.to_string()))?;
    client.alpn_protocols = vec![ALPN.to_vec()];
    let server = QuicServerConfig::try_from(server).map_err(|error| unfit(error.to_string()))?;
    let client = QuicClientConfig::try_from(client).map_err(|error| unfit(error.to_string()))?;
    let transport = Arc::new(transport());
    let mut server = ServerConfig::with_crypto(Arc::new(server));
    server.transport_config(Arc::clone(&transport));
    let mut client = ClientConfig::new(Arc::new(client));
    client.transport_config(transport);
    Ok((server, client))
}

/// Whether the one on the other end of a connection is a node.
pub(super) fn is_node(connection: &quinn::Connection) -> bool {
    let chain = connection.peer_identity().and_then(|it| it.downcast::<Vec<CertificateDer<'static>>>().ok());
    let first = chain.and_then(|chain| chain.first().cloned());
    first.is_some_and(|certificate| names_a_node(&certificate))
}

fn names_a_node(certificate: &CertificateDer<'_>) -> bool {
    let Ok((_, certificate)) = parse_x509_certificate(certificate) else { return false };
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return false };
    names.value.general_names.iter().any(|name| matches!(name, GeneralName::DNSName(NODE_NAME)))
}

fn transport() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .keep_alive_interval(Some(KEEP_ALIVE))
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_MS_MAX))))
        .initial_rtt(FIRST_RTT)
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(STREAMS_MAX));
    transport
}

const ALPN: &[u8] = b"jichi-node/1";
const KEEP_ALIVE: Duration = Duration::from_millis(500);
/// Twice what the node calls away: a peer that is silent for so long is connected to anew.
const IDLE_MS_MAX: u32 = 2_000;
/// The nodes are in one building or one city.
const FIRST_RTT: Duration = Duration::from_millis(20);
const STREAMS_MAX: u32 = 16;
