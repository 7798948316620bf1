//! Frames that others wrote: units in service, and the tests of other implementations. `recorded.txt` names where each was published and what it says; the
//! expectations were worked out by another reader than ours, and agree with what the publishers say of their frames where they say it.

use super::super::{Answered, BatchKind, Downward, Edition, Phone, Registered, Report, Upward};
use super::{bytes, heard};

#[test]
fn frames_of_others_say_what_their_publishers_say() {
    let lines: Vec<&str> =
        include_str!("recorded.txt").lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines.len() % 2, 0);
    assert!(lines.len() / 2 >= 55, "{} frames", lines.len() / 2);
    for pair in lines.chunks(2) {
        let (frame, expected) = (pair[0], pair[1].strip_prefix("    = ").unwrap());
        assert_eq!(told(&bytes(frame)), expected, "{frame}");
    }
}

fn told(stream: &[u8]) -> String {
    let (header, message) = match heard(stream) {
        Ok(heard) => heard,
        Err(bad) => return format!("bad {}", bad.word()),
    };
    let edition = match header.edition {
        Edition::Of2013 => "2013",
        Edition::Of2019 { .. } => "2019",
    };
    let packet =
        header.packet.map_or(String::new(), |(total, number)| format!(" packet {number} of {total}"));
    let message = match message {
        Upward::Answer { serial, id, answered } => format!("answer {serial} {id:04x} {answered:?}"),
        Upward::Heartbeat => "heartbeat".to_owned(),
        Upward::Unregister => "unregister".to_owned(),
        Upward::Register(it) => {
            format!("register {}|{}|{}|{}", it.maker, it.model, it.terminal_id, it.plate)
        }
        Upward::Authenticate { code } => format!("code {}", super::super::text::read(&code)),
        Upward::Position(report) => format!("position {}", place(&report)),
        Upward::Located(report) => format!("located {}", place(&report)),
        Upward::Batch { kind, reports, bad } => {
            let bad = bad.iter().map(|bad| format!("bad {}", bad.word()));
            let all: Vec<String> = reports.iter().map(place).chain(bad).collect();
            format!("batch {kind:?} {}", all.join("; "))
        }
        Upward::Unknown => format!("unknown {:04x}", header.id),
    };
    format!("{edition} {} #{}{packet} {message}", header.phone, header.serial)
}

fn place(report: &Report) -> String {
    let mut words = report.place.map_or("no fix".to_owned(), |place| {
        let (latitude, longitude) = (place.position.latitude(), place.position.longitude());
        let at = jiff::Timestamp::from_microsecond(place.at.micros()).unwrap();
        let heading = place.heading_deg.map_or("-".to_owned(), |degrees| degrees.to_string());
        format!("{latitude:.6},{longitude:.6} {:.1} km/h {heading} {at}", place.speed_kmh)
    });
    let items = &report.items;
    let more = [
        items.mileage_km.map(|km| format!(" {km:.1} km")),
        items.satellites.map(|count| format!(" satellites {count}")),
        items.signal.map(|strength| format!(" signal {strength}")),
        report.items_broken.then(|| " broken".to_owned()),
    ];
    words.extend(more.into_iter().flatten());
    words
}

#[test]
fn the_centre_says_what_other_platforms_say() {
    let (old, new) = (Edition::Of2013, Edition::Of2019 { version: 1 });
    let answer = |serial, id| Downward::Answer { serial, id, answered: Answered::Done };
    let registered = |code: &str| Downward::Registered {
        serial: 0,
        registered: Registered::Known { code: code.as_bytes().to_vec() },
    };
    // cuteLittleDevil/go-jt808, reply_test.go; makeclan/xtream-codec, codec-utils.ts (the last three).
    let cases = [
        ("12345678901", old, answer(0x7fff, 0x0200), "7e8001000501234567890100007fff0200008e7e"),
        ("17299841738", new, answer(0xffff, 0x0200), "7e8001400501000000000172998417380000ffff020000867e"),
        ("17299841738", new, answer(0, 0x0102), "7e80014005010000000001729984173800000000010200877e"),
        (
            "12345678901",
            old,
            registered("12345678901"),
            "7e8100000e01234567890100000000003132333435363738393031377e",
        ),
        (
            "17299841738",
            new,
            registered("17299841738"),
            "7e8100400e010000000001729984173800000000003137323939383431373338ba7e",
        ),
        ("13912344329", new, answer(0x6f, 0x0200), "7e8001400501000000000139123443290000006f020000dc7e"),
        ("13912344329", new, Downward::LocateNow, "7e8201400001000000000139123443290000b67e"),
    ];
    for (phone, edition, said, expected) in cases {
        let phone = Phone::parse(phone).unwrap();
        assert_eq!(said.frame(phone, edition, 0), bytes(expected), "{said:?}");
    }
    // Theirs is for the advertising screen (1), ours is urgent, shown and read; the checksum differs as the flag does.
    let words = Downward::Text("HelloWorld 汉字 GBK 编码".to_owned());
    for (phone, edition, flag_at, flag, theirs) in [
        (
            "13912344323",
            old,
            13,
            0x0d,
            "7e8300001901391234432300000148656c6c6f576f726c6420babad7d62047424b20b1e0c2ebf27e",
        ),
        (
            "13912344329",
            new,
            18,
            0x0e,
            "7e8300401a01000000000139123443290000010148656c6c6f576f726c6420babad7d62047424b20b1e0c2ebbb7e",
        ),
    ] {
        let mut expected = bytes(theirs);
        let checksum_at = expected.len() - 2;
        assert_eq!(std::mem::replace(&mut expected[flag_at], flag), 1);
        expected[checksum_at] ^= flag ^ 1;
        assert_eq!(words.frame(Phone::parse(phone).unwrap(), edition, 0), expected);
    }
}

#[test]
fn settings_are_as_the_standard_lays_them_out() {
    let frame =
        Downward::ReportEvery { interval_s: 15 }.frame(Phone::parse("138").unwrap(), Edition::Of2013, 7);
    assert_eq!(frame[13..frame.len() - 2], [1, 0, 0, 0, 0x29, 4, 0, 0, 0, 15]);
}

#[test]
fn a_batch_of_others_is_backfilled_and_ordered() {
    let all = include_str!("recorded.txt").lines().find(|line| line.starts_with("7e070400db")).unwrap();
    let Ok((_, Upward::Batch { kind, reports, bad })) = heard(&bytes(all)) else { panic!("no batch") };
    assert_eq!((kind, reports.len(), bad.len()), (BatchKind::Backfilled, 3, 0));
    assert!(reports.is_sorted_by_key(|report| report.place.map(|place| place.at)));
}
