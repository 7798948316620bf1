//! Certificates for many vehicles: one key, and for each unit a certificate over it that the development authority signs. Making them here
//! takes a second for thousands; the centre sees what it sees of every vehicle.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use link::{DATAGRAM_BUFFER_BYTES_MAX, IDLE_MS_MAX, KEEP_ALIVE, STREAM_WINDOW_BYTES};
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, IdleTimeout, TransportConfig, VarInt};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, SanType};
use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// Signs for vehicles.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    roots: Arc<RootCertStore>,
    key: KeyPair,
    provider: Arc<CryptoProvider>,
    transport: Arc<TransportConfig>,
}

impl Authority {
    /// Reads the authority's certificate and key.
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        let (certificate, key) = (folder.join("authority.pem"), folder.join("authority.key"));
        let read =
            |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
        let pem = read(&certificate)?;
        let issuer = Issuer::from_ca_cert_pem(&pem, KeyPair::from_pem(&read(&key)?)?)?;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes())?)?;
        Ok(Self {
            issuer,
            roots: Arc::new(roots),
            key: KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?,
            provider: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
            transport: Arc::new(transport()),
        })
    }

    /// How a unit connects: with a certificate in its name.
    pub(super) fn vehicle(&self, unit: &str) -> anyhow::Result<ClientConfig> {
        let uri = format!("{}{unit}", link::UNIT_URI_PREFIX);
        anyhow::ensure!(link::unit_of_uri(&uri).is_some(), "{unit:?} is no name for a unit");
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::URI(uri.try_into()?)];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let signed = params.signed_by(&self.key, &self.issuer)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let mut tls = rustls::ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_client_auth_cert(vec![signed.der().clone()], key)?;
        tls.alpn_protocols = vec![link::ALPN.to_vec()];
        // What a session is resumed from is of no use here, and there are thousands.
        tls.resumption = rustls::client::Resumption::disabled();
        let mut config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls)?));
        config.transport_config(Arc::clone(&self.transport));
        Ok(config)
    }
}

/// As a vehicle's agent has it.
fn transport() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .keep_alive_interval(Some(KEEP_ALIVE))
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_MS_MAX))))
        .enable_segmentation_offload(false)
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW_BYTES))
        .datagram_send_buffer_size(DATAGRAM_BUFFER_BYTES_MAX)
        .datagram_receive_buffer_size(Some(DATAGRAM_BUFFER_BYTES_MAX))
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(0));
    transport
}
