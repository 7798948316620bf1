//! How this vehicle comes by its certificate: its key is made here and never carried anywhere; what leaves is a request, which the centre signs. With an
//! invitation the request goes over the centre's enrolment door, without one as a file; before half of a certificate's term is over it is renewed.

mod centre_check;
mod key;
mod renewal;
mod visit;

use std::path::{Path, PathBuf};

use link::enrolment::{Invitation, NoInvitation};
use thiserror::Error;

use crate::config::Config;
use crate::connection::TlsError;

pub use renewal::keep_renewed;

/// Why there is no certificate, in one line.
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
    /// The certificates at hand.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The text is no invitation.
    #[error(transparent)]
    Invitation(#[from] NoInvitation),
    /// The invitation is another vehicle's.
    #[error("the invitation is for {invited}, and this vehicle is {unit}")]
    OtherUnit {
        /// Whose it is.
        invited: String,
        /// Who this is.
        unit: String,
    },
    /// No door is configured.
    #[error("the configuration names no enrolment door: enrolment = [\"10.0.0.1:9121\"]")]
    NoDoor,
    /// Nobody answered.
    #[error("no answer of the centre: {0}")]
    NoAnswer(String),
    /// The centre says no.
    #[error("the centre refuses: {0}")]
    Refused(String),
    /// The centre's answer makes no sense.
    #[error("the centre's answer cannot be used: {0}")]
    Answer(String),
}

/// Writes a request for this vehicle's certificate into a file. The key is made when there is none; one that is there stays, so that asking twice does
/// no harm.
pub fn request_certificate(config: &Config, to: &Path) -> Result<(), EnrolmentError> {
    let request = key::request(&config.certificates, &config.unit)?;
    std::fs::write(to, request).map_err(|source| EnrolmentError::File { path: to.to_owned(), source })
}

/// Enrols this vehicle with the text of an invitation.
pub async fn enrol(config: &Config, text: &str) -> Result<(), EnrolmentError> {
    let invitation: Invitation = text.parse()?;
    if invitation.unit != config.unit {
        let (invited, unit) = (invitation.unit, config.unit.clone());
        return Err(EnrolmentError::OtherUnit { invited, unit });
    }
    let request_pem = key::request(&config.certificates, &config.unit)?;
    let client = centre_check::invited(invitation.authority_sha256)?;
    let granted = visit::ask(config, &client, invitation.token, request_pem).await?;
    visit::keep(config, &granted)
}

#[cfg(test)]
mod tests {
    use std::fs;
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
