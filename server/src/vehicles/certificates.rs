//! The development authority: makes the centre's certificate and those of units, P-256, into PEM files. A real centre
//! brings its own authority; nothing else in the server knows how a certificate came to be.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
};
use thiserror::Error;

/// The authority's certificate: vehicles and the centre believe what it signed.
pub const AUTHORITY_PEM: &str = "authority.pem";
/// The authority's key: whoever has it can be any vehicle.
pub const AUTHORITY_KEY: &str = "authority.key";
/// The centre's certificate.
pub const CENTRE_PEM: &str = "centre.pem";
/// The centre's key.
pub const CENTRE_KEY: &str = "centre.key";
/// A node's certificate: the two nodes of a centre believe each other by it.
pub const NODE_PEM: &str = "node.pem";
/// A node's key.
pub const NODE_KEY: &str = "node.key";
/// The name in a node's certificate.
pub const NODE_NAME: &str = "jichi-node";
/// A unit's certificate.
pub const UNIT_PEM: &str = "unit.pem";
/// A unit's key.
pub const UNIT_KEY: &str = "unit.key";

/// Names by which vehicles may call the centre.
const CENTRE_NAMES: [&str; 3] = ["jichi-centre", "localhost", "127.0.0.1"];
const AUTHORITY_YEARS: i32 = 10;
const CENTRE_YEARS: i32 = 2;
const UNIT_YEARS: i32 = 1;
/// A certificate that the vehicle renews by itself.
const WEEK: Duration = Duration::from_hours(7 * 24);

/// Why a certificate could not be made, in one line.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A request that cannot be read, or was not signed by its key.
    #[error("the request for a certificate: {0}")]
    Request(rcgen::Error),
    /// A name that no unit may have.
    #[error("unit {0:?}: write 1 to 15 letters, digits, '-', '_' or '.'")]
    BadUnit(String),
    /// What is on disk is no authority, or the key generator failed.
    #[error("certificates: {0}")]
    Made(#[from] rcgen::Error),
}

/// Makes an authority and the centre's certificate in `folder`, as far as they are missing.
pub fn ensure_authority(folder: &Path) -> Result<(), CertificateError> {
    let authority = folder.join(AUTHORITY_PEM);
    if !authority.exists() || !folder.join(AUTHORITY_KEY).exists() {
        fs::create_dir_all(folder)
            .map_err(|source| CertificateError::File { path: folder.into(), source })?;
        let mut params = params("Jichi development authority", AUTHORITY_YEARS);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let issuer = CertifiedIssuer::self_signed(params, key)?;
        write_secret(&folder.join(AUTHORITY_KEY), &issuer.key().serialize_pem())?;
        write(&authority, &issuer.pem())?;
    } else if folder.join(CENTRE_PEM).exists() && folder.join(CENTRE_KEY).exists() {
        return Ok(());
    }
    let mut params = params("Jichi centre", CENTRE_YEARS);
    for name in CENTRE_NAMES {
        params.subject_alt_names.push(match name.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.try_into()?),
        });
    }
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    sign(folder, &params, &folder.join(CENTRE_PEM), &folder.join(CENTRE_KEY))
}

/// Makes a unit's certificate and key in `out`, with the authority's certificate beside them: all that a vehicle needs.
pub fn issue_unit(authority: &Path, unit: &str, out: &Path) -> Result<(), CertificateError> {
    let params = unit_params(unit)?;
    create(out)?;
    sign(authority, &params, &out.join(UNIT_PEM), &out.join(UNIT_KEY))?;
    write(&out.join(AUTHORITY_PEM), &read(&authority.join(AUTHORITY_PEM))?)
}

/// Makes a unit's certificate in `out` from the vehicle's own request, with the authority's certificate beside it. The key stays in the vehicle. Of the
/// request only the key is believed: which unit it is for, and for how long, is said here.
pub fn sign_unit(authority: &Path, unit: &str, request: &Path, out: &Path) -> Result<(), CertificateError> {
    let params = unit_params(unit)?;
    let signed = signed(authority, params, &read(request)?)?;
    create(out)?;
    write(&out.join(UNIT_PEM), &signed)?;
    write(&out.join(AUTHORITY_PEM), &read(&authority.join(AUTHORITY_PEM))?)
}

/// A unit's certificate of seven days from the vehicle's own request, and the authority's beside it, both in PEM.
pub(crate) fn sign_for_a_week(
    authority: &Path,
    unit: &str,
    request_pem: &str,
) -> Result<(String, String), CertificateError> {
    let mut params = unit_params(unit)?;
    params.not_after = params.not_before + WEEK;
    Ok((signed(authority, params, request_pem)?, read(&authority.join(AUTHORITY_PEM))?))
}

/// A unit's certificate that is valid between two moments, in seconds since 1970, UTC.
#[cfg(test)]
pub(crate) fn issue_between(
    authority: &Path,
    unit: &str,
    key: &KeyPair,
    from_unix_s: i64,
    to_unix_s: i64,
) -> Result<String, CertificateError> {
    let mut params = unit_params(unit)?;
    let moment = |unix_s: i64| rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(unix_s as u64);
    (params.not_before, params.not_after) = (moment(from_unix_s), moment(to_unix_s));
    Ok(params.signed_by(key, &issuer(authority)?)?.pem())
}

/// Of a request only the key is taken, after the proof that whoever wrote it has that key.
fn signed(
    authority: &Path,
    params: CertificateParams,
    request_pem: &str,
) -> Result<String, CertificateError> {
    let mut asked =
        CertificateSigningRequestParams::from_pem(request_pem).map_err(CertificateError::Request)?;
    asked.params = params;
    Ok(asked.signed_by(&issuer(authority)?)?.pem())
}

