//! What is on the wire: bytes to messages and back, without a socket, a clock or a secret. Everything here may be handed anything: what makes no
//! sense comes back as a [`Bad`] with a word for the metrics.
//!
//! A frame stands between two flags (0x7E), escaped, with a checksum; in it a header of the edition 2013 or 2019 and a body. A body too long for one
//! frame comes in packets ([`Assembly`]). Numbers are big-endian, telephone numbers and times are BCD, texts are GBK.

mod assembly;
mod bcd;
mod cursor;
mod downward;
mod header;
mod position;
mod stream;
mod text;
mod upward;

#[cfg(test)]
mod tests;

pub(crate) use assembly::Assembly;
pub(crate) use downward::{Downward, Registered};
pub(crate) use header::{Edition, Header, Phone};
pub(crate) use position::Report;
pub(crate) use stream::Deframer;
pub(crate) use upward::{Answered, BatchKind, Registration, Upward};

#[cfg(test)]
pub(crate) use stream::enclose;

/// Why bytes were passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Bad {
    /// Bytes outside of any frame.
    #[error("bytes outside of any frame")]
    Noise,
    /// Longer than any frame is.
    #[error("the frame is longer than any frame is")]
    TooLong,
    /// Shorter than a header.
    #[error("the frame is shorter than a header")]
    TooShort,
    /// Damaged on the way.
    #[error("the checksum does not fit")]
    Checksum,
    /// The header says another length than the body has.
    #[error("the header names another length than the body has")]
    LyingLength,
    /// The body is encrypted, for which nobody has a key.
    #[error("the body is encrypted")]
    Encrypted,
    /// A packet that cannot be one of a message.
    #[error("the packet's number is not one of its message")]
    Packet,
    /// The body ends before what its kind must say.
    #[error("the body is too short for its kind")]
    Body,
    /// A time that no calendar has.
    #[error("the time is not one of the calendar")]
    Time,
    /// A place that is not on the earth.
    #[error("the place is not on the earth")]
    Place,
}

impl Bad {
    /// One word, for the metrics.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Noise => "noise",
            Self::TooLong => "too_long",
            Self::TooShort => "too_short",
            Self::Checksum => "checksum",
            Self::LyingLength => "lying_length",
            Self::Encrypted => "encrypted",
            Self::Packet => "packet",
            Self::Body => "body",
            Self::Time => "time",
            Self::Place => "place",
        }
    }
}

/// Longest body of one frame, in bytes: its length has ten bits.
pub(crate) const BODY_BYTES_MAX: usize = 1_023;
