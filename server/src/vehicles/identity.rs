//! Who a vehicle is: the URI in its certificate, after TLS has checked that our authority signed it.

use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

/// What a certificate says of a vehicle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Which unit it is.
    pub(crate) unit: String,
    /// Since when the certificate is valid, in seconds since 1970, UTC: when it was issued.
    pub(crate) valid_from_unix_s: i64,
}

/// The unit that a certificate names; `None` unless it names exactly one.
pub(super) fn of_certificate(certificate: &CertificateDer<'_>) -> Option<Identity> {
    let (_, certificate) = parse_x509_certificate(certificate).ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    let mut units = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => link::unit_of_uri(uri),
        _ => None,
    });
    let unit = units.next()?;
    let valid_from_unix_s = certificate.validity().not_before.timestamp();
    units.next().is_none().then(|| Identity { unit: unit.to_owned(), valid_from_unix_s })
}

/// The vehicle on the other end of a connection.
pub(crate) fn of_connection(connection: &quinn::Connection) -> Option<Identity> {
    let identity = connection.peer_identity()?;
    let chain = identity.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    of_certificate(chain.first()?)
}