fn unit_params(unit: &str) -> Result<CertificateParams, CertificateError> {
    let uri = format!("{}{unit}", link::UNIT_URI_PREFIX);
    if link::unit_of_uri(&uri).is_none() {
        return Err(CertificateError::BadUnit(unit.to_owned()));
    }
    let mut params = params(&format!("Jichi unit {unit}"), UNIT_YEARS);
    params.subject_alt_names = vec![SanType::URI(uri.try_into()?)];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    // From this moment on, and not from yesterday: the centre checks it by its own clock, and a list of withdrawn certificates tells those that were
    // issued before a theft from the one that was issued after it.
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(since_1970.as_secs());
    Ok(params)
}

/// Makes a node's certificate and key in `out`, with the authority's certificate beside them. Both nodes of a centre may have the same.
pub fn issue_node(authority: &Path, out: &Path) -> Result<(), CertificateError> {
    fs::create_dir_all(out).map_err(|source| CertificateError::File { path: out.into(), source })?;
    let mut params = params("Jichi node", CENTRE_YEARS);
    params.subject_alt_names = vec![SanType::DnsName(NODE_NAME.try_into()?)];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    sign(authority, &params, &out.join(NODE_PEM), &out.join(NODE_KEY))?;
    if authority == out {
        return Ok(());
    }
    write(&out.join(AUTHORITY_PEM), &read(&authority.join(AUTHORITY_PEM))?)
}

fn params(name: &str, years: i32) -> CertificateParams {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    // From yesterday: a vehicle's clock may be behind, and the 28th exists in every month.
    let day = today.day().clamp(1, 28) as u8;
    let yesterday = today.yesterday().unwrap_or_else(|_| today.clone());
    params.not_before =
        rcgen::date_time_ymd(i32::from(yesterday.year()), yesterday.month() as u8, yesterday.day() as u8);
    params.not_after = rcgen::date_time_ymd(i32::from(today.year()) + years, today.month() as u8, day);
    params
}

fn sign(
    authority: &Path,
    params: &CertificateParams,
    certificate: &Path,
    key: &Path,
) -> Result<(), CertificateError> {
    let own_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let signed = params.signed_by(&own_key, &issuer(authority)?)?;
    write_secret(key, &own_key.serialize_pem())?;
    write(certificate, &signed.pem())
}

fn issuer(authority: &Path) -> Result<Issuer<'static, KeyPair>, CertificateError> {
    let key = KeyPair::from_pem(&read(&authority.join(AUTHORITY_KEY))?)?;
    Ok(Issuer::from_ca_cert_pem(&read(&authority.join(AUTHORITY_PEM))?, key)?)
}

fn create(folder: &Path) -> Result<(), CertificateError> {
    fs::create_dir_all(folder).map_err(|source| CertificateError::File { path: folder.into(), source })
}

fn read(path: &Path) -> Result<String, CertificateError> {
    fs::read_to_string(path).map_err(|source| CertificateError::File { path: path.into(), source })
}

fn write(path: &Path, text: &str) -> Result<(), CertificateError> {
    fs::write(path, text).map_err(|source| CertificateError::File { path: path.into(), source })
}

/// A key is readable by its owner alone from its first byte on.
fn write_secret(path: &Path, text: &str) -> Result<(), CertificateError> {
    let made = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    made.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| CertificateError::File { path: path.into(), source })
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::super::identity;
    use super::*;
    use crate::testing::TempFolder;

    #[test]
    fn a_request_is_signed_for_the_unit_that_the_centre_names_and_holds_the_vehicles_key() {
        let folder = TempFolder::new("sign");
        let (authority, out) = (folder.path().join("authority"), folder.path().join("A12"));
        ensure_authority(&authority).unwrap();
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        // The vehicle asks to be another one, for ever, and an authority.
        let mut wish = params("Jichi unit B7", 100);
        wish.subject_alt_names = vec![SanType::URI("jichi:unit:B7".try_into().unwrap())];
        wish.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let request = folder.path().join("request.pem");
        write(&request, &wish.serialize_request(&key).unwrap().pem().unwrap()).unwrap();
        sign_unit(&authority, "A12", &request, &out).unwrap();
        let der = CertificateDer::from_pem_file(out.join(UNIT_PEM)).unwrap();
        assert_eq!(identity::of_certificate(&der).unwrap().unit, "A12");
        let (_, certificate) = x509_parser::parse_x509_certificate(&der).unwrap();
        assert!(!certificate.is_ca());
        assert_eq!(certificate.public_key().subject_public_key.data.as_ref(), key.public_key_raw());
        let valid_s =
            certificate.validity().not_after.timestamp() - certificate.validity().not_before.timestamp();
        assert!(valid_s < 367 * 86_400, "{valid_s}");
        assert!(!out.join(UNIT_KEY).exists());
    }

    #[test]
    fn a_request_of_somebody_without_the_key_is_refused() {
        let folder = TempFolder::new("sign-bad");
        ensure_authority(folder.path()).unwrap();
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut der = params("x", 1).serialize_request(&key).unwrap().der().to_vec();
        let last = der.len() - 1;
        der[last] ^= 1;
        let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &der);
        let pem = format!("-----BEGIN CERTIFICATE REQUEST-----\n{text}\n-----END CERTIFICATE REQUEST-----\n");
        let request = folder.path().join("request.pem");
        for wrong in [pem.as_str(), "", "-----BEGIN CERTIFICATE REQUEST-----"] {
            write(&request, wrong).unwrap();
            assert!(
                sign_unit(folder.path(), "A12", &request, &folder.path().join("out")).is_err(),
                "{wrong:?}"
            );
        }
    }
}
