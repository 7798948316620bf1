//! Streams as a tracker, or something that says it is one, may send them.

use std::time::Instant;

use super::damaged;
use crate::jt808::{Assembly, Deframer, Header, Upward, enclose};

#[test]
fn streams_of_trackers() {
    let sound = sound_stream();
    bolero::check!(name = "jt808_stream").with_iterations(ITERATIONS).with_max_len(512).for_each(
        |input: &[u8]| {
            read(input);
            read(&damaged(&sound, input));
            // Behind a right checksum, too: as somebody would send it on purpose.
            read(&enclose(input));
            for contents in frames(&sound) {
                read(&enclose(&damaged(&contents, input)));
            }
        },
    );
}

/// As a connection does: byte by byte, packets put together.
fn read(stream: &[u8]) {
    let mut assembly = Assembly::default();
    let now = Instant::now();
    for contents in frames(stream) {
        let Ok((header, body)) = Header::read(&contents) else { continue };
        assert_eq!(header.write(body)[4..], contents[4..], "a header is written as it was read");
        let whole = match header.packet {
            None => Some(body.to_vec()),
            Some(_) => assembly.take(&header, body, now).ok().and_then(|fitted| fitted.whole),
        };
        if let Some(whole) = whole {
            let _ = Upward::read(&header, &whole);
        }
    }
}

/// The sound frames of a stream.
fn frames(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut deframer = Deframer::default();
    stream.iter().filter_map(|byte| deframer.push(*byte)).filter_map(Result::ok).collect()
}

/// Both editions: a registration, a code, positions, a batch, a packet.
fn sound_stream() -> Vec<u8> {
    let recorded = include_str!("../jt808/codec/tests/recorded.txt");
    let hexadecimal = recorded.lines().filter(|line| line.starts_with("7e"));
    let pairs = |line: &str| {
        let digits: Vec<u8> = line.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect::<Vec<u8>>()
    };
    hexadecimal.flat_map(pairs).collect()
}

const ITERATIONS: usize = 500;
