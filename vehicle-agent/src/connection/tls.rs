//! Who the vehicle is and whom it believes: its certificate and key, and the centre's authority, from files.
//! TLS 1.3 only, the centre's name checked, its term by the vehicle's own clock, no session resumption of early data.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use link::{DATAGRAM_BUFFER_BYTES_MAX, IDLE_MS_MAX, KEEP_ALIVE, STREAM_WINDOW_BYTES};
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, IdleTimeout, TransportConfig, VarInt};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use x509_parser::parse_x509_certificate;

use crate::clock::CertificateTime;

/// What is wrong with the certificates, in one line.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file that holds no PEM of the kind needed.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The pieces do not go together.
    #[error("certificates in {folder}: {problem}")]
    Unfit {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// The QUIC configuration of a vehicle whose certificates are in `folder`. `time`: by which the centre's is judged.
pub fn client_config(folder: &Path, time: &CertificateTime) -> Result<ClientConfig, TlsError> {
    configured(folder, &folder.join("authority.pem"), &folder.join("unit.pem"), link::ALPN, time)
}

/// The same for the enrolment door.
pub(crate) fn enrolment_client_config(
    folder: &Path,
    time: &CertificateTime,
) -> Result<ClientConfig, TlsError> {
    configured(folder, &folder.join("authority.pem"), &folder.join("unit.pem"), link::enrolment::ALPN, time)
}

/// Whether the link can be made with other certificates and the key in `folder`.
pub(crate) fn try_out(folder: &Path, authority: &Path, certificate: &Path) -> Result<(), TlsError> {
    configured(folder, authority, certificate, link::ALPN, &CertificateTime::default()).map(|_| ())
}

fn configured(
    folder: &Path,
    authority_path: &Path,
    certificate_path: &Path,
    alpn: &[u8],
    time: &CertificateTime,
) -> Result<ClientConfig, TlsError> {
    let unfit = |problem: String| TlsError::Unfit { folder: folder.to_owned(), problem };
    let mut authority = RootCertStore::empty();
    for certificate in certificates(authority_path)? {
        authority.add(certificate).map_err(|error| unfit(error.to_string()))?;
    }
    let shown = certificates(certificate_path)?;
    let judge = time.judge(issued_unix_s(&shown[0]).map_err(&unfit)?);
    let key_path = folder.join("unit.key");
    let key = PrivateKeyDer::from_pem_file(&key_path)
        .map_err(|error| TlsError::File { path: key_path, problem: error.to_string() })?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_details(provider, judge)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| unfit(error.to_string()))?
        .with_root_certificates(authority)
        .with_client_auth_cert(shown, key)
        .map_err(|error| unfit(error.to_string()))?;
    tls.alpn_protocols = vec![alpn.to_vec()];
    let quic = QuicClientConfig::try_from(tls).map_err(|error| unfit(error.to_string()))?;
    let mut config = ClientConfig::new(Arc::new(quic));
    config.transport_config(Arc::new(transport()));
    Ok(config)
}

/// From when on a certificate is good, seconds since 1970.
fn issued_unix_s(der: &CertificateDer<'_>) -> Result<i64, String> {
    let (_, certificate) = parse_x509_certificate(der).map_err(|error| error.to_string())?;
    Ok(certificate.validity().not_before.timestamp())
}

fn transport() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .keep_alive_interval(Some(KEEP_ALIVE))
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_MS_MAX))))
        // Segmentation offload loses packets on modems and tunnels.
        .enable_segmentation_offload(false)
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW_BYTES))
        .datagram_send_buffer_size(DATAGRAM_BUFFER_BYTES_MAX)
        .datagram_receive_buffer_size(Some(DATAGRAM_BUFFER_BYTES_MAX))
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(0));
    transport
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bad = |problem: String| TlsError::File { path: path.to_owned(), problem };
    let all: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| bad(error.to_string()))?;
    if all.is_empty() { Err(bad("no certificate in it".into())) } else { Ok(all) }
}
