//! What a GNSS receiver says: NMEA 0183 sentences GGA and RMC.

use dispatch_core::UtcTime;
use roads::Wgs84;

use super::vehicle::Motion;

/// The two sentences of one fix, each with its checksum and line end. GGA comes first: it carries the quality of the RMC after it.
pub fn sentences(motion: &Motion, at: UtcTime) -> String {
    let time = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let time = time.to_zoned(jiff::tz::TimeZone::UTC);
    let clock = time.strftime("%H%M%S").to_string();
    // Hundredths of a second, cut off: a rounded-up .100 would be no time.
    let clock = format!("{clock}.{:02}", time.subsec_nanosecond() / 10_000_000);
    let date = time.strftime("%d%m%y");
    let place = place(motion.position);
    let (knots, heading) = (motion.speed_kmh / 1.852, motion.heading_deg);
    let gga = with_checksum(&format!("GNGGA,{clock},{place},1,14,0.8,32.0,M,8.0,M,,"));
    let rmc = with_checksum(&format!("GNRMC,{clock},A,{place},{knots:.1},{heading:.1},{date},,,A"));
    format!("{gga}{rmc}")
}

fn place(p: Wgs84) -> String {
    let angle = |degrees: f64, width: usize| {
        // In ten-thousandths of a minute, so that rounding never writes sixty minutes.
        let minutes_e5 = (degrees.abs() * 60.0 * 1e5).round() as u64;
        let (whole, rest) = (minutes_e5 / 6_000_000, minutes_e5 % 6_000_000);
        format!("{whole:0width$}{:02}.{:05}", rest / 100_000, rest % 100_000)
    };
    let (lat, lon) = (p.latitude(), p.longitude());
    let (ns, ew) = (if lat < 0.0 { 'S' } else { 'N' }, if lon < 0.0 { 'W' } else { 'E' });
    format!("{},{ns},{},{ew}", angle(lat, 2), angle(lon, 3))
}

fn with_checksum(body: &str) -> String {
    let sum = body.bytes().fold(0u8, |sum, byte| sum ^ byte);
    format!("${body}*{sum:02X}\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_is_written_as_receivers_write_it() {
        let position = Wgs84::new(120.5, 30.999_999_9).unwrap();
        let motion = Motion { position, speed_kmh: 41.67, heading_deg: 90.0 };
        let at = "2026-11-21T13:04:17.256Z".parse().unwrap();
        expect_test::expect![[r"
            $GNGGA,130417.25,3059.99999,N,12030.00000,E,1,14,0.8,32.0,M,8.0,M,,*77
            $GNRMC,130417.25,A,3059.99999,N,12030.00000,E,22.5,90.0,211126,,,A*4A
        "]]
        .assert_eq(&sentences(&motion, at).replace("\r\n", "\n"));
        // Sixty minutes are a degree.
        assert!(place(Wgs84::new(-0.5, -0.999_999_999_9).unwrap()).starts_with("0100.00000,S,00030.00000,W"));
    }
}
