//! gpsd's reports into fixes: JSON lines of protocol 3 (`gpsd_json(5)`), of which TPV carries place and time and SKY the
//! satellites. Classes that this agent has no use for are passed over, so that a newer gpsd takes nothing away.

use jiff::Timestamp;
use link::v1::{FixQuality, Position};
use serde::Deserialize;
use thiserror::Error;

use super::sentences::{HEADING_KMH_MIN, Heard, METRES_PER_HDOP};

/// What gpsd wants to be told before it tells anything.
pub(super) const WATCH: &[u8] = b"?WATCH={\"enable\":true,\"json\":true};\n";

/// A line that is no report.
#[derive(Debug, Error)]
pub(super) enum BadReport {
    #[error("not a report of gpsd: {0}")]
    NotJson(#[from] serde_json::Error),
    #[error("gpsd speaks protocol {0}, this agent speaks {PROTOCOL}")]
    Protocol(u32),
    #[error("gpsd says: {0}")]
    Error(String),
}

/// Puts the reports of one gpsd together.
#[derive(Debug, Default)]
pub(super) struct Reports {
    satellites: u32,
    hdop: Option<f32>,
    last_time: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "class", rename_all = "UPPERCASE")]
enum Report {
    Version {
        proto_major: u32,
    },
    Tpv(Tpv),
    Sky(Sky),
    Error {
        message: String,
    },
    #[serde(other)]
    Other,
}

/// A report of time, place and velocity. Everything but the mode may be absent.
#[derive(Debug, Deserialize)]
struct Tpv {
    mode: u8,
    #[serde(default)]
    status: u8,
    time: Option<Timestamp>,
    lat: Option<f64>,
    lon: Option<f64>,
    /// Metres a second.
    speed: Option<f32>,
    /// Degrees from true north.
    track: Option<f32>,
    /// Metres, in 95 of 100 cases.
    eph: Option<f32>,
}

#[derive(Debug, Deserialize)]
struct Sky {
    hdop: Option<f32>,
    /// How many are used; older ones leave it out and mark each satellite.
    #[serde(rename = "uSat")]
    used: Option<u32>,
    #[serde(default)]
    satellites: Vec<Satellite>,
}

#[derive(Debug, Deserialize)]
struct Satellite {
    #[serde(default)]
    used: bool,
}

const PROTOCOL: u32 = 3;
/// A place without height is a place.
const MODE_PLACE_MIN: u8 = 2;
const KMH_PER_METRE_A_SECOND: f32 = 3.6;

impl Reports {
    /// Takes one line, with or without its line end.
    pub(super) fn push(&mut self, line: &str) -> Result<Option<Heard>, BadReport> {
        let line = line.trim();
        if line.is_empty() {
            return Ok(None);
        }
        match serde_json::from_str(line)? {
            Report::Version { proto_major } if proto_major != PROTOCOL => {
                Err(BadReport::Protocol(proto_major))
            }
            Report::Error { message } => Err(BadReport::Error(message)),
            Report::Sky(sky) => {
                // A list of satellites alone says nothing of dilution; the last one stands.
                self.hdop = sky.hdop.or(self.hdop);
                let marked = sky.satellites.iter().filter(|satellite| satellite.used).count() as u32;
                self.satellites = sky.used.unwrap_or(marked);
                Ok(None)
            }
            Report::Tpv(tpv) => Ok(self.place(&tpv)),
            Report::Version { .. } | Report::Other => Ok(None),
        }
    }

    fn place(&mut self, tpv: &Tpv) -> Option<Heard> {
        let (Some(time), Some(latitude_deg), Some(longitude_deg)) = (tpv.time, tpv.lat, tpv.lon) else {
            return Some(Heard::NoFix);
        };
        if tpv.mode < MODE_PLACE_MIN {
            return Some(Heard::NoFix);
        }
        // gpsd tells a fix again as each further sentence adds to it; the place is the same.
        if self.last_time.replace(time) == Some(time) {
            return None;
        }
        let speed_kmh = tpv.speed.unwrap_or(0.0) * KMH_PER_METRE_A_SECOND;
        // Half of what holds in 95 of 100 cases is what holds in two of three, as elsewhere.
        let accuracy_m =
            self.hdop.map_or_else(|| tpv.eph.unwrap_or(0.0) / 2.0, |hdop| hdop * METRES_PER_HDOP);
        Some(Heard::Fix(Position {
            fix_time_unix_ms: time.as_millisecond(),
            longitude_deg,
            latitude_deg,
            speed_kmh,
            heading_deg: tpv.track.filter(|_| speed_kmh >= HEADING_KMH_MIN),
            accuracy_m,
            satellites: self.satellites,
            quality: quality(tpv.status).into(),
            ..Position::default()
        }))
    }
}

