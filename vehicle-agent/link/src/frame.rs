//! Frames on a stream: four bytes of length, most significant first, then one message of at most `FRAME_BYTES_MAX`.
//! Reading is incremental: bytes go in as the network gives them, whole messages come out.

use prost::Message;
use thiserror::Error;

use crate::limits::FRAME_BYTES_MAX;

const LENGTH_BYTES: usize = 4;

/// What can be wrong with a frame.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FrameError {
    /// The length says more than a frame may hold. The stream cannot be read any further.
    #[error("a frame of {length} bytes; at most {FRAME_BYTES_MAX} are allowed")]
    TooLong {
        /// What the length field, or the message, says.
        length: usize,
    },
    /// The bytes are not the message expected. The next frame can still be read.
    #[error("not a message of this protocol: {0}")]
    Undecodable(String),
}

impl FrameError {
    /// A short word for metrics.
    pub fn word(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "frame_too_long",
            Self::Undecodable(_) => "undecodable",
        }
    }
}

/// One message as a frame, ready to be written.
pub fn encode_frame<M: Message>(message: &M) -> Result<Vec<u8>, FrameError> {
    let length = message.encoded_len();
    if length > FRAME_BYTES_MAX {
        return Err(FrameError::TooLong { length });
    }
    let mut bytes = Vec::with_capacity(LENGTH_BYTES + length);
    bytes.extend_from_slice(&(length as u32).to_be_bytes());
    message.encode_raw(&mut bytes);
    Ok(bytes)
}

/// One message out of a frame's body or a datagram.
pub fn decode<M: Message + Default>(body: &[u8]) -> Result<M, FrameError> {
    M::decode(body).map_err(|error| FrameError::Undecodable(error.to_string()))
}

/// Cuts a stream of bytes into frames. Holds at most one frame and what was pushed beyond it.
#[derive(Debug, Default)]
pub struct FrameReader {
    bytes: Vec<u8>,
    start: usize,
}

impl FrameReader {
    /// Adds bytes from the stream, in order.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The body of the next whole frame, when there is one. After `TooLong` the reader is of no more use.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let rest = &self.bytes[self.start..];
        let Some((length, body)) = rest.split_first_chunk::<LENGTH_BYTES>() else { return Ok(None) };
        let length = u32::from_be_bytes(*length) as usize;
        if length > FRAME_BYTES_MAX {
            return Err(FrameError::TooLong { length });
        }
        let Some(body) = body.get(..length) else { return Ok(None) };
        let body = body.to_vec();
        self.start += LENGTH_BYTES + length;
        Ok(Some(body))
    }

    /// Bytes that wait for the rest of their frame.
    pub fn waiting_bytes(&self) -> usize {
        self.bytes.len() - self.start
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::v1::{CrewMessage, FromVehicle, Ping, from_vehicle::Body};

    fn message(text: String) -> CrewMessage {
        CrewMessage { text, urgent: true, ..CrewMessage::default() }
    }

    #[test]
    fn a_lying_length_is_refused_before_its_bytes_are_kept() {
        let mut reader = FrameReader::default();
        reader.push(&[0xff, 0xff, 0xff, 0xff, 1, 2, 3]);
        assert_eq!(reader.next_frame(), Err(FrameError::TooLong { length: 0xffff_ffff }));
    }

    #[test]
    fn the_longest_frame_passes_and_one_byte_more_does_not() {
        let fits =
            |length: usize| encode_frame(&CrewMessage { text: "x".repeat(length), ..Default::default() });
        let overhead = fits(FRAME_BYTES_MAX - 100).unwrap().len() - LENGTH_BYTES - (FRAME_BYTES_MAX - 100);
        let longest = fits(FRAME_BYTES_MAX - overhead).unwrap();
        let mut reader = FrameReader::default();
        reader.push(&longest);
        assert_eq!(reader.next_frame().unwrap().unwrap().len(), FRAME_BYTES_MAX);
        assert_eq!(
            fits(FRAME_BYTES_MAX - overhead + 1),
            Err(FrameError::TooLong { length: FRAME_BYTES_MAX + 1 })
        );
    }

    #[test]
    fn a_bad_message_leaves_the_next_frame_readable() {
        let mut reader = FrameReader::default();
        reader.push(&[0, 0, 0, 2, 0xff, 0xff]);
        reader.push(&encode_frame(&FromVehicle { body: Some(Body::Ping(Ping { nonce: 7 })) }).unwrap());
        let bad = reader.next_frame().unwrap().unwrap();
        assert!(matches!(decode::<FromVehicle>(&bad), Err(FrameError::Undecodable(_))));
        let good = reader.next_frame().unwrap().unwrap();
        assert_eq!(decode::<FromVehicle>(&good).unwrap().body, Some(Body::Ping(Ping { nonce: 7 })));
        assert_eq!(reader.next_frame(), Ok(None));
    }

    proptest! {
        #[test]
        fn frames_survive_any_cut(
            texts in prop::collection::vec(".{0,80}", 0..12),
            cuts in prop::collection::vec(1usize..40, 1..40),
        ) {
            let sent: Vec<CrewMessage> = texts.into_iter().map(message).collect();
            let stream: Vec<u8> = sent.iter().flat_map(|one| encode_frame(one).unwrap()).collect();
            let mut reader = FrameReader::default();
            let mut received = Vec::new();
            let mut rest = stream.as_slice();
            let mut sizes = cuts.iter().cycle();
            while !rest.is_empty() {
                let (piece, tail) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
                reader.push(piece);
                rest = tail;
                while let Some(body) = reader.next_frame().unwrap() {
                    received.push(decode::<CrewMessage>(&body).unwrap());
                }
            }
            prop_assert_eq!(received, sent);
            prop_assert_eq!(reader.waiting_bytes(), 0);
        }

        #[test]
        fn any_bytes_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut reader = FrameReader::default();
            reader.push(&bytes);
            while let Ok(Some(body)) = reader.next_frame() {
                drop(decode::<FromVehicle>(&body));
            }
        }
    }
}
