//! NMEA 0183 sentences into fixes: RMC carries place, speed and UTC, GGA the quality. Constellations do not matter
//! (GP, BD, GN…). A bad line is an error of its own and spoils nothing that follows.

use link::v1::{FixQuality, Position};
use nmea::ParseResult;
use nmea::sentences::FixType;
use nmea::sentences::rmc::RmcStatusOfFix;
use thiserror::Error;

/// A line that is no sentence.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("not an NMEA sentence: {0}")]
pub struct BadSentence(String);

/// What a line told.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A fix; its `boot`, `seq`, `moving` and `on_task` are left for others to fill in.
    Fix(Position),
    /// The receiver works and sees no sky.
    NoFix,
}

/// Puts the sentences of one receiver together.
#[derive(Debug, Default)]
pub struct Sentences {
    quality: FixQuality,
    satellites: u32,
    hdop: f32,
}

const KMH_PER_KNOT: f32 = 1.852;
/// What a dilution of 1 means in metres for a plain receiver.
pub(super) const METRES_PER_HDOP: f32 = 4.0;
/// Below this speed a heading is noise.
pub(super) const HEADING_KMH_MIN: f32 = 3.0;

impl Sentences {
    /// Takes one line, with or without its line end.
    pub fn push(&mut self, line: &str) -> Result<Option<Heard>, BadSentence> {
        let line = line.trim();
        if line.is_empty() {
            return Ok(None);
        }
        match nmea::parse_str(line) {
            Ok(ParseResult::GGA(gga)) => {
                self.quality = gga.fix_type.map_or(FixQuality::Unspecified, quality);
                self.satellites = gga.fix_satellites.unwrap_or(0);
                self.hdop = gga.hdop.unwrap_or(0.0);
                Ok((self.quality == FixQuality::None).then_some(Heard::NoFix))
            }
            Ok(ParseResult::RMC(rmc)) => {
                if rmc.status_of_fix == RmcStatusOfFix::Invalid {
                    return Ok(Some(Heard::NoFix));
                }
                let (Some(date), Some(time), Some(latitude_deg), Some(longitude_deg)) =
                    (rmc.fix_date, rmc.fix_time, rmc.lat, rmc.lon)
                else {
                    return Ok(Some(Heard::NoFix));
                };
                let speed_kmh = rmc.speed_over_ground.unwrap_or(0.0) * KMH_PER_KNOT;
                Ok(Some(Heard::Fix(Position {
                    fix_time_unix_ms: date.and_time(time).and_utc().timestamp_millis(),
                    longitude_deg,
                    latitude_deg,
                    speed_kmh,
                    heading_deg: rmc.true_course.filter(|_| speed_kmh >= HEADING_KMH_MIN),
                    accuracy_m: self.hdop * METRES_PER_HDOP,
                    satellites: self.satellites,
                    quality: self.quality.into(),
                    ..Position::default()
                })))
            }
            // Sentences that this agent has no use for are no fault of the receiver.
            Ok(_) | Err(nmea::Error::Unsupported(_) | nmea::Error::DisabledSentence) => Ok(None),
            Err(error) => Err(BadSentence(error.to_string())),
        }
    }
}

fn quality(fix: FixType) -> FixQuality {
    match fix {
        FixType::Invalid => FixQuality::None,
        FixType::Gps | FixType::Pps => FixQuality::Single,
        FixType::DGps => FixQuality::Differential,
        FixType::Rtk | FixType::FloatRtk => FixQuality::Rtk,
        FixType::Estimated => FixQuality::DeadReckoning,
        FixType::Manual | FixType::Simulation => FixQuality::Simulated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(body: &str) -> String {
        let sum = body.bytes().fold(0u8, |sum, byte| sum ^ byte);
        format!("${body}*{sum:02X}\r\n")
    }

    #[test]
    fn rmc_and_gga_make_a_fix() {
        let mut sentences = Sentences::default();
        let gga = sentence("GNGGA,130417.25,3015.0000,N,12030.0000,E,2,17,0.8,10.0,M,8.0,M,,");
        assert_eq!(sentences.push(&gga), Ok(None));
        let rmc = sentence("BDRMC,130417.25,A,3015.0000,N,12030.0000,E,22.5,090.0,211126,,,A");
        let Ok(Some(Heard::Fix(fix))) = sentences.push(&rmc) else { panic!("no fix") };
        assert_eq!(fix.fix_time_unix_ms, 1_795_266_257_250);
        assert!((fix.longitude_deg - 120.5).abs() < 1e-9 && (fix.latitude_deg - 30.25).abs() < 1e-9);
        assert!((fix.speed_kmh - 41.67).abs() < 1e-3);
        assert_eq!(
            (fix.heading_deg, fix.satellites, fix.quality()),
            (Some(90.0), 17, FixQuality::Differential)
        );
        assert!((fix.accuracy_m - 3.2).abs() < 1e-6);
    }

    #[test]
    fn each_constellation_makes_a_fix_alone() {
        // GPS, GLONASS, BeiDou under its two names, Galileo, and several together.
        for talker in ["GP", "GL", "BD", "GB", "GA", "GN"] {
            let mut sentences = Sentences::default();
            let gga =
                sentence(&format!("{talker}GGA,130417.00,3015.0000,N,12030.0000,E,1,05,1.5,10.0,M,8.0,M,,"));
            assert_eq!(sentences.push(&gga), Ok(None), "{talker}");
            let rmc = sentence(&format!("{talker}RMC,130417.00,A,3015.0000,N,12030.0000,E,0.0,,211126,,,A"));
            let Ok(Some(Heard::Fix(fix))) = sentences.push(&rmc) else { panic!("{talker}: no fix") };
            assert_eq!((fix.satellites, fix.heading_deg), (5, None), "{talker}");
        }
    }

    #[test]
    fn a_lost_fix_and_bad_lines_are_told_apart() {
        let mut sentences = Sentences::default();
        assert_eq!(sentences.push(&sentence("GPRMC,130417.00,V,,,,,,,211126,,,N")), Ok(Some(Heard::NoFix)));
        assert!(sentences.push("$GPRMC,130417.00,A,3015.0000,N,12030.0000,E,1,1,211126,,,A*00").is_err());
        assert!(sentences.push("hello").is_err());
        assert!(sentences.push(&"x".repeat(5000)).is_err());
        assert_eq!(sentences.push(""), Ok(None));
    }
}
