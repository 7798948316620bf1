//! A tracker that speaks JT/T 808-2013, written from the standard's tables and `docs/jt808.md` alone.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use jiff::{Timestamp, tz::Offset};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A connected tracker.
pub struct Tracker {
    stream: TcpStream,
    phone: [u8; 6],
    serial: u16,
    bytes: Vec<u8>,
    heard: VecDeque<Heard>,
}

/// A message of the centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Its kind.
    pub id: u16,
    /// Its number.
    pub serial: u16,
    /// What it says.
    pub body: Vec<u8>,
}

/// Nothing of the centre takes longer, even while the machine is busy.
const WITHIN: Duration = Duration::from_secs(30);

impl Tracker {
    /// Connects to a port of this machine. The card's number has twelve digits.
    pub async fn connect(port: u16, phone: &str) -> Result<Tracker> {
        let mut digits = [0; 6];
        ensure!(phone.len() == 12, "{phone} has not twelve digits");
        for (place, digit) in phone.bytes().enumerate() {
            digits[place / 2] |= (digit - b'0') << (4 * (1 - place % 2));
        }
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        Ok(Tracker { stream, phone: digits, serial: 0, bytes: Vec::new(), heard: VecDeque::new() })
    }

    /// Registers: the outcome, and the code where there is one.
    pub async fn register(&mut self, terminal_id: &str) -> Result<(u8, Vec<u8>)> {
        let mut body = vec![0, 42, 1, 0];
        for (text, width) in [("70107", 5), ("HB-R03GBD", 20), (terminal_id, 7)] {
            let mut field = text.as_bytes().to_vec();
            field.resize(width, 0);
            body.extend(field);
        }
        body.extend([2, 0xcb, 0xd5]);
        body.extend(b"A68608");
        self.say(0x0100, &body).await?;
        let heard = self.hears(0x8100).await?;
        Ok((heard.body[2], heard.body[3..].to_vec()))
    }

    /// Shows its code: the outcome.
    pub async fn show(&mut self, code: &[u8]) -> Result<u8> {
        self.say(0x0102, code).await?;
        self.answer(0x0102).await
    }

    /// Says something, whole.
    pub async fn say(&mut self, id: u16, body: &[u8]) -> Result<()> {
        self.send(id, None, body).await
    }

    /// Says something in packets of at most `size` bytes.
    pub async fn say_in_packets(&mut self, id: u16, body: &[u8], size: usize) -> Result<()> {
        let total = u16::try_from(body.len().div_ceil(size))?;
        for (number, piece) in (1..).zip(body.chunks(size)) {
            self.send(id, Some((total, number)), piece).await?;
        }
        Ok(())
    }

