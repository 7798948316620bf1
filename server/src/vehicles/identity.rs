//! Who a vehicle is: the URI in its certificate, after TLS has checked that our authority signed it.

use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

/// The unit that a certificate names; `None` unless it names exactly one.
pub(super) fn unit_of_certificate(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = parse_x509_certificate(certificate).ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    let mut units = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => link::unit_of_uri(uri),
        _ => None,
    });
    let unit = units.next()?;
    units.next().is_none().then(|| unit.to_owned())
}

/// The unit on the other end of a connection.
pub(super) fn unit_of(connection: &quinn::Connection) -> Option<String> {
    let identity = connection.peer_identity()?;
    let chain = identity.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    unit_of_certificate(chain.first()?)
}
