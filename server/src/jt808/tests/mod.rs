//! The door over a real TCP connection on loopback, in front of a real centre.

mod conversation;
mod terminal;

use std::path::Path;
use std::time::Duration;

use dispatch_core::Action;
use dispatch_core::ids::UnitId;

use super::{Enrolment, Gateway, Terminals};
use crate::centre::{CentreHandle, Submission};
use crate::clock::Clock;
use crate::config::Jt808Config;
use crate::positions::LinkState;
use crate::running::RunningCentre;
use crate::testing::{TempFolder, at_desk, start, two_units};
use terminal::{TestTerminal, away, position};

/// How long anything may take on a busy machine.
const WITHIN: Duration = Duration::from_secs(20);

struct Door {
    centre: Option<RunningCentre>,
    address: std::net::SocketAddr,
    enrolment: Enrolment,
    _folder: TempFolder,
}

const FIRST: &str = "[[terminals]]\nunit = 'A01'\nphone = '013800138000'\nterminal_id = '1234567'\ncode = 'correct-horse'\ntext = true\n";
const SECOND: &str = "[[terminals]]\nunit = 'A02'\nphone = '13800138002'\ncode = 'battery-staple'\n";

fn list(text: &str) -> Terminals {
    let units = ["A01", "A02"].map(|unit| unit.parse().unwrap()).into();
    Terminals::parse(Path::new("terminals.toml"), text, &units).unwrap()
}

impl Door {
    async fn open() -> Self {
        let folder = TempFolder::new("jt808");
        let centre = start(folder.path(), Clock::real());
        for action in two_units() {
            centre.handle().submit(Submission::new(at_desk(action))).await.unwrap();
        }
        let config = Jt808Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            terminals: "terminals.toml".into(),
            report_on_task_s: 5,
            report_standby_s: 15,
            idle_s: 180,
        };
        let terminals = list(&format!("{FIRST}{SECOND}"));
        let gateway = Gateway::open(&config, terminals, centre.handle().clone()).await.unwrap();
        let (address, enrolment) = (gateway.listens_at().unwrap(), gateway.enrolment());
        tokio::spawn(gateway.run(std::future::pending()));
        Self { centre: Some(centre), address, enrolment, _folder: folder }
    }

    fn centre(&self) -> &CentreHandle {
        self.centre.as_ref().expect("invariant: it runs until the end").handle()
    }

    fn link(&self, unit: &str) -> LinkState {
        self.centre().link_state(unit.parse().unwrap())
    }

    fn place(&self, unit: &str) -> Option<(f64, f64)> {
        let unit: UnitId = unit.parse().unwrap();
        let picture = self.centre().picture();
        let fix = picture.unit(unit)?.fix;
        Some((fix.position.longitude(), fix.position.latitude()))
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(centre) = self.centre.take() {
            centre.stop();
        }
    }
}

