//! Why an end closes a connection: QUIC application error codes of the link.

/// Application error code of a closed connection or a reset stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum CloseCode {
    /// Nothing is wrong: the end is stopping.
    Done = 0,
    /// A newer (boot, connection) of the same vehicle is being served.
    Superseded = 1,
    /// A frame longer than allowed: the stream cannot be read any further.
    FrameTooLong = 2,
    /// The first frame was missing, late, or not the one expected.
    NoGreeting = 3,
    /// The centre answered with `Refused`.
    Refused = 4,
    /// The peer sends more than it may.
    Flooding = 5,
    /// The centre is stopping or cannot record: come back.
    Unavailable = 6,
    /// The peer's certificate names no unit.
    NoUnit = 7,
}

impl CloseCode {
    /// The number on the wire.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// A word for logs and for the reason phrase of the close.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Superseded => "superseded",
            Self::FrameTooLong => "frame-too-long",
            Self::NoGreeting => "no-greeting",
            Self::Refused => "refused",
            Self::Flooding => "flooding",
            Self::Unavailable => "unavailable",
            Self::NoUnit => "no-unit",
        }
    }
}
