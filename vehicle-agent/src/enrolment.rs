//! The vehicle's key: made here, and never carried anywhere. What leaves is a request, which the centre's authority signs.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, SanType};
use thiserror::Error;

use crate::config::Config;

/// Why no request could be written, in one line.
#[derive(Debug, Error)]
pub enum EnrolmentError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// What is on disk is no key, or none could be made.
    #[error("the vehicle's key: {0}")]
    Key(#[from] rcgen::Error),
}

/// Writes a request for this vehicle's certificate. The key is made when there is none; one that is there stays, so that asking twice does no harm.
pub fn request_certificate(config: &Config, to: &Path) -> Result<(), EnrolmentError> {
    let key = vehicle_key(&config.certificates)?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, format!("Jichi unit {}", config.unit));
    let name = format!("{}{}", link::UNIT_URI_PREFIX, config.unit);
    params.subject_alt_names = vec![SanType::URI(name.try_into()?)];
    let request = params.serialize_request(&key)?.pem()?;
    fs::write(to, request).map_err(|source| EnrolmentError::File { path: to.to_owned(), source })
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_the_request_does_not_hold_it() {
        let folder = std::env::temp_dir().join(format!("jichi-enrolment-{}", uuid::Uuid::now_v7()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("vehicle.toml");
        let text = "unit = 'A12'\ncentre = '127.0.0.1:9120'\ncertificates = 'pki'\nspool = 's'\nterminal = '127.0.0.1:8201'";
        fs::write(&file, text).unwrap();
        assert!(Config::read(&file).is_err(), "it has no certificate yet");
        let config = Config::read_before_enrolment(&file).unwrap();
        let to = folder.join("A12.csr");
        request_certificate(&config, &to).unwrap();
        let key_path = folder.join("pki/unit.key");
        let key = fs::read_to_string(&key_path).unwrap();
        assert_eq!(fs::metadata(&key_path).unwrap().permissions().mode() & 0o777, 0o600);
        let request = fs::read_to_string(&to).unwrap();
        assert!(request.starts_with("-----BEGIN CERTIFICATE REQUEST-----"), "{request}");
        let secret = key.lines().nth(1).unwrap();
        assert!(!request.contains(secret));
        request_certificate(&config, &to).unwrap();
        assert_eq!(fs::read_to_string(&key_path).unwrap(), key, "asking again keeps the key");
        fs::remove_dir_all(&folder).unwrap();
    }
}