async fn poll(what: &str, mut done: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(WITHIN, async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(waited.await.is_ok(), "waited in vain: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_registers_shows_its_code_and_its_unit_is_where_it_says() {
    let door = Door::open().await;
    let mut terminal = TestTerminal::connect(&door, "13800138000").await;
    // Nothing is heard before the code.
    terminal.say(0x0200, &position(away(0), 114.2, 30.5)).await;
    assert_eq!(terminal.answer().await, (0x0200, 1));
    assert_eq!(terminal.register("1234567").await, (0, b"correct-horse".to_vec()));
    assert_eq!(terminal.show(b"correct-horse").await, 0);
    terminal.say(0x0200, &position(away(0), 114.31, 30.61)).await;
    poll("the position", || door.place("A01") == Some((114.31, 30.61))).await;
    assert_eq!(door.link("A01"), LinkState::Tracked);
    assert_eq!(door.link("A02"), LinkState::Down);
    terminal.hang_up();
    poll("the end", || door.link("A01") == LinkState::Down).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_backfilled_never_moves_now_backwards() {
    let door = Door::open().await;
    let mut terminal = TestTerminal::known(&door, "13800138000", b"correct-horse").await;
    terminal.say(0x0200, &position(away(-5), 114.31, 30.61)).await;
    poll("the position", || door.place("A01") == Some((114.31, 30.61))).await;
    let old: Vec<_> = (1..=40).map(|n| position(away(-600 + n), 114.30, 30.60 + n as f64 * 1e-5)).collect();
    terminal.say_batch(&old).await;
    terminal.say(0x0200, &position(away(0), 114.3101, 30.61)).await;
    let mut seen = Vec::new();
    poll("the newer one", || {
        seen.extend(door.place("A01"));
        seen.last() == Some(&(114.3101, 30.61))
    })
    .await;
    assert!(seen.iter().all(|(longitude, _)| *longitude >= 114.31), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_frames_cost_nobody_the_connection() {
    let door = Door::open().await;
    let mut terminal = TestTerminal::known(&door, "13800138000", b"correct-horse").await;
    let good = position(away(0), 114.31, 30.61);
    terminal.raw(b"GET / HTTP/1.1\r\n\r\n").await;
    terminal.raw(&[0x7e; 50]).await;
    terminal.raw(&vec![0x55; 100_000]).await;
    terminal.say(0x0200, &good[..20]).await;
    assert_eq!(terminal.answer().await, (0x0200, 2), "too short for a position");
    let mut nowhere = good.clone();
    nowhere[8] = 0xff;
    terminal.say(0x0200, &nowhere).await;
    assert_eq!(terminal.answer().await, (0x0200, 2), "no place on the earth");
    let mut lying = good.clone();
    lying.extend([0x01, 0x40, 0, 0]);
    terminal.say(0x0200, &lying).await;
    assert_eq!(terminal.answer().await, (0x0200, 0), "only what was added lies");
    poll("its position", || door.place("A01") == Some((114.31, 30.61))).await;
    terminal.say_as("13800138002", 0x0200, &position(away(0), 115.0, 31.0)).await;
    terminal.say(0x0f01, b"what vendors invent").await;
    assert_eq!(terminal.answer().await, (0x0f01, 3));
    assert_eq!((door.place("A02"), door.link("A01")), (None, LinkState::Tracked));
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_stay_outside() {
    let door = Door::open().await;
    let mut stranger = TestTerminal::connect(&door, "13900139000").await;
    assert_eq!(stranger.register("1234567").await, (4, Vec::new()));
    assert_eq!(stranger.show(b"correct-horse").await, 1);
    let mut thief = TestTerminal::connect(&door, "13800138000").await;
    assert_eq!(thief.register("7654321").await, (4, Vec::new()), "another terminal with our card");
    for guess in [b"".as_slice(), b"correct-hors", b"correct-horse2"] {
        assert_eq!(thief.show(guess).await, 1);
    }
    thief.show_and_leave(b"12345678").await;
    assert!(thief.is_ended().await, "the fifth time is the last");
    let mut by_hand = TestTerminal::connect(&door, "13800138002").await;
    assert_eq!(by_hand.register("").await, (4, Vec::new()), "its code was put in by hand");
    assert_eq!(by_hand.show(b"battery-staple").await, 0);
    assert_eq!((door.link("A01"), door.link("A02")), (LinkState::Down, LinkState::Tracked));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_connection_has_the_place_and_who_is_taken_off_the_list_loses_it() {
    let door = Door::open().await;
    let mut old = TestTerminal::known(&door, "13800138000", b"correct-horse").await;
    let mut new = TestTerminal::known(&door, "13800138000", b"correct-horse").await;
    assert!(old.is_ended().await);
    new.say(0x0002, &[]).await;
    assert_eq!(new.answer().await, (0x0002, 0));
    assert_eq!(door.link("A01"), LinkState::Tracked);
    let begun = std::time::Instant::now();
    door.enrolment.replace(list(SECOND));
    assert!(new.is_ended().await);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    poll("the end", || door.link("A01") == LinkState::Down).await;
    let mut again = TestTerminal::connect(&door, "13800138000").await;
    assert_eq!(again.show(b"correct-horse").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_to_the_crew_goes_by_text_and_is_on_record_when_the_terminal_has_it() {
    let door = Door::open().await;
    let mut terminal = TestTerminal::known(&door, "13800138000", b"correct-horse").await;
    let unit: UnitId = "A01".parse().unwrap();
    let message = Action::MessageCrew { unit, text: "请走北门".to_owned() };
    door.centre().submit(Submission::new(at_desk(message))).await.unwrap();
    let (serial, text) = terminal.text().await;
    assert_eq!(text, "请走北门");
    assert_eq!(door.centre().undelivered(unit).len(), 1);
    terminal.answer_to(0x8300, serial).await;
    poll("the delivery", || door.centre().undelivered(unit).is_empty()).await;
}
