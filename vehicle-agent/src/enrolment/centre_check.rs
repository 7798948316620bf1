//! Is it the centre? A vehicle that was just invited knows its authority by the hash in the invitation alone: the authority's certificate comes with the
//! handshake, its hash is compared, and from there on it is the usual check.

use std::sync::Arc;

use quinn::ClientConfig;
use quinn::crypto::rustls::QuicClientConfig;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256};

use super::EnrolmentError;

/// The way in for a vehicle that has nothing but an invitation.
pub(super) fn invited(authority_sha256: [u8; 32]) -> Result<ClientConfig, EnrolmentError> {
    let unfit = |error: &dyn std::fmt::Display| EnrolmentError::Answer(error.to_string());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let check = Arc::new(AuthorityByHash { authority_sha256, provider: Arc::clone(&provider) });
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| unfit(&error))?
        .dangerous()
        .with_custom_certificate_verifier(check)
        .with_no_client_auth();
    tls.alpn_protocols = vec![link::enrolment::ALPN.to_vec()];
    let quic = QuicClientConfig::try_from(tls).map_err(|error| unfit(&error))?;
    Ok(ClientConfig::new(Arc::new(quic)))
}

#[derive(Debug)]
struct AuthorityByHash {
    authority_sha256: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AuthorityByHash {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let is_it = |other: &&CertificateDer<'_>| Sha256::digest(other.as_ref())[..] == self.authority_sha256;
        let authority = others.iter().find(is_it);
        let authority = authority.ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        usual.verify_server_cert(certificate, others, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let schemes = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, schemes)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let schemes = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, schemes)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
