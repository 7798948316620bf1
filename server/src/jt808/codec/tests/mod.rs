//! The codec against what others wrote, and against itself.

mod recorded;
mod round_trip;

use super::{Deframer, Header, Upward};

/// Bytes from hexadecimal digits.
pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// The one frame of a stream: its header and its message.
pub(crate) fn heard(stream: &[u8]) -> Result<(Header, Upward), super::Bad> {
    let mut deframer = Deframer::default();
    let frames: Vec<_> = stream.iter().filter_map(|&byte| deframer.push(byte)).collect();
    let [frame] = frames.as_slice() else { panic!("{} frames in {stream:02x?}", frames.len()) };
    let contents = frame.as_ref().map_err(|bad| *bad)?;
    let (header, body) = Header::read(contents)?;
    Ok((header, Upward::read(&header, body)?))
}
