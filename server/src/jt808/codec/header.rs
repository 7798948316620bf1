//! What stands before each body: which message, of which terminal, which number, and whether it is one packet of several. The edition of 2019 says so
//! with a bit and has a longer telephone number; everything else is told apart by length.

use std::fmt;

use super::cursor::Cursor;
use super::{BODY_BYTES_MAX, Bad};

/// Which edition of the standard a terminal speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edition {
    /// JT/T 808-2013, and what of 2011 is the same.
    Of2013,
    /// JT/T 808-2019, with the terminal's own number of its version.
    Of2019 {
        /// 1 in the first edition.
        version: u8,
    },
}

/// The telephone number of a terminal's card, as it stands in each header. It names the terminal; zeros before it mean nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Phone {
    /// Right-aligned, two digits a byte.
    digits: [u8; PHONE_BYTES],
}

/// A header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Which message it is.
    pub(crate) id: u16,
    /// Which edition.
    pub(crate) edition: Edition,
    /// Whose terminal.
    pub(crate) phone: Phone,
    /// The message's number; after 65,535 comes 0.
    pub(crate) serial: u16,
    /// Of how many packets this is which, from 1.
    pub(crate) packet: Option<(u16, u16)>,
}

impl Header {
    /// Splits a frame's contents into header and body.
    pub(crate) fn read(contents: &[u8]) -> Result<(Self, &[u8]), Bad> {
        let mut cursor = Cursor(contents);
        let mut head = || {
            let (id, attributes) = (cursor.word()?, cursor.word()?);
            let (edition, phone) = if attributes & VERSIONED == 0 {
                (Edition::Of2013, Phone::right_aligned(&cursor.array::<6>()?))
            } else {
                let version = cursor.byte()?;
                (Edition::Of2019 { version }, Phone::right_aligned(&cursor.array::<PHONE_BYTES>()?))
            };
            let serial = cursor.word()?;
            let packet = if attributes & SPLIT == 0 { None } else { Some((cursor.word()?, cursor.word()?)) };
            Ok((Self { id, edition, phone, serial, packet }, attributes))
        };
        let (header, attributes) = head().map_err(|_: Bad| Bad::TooShort)?;
        let body = cursor.rest();
        if body.len() != usize::from(attributes & LENGTH) {
            return Err(Bad::LyingLength);
        }
        if attributes & ENCRYPTION != 0 {
            return Err(Bad::Encrypted);
        }
        Ok((header, body))
    }

    /// Header and body as a frame's contents. A body longer than [`BODY_BYTES_MAX`] is cut.
    pub(crate) fn write(&self, body: &[u8]) -> Vec<u8> {
        let body = &body[..body.len().min(BODY_BYTES_MAX)];
        let mut attributes = body.len() as u16;
        if self.packet.is_some() {
            attributes |= SPLIT;
        }
        let mut bytes = self.id.to_be_bytes().to_vec();
        match self.edition {
            Edition::Of2013 => {
                bytes.extend(attributes.to_be_bytes());
                bytes.extend_from_slice(&self.phone.digits[PHONE_BYTES - 6..]);
            }
            Edition::Of2019 { version } => {
                bytes.extend((attributes | VERSIONED).to_be_bytes());
                bytes.push(version);
                bytes.extend_from_slice(&self.phone.digits);
            }
        }
        bytes.extend(self.serial.to_be_bytes());
        if let Some((total, number)) = self.packet {
            bytes.extend(total.to_be_bytes());
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend_from_slice(body);
        bytes
    }
}

impl Phone {
    /// The number of 1 to 20 digits; `None` for anything else. Some terminals have letters from A to F in it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > 2 * PHONE_BYTES {
            return None;
        }
        let mut digits = [0; PHONE_BYTES];
        for (place, digit) in text.chars().rev().enumerate() {
            let digit = digit.to_digit(16)? as u8;
            digits[PHONE_BYTES - 1 - place / 2] |= digit << (4 * (place % 2));
        }
        Some(Self { digits })
    }

    fn right_aligned(bytes: &[u8]) -> Self {
        let mut digits = [0; PHONE_BYTES];
        digits[PHONE_BYTES - bytes.len()..].copy_from_slice(bytes);
        Self { digits }
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
        let all: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
        let all = all.to_ascii_uppercase();
        let short = all.trim_start_matches('0');
        f.write_str(if short.is_empty() { "0" } else { short })
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

const PHONE_BYTES: usize = 10;
/// Of the attributes: the body's length, how it is encrypted, whether it is a packet, whether a version follows.
const LENGTH: u16 = 0x03ff;
const ENCRYPTION: u16 = 0x1c00;
const SPLIT: u16 = 0x2000;
const VERSIONED: u16 = 0x4000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_before_a_number_mean_nothing() {
        let phone = Phone::parse("013800138000").unwrap();
        assert_eq!(phone, Phone::parse("13800138000").unwrap());
        assert_eq!(phone, Phone::right_aligned(&[0x01, 0x38, 0x00, 0x13, 0x80, 0x00]));
        assert_eq!(
            (phone.to_string(), Phone::parse("0").unwrap().to_string()),
            ("13800138000".into(), "0".into())
        );
        for wrong in ["", "1380013800x", "+8613800138000", "123456789012345678901"] {
            assert_eq!(Phone::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_length_that_lies_and_a_body_without_a_key_are_refused() {
        let header = Header {
            id: 0x0200,
            edition: Edition::Of2013,
            phone: Phone::parse("13800138000").unwrap(),
            serial: 9,
            packet: None,
        };
        let mut contents = header.write(&[1, 2, 3]);
        assert_eq!(Header::read(&contents), Ok((header, [1, 2, 3].as_slice())));
        contents[2] |= 0x04;
        assert_eq!(Header::read(&contents), Err(Bad::Encrypted));
        contents[2] = 0x00;
        contents[3] = 2;
        assert_eq!(Header::read(&contents), Err(Bad::LyingLength));
        contents[2] = 0x40;
        assert_eq!(Header::read(&contents), Err(Bad::TooShort), "the longer header does not fit");
    }
}
