//! The receiver: a line of NMEA 0183 sentences over TCP, opened again whenever it breaks.

mod sentences;

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tracing::{debug, info, warn};

pub use sentences::{BadSentence, Heard, Sentences};

const RETRY_AFTER: Duration = Duration::from_secs(1);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A receiver says something every second; silence means that the cable is out.
const SILENT_AFTER: Duration = Duration::from_secs(10);
const LINE_BYTES_MAX: u64 = 512;

/// Reads for ever, telling `heard` of every fix. `address`: `host:port`.
pub async fn read_receiver(address: String, mut heard: impl FnMut(Heard)) {
    let mut was_reachable = true;
    loop {
        match timeout(CONNECT_WITHIN, TcpStream::connect(&address)).await {
            Ok(Ok(stream)) => {
                info!(%address, "receiver connected");
                was_reachable = true;
                let reason = read_lines(stream, &mut heard).await;
                warn!(%address, reason, "receiver lost");
                heard(Heard::NoFix);
            }
            Ok(Err(_)) | Err(_) if was_reachable => {
                warn!(%address, "receiver cannot be reached; trying once a second");
                was_reachable = false;
            }
            Ok(Err(_)) | Err(_) => {}
        }
        sleep(RETRY_AFTER).await;
    }
}

async fn read_lines(stream: TcpStream, heard: &mut impl FnMut(Heard)) -> String {
    let mut reader = BufReader::new(stream);
    let mut sentences = Sentences::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut bounded = (&mut reader).take(LINE_BYTES_MAX);
        match timeout(SILENT_AFTER, bounded.read_until(b'\n', &mut line)).await {
            Err(_) => return format!("silent for {} s", SILENT_AFTER.as_secs()),
            Ok(Err(error)) => return error.to_string(),
            Ok(Ok(0)) => return "closed".into(),
            Ok(Ok(_)) => {}
        }
        match sentences.push(&String::from_utf8_lossy(&line)) {
            Ok(Some(news)) => heard(news),
            Ok(None) => {}
            Err(error) => debug!(%error, "line passed over"),
        }
    }
}
