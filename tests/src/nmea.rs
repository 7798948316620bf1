//! A GNSS receiver for one vehicle: NMEA 0183 over TCP, one pair of RMC and GGA a second, at a place the test sets.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Where the vehicle is and how it moves, WGS-84.
#[derive(Debug, Clone, Copy)]
pub struct Fix {
    pub longitude_deg: f64,
    pub latitude_deg: f64,
    pub speed_kmh: f64,
    pub heading_deg: f64,
}

impl Fix {
    /// One second further along its heading, at its speed: a vehicle in motion does not jump.
    fn after_a_second(self) -> Fix {
        let metres = self.speed_kmh / 3.6;
        let (sin, cos) = self.heading_deg.to_radians().sin_cos();
        let latitude_deg = self.latitude_deg + metres * cos / METRES_IN_A_DEGREE;
        let across = METRES_IN_A_DEGREE * self.latitude_deg.to_radians().cos();
        Fix { longitude_deg: self.longitude_deg + metres * sin / across, latitude_deg, ..self }
    }
}

/// Of a meridian; near enough for a vehicle's second.
const METRES_IN_A_DEGREE: f64 = 111_320.0;

/// A receiver that an agent connects to. It stops when dropped.
pub struct Receiver {
    fix: Arc<Mutex<Fix>>,
    port: u16,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Listens on a free port and sends `fix` each second to whoever connects.
    pub async fn start(fix: Fix) -> Result<Receiver> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let fix = Arc::new(Mutex::new(fix));
        let shared = Arc::clone(&fix);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(feed(stream, Arc::clone(&shared)));
            }
        });
        Ok(Receiver { fix, port, task })
    }

    /// What an agent's configuration calls this receiver.
    pub fn url(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    /// Drives on from where the vehicle is.
    pub fn drive(&self, speed_kmh: f64, heading_deg: f64) {
        let mut fix = self.fix.lock().expect("invariant: nobody panics while holding a fix");
        *fix = Fix { speed_kmh, heading_deg, ..*fix };
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn feed(mut stream: TcpStream, fix: Arc<Mutex<Fix>>) {
    let mut each_second = tokio::time::interval(Duration::from_secs(1));
    loop {
        each_second.tick().await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let current = {
            let mut fix = fix.lock().expect("invariant: nobody panics while holding a fix");
            *fix = fix.after_a_second();
            *fix
        };
        if stream.write_all(sentences(current, now).as_bytes()).await.is_err() {
            return;
        }
    }
}

/// RMC and GGA for one fix at a time since 1970 in UTC.
fn sentences(fix: Fix, since_epoch: Duration) -> String {
    let (date, time) = date_and_time(since_epoch);
    let latitude = degrees_and_minutes(fix.latitude_deg, 2, ['N', 'S']);
    let longitude = degrees_and_minutes(fix.longitude_deg, 3, ['E', 'W']);
    let knots = fix.speed_kmh / 1.852;
    let heading = fix.heading_deg;
    let rmc = format!("GPRMC,{time},A,{latitude},{longitude},{knots:.2},{heading:.1},{date},,,A");
    let gga = format!("GPGGA,{time},{latitude},{longitude},1,12,0.8,20.0,M,0.0,M,,");
    format!("${rmc}*{:02X}\r\n${gga}*{:02X}\r\n", checksum(&rmc), checksum(&gga))
}

fn degrees_and_minutes(value: f64, width: usize, letters: [char; 2]) -> String {
    let letter = letters[usize::from(value < 0.0)];
    let whole = value.abs().floor();
    let minutes = (value.abs() - whole) * 60.0;
    format!("{whole:0width$.0}{minutes:08.5},{letter}")
}

fn checksum(sentence: &str) -> u8 {
    sentence.bytes().fold(0, |sum, byte| sum ^ byte)
}

/// `ddmmyy` and `hhmmss.ss`. Days to a date by the civil calendar's 400-year cycle.
fn date_and_time(since_epoch: Duration) -> (String, String) {
    let seconds = since_epoch.as_secs();
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let from_march = days + 719_468;
    let of_era = from_march % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + u64::from(month <= 2);
    let time = format!(
        "{:02}{:02}{:02}.{:02}",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        since_epoch.subsec_millis() / 10
    );
    (format!("{day:02}{month:02}{:02}", year % 100), time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_becomes_the_sentences_a_receiver_sends() {
        let fix = Fix { longitude_deg: 114.305, latitude_deg: 30.593, speed_kmh: 18.52, heading_deg: 90.0 };
        // 1,795,181,056 s: 13:24:16 UTC on 20 November 2026.
        let text = sentences(fix, Duration::from_secs(1_795_181_056));
        let rmc = text.lines().next().unwrap();
        assert!(rmc.starts_with("$GPRMC,132416.00,"), "{rmc}");
        assert!(rmc.contains(",A,3035.58000,N,11418.30000,E,10.00,90.0,201126,"), "{rmc}");
    }

    #[test]
    fn the_calendar_agrees_with_known_days() {
        let cases =
            [(0, "010170"), (951_782_400, "290200"), (1_709_164_800, "290224"), (4_102_444_800, "010100")];
        for (seconds, date) in cases {
            assert_eq!(date_and_time(Duration::from_secs(seconds)).0, date, "{seconds} s");
        }
    }
}
