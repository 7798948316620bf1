//! What the centre says.

use super::stream::enclose;
use super::{Answered, Edition, Header, Phone, text};

/// A message of the centre to a terminal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Downward {
    /// 0x8001: what became of a message of the terminal.
    Answer {
        /// Its number.
        serial: u16,
        /// Its kind.
        id: u16,
        /// What became of it.
        answered: Answered,
    },
    /// 0x8100: what became of a registration.
    Registered {
        /// The registration's number.
        serial: u16,
        /// What became of it.
        registered: Registered,
    },
    /// 0x8103 with 0x0029: send a position this often.
    ReportEvery {
        /// Seconds between two positions.
        interval_s: u32,
    },
    /// 0x8201: where are you now?
    LocateNow,
    /// 0x8300: show and read this to the crew.
    Text(String),
}

/// What became of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Registered {
    /// It is known: from now on it shows this code.
    Known {
        /// The code.
        code: Vec<u8>,
    },
    /// There is no such terminal.
    NoSuchTerminal,
}

impl Downward {
    /// Its frame, for a terminal of this number that speaks this edition.
    pub(crate) fn frame(&self, phone: Phone, edition: Edition, serial: u16) -> Vec<u8> {
        let header = Header { id: self.id(), edition, phone, serial, packet: None };
        enclose(&header.write(&self.body(edition)))
    }

    /// Its kind.
    pub(crate) fn id(&self) -> u16 {
        match self {
            Self::Answer { .. } => 0x8001,
            Self::Registered { .. } => 0x8100,
            Self::ReportEvery { .. } => 0x8103,
            Self::LocateNow => 0x8201,
            Self::Text(_) => 0x8300,
        }
    }

    fn body(&self, edition: Edition) -> Vec<u8> {
        match self {
            Self::Answer { serial, id, answered } => {
                let mut body = serial.to_be_bytes().to_vec();
                body.extend(id.to_be_bytes());
                body.push(answered.number());
                body
            }
            Self::Registered { serial, registered } => {
                let mut body = serial.to_be_bytes().to_vec();
                match registered {
                    Registered::Known { code } => {
                        body.push(0);
                        body.extend_from_slice(code);
                    }
                    Registered::NoSuchTerminal => body.push(NO_SUCH_TERMINAL),
                }
                body
            }
            Self::ReportEvery { interval_s } => {
                // One setting: its number, the length of its value, its value.
                let mut body = vec![1];
                body.extend(REPORT_INTERVAL.to_be_bytes());
                body.push(4);
                body.extend(interval_s.to_be_bytes());
                body
            }
            Self::LocateNow => Vec::new(),
            Self::Text(words) => {
                let mut body = match edition {
                    Edition::Of2013 => vec![SHOW | READ | URGENT_OF_2013],
                    Edition::Of2019 { .. } => vec![SHOW | READ | URGENT_OF_2019, NOTICE],
                };
                body.extend(text::written(words, TEXT_BYTES_MAX));
                body
            }
        }
    }
}

/// Of a registration's outcome.
const NO_SUCH_TERMINAL: u8 = 4;
/// The setting "seconds between two positions".
const REPORT_INTERVAL: u32 = 0x0029;
/// Of a text: on the display, by voice.
const SHOW: u8 = 1 << 2;
const READ: u8 = 1 << 3;
/// At once. The edition of 2019 made two bits of one, of which 1 is "service".
const URGENT_OF_2013: u8 = 1;
const URGENT_OF_2019: u8 = 2;
/// The text's kind, which the edition of 2019 added: a notice, not a service.
const NOTICE: u8 = 1;
/// The longest text, in bytes of GBK.
const TEXT_BYTES_MAX: usize = 1_000;
