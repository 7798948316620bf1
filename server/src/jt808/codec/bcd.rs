//! Decimal digits, two in a byte: telephone numbers, and times of Beijing.

use dispatch_core::UtcTime;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::Bad;

/// The time of six bytes (year to second, Beijing).
pub(super) fn time(bytes: [u8; 6]) -> Result<UtcTime, Bad> {
    let mut parts = [0_i8; 6];
    for (part, byte) in parts.iter_mut().zip(bytes) {
        *part = number(byte).ok_or(Bad::Time)?;
    }
    let [year, month, day, hour, minute, second] = parts;
    let civil = DateTime::new(2_000 + i16::from(year), month, day, hour, minute, second, 0);
    let at = civil.and_then(|civil| BEIJING.to_timestamp(civil)).map_err(|_| Bad::Time)?;
    Ok(UtcTime::from_micros(at.as_microsecond()))
}

/// A time as six bytes of Beijing, as a terminal writes it; years outside of this century become its first and last second.
#[cfg(test)]
pub(super) fn written(at: UtcTime) -> [u8; 6] {
    let first = BEIJING.to_timestamp(DateTime::constant(2_000, 1, 1, 0, 0, 0, 0)).unwrap_or_default();
    let last = BEIJING.to_timestamp(DateTime::constant(2_099, 12, 31, 23, 59, 59, 0)).unwrap_or_default();
    let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(first).clamp(first, last);
    let civil = BEIJING.to_datetime(at);
    let digits = |number: i8| (((number / 10) << 4) | (number % 10)) as u8;
    let year = (civil.year() - 2_000) as i8;
    [year, civil.month(), civil.day(), civil.hour(), civil.minute(), civil.second()].map(digits)
}

fn number(byte: u8) -> Option<i8> {
    let (high, low) = (byte >> 4, byte & 0x0f);
    (high < 10 && low < 10).then_some((high * 10 + low) as i8)
}

/// The standard's time is Beijing's, wherever the vehicle is.
const BEIJING: Offset = Offset::constant(8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_beijing_is_eight_hours_ahead() {
        let at = time([0x24, 0x06, 0x10, 0x16, 0x55, 0x43]).unwrap();
        // 2024-06-10 08:55:43 UTC
        assert_eq!(at.micros(), 1_718_009_743_000_000);
        assert_eq!(written(at), [0x24, 0x06, 0x10, 0x16, 0x55, 0x43]);
    }

    #[test]
    fn what_no_calendar_has_is_no_time() {
        let good = [0x26, 0x11, 0x22, 0x21, 0x30, 0x59];
        assert!(time(good).is_ok());
        assert!(time([0x24, 0x02, 0x29, 0, 0, 0]).is_ok(), "a leap day");
        for (place, byte) in [
            (1, 0x13),
            (1, 0x00),
            (2, 0x31),
            (2, 0x00),
            (3, 0x24),
            (4, 0x60),
            (5, 0x60),
            (5, 0x5a),
            (0, 0xa6),
        ] {
            let mut bytes = good;
            bytes[place] = byte;
            assert_eq!(time(bytes), Err(Bad::Time), "{bytes:02x?}");
        }
        assert_eq!(time([0x25, 0x02, 0x29, 0, 0, 0]), Err(Bad::Time), "no leap year");
        assert_eq!(time([0; 6]), Err(Bad::Time), "what a terminal without a fix sends");
    }
}
