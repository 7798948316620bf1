//! The stream between flags: frames are found, unescaped and their checksum is looked at. Whatever is wrong with one, the next begins at the next flag.

use super::{BODY_BYTES_MAX, Bad};

/// Finds frames in a stream.
#[derive(Debug, Default)]
pub(crate) struct Deframer {
    /// What came since the last flag, as it came.
    raw: Vec<u8>,
    begun: bool,
    /// Passing over the rest of something too long, or what came before the first flag.
    skipping: bool,
}

impl Deframer {
    /// Takes the next byte. Gives what it ends: a header and body without flags, escapes and checksum, or what was wrong.
    pub(crate) fn push(&mut self, byte: u8) -> Option<Result<Vec<u8>, Bad>> {
        if byte == FLAG {
            let raw = std::mem::take(&mut self.raw);
            let skipped = std::mem::take(&mut self.skipping);
            self.begun = true;
            return (!skipped && !raw.is_empty()).then(|| opened(&raw));
        }
        if self.skipping {
            return None;
        }
        if !self.begun {
            self.skipping = true;
            return Some(Err(Bad::Noise));
        }
        if self.raw.len() == RAW_BYTES_MAX {
            self.raw = Vec::new();
            self.skipping = true;
            return Some(Err(Bad::TooLong));
        }
        self.raw.push(byte);
        None
    }

    /// What is kept of a frame that has not ended.
    #[cfg(test)]
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.raw.len()
    }
}

fn opened(raw: &[u8]) -> Result<Vec<u8>, Bad> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut coming = raw.iter().copied().peekable();
    while let Some(byte) = coming.next() {
        let escaped = match (byte, coming.peek()) {
            (ESCAPE, Some(&ESCAPED_FLAG)) => Some(FLAG),
            (ESCAPE, Some(&ESCAPED_ESCAPE)) => Some(ESCAPE),
            // Some terminals leave an escape as it is: whether it was meant, the checksum tells.
            _ => None,
        };
        if escaped.is_some() {
            coming.next();
        }
        bytes.push(escaped.unwrap_or(byte));
    }
    if bytes.len() < SHORTEST {
        return Err(Bad::TooShort);
    }
    if checksum(&bytes) != 0 {
        return Err(Bad::Checksum);
    }
    bytes.pop();
    Ok(bytes)
}

/// Puts a header and body between flags.
pub(crate) fn enclose(bytes: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(bytes.len() + 8);
    frame.push(FLAG);
    for byte in bytes.iter().copied().chain([checksum(bytes)]) {
        match byte {
            FLAG => frame.extend([ESCAPE, ESCAPED_FLAG]),
            ESCAPE => frame.extend([ESCAPE, ESCAPED_ESCAPE]),
            plain => frame.push(plain),
        }
    }
    frame.push(FLAG);
    frame
}

/// All bytes against each other; with their own checksum behind them it is 0.
fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

const FLAG: u8 = 0x7e;
const ESCAPE: u8 = 0x7d;
const ESCAPED_FLAG: u8 = 0x02;
const ESCAPED_ESCAPE: u8 = 0x01;
/// The shortest header and a checksum.
const SHORTEST: usize = 12 + 1;
/// The longest header, body and checksum, each byte of them escaped.
const RAW_BYTES_MAX: usize = 2 * (21 + BODY_BYTES_MAX + 1);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(stream: &[u8]) -> Vec<Result<Vec<u8>, Bad>> {
        let mut deframer = Deframer::default();
        stream.iter().filter_map(|&byte| deframer.push(byte)).collect()
    }

    #[test]
    fn escapes_are_as_the_standard_shows_them() {
        // The standard's own example: 30 7e 08 7d 55 is sent as 30 7d 02 08 7d 01 55.
        let sent = enclose(&[0x30, 0x7e, 0x08, 0x7d, 0x55]);
        assert_eq!(sent[..8], [0x7e, 0x30, 0x7d, 0x02, 0x08, 0x7d, 0x01, 0x55]);
    }

    #[test]
    fn a_frame_is_found_behind_whatever_came_before() {
        let sound: Vec<u8> = (0x70..0x80).collect();
        let frame = enclose(&sound);
        let mut damaged = frame.clone();
        damaged[3] ^= 1;
        let stream = [
            b"GET / HTTP/1.1\r\n".as_slice(),
            &frame,
            // Two frames may share a flag.
            &frame[1..],
            &[1, 2, 3],
            &frame,
            &damaged,
            &frame,
        ]
        .concat();
        let good = || Ok(sound.clone());
        assert_eq!(
            read(&stream),
            [Err(Bad::Noise), good(), good(), Err(Bad::TooShort), good(), Err(Bad::Checksum), good()]
        );
    }

    #[test]
    fn one_that_never_ends_takes_no_memory_and_the_next_is_heard() {
        let mut deframer = Deframer::default();
        assert_eq!(deframer.push(0x7e), None);
        let bad = (0..1_000_000).filter_map(|_| deframer.push(0x55)).collect::<Vec<_>>();
        assert_eq!(bad, [Err(Bad::TooLong)]);
        assert_eq!(deframer.waiting_bytes(), 0);
        let heard = enclose(&[5; 12]).into_iter().filter_map(|byte| deframer.push(byte)).collect::<Vec<_>>();
        assert_eq!(heard, [Ok(vec![5; 12])]);
    }
}
