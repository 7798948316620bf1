//! A month of calls, some of which somebody comes back to weeks later.

use std::sync::Arc;

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Outcome, Stage, StampSource};
use dispatch_core::ids::{AssignmentId, CallId, IncidentId};
use dispatch_core::incident::{
    CallSource, IncidentKind, IncidentNumber, IncidentSketch, Level, Needs, Place, Triage,
};
use dispatch_core::private::Private;
use dispatch_core::reports::{Ledger, Period, response_times};
use dispatch_core::{Event, Fact, Span, UtcTime};
use uuid::Uuid;

use super::History;
use crate::centre::Journalled;
use crate::journal::writer::Decided;
use crate::journal::{Journal, JournalReader, Opened};
use crate::testing::TempFolder;

const DAYS: i64 = 30;
const CALLS_A_DAY: i64 = 4;
const HOUR_S: i64 = 3600;

fn at(seconds: i64) -> UtcTime {
    let start: UtcTime = "2026-09-01T00:00:00Z".parse().unwrap();
    start + Span::seconds(seconds)
}

fn id(kind: u128, number: i64) -> Uuid {
    Uuid::from_u128((kind << 64) | u128::try_from(number).unwrap())
}

/// A call in every six hours, with one run each; every tenth is corrected three weeks later, and every seventh merged into the one before.
fn month() -> Vec<Event> {
    let mut events: Vec<Event> = (0..DAYS * CALLS_A_DAY).flat_map(life).collect();
    events.sort_by_key(|event| event.at);
    events
}

fn life(number: i64) -> Vec<Event> {
    let begin = number * 24 * HOUR_S / CALLS_A_DAY;
    let (call, incident) = (CallId::new(id(1, number)), IncidentId::new(id(2, number)));
    let (assignment, unit) = (AssignmentId::new(id(3, number)), "A01".parse().unwrap());
    let note = |seconds: i64, fact| Event { at: at(begin + seconds), by: Actor::rule("test"), fact };
    let stage = |stage, seconds: i64| Fact::StageReported {
        assignment,
        stage,
        at: at(begin + seconds),
        source: StampSource::Terminal,
        advances: true,
    };
    let source = CallSource::Telephone;
    let count = u32::try_from(number).unwrap();
    let named = IncidentNumber { date: 20_260_901, count };
    let mut events = vec![
        note(
            0,
            Fact::CallReceived {
                call,
                source,
                phone: Private::default(),
                text_only: false,
                place: Box::default(),
            },
        ),
        note(9, Fact::CallAnswered { call }),
        note(
            30,
            Fact::IncidentCreated { incident, number: named, call: Some(call), sketch: sketch().into() },
        ),
        note(
            60,
            Fact::UnitAssigned { assignment, incident, unit, proposal: None, reason: None, choice: None },
        ),
        note(160 + number, stage(Stage::Rolling, 160 + number)),
        note(600, stage(Stage::OnScene, 600)),
    ];
    let (source, reason) = (StampSource::Terminal, String::new());
    let ended = Fact::AssignmentEnded {
        assignment,
        outcome: Outcome::NoPatient,
        at: at(begin + 900),
        reason,
        source,
    };
    events.push(note(900, ended));
    if number % 10 == 3 {
        let reason = "误".to_owned();
        let fact = Fact::StageCorrected { assignment, stage: Stage::Rolling, at: at(begin + 100), reason };
        events.push(note(21 * 24 * HOUR_S, fact));
    }
    if number % 7 == 6 {
        let into = IncidentId::new(id(2, number - 1));
        events.push(note(15 * 24 * HOUR_S, Fact::IncidentMerged { incident, into }));
    }
    events
}

fn sketch() -> IncidentSketch {
    IncidentSketch {
        kind: IncidentKind::Emergency,
        complaint: "胸痛".to_owned(),
        triage: Triage::level(Level::II),
        place: Place::default(),
        patients: Vec::new(),
        needs: Needs::default(),
        notes: String::new(),
        wish: None,
        text_only: false,
        test: false,
        scheduled_at: None,
    }
}

fn write(folder: &TempFolder, events: &[Event]) -> JournalReader {
    let Opened { mut journal, .. } = Journal::open(folder.path(), |_| {}).unwrap();
    let epoch = journal.epoch();
    let rows =
        events.iter().zip(1..).map(|(event, seq)| Arc::new(Journalled { seq, epoch, event: event.clone() }));
    let decided = Decided { events: rows.collect(), keyed: None, reply: None };
    journal.append(&[decided]).unwrap();
    JournalReader::open(journal.path()).unwrap()
}

#[test]
fn a_report_on_any_time_is_what_the_whole_journal_gives() {
    let folder = TempFolder::new("history");
    let events = month();
    let reader = write(&folder, &events);
    let (whole, last) = (Ledger::of(&events), events.len() as u64);
    let history = History::new(folder.path());
    let all_rows = whole.runs().count();
    let in_memory = history.up_to(&reader, last, |read| read.ledger.runs().count()).unwrap();
    assert!(in_memory < all_rows / 2, "{in_memory} of {all_rows} runs are in memory");
    let day = 24 * HOUR_S;
    for (from, to) in [(0, 60), (0, 1), (3, 4), (5, 12), (20, 40), (29, 30), (55, 60)] {
        let period = Period::between(at(from * day), at(to * day)).unwrap();
        let (ledger, seq) = history.rows_of(&reader, last, &period).unwrap();
        assert_eq!(seq, last);
        assert_eq!(response_times(&ledger, &period), response_times(&whole, &period), "days {from} to {to}");
    }
}

#[test]
fn another_start_begins_with_an_empty_file() {
    let folder = TempFolder::new("history");
    let reader = write(&folder, &month());
    let last = month().len() as u64;
    let period = Period::between(at(0), at(60 * 24 * HOUR_S)).unwrap();
    for start in 1..=2 {
        let history = History::new(folder.path());
        let rows = history.rows_of(&reader, last, &period).unwrap().0.runs().count();
        let in_memory = history.up_to(&reader, last, |read| read.ledger.runs().count()).unwrap();
        assert!(
            rows == Ledger::of(&month()).runs().count() && in_memory < rows / 2,
            "start {start}: {in_memory} of {rows}"
        );
    }
}
