//! How a vehicle comes by its certificate: the messages, generated from `proto/jichi/enrolment/v1/enrolment.proto`, and the text of an invitation.

#![allow(missing_docs, reason = "the generated code carries the comments of the .proto file")]

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

#[allow(clippy::pedantic, reason = "generated")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/jichi.enrolment.v1.rs"));
}

pub use generated::*;

use crate::unit_of_uri;

/// ALPN protocol name.
pub const ALPN: &[u8] = b"jichi-enrolment/1";
/// Longest request, in bytes.
pub const REQUEST_BYTES_MAX: usize = 8 * 1024;
/// Longest answer, in bytes.
pub const ANSWER_BYTES_MAX: usize = 32 * 1024;

/// What the centre's QR code says: which unit, the one-time token, and by which authority the centre is known.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The unit that may enrol.
    pub unit: String,
    /// Whoever shows it first is that unit.
    pub token: String,
    /// SHA-256 of the authority's certificate (DER).
    pub authority_sha256: [u8; 32],
}

/// A text that is no invitation.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("this is no invitation: copy the whole text below the QR code, from jichi1: on")]
pub struct NoInvitation;

impl fmt::Display for Invitation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{MARK}:{}:{}:", self.unit, self.token)?;
        self.authority_sha256.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Invitation {
    /// Without the token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Invitation").field("unit", &self.unit).finish_non_exhaustive()
    }
}

impl fmt::Debug for Request {
    /// Without the token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Request").field("renewal", &self.token.is_empty()).finish_non_exhaustive()
    }
}

impl FromStr for Invitation {
    type Err = NoInvitation;

    fn from_str(text: &str) -> Result<Self, NoInvitation> {
        let parts: Vec<&str> = text.trim().split(':').collect();
        let [MARK, unit, token, authority] = parts[..] else { return Err(NoInvitation) };
        let unit_sound = unit_of_uri(&format!("{}{unit}", crate::UNIT_URI_PREFIX)).is_some();
        let token_sound = token.len() == TOKEN_CHARS && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        let digits: Option<Vec<u8>> =
            authority.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect();
        let bytes: Option<Vec<u8>> = digits.map(|digits| {
            digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
        });
        let authority_sha256 =
            bytes.filter(|_| authority.len() == 64).and_then(|bytes| bytes.try_into().ok());
        match authority_sha256 {
            Some(authority_sha256) if unit_sound && token_sound => {
                Ok(Self { unit: unit.to_owned(), token: token.to_owned(), authority_sha256 })
            }
            _ => Err(NoInvitation),
        }
    }
}

const MARK: &str = "jichi1";
/// Sixteen bytes in hexadecimal.
const TOKEN_CHARS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_read_as_it_was_written() {
        let invitation = Invitation {
            unit: "A12".into(),
            token: "00112233445566778899aabbccddeeff".into(),
            authority_sha256: std::array::from_fn(|index| index as u8 * 7),
        };
        let text = invitation.to_string();
        assert!(text.starts_with("jichi1:A12:00112233445566778899aabbccddeeff:00070e15"), "{text}");
        assert_eq!(format!("  {text}\n").parse(), Ok(invitation.clone()));
        assert!(!format!("{invitation:?}").contains("0011"));
        for (from, to) in [
            ("jichi1", "jichi2"),
            ("A12", "A 12"),
            ("ff:", "f:"),
            ("ff:", "fg:"),
            ("00070e", "0070e"),
            (":", ""),
        ] {
            let wrong = text.replacen(from, to, 1);
            assert_eq!(wrong.parse::<Invitation>(), Err(NoInvitation), "{wrong}");
        }
    }
}
