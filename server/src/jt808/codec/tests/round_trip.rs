//! Whatever can be said is heard as it was said, and whatever comes is an answer and not a panic.

use dispatch_core::UtcTime;
use proptest::option;
use proptest::prelude::*;
use roads::Wgs84;

use super::super::position::{Items, Placed};
use super::super::{
    Assembly, BODY_BYTES_MAX, BatchKind, Deframer, Edition, Header, Phone, Report, Upward, enclose,
};
use super::heard;

fn phone() -> impl Strategy<Value = Phone> {
    "[1-9][0-9]{0,11}".prop_map(|digits| Phone::parse(&digits).unwrap())
}

fn edition() -> impl Strategy<Value = Edition> {
    prop_oneof![Just(Edition::Of2013), any::<u8>().prop_map(|version| Edition::Of2019 { version })]
}

fn header(id: u16) -> impl Strategy<Value = Header> {
    let packet = option::of((1..20_u16, 1..20_u16));
    (phone(), edition(), any::<u16>(), packet).prop_map(move |(phone, edition, serial, packet)| Header {
        id,
        edition,
        phone,
        serial,
        packet,
    })
}

fn placed() -> impl Strategy<Value = Placed> {
    let seconds = 946_656_000_i64..4_102_415_999;
    let (longitude, latitude) = (-180_000_000..=180_000_000_i32, -90_000_000..=90_000_000_i32);
    (seconds, longitude, latitude, any::<u16>(), 0..=3_000_u16, option::of(0..=360_u16)).prop_map(
        |(seconds, longitude, latitude, altitude_m, speed, heading)| Placed {
            at: UtcTime::from_micros(seconds * 1_000_000),
            position: Wgs84::new(f64::from(longitude) / 1e6, f64::from(latitude) / 1e6).unwrap(),
            altitude_m,
            speed_kmh: f32::from(speed) / 10.0,
            heading_deg: heading.map(f32::from),
        },
    )
}

fn report() -> impl Strategy<Value = Report> {
    let items =
        (option::of(any::<u32>()), option::of(any::<u16>()), any::<Option<u8>>(), any::<Option<u8>>());
    (any::<u32>(), option::of(placed()), items, any::<bool>()).prop_map(
        |(alarm, place, items, items_broken)| {
            let (mileage, speed, signal, satellites) = items;
            let items = Items {
                mileage_km: mileage.map(|tenths| f64::from(tenths) / 10.0),
                instrument_speed_kmh: speed.map(|tenths| f32::from(tenths) / 10.0),
                signal,
                satellites,
            };
            Report { alarm, place, items, items_broken }
        },
    )
}

/// The body of a batch, as a terminal writes it.
fn batch(reports: &[Report]) -> Vec<u8> {
    let mut body = (reports.len() as u16).to_be_bytes().to_vec();
    body.push(1);
    for report in reports {
        let one = report.written();
        body.extend((one.len() as u16).to_be_bytes());
        body.extend(one);
    }
    body
}

proptest! {
    #[test]
    fn a_header_and_body_come_through_a_stream_cut_anywhere(
        header in (0..u16::MAX).prop_flat_map(header),
        body in prop::collection::vec(prop_oneof![Just(0x7e), Just(0x7d), any::<u8>()], 0..=BODY_BYTES_MAX),
        before in prop::collection::vec(any::<u8>().prop_filter("no flag", |byte| *byte != 0x7e), 0..20),
    ) {
        let frame = enclose(&header.write(&body));
        prop_assert!(!frame[1..frame.len() - 1].contains(&0x7e));
        let mut deframer = Deframer::default();
        let heard: Vec<_> =
            before.iter().chain(&frame).chain(&frame).filter_map(|byte| deframer.push(*byte)).collect();
        let contents: Vec<_> = heard.into_iter().filter_map(Result::ok).collect();
        prop_assert_eq!(contents.len(), 2);
        for contents in contents {
            prop_assert_eq!(Header::read(&contents), Ok((header, body.as_slice())));
        }
    }

    #[test]
    fn one_changed_bit_is_never_a_message(report in report(), place in 1..40_usize, bit in 0..8_u8) {
        let header = Header {
            id: 0x0200, edition: Edition::Of2013, phone: Phone::parse("138").unwrap(), serial: 1, packet: None,
        };
        let mut frame = enclose(&header.write(&report.written()));
        frame[place] ^= 1 << bit;
        let mut deframer = Deframer::default();
        // A changed bit in an escape may leave the checksum as it was: then it is the length that lies.
        let contents = frame.iter().filter_map(|byte| deframer.push(*byte)).filter_map(Result::ok);
        let heard = contents.filter(|contents| Header::read(contents).is_ok()).collect::<Vec<_>>();
        prop_assert_eq!(heard, Vec::<Vec<u8>>::new());
    }

    #[test]
    fn a_position_is_heard_as_it_was_said(report in report(), header in header(0x0200)) {
        let header = Header { packet: None, ..header };
        let said = heard(&enclose(&header.write(&report.written())));
        prop_assert_eq!(said, Ok((header, Upward::Position(report))));
    }

    #[test]
    fn a_batch_in_packets_is_heard_whole(reports in prop::collection::vec(report(), 1..60), first in any::<u16>()) {
        let body = batch(&reports);
        let phone = Phone::parse("13800138000").unwrap();
        let pieces: Vec<&[u8]> = body.chunks(BODY_BYTES_MAX).collect();
        let mut assembly = Assembly::default();
        let now = std::time::Instant::now();
        let mut whole = None;
        for (place, piece) in pieces.iter().enumerate() {
            prop_assert_eq!(&whole, &None);
            let packet = Some((pieces.len() as u16, place as u16 + 1));
            let serial = first.wrapping_add(place as u16);
            let header = Header { id: 0x0704, edition: Edition::Of2013, phone, serial, packet };
            whole = assembly.take(&header, piece, now).unwrap().whole;
        }
        prop_assert_eq!(whole.as_deref(), Some(body.as_slice()));
        let header = Header { id: 0x0704, edition: Edition::Of2013, phone, serial: first, packet: None };
        let kind = BatchKind::Backfilled;
        prop_assert_eq!(Upward::read(&header, &body), Ok(Upward::Batch { kind, reports, bad: Vec::new() }));
    }
}
