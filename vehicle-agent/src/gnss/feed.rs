//! An opened receiver: lines in, news out. What is no sentence, or cannot be true, spoils nothing that follows.

use std::io;

use link::v1::Position;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tracing::debug;

use super::gpsd::{Reports, WATCH};
use super::sentences::{Heard, Sentences};
use super::serial::open_line;
use super::source::Source;
use crate::clock::is_plausible;

/// Longer lines are cut, and the pieces are no sentences. gpsd lists every satellite in one line.
const NMEA_LINE_BYTES_MAX: u64 = 512;
const GPSD_LINE_BYTES_MAX: u64 = 64 * 1024;
/// Faster than any ambulance; a receiver that says more is wrong.
const SPEED_KMH_MAX: f32 = 400.0;

/// One connection to a receiver.
pub(super) struct Feed {
    lines: BufReader<Box<dyn AsyncRead + Send + Unpin>>,
    dialect: Dialect,
    line: Vec<u8>,
}

enum Dialect {
    Nmea(Sentences),
    Gpsd(Reports),
}

impl Feed {
    /// Opens the receiver; gpsd is asked to tell what it hears.
    pub(super) async fn open(source: &Source) -> io::Result<Self> {
        let (reader, dialect): (Box<dyn AsyncRead + Send + Unpin>, _) = match source {
            Source::Nmea { address } => {
                (Box::new(TcpStream::connect(address).await?), Dialect::Nmea(Sentences::default()))
            }
            Source::Gpsd { address } => {
                let mut stream = TcpStream::connect(address).await?;
                stream.write_all(WATCH).await?;
                (Box::new(stream), Dialect::Gpsd(Reports::default()))
            }
            Source::Serial { path, baud } => {
                (Box::new(open_line(path, *baud)?), Dialect::Nmea(Sentences::default()))
            }
        };
        Ok(Self { lines: BufReader::new(reader), dialect, line: Vec::new() })
    }

    /// The next fix, or that there is none. `Err`: why nothing more will come.
    pub(super) async fn next(&mut self) -> Result<Heard, String> {
        let bytes_max = match self.dialect {
            Dialect::Nmea(_) => NMEA_LINE_BYTES_MAX,
            Dialect::Gpsd(_) => GPSD_LINE_BYTES_MAX,
        };
        loop {
            self.line.clear();
            let mut bounded = (&mut self.lines).take(bytes_max);
            match bounded.read_until(b'\n', &mut self.line).await {
                Ok(0) => return Err("closed".into()),
                Ok(_) => {}
                Err(error) => return Err(error.to_string()),
            }
            let text = String::from_utf8_lossy(&self.line);
            let said = match &mut self.dialect {
                Dialect::Nmea(sentences) => sentences.push(&text).map_err(|error| error.to_string()),
                Dialect::Gpsd(reports) => reports.push(&text).map_err(|error| error.to_string()),
            };
            match said {
                Ok(Some(news)) => return Ok(believed(news)),
                Ok(None) => {}
                Err(error) => debug!(error, "line passed over"),
            }
        }
    }
}

/// A fix that cannot be true is none: a receiver that woke up in another era says so with a good status.
fn believed(news: Heard) -> Heard {
    match news {
        Heard::Fix(position) if !can_be_true(&position) => {
            debug!(?position, "a fix that cannot be true");
            Heard::NoFix
        }
        news => news,
    }
}

fn can_be_true(position: &Position) -> bool {
    is_plausible(position.fix_time_unix_ms)
        && (-90.0..=90.0).contains(&position.latitude_deg)
        && (-180.0..=180.0).contains(&position.longitude_deg)
        && (0.0..=SPEED_KMH_MAX).contains(&position.speed_kmh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_that_cannot_be_true_is_none() {
        let good = Position {
            fix_time_unix_ms: 1_795_262_400_000,
            latitude_deg: 30.25,
            longitude_deg: 120.5,
            speed_kmh: 80.0,
            ..Position::default()
        };
        assert_eq!(believed(Heard::Fix(good)), Heard::Fix(good));
        let weeks_1024_ms = 1024 * 7 * 86_400_000_i64;
        for bad in [
            Position { fix_time_unix_ms: good.fix_time_unix_ms - weeks_1024_ms, ..good },
            Position { fix_time_unix_ms: good.fix_time_unix_ms + weeks_1024_ms, ..good },
            Position { latitude_deg: 90.1, ..good },
            Position { longitude_deg: f64::NAN, ..good },
            Position { speed_kmh: 2000.0, ..good },
        ] {
            assert_eq!(believed(Heard::Fix(bad)), Heard::NoFix, "{bad:?}");
        }
    }
}
