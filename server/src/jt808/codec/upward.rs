//! What terminals say.

use super::cursor::Cursor;
use super::{Bad, Edition, Header, Report, text};

/// A message of a terminal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Upward {
    /// 0x0001: what became of a message of the centre.
    Answer {
        /// Its number.
        serial: u16,
        /// Its kind.
        id: u16,
        /// What became of it.
        answered: Answered,
    },
    /// 0x0002: it is there.
    Heartbeat,
    /// 0x0003: it leaves for good.
    Unregister,
    /// 0x0100: it wants to be known.
    Register(Registration),
    /// 0x0102: it is known, and this is its code.
    Authenticate {
        /// The code that it was given.
        code: Vec<u8>,
    },
    /// 0x0200: where it is.
    Position(Report),
    /// 0x0201: where it is, because it was asked.
    Located(Report),
    /// 0x0704: where it was.
    Batch {
        /// Why they come together.
        kind: BatchKind,
        /// Those that could be read, as they came: the oldest first.
        reports: Vec<Report>,
        /// What was wrong with the others.
        bad: Vec<Bad>,
    },
    /// Anything else: pictures, driving records, what vendors invented.
    Unknown,
}

/// What became of a message, by the standard's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// 0
    Done,
    /// 1
    Failed,
    /// 2
    Malformed,
    /// 3
    Unsupported,
}

/// Why positions come in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BatchKind {
    /// They were gathered to be sent together.
    Gathered,
    /// They were kept while there was no network.
    Backfilled,
}

/// What a terminal says of itself when it registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registration {
    /// Whose make it is.
    pub(crate) maker: String,
    /// Its model.
    pub(crate) model: String,
    /// Its own number, given by its maker.
    pub(crate) terminal_id: String,
    /// The plate of the vehicle it sits in.
    pub(crate) plate: String,
}

impl Upward {
    /// Reads the body behind a header.
    pub(crate) fn read(header: &Header, body: &[u8]) -> Result<Self, Bad> {
        let mut cursor = Cursor(body);
        Ok(match header.id {
            0x0001 => {
                let (serial, id) = (cursor.word()?, cursor.word()?);
                Self::Answer { serial, id, answered: Answered::of(cursor.byte()?) }
            }
            0x0002 => Self::Heartbeat,
            0x0003 => Self::Unregister,
            0x0100 => Self::Register(Registration::read(header.edition, body)?),
            0x0102 => Self::Authenticate { code: code(header.edition, body).to_vec() },
            0x0200 => Self::Position(Report::read(body)?),
            0x0201 => {
                cursor.word()?;
                Self::Located(Report::read(cursor.rest())?)
            }
            0x0704 => batch(cursor)?,
            _ => Self::Unknown,
        })
    }
}

impl Answered {
    fn of(number: u8) -> Self {
        match number {
            0 => Self::Done,
            2 => Self::Malformed,
            3 => Self::Unsupported,
            _ => Self::Failed,
        }
    }

    /// The standard's number.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Malformed => 2,
            Self::Unsupported => 3,
        }
    }
}

impl Registration {
    fn read(edition: Edition, body: &[u8]) -> Result<Self, Bad> {
        // The edition of 2011 has no mark of its own: its model is shorter, and terminals of it are still on the road.
        let (maker, model, id) = match edition {
            Edition::Of2019 { .. } => (11, 30, 30),
            Edition::Of2013 if body.len() < 2 + 2 + 5 + 20 + 7 + 1 => (5, 8, 7),
            Edition::Of2013 => (5, 20, 7),
        };
        let mut cursor = Cursor(body);
        // Province and city, as numbers of the administrative divisions.
        cursor.take(4)?;
        let (maker, model, terminal_id) = (cursor.take(maker)?, cursor.take(model)?, cursor.take(id)?);
        // The plate's colour; a vehicle without a plate sends its frame's number in its place.
        cursor.byte()?;
        Ok(Self {
            maker: text::read(maker),
            model: text::read(model),
            terminal_id: text::read(terminal_id),
            plate: text::read(cursor.rest()),
        })
    }
}

/// The edition of 2019 says how long the code is and has more behind it (IMEI, version); some of its terminals forget to.
fn code(edition: Edition, body: &[u8]) -> &[u8] {
    let counted = match (edition, body) {
        (Edition::Of2019 { .. }, [length, rest @ ..]) => rest.get(..usize::from(*length)),
        _ => None,
    };
    let code = counted.unwrap_or(body);
    let end = code.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &code[..end]
}

fn batch(mut cursor: Cursor<'_>) -> Result<Upward, Bad> {
    let count = cursor.word()?;
    let kind = if cursor.byte()? == 1 { BatchKind::Backfilled } else { BatchKind::Gathered };
    let (mut reports, mut bad) = (Vec::new(), Vec::new());
    for _ in 0..count {
        // A length that lies leaves nothing to go on with.
        let Ok(one) = cursor.counted() else {
            bad.push(Bad::Body);
            break;
        };
        match Report::read(one) {
            Ok(report) => reports.push(report),
            Err(why) => bad.push(why),
        }
    }
    Ok(Upward::Batch { kind, reports, bad })
}
