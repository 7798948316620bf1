//! The vehicle's key, and requests signed with it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, SanType};

use super::EnrolmentError;

/// A request for a unit's certificate, in PEM.
pub(super) fn request(folder: &Path, unit: &str) -> Result<String, EnrolmentError> {
    let key = vehicle_key(folder)?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, format!("Jichi unit {unit}"));
    let name = format!("{}{unit}", link::UNIT_URI_PREFIX);
    params.subject_alt_names = vec![SanType::URI(name.try_into()?)];
    Ok(params.serialize_request(&key)?.pem()?)
}

fn vehicle_key(folder: &Path) -> Result<KeyPair, EnrolmentError> {
    let path = folder.join("unit.key");
    let file = |source| EnrolmentError::File { path: path.clone(), source };
    if path.exists() {
        return Ok(KeyPair::from_pem(&fs::read_to_string(&path).map_err(file)?)?);
    }
    fs::create_dir_all(folder).map_err(file)?;
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    // Readable by its owner alone from its first byte on, and never written over.
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let mut made = made.map_err(file)?;
    made.write_all(key.serialize_pem().as_bytes()).and_then(|()| made.sync_all()).map_err(file)?;
    Ok(key)
}