/// gpsd leaves the status out when it is a plain fix.
fn quality(status: u8) -> FixQuality {
    match status {
        2 => FixQuality::Differential,
        3 | 4 => FixQuality::Rtk,
        5 | 6 => FixQuality::DeadReckoning,
        8 => FixQuality::Simulated,
        _ => FixQuality::Single,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of gpsd 3.22 that was fed the sentences of a receiver for GPS, GLONASS and `BeiDou`.
    const VERSION: &str =
        r#"{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14}"#;
    const SKY: &str = r#"{"class":"SKY","device":"/dev/pts/1","vdop":1.40,"hdop":0.80,"pdop":1.60,"nSat":3,"uSat":2,"satellites":[{"PRN":2,"el":45.0,"az":60.0,"ss":40.0,"used":true,"gnssid":0,"svid":2},{"PRN":65,"el":45.0,"az":150.0,"ss":40.0,"used":false,"gnssid":6,"svid":1},{"PRN":401,"el":45.0,"az":30.0,"ss":40.0,"used":true,"gnssid":3,"svid":1}]}"#;
    const FIX: &str = r#"{"class":"TPV","device":"/dev/pts/1","mode":3,"time":"2026-11-21T13:04:02.000Z","ept":0.005,"lat":30.250000000,"lon":120.500000000,"altHAE":18.0000,"altMSL":10.0000,"alt":10.0000,"epv":32.200,"track":90.0000,"magtrack":84.3097,"magvar":-5.7,"speed":11.575,"climb":0.000,"epc":64.40,"geoidSep":8.000,"eph":15.200,"sep":30.400}"#;
    const LOST: &str =
        r#"{"class":"TPV","device":"/dev/pts/1","mode":1,"time":"2026-11-21T13:04:12.000Z","ept":0.005}"#;
    const FAST_LINE: &str = r#"{"class":"DEVICE","path":"/dev/ttyUSB0","driver":"u-blox","activated":"2026-11-23T04:00:15.481Z","native":1,"bps":115200,"parity":"N","stopbits":1,"cycle":1.00}"#;

    fn fix(reports: &mut Reports, line: &str) -> Position {
        match reports.push(line) {
            Ok(Some(Heard::Fix(position))) => position,
            other => panic!("no fix: {other:?}"),
        }
    }

    #[test]
    fn tpv_and_sky_make_a_fix() {
        let mut reports = Reports::default();
        for line in [VERSION, FAST_LINE, SKY, r#"{"class":"TOFF","precision":-20}"#, ""] {
            assert!(matches!(reports.push(line), Ok(None)), "{line}");
        }
        let fix = fix(&mut reports, FIX);
        assert_eq!(fix.fix_time_unix_ms, 1_795_266_242_000);
        assert!((fix.longitude_deg - 120.5).abs() < 1e-9 && (fix.latitude_deg - 30.25).abs() < 1e-9);
        assert!((fix.speed_kmh - 41.67).abs() < 1e-3 && (fix.accuracy_m - 3.2).abs() < 1e-6);
        assert_eq!((fix.heading_deg, fix.satellites, fix.quality()), (Some(90.0), 2, FixQuality::Single));
        assert!(matches!(reports.push(FIX), Ok(None)), "the same fix, told again");
    }

    #[test]
    fn a_lost_fix_an_old_gpsd_and_bad_lines_are_told_apart() {
        let mut reports = Reports::default();
        assert!(matches!(reports.push(LOST), Ok(Some(Heard::NoFix))));
        assert!(matches!(reports.push(r#"{"class":"TPV","mode":0}"#), Ok(Some(Heard::NoFix))));
        let marked = SKY.replace("\"uSat\":2,", "").replace("\"hdop\":0.80,", "");
        assert!(matches!(reports.push(&marked), Ok(None)));
        let fix = fix(&mut reports, &FIX.replace("\"mode\":3", "\"mode\":2,\"status\":2"));
        assert_eq!((fix.satellites, fix.quality()), (2, FixQuality::Differential));
        assert!((fix.accuracy_m - 7.6).abs() < 1e-6, "half of eph where nothing says the dilution");
        assert!(matches!(reports.push(&VERSION.replace(":3,", ":4,")), Err(BadReport::Protocol(4))));
        let refusal = r#"{"class":"ERROR","message":"Unrecognized request"}"#;
        assert!(matches!(reports.push(refusal), Err(BadReport::Error(_))));
        for bad in
            ["$GPRMC,1", "{}", "{\"class\":\"TPV\",\"mode\":3", "[]", "{\"class\":\"TPV\",\"mode\":\"3\"}"]
        {
            assert!(matches!(reports.push(bad), Err(BadReport::NotJson(_))), "{bad}");
        }
    }
}
