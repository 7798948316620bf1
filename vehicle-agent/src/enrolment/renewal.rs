//! Renewal: from half of its term on a certificate is renewed, so that a vehicle may be out of reach for days and still be let in.

use std::path::Path;
use std::time::Duration;

use quinn::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::{info, warn};
use x509_parser::parse_x509_certificate;

use super::{EnrolmentError, key, visit};
use crate::clock::CertificateTime;
use crate::config::Config;
use crate::connection::{client_config, enrolment_client_config};

/// Keeps the certificate renewed, for ever. `time`: by which its term is judged. The link takes what is sent over `client` for its
/// next connections.
pub async fn keep_renewed(config: Config, time: CertificateTime, client: watch::Sender<ClientConfig>) {
    if config.enrolment.is_empty() {
        std::future::pending::<()>().await;
    }
    loop {
        match due_in(&config.certificates, time.now_unix_ms()) {
            Ok(wait) if !wait.is_zero() => sleep(wait.min(LOOK_EVERY)).await,
            Ok(_) => match renew(&config, &time).await {
                Ok(renewed) => {
                    info!("the certificate was renewed");
                    client.send_replace(renewed);
                }
                Err(error) => {
                    warn!(%error, "the certificate was not renewed; it is tried again");
                    sleep(AGAIN_AFTER).await;
                }
            },
            Err(error) => {
                warn!(%error, "the certificate cannot be read");
                sleep(LOOK_EVERY).await;
            }
        }
    }
}

async fn renew(config: &Config, time: &CertificateTime) -> Result<ClientConfig, EnrolmentError> {
    let request_pem = key::request(&config.certificates, &config.unit)?;
    let client = enrolment_client_config(&config.certificates, time)?;
    let granted = visit::ask(config, &client, String::new(), request_pem).await?;
    visit::keep(config, &granted)?;
    Ok(client_config(&config.certificates, time)?)
}

/// When half of the term is over; nothing when it is.
fn due_in(folder: &Path, now_unix_ms: i64) -> Result<Duration, EnrolmentError> {
    let path = folder.join("unit.pem");
    let unreadable = |problem: String| {
        let source = std::io::Error::new(std::io::ErrorKind::InvalidData, problem);
        EnrolmentError::File { path: path.clone(), source }
    };
    let der = CertificateDer::from_pem_file(&path).map_err(|error| unreadable(error.to_string()))?;
    let (_, certificate) = parse_x509_certificate(&der).map_err(|error| unreadable(error.to_string()))?;
    let (from, to) =
        (certificate.validity().not_before.timestamp(), certificate.validity().not_after.timestamp());
    let half = from + (to - from) / 2;
    Ok(Duration::from_secs(u64::try_from(half - now_unix_ms / 1000).unwrap_or(0)))
}

/// A clock that is put right is noticed within this.
const LOOK_EVERY: Duration = Duration::from_hours(1);
const AGAIN_AFTER: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn it_is_renewed_from_half_of_its_term_on() {
        let folder = std::env::temp_dir().join(format!("jichi-renewal-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.not_before = rcgen::date_time_ymd(2026, 11, 1);
        params.not_after = rcgen::date_time_ymd(2026, 11, 8);
        let key = rcgen::KeyPair::generate().unwrap();
        std::fs::write(folder.join("unit.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        let at = |now: &str| now.parse::<Timestamp>().unwrap().as_millisecond();
        let due = |now: &str| due_in(&folder, at(now)).unwrap().as_secs();
        assert_eq!(due("2026-11-01T00:00:00Z"), 7 * 86_400 / 2);
        assert_eq!(due("2026-11-04T11:59:59Z"), 1);
        assert_eq!((due("2026-11-04T12:00:00Z"), due("2026-12-01T00:00:00Z")), (0, 0));
        std::fs::write(folder.join("unit.pem"), "no certificate").unwrap();
        assert!(due_in(&folder, at("2026-11-01T00:00:00Z")).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