    /// Sends bytes as they are.
    pub async fn raw(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(bytes).await?)
    }

    /// The outcome of the next general answer to a kind.
    pub async fn answer(&mut self, id: u16) -> Result<u8> {
        loop {
            let heard = self.hears(0x8001).await?;
            if heard.body[2..4] == id.to_be_bytes() {
                return Ok(heard.body[4]);
            }
        }
    }

    /// Says that it did what a message asked.
    pub async fn done(&mut self, heard: &Heard) -> Result<()> {
        let mut body = heard.serial.to_be_bytes().to_vec();
        body.extend(heard.id.to_be_bytes());
        body.push(0);
        self.say(0x0001, &body).await
    }

    /// The next message of a kind; those before it are passed over.
    pub async fn hears(&mut self, id: u16) -> Result<Heard> {
        timeout(WITHIN, async {
            loop {
                while let Some(heard) = self.heard.pop_front() {
                    if heard.id == id {
                        return Ok(heard);
                    }
                }
                let mut bytes = [0; 1_024];
                let count = self.stream.read(&mut bytes).await?;
                if count == 0 {
                    bail!("the centre ended the connection");
                }
                self.bytes.extend_from_slice(&bytes[..count]);
                self.take_frames()?;
            }
        })
        .await
        .with_context(|| format!("no {id:04x} within {WITHIN:?}"))?
    }

    async fn send(&mut self, id: u16, packet: Option<(u16, u16)>, body: &[u8]) -> Result<()> {
        let split = if packet.is_some() { 0x2000 } else { 0 };
        let attributes = u16::try_from(body.len())? | split;
        let mut contents = id.to_be_bytes().to_vec();
        contents.extend(attributes.to_be_bytes());
        contents.extend(self.phone);
        contents.extend(self.serial.to_be_bytes());
        if let Some((total, number)) = packet {
            contents.extend(total.to_be_bytes());
            contents.extend(number.to_be_bytes());
        }
        contents.extend_from_slice(body);
        contents.push(contents.iter().fold(0, |sum, byte| sum ^ byte));
        self.serial = self.serial.wrapping_add(1);
        let mut frame = vec![0x7e];
        for byte in contents {
            match byte {
                0x7e => frame.extend([0x7d, 0x02]),
                0x7d => frame.extend([0x7d, 0x01]),
                plain => frame.push(plain),
            }
        }
        frame.push(0x7e);
        self.raw(&frame).await
    }

    fn take_frames(&mut self) -> Result<()> {
        while let Some(end) = self.bytes.iter().skip(1).position(|byte| *byte == 0x7e) {
            let frame: Vec<u8> = self.bytes.drain(..end + 2).collect();
            ensure!(frame[0] == 0x7e, "a frame begins with {:02x}", frame[0]);
            let mut contents = Vec::new();
            let mut escaped = false;
            for byte in &frame[1..frame.len() - 1] {
                match (escaped, byte) {
                    (false, 0x7d) => escaped = true,
                    (true, byte) => {
                        contents.push(0x7c + byte);
                        escaped = false;
                    }
                    (false, byte) => contents.push(*byte),
                }
            }
            let sum = contents.iter().fold(0, |sum, byte| sum ^ byte);
            ensure!(sum == 0 && contents.len() >= 13, "a damaged frame: {frame:02x?}");
            ensure!(contents[4..10] == self.phone, "an answer to another: {frame:02x?}");
            let word = |at: usize| u16::from_be_bytes([contents[at], contents[at + 1]]);
            let body = contents[12..contents.len() - 1].to_vec();
            ensure!(usize::from(word(2)) == body.len(), "a lying length: {frame:02x?}");
            self.heard.push_back(Heard { id: word(0), serial: word(10), body });
        }
        Ok(())
    }
}

/// The body of a position with a fix, `seconds` from now: standing, twelve satellites, 1 234.5 km driven.
pub fn position(seconds: i64, longitude_deg: f64, latitude_deg: f64) -> Vec<u8> {
    let micro = |degrees: f64| ((degrees.abs() * 1e6).round() as u32).to_be_bytes();
    let status: u32 =
        1 | 2 | if latitude_deg < 0.0 { 4 } else { 0 } | if longitude_deg < 0.0 { 8 } else { 0 };
    let mut body = vec![0; 4];
    body.extend(status.to_be_bytes());
    body.extend(micro(latitude_deg));
    body.extend(micro(longitude_deg));
    body.extend([0, 25, 0, 0, 0, 90]);
    let at = Timestamp::now().as_second() + seconds;
    let at =
        Offset::constant(8).to_datetime(Timestamp::from_second(at).expect("invariant: it is this century"));
    let year = i8::try_from(at.year() - 2_000).expect("invariant: it is this century");
    for number in [year, at.month(), at.day(), at.hour(), at.minute(), at.second()] {
        body.push((number / 10 * 16 + number % 10) as u8);
    }
    body.extend([0x01, 4, 0, 0, 0x30, 0x39, 0x30, 1, 28, 0x31, 1, 12]);
    body
}

/// The body of positions that were kept while there was no network.
pub fn backfilled(positions: &[Vec<u8>]) -> Vec<u8> {
    let mut body = vec![0, u8::try_from(positions.len()).expect("invariant: a test sends few"), 1];
    for position in positions {
        body.extend([0, u8::try_from(position.len()).expect("invariant: a position is short")]);
        body.extend(position);
    }
    body
}
