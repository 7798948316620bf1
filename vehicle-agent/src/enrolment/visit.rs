//! One visit to the enrolment door: the request in, the certificate out, kept so that a power cut leaves the old one or the new one.

use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use link::enrolment::{ANSWER_BYTES_MAX, Answer, Granted, Request, answer};
use prost::Message;
use quinn::{ClientConfig, Endpoint, VarInt};
use tokio::time::timeout;
use tracing::info;

use super::EnrolmentError;
use crate::config::Config;
use crate::connection::try_out;

/// Asks the configured doors in turn; the first that answers, answers for all.
pub(super) async fn ask(
    config: &Config,
    client: &ClientConfig,
    token: String,
    request_pem: String,
) -> Result<Granted, EnrolmentError> {
    let request = Request { token, request_pem }.encode_to_vec();
    let endpoint = Endpoint::client(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)))
        .or_else(|_| Endpoint::client(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))))
        .map_err(|error| EnrolmentError::NoAnswer(error.to_string()))?;
    let mut last = EnrolmentError::NoDoor;
    for address in &config.enrolment {
        let visit = visit(&endpoint, client, address, &config.centre_name, &request);
        match timeout(WITHIN, visit).await {
            Ok(Ok(answer)) => return granted(answer),
            Ok(Err(problem)) => last = EnrolmentError::NoAnswer(format!("{address}: {problem}")),
            Err(_) => last = EnrolmentError::NoAnswer(format!("{address}: none within {WITHIN:?}")),
        }
    }
    Err(last)
}

fn granted(answer: Answer) -> Result<Granted, EnrolmentError> {
    match answer.outcome {
        Some(answer::Outcome::Granted(granted)) => Ok(granted),
        Some(answer::Outcome::Refused(refused)) => {
            Err(EnrolmentError::Refused(format!("{} ({:?})", refused.text, refused.code())))
        }
        None => Err(EnrolmentError::Answer("it is of a kind unknown here".to_owned())),
    }
}

async fn visit(
    endpoint: &Endpoint,
    client: &ClientConfig,
    address: &str,
    name: &str,
    request: &[u8],
) -> Result<Answer, String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let mut found = tokio::net::lookup_host(address).await.map_err(|error| said(&error))?;
    let address = found.next().ok_or("it cannot be resolved")?;
    let connecting = endpoint.connect_with(client.clone(), address, name).map_err(|error| said(&error))?;
    let connection = connecting.await.map_err(|error| said(&error))?;
    let (mut send, mut receive) = connection.open_bi().await.map_err(|error| said(&error))?;
    send.write_all(request).await.map_err(|error| said(&error))?;
    send.finish().map_err(|error| said(&error))?;
    let bytes = receive.read_to_end(ANSWER_BYTES_MAX).await.map_err(|error| said(&error))?;
    connection.close(VarInt::from_u32(0), b"done");
    Answer::decode(bytes.as_slice()).map_err(|error| said(&error))
}

/// Puts a certificate in its place, after a look whether the link can be made with it.
pub(super) fn keep(config: &Config, granted: &Granted) -> Result<(), EnrolmentError> {
    if granted.unit != config.unit {
        let (invited, unit) = (granted.unit.clone(), config.unit.clone());
        return Err(EnrolmentError::OtherUnit { invited, unit });
    }
    let folder = &config.certificates;
    // Tried beside the old ones, which stay in use if the new ones do not fit the key.
    let (authority, certificate) = (folder.join("authority.new"), folder.join("unit.new"));
    put(&authority, &granted.authority_pem)?;
    put(&certificate, &granted.certificate_pem)?;
    try_out(folder, &authority, &certificate)?;
    replace(&authority, &folder.join("authority.pem"))?;
    replace(&certificate, &folder.join("unit.pem"))?;
    info!(unit = granted.unit, "this vehicle has a new certificate");
    Ok(())
}

fn put(path: &Path, text: &str) -> Result<(), EnrolmentError> {
    let written = File::create(path)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(|source| EnrolmentError::File { path: path.to_owned(), source })
}

fn replace(new: &Path, old: &Path) -> Result<(), EnrolmentError> {
    fs::rename(new, old).map_err(|source| EnrolmentError::File { path: old.to_owned(), source })
}

const WITHIN: Duration = Duration::from_secs(15);
