//! The conversation on one connection, without a socket.

use std::path::Path;
use std::time::Instant;

use dispatch_core::effect::EffectId;
use proptest::prelude::*;

use super::super::Terminals;
use super::super::codec::{Downward, Edition, Header, Phone};
use super::super::session::{Act, How, Session};
use super::terminal::{away, position};

fn terminals() -> Terminals {
    let text = "[[terminals]]\nunit = 'A01'\nphone = '138'\nterminal_id = 'T1'\ncode = 'correct-horse'";
    Terminals::parse(Path::new("t"), text, &std::iter::once("A01".parse().unwrap()).collect()).unwrap()
}

fn contents(phone: &str, id: u16, serial: u16, packet: Option<(u16, u16)>, body: &[u8]) -> Vec<u8> {
    let header = Header { id, edition: Edition::Of2013, phone: Phone::parse(phone).unwrap(), serial, packet };
    header.write(body)
}

struct Heard {
    session: Session,
    terminals: Terminals,
    serial: u16,
}

impl Heard {
    fn stranger() -> Self {
        Self { session: Session::default(), terminals: terminals(), serial: 0 }
    }

    fn known() -> Self {
        let mut heard = Self::stranger();
        assert!(heard.say(0x0102, b"correct-horse").iter().any(|act| matches!(act, Act::Enter(_))));
        heard
    }

    fn say(&mut self, id: u16, body: &[u8]) -> Vec<Act> {
        self.serial += 1;
        let frame = contents("138", id, self.serial, None, body);
        self.session.hear(Ok(frame), &self.terminals, Instant::now())
    }

    /// The frame that the centre sends, if it is the only thing that follows.
    fn sent(acts: &[Act]) -> Vec<&[u8]> {
        acts.iter()
            .filter_map(|act| match act {
                Act::Send(frame) => Some(frame.as_slice()),
                _ => None,
            })
            .collect()
    }
}

fn frame(message: &Downward, serial: u16) -> Vec<u8> {
    message.frame(Phone::parse("138").unwrap(), Edition::Of2013, serial)
}

#[test]
fn the_pace_is_said_when_it_changes_and_an_order_asks_for_the_place() {
    let mut heard = Heard::known();
    // The answer to the code and the question for the place were 0 and 1.
    let acts = heard.session.pace(15);
    assert_eq!(Heard::sent(&acts), [frame(&Downward::ReportEvery { interval_s: 15 }, 2)]);
    assert_eq!(heard.session.pace(15), []);
    let acts = heard.session.pace(5);
    assert_eq!(
        Heard::sent(&acts),
        [frame(&Downward::ReportEvery { interval_s: 5 }, 3), frame(&Downward::LocateNow, 4)]
    );
    assert_eq!(Heard::sent(&heard.session.pace(15)).len(), 1, "the order ended: its place is no hurry");
    assert_eq!(Session::default().pace(5), [], "nobody is there");
}

#[test]
fn a_text_is_said_once_and_delivered_when_the_terminal_says_so() {
    let mut heard = Heard::known();
    let effect = EffectId { seq: 7, index: 0 };
    assert_eq!(
        Heard::sent(&heard.session.say(effect, "请走北门")),
        [frame(&Downward::Text("请走北门".into()), 2)]
    );
    assert_eq!(heard.session.say(effect, "请走北门"), []);
    let answer = |serial: u8, id: [u8; 2], result| [0, serial, id[0], id[1], result];
    let delivered = Act::Delivered(effect);
    for other in [answer(2, [0x81, 0x03], 0), answer(3, [0x83, 0x00], 0), answer(2, [0x83, 0x00], 1)] {
        assert!(!heard.say(0x0001, &other).contains(&delivered), "{other:?}");
    }
    assert!(heard.say(0x0001, &answer(2, [0x83, 0x00], 0)).contains(&delivered));
}

#[test]
fn an_emergency_is_said_once_until_it_is_over() {
    let mut heard = Heard::known();
    let mut pressed = position(away(0), 114.31, 30.61);
    let calm = pressed.clone();
    pressed[3] |= 1;
    let emergencies: Vec<usize> = [&calm, &pressed, &pressed, &calm, &pressed]
        .map(|body| heard.say(0x0200, body).iter().filter(|act| **act == Act::Emergency).count())
        .into();
    assert_eq!(emergencies, [0, 1, 0, 0, 1]);
}

#[test]
fn a_position_is_ordered_by_its_time_and_a_batch_by_its_positions() {
    let mut heard = Heard::known();
    let fixes = |acts: Vec<Act>| -> Vec<(u64, How)> {
        acts.iter()
            .filter_map(|act| match act {
                Act::Fix(fix, how) => Some((fix.seq, *how)),
                _ => None,
            })
            .collect()
    };
    let live = fixes(heard.say(0x0200, &position(away(0), 114.31, 30.61)));
    let mut batch = vec![0, 3, 1];
    for seconds in [-60, -50] {
        let one = position(away(seconds), 114.31, 30.61);
        batch.extend([0, one.len() as u8]);
        batch.extend(one);
    }
    batch.extend([0, 200, 1, 2, 3]);
    let acts = heard.say(0x0704, &batch);
    assert!(acts.contains(&Act::PassedOver("body")), "the third one lies about its length: {acts:?}");
    let late = fixes(acts);
    assert_eq!(late.iter().map(|(_, how)| *how).collect::<Vec<_>>(), [How::Backfilled; 2]);
    assert!(late[0].0 < late[1].0 && late[1].0 < live[0].0, "{late:?} {live:?}");
}

#[test]
fn who_leaves_must_show_its_code_again() {
    let mut heard = Heard::known();
    assert!(heard.say(0x0003, &[]).contains(&Act::Leave));
    let acts = heard.say(0x0200, &position(away(0), 114.31, 30.61));
    assert!(acts.contains(&Act::PassedOver("before_code")) && acts.len() == 2, "{acts:?}");
    assert!(heard.say(0x0102, b"correct-horse").iter().any(|act| matches!(act, Act::Enter(_))));
}

proptest! {
    /// Whatever a stranger says, in whatever order: without the code nothing of it reaches a unit.
    #[test]
    fn without_the_code_nothing_is_heard(
        said in prop::collection::vec(
            (
                prop_oneof![
                    Just(0x0001_u16), Just(0x0002), Just(0x0003), Just(0x0100), Just(0x0102), Just(0x0200),
                    Just(0x0201), Just(0x0704), any::<u16>(),
                ],
                prop_oneof![Just("138"), Just("139")],
                prop::option::of((0..4_u16, 0..4_u16)),
                prop_oneof![
                    prop::collection::vec(any::<u8>(), 0..60),
                    Just(position(away(0), 114.31, 30.61)),
                    Just(b"correct-horse2".to_vec()),
                ],
            ),
            1..30,
        ),
    ) {
        let mut heard = Heard::stranger();
        for (serial, (id, phone, packet, body)) in (0..).zip(said) {
            let frame = contents(phone, id, serial, packet, &body);
            for act in heard.session.hear(Ok(frame), &heard.terminals, Instant::now()) {
                let harmless = matches!(act, Act::Send(_) | Act::PassedOver(_) | Act::Refused(_) | Act::End(_));
                prop_assert!(harmless, "{act:?}");
            }
        }
    }
}
