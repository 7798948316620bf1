//! Whose certificate is looked at, and how: nobody needs one here, and one that ran out less than thirty days ago is taken as it was on its last day.
//! Everything else about it is checked as at the vehicles' door.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use x509_parser::parse_x509_certificate;

/// The vehicles' verifier, and thirty days more.
#[derive(Debug)]
pub(super) struct LateVerifier(pub(super) Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for LateVerifier {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.0.verify_client_cert(certificate, intermediates, last_moment(certificate, now).unwrap_or(now))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// The last moment of a certificate that ran out, but not too long ago.
fn last_moment(certificate: &CertificateDer<'_>, now: UnixTime) -> Option<UnixTime> {
    let (_, certificate) = parse_x509_certificate(certificate).ok()?;
    let ended = u64::try_from(certificate.validity().not_after.timestamp()).ok()?;
    let late_s = now.as_secs().checked_sub(ended)?;
    (1..RENEWED_LATE_MAX.as_secs())
        .contains(&late_s)
        .then(|| UnixTime::since_unix_epoch(Duration::from_secs(ended)))
}

/// A certificate that ran out this long ago is renewed no more: the vehicle needs an invitation.
const RENEWED_LATE_MAX: Duration = Duration::from_hours(30 * 24);
