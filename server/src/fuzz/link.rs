//! Frames and messages as a vehicle, or something that says it is one, may send them.

use link::v1::{self, Hello, StreamClass};
use link::{FrameReader, decode, encode_frame};
use prost::Message;

use super::damaged;

#[test]
fn frames_and_messages_of_vehicles() {
    let sound = sound_frames();
    bolero::check!(name = "link_frames").with_iterations(ITERATIONS).with_max_len(512).for_each(
        |input: &[u8]| {
            read(input);
            read(&damaged(&sound, input));
        },
    );
}

/// As a connection does: pieces of a stream, one frame after the other, until the first that cannot be read.
fn read(stream: &[u8]) {
    let mut reader = FrameReader::default();
    for piece in stream.chunks(7) {
        reader.push(piece);
        while let Ok(Some(body)) = reader.next_frame() {
            same_again::<Hello>(&body);
            same_again::<v1::FromVehicle>(&body);
            same_again::<v1::FromCentre>(&body);
            same_again::<v1::Position>(&body);
        }
    }
    assert!(reader.waiting_bytes() <= stream.len());
}

/// What was read is written and read as the same.
fn same_again<M: Message + Default>(body: &[u8]) {
    if let Ok(message) = decode::<M>(body) {
        let written = message.encode_to_vec();
        let again = decode::<M>(&written).expect("what was written can be read");
        assert_eq!(again.encode_to_vec(), written);
    }
}

fn sound_frames() -> Vec<u8> {
    let hello = Hello { stream_class: StreamClass::Duty.into(), boot: 7, ..Hello::default() };
    let position = v1::Position { seq: 3, speed_kmh: 31.5, ..v1::Position::default() };
    let text =
        v1::CrewMessage { text: "请走北门".to_owned(), urgent: true, ..v1::CrewMessage::default() };
    let content = Some(v1::delivery::Content::CrewMessage(text));
    let delivery = v1::Delivery { effect_id: "1042.0".to_owned(), content, ..v1::Delivery::default() };
    let body = Some(v1::from_centre::Body::Delivery(delivery));
    let ping = Some(v1::from_vehicle::Body::Ping(v1::Ping { nonce: 9 }));
    [
        encode_frame(&hello),
        encode_frame(&position),
        encode_frame(&v1::FromCentre { body }),
        encode_frame(&v1::FromVehicle { body: ping }),
    ]
    .into_iter()
    .flat_map(|frame| frame.expect("invariant: these are short"))
    .collect()
}

const ITERATIONS: usize = 2_000;
