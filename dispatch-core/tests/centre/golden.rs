//! The stored form of every kind of fact, frozen: `golden.jsonl` must always be read, and give the record whose digest stands below.
//!
//! A new kind of fact does not compile until it is listed here, and the test fails until the file holds one: add it to [`everything`], and
//! let `UPDATE_EXPECT=1` write the file anew. **Lines that are there must not change**: journals in the field look like them.

use std::path::Path;

use dispatch_core::accident::{
    AccidentChange, AccidentGrade, AccidentSketch, Allotment, ByColour, Colour, Release,
};
use dispatch_core::assignment::{Outcome, Stage, StampSource};
use dispatch_core::destination::Diversion;
use dispatch_core::erasure::Subject;
use dispatch_core::escalation::{About, EscalationKey, EscalationKind};
use dispatch_core::ids::{AccidentId, AssignmentId, CallId, ClosureId, FileId, IncidentId, StationId};
use dispatch_core::incident::{CallEnd, Level, Offered, Sex};
use dispatch_core::journal::read;
use dispatch_core::journal::v2::{Opened, Sealed};
use dispatch_core::patient::{
    Alert, AlertKind, FileCard, FileKind, Findings, PatientEntry, Score, ScoreKind, Severity, Vitals,
    VitalsSource,
};
use dispatch_core::policy::cover::CoverZones;
use dispatch_core::policy::dmexclp::MoveUp;
use dispatch_core::private::Private;
use dispatch_core::roadworks::Closure;
use dispatch_core::{DispatchCentre, Event, Fact, Record, Span, UtcTime};
use expect_test::expect;
use uuid::Uuid;

use crate::city::{City, desk, hospital, unit};
use crate::erasure::told_everything;
use crate::sealed::Stored;

macro_rules! kinds {
    ($($kind:ident)*) => {
        /// Every kind of fact.
        const KINDS: &[&str] = &[$(stringify!($kind)),*];

        fn kind(fact: &Fact) -> &'static str {
            match fact {
                $(Fact::$kind { .. } => stringify!($kind),)*
            }
        }
    };
}

kinds! {
    RulesAdopted StationRegistered UnitRegistered HospitalRegistered CoverAdopted CallReceived CallAnswered LineWritten CallLocated
    CallJoined CallParted CallEnded CallerRevealed IncidentCreated IncidentChanged IncidentMerged IncidentSplit IncidentHeld
    IncidentWoken IncidentCancelled UnitReserved ReservationReleased IncidentRedirected HandoffOffered HandoffAccepted
    HandoffWithdrawn IncidentDone AccidentDeclared AccidentChanged AccidentClosed ProposalMade UnitAssigned StageReported
    StageCorrected AssignmentEnded DestinationChosen ArrivalAcknowledged CrewMessaged SignedOn SignedOff UnitPaused UnitResumed
    MoveUpAdvised MoveUpDeclined UnitPosted UnitSilent UnitHeard HospitalDiverted RoadClosed RoadOpened EffectDelivered
    EscalationRaised EscalationAcknowledged PersonalDataErased CallEnteredFromPaper IncidentEnteredFromPaper
    EventsBroughtIn PatientCharted
}

/// A city where everything has happened, whether it makes sense or not: what is written is tried here, not what is decided.
fn everything() -> City {
    let (mut city, incident, accident) = told_everything();
    happens(&mut city, of_an_accident(accident, incident));
    let other = city.incident(Level::II);
    city.proposes(other, &["A01", "A02"]);
    let assignment = city.sends(other, "A01");
    city.wait(40);
    city.presses(assignment, &[Stage::Acknowledged, Stage::Rolling, Stage::OnScene]);
    let call = city.call();
    let effect = *city.centre.record().outbox().keys().next().unwrap();
    happens(&mut city, [Fact::EffectDelivered { effect }]);
    let now = city.now;
    happens(&mut city, of_a_run(call, other, incident, now));
    happens(&mut city, of_an_order(assignment, now));
    let closure = ClosureId::new(city.uuid());
    happens(&mut city, of_units(now));
    happens(&mut city, of_the_city(closure, now));
    let (third, fourth) = (city.incident(Level::IV), city.incident(Level::III));
    happens(
        &mut city,
        [
            Fact::IncidentRedirected { incident: third, to: "邻市".to_owned(), reason: reason() },
            Fact::IncidentDone { incident: fourth },
            Fact::AccidentClosed { accident, reason: reason() },
            Fact::IncidentCancelled { incident, reason: reason() },
            Fact::PersonalDataErased { subjects: vec![Subject::Incident(incident)], reason: reason() },
        ],
    );
    // Later kinds come last: the lines before them stay as they are.
    let form = crate::paper::form(&mut city);
    let entering = crate::paper::entering(&mut city, form);
    city.does(entering);
    let (calls, incidents) = (vec![call], vec![other]);
    happens(&mut city, [Fact::EventsBroughtIn { node: 2, events: 31, left_out: 1, calls, incidents }]);
    happens(&mut city, of_a_patient(assignment, other, now));
    city
}

fn reason() -> String {
    "原因".to_owned()
}

fn station(code: &str) -> StationId {
    code.parse().unwrap()
}

fn of_an_accident(accident: AccidentId, incident: IncidentId) -> Vec<Fact> {
    let mut beds = ByColour::default();
    *beds.of_mut(Colour::Red) = 2;
    let (title, notes) = ("二桥".to_owned(), "注意".to_owned());
    let sketch = AccidentSketch { title, grade: Some(AccidentGrade::II), notes };
    let (casualties, hospital) = (vec![2], hospital("H01"));
    let assignment = AssignmentId::new(Uuid::from_u128(9));
    let other = IncidentId::new(Uuid::from_u128(5));
    let changes = [
        AccidentChange::Described { sketch },
        AccidentChange::SceneAdded { incident: other },
        AccidentChange::SceneRemoved { incident: other },
        AccidentChange::Found { scene: incident, colour: Colour::Red, count: 3 },
        AccidentChange::Struck { casualties: vec![4] },
        AccidentChange::BedsOffered { hospital, beds },
        AccidentChange::BedsKept { allotments: vec![Allotment { casualty: 2, hospital }] },
        AccidentChange::BedsFreed { casualties: casualties.clone() },
        AccidentChange::Loaded { assignment, casualties: casualties.clone() },
        AccidentChange::Unloaded { casualties: casualties.clone() },
        AccidentChange::Arrived { casualties: casualties.clone(), hospital },
        AccidentChange::Released { casualties: casualties.clone(), how: Release::Treated },
        AccidentChange::Restored { casualties },
    ];
    changes.map(|change| Fact::AccidentChanged { accident, change: Box::new(change) }).to_vec()
}

fn of_a_run(call: CallId, other: IncidentId, incident: IncidentId, now: UtcTime) -> Vec<Fact> {
    let (about, to) = (Offered::Call(call), || "邻市".to_owned());
    vec![
        Fact::CallJoined { call, incident: other },
        Fact::CallParted { call, from: other },
        Fact::CallerRevealed { call },
        Fact::CallEnded { call, how: CallEnd::Advice },
        Fact::UnitReserved { incident: other, unit: unit("A02") },
        Fact::ReservationReleased { incident: other, unit: unit("A02") },
        Fact::IncidentHeld { incident: other, reason: reason(), until: now + Span::seconds(600) },
        Fact::IncidentWoken { incident: other },
        Fact::IncidentMerged { incident: other, into: incident },
        Fact::IncidentSplit { incident: other, from: incident },
        Fact::HandoffOffered { about, to: to(), reason: reason() },
        Fact::HandoffWithdrawn { about, reason: reason() },
        Fact::HandoffAccepted { about, to: to(), accepted_by: "周".to_owned() },
    ]
}

fn of_an_order(assignment: AssignmentId, now: UtcTime) -> Vec<Fact> {
    let (outcome, source) = (Outcome::NoPatient, StampSource::Desk);
    vec![
        Fact::StageCorrected { assignment, stage: Stage::Rolling, at: now, reason: reason() },
        Fact::DestinationChosen { assignment, hospital: hospital("H01"), reason: reason() },
        Fact::ArrivalAcknowledged { assignment },
        Fact::AssignmentEnded { assignment, outcome, at: now, reason: reason(), source },
    ]
}

fn file(number: u128, kind: FileKind, media_type: &str) -> PatientEntry {
    let ecg = kind == FileKind::Ecg;
    PatientEntry::File(FileCard {
        id: FileId::new(Uuid::from_u128(number)),
        kind,
        media_type: media_type.to_owned(),
        gzip: ecg,
        bytes: 80_000,
        sha256: "00ff".to_owned(),
        device: if ecg { "M1".to_owned() } else { String::new() },
        key: Private::new("0a0b"),
    })
}

fn of_a_patient(assignment: AssignmentId, incident: IncidentId, now: UtcTime) -> Vec<Fact> {
    let vitals = Vitals {
        source: VitalsSource::Monitor,
        device: "M1".to_owned(),
        doubtful: true,
        heart_rate_per_min: Some(0),
        systolic_mmhg: Some(120),
        diastolic_mmhg: Some(80),
        spo2_percent: Some(97),
        respiration_per_min: Some(16),
        temperature_c: Some(36.6),
        etco2_mmhg: Some(38),
        glucose_mmol_l: Some(5.5),
    };
    let findings = Findings {
        name: Private::new("欧阳甲"),
        sex: Some(Sex::Female),
        age_years: Some(31),
        severity: Some(Severity::Critical),
        complaint: "甲".to_owned(),
        history: "乙".to_owned(),
        judgement: "丙".to_owned(),
        measures: "丁".to_owned(),
    };
    let entries = [
        PatientEntry::Vitals(vitals),
        PatientEntry::Vitals(Vitals { spo2_percent: Some(99), ..Vitals::default() }),
        PatientEntry::Findings(findings),
        PatientEntry::Findings(Findings::default()),
        PatientEntry::Score(Score { kind: ScoreKind::TraumaIndex, items: vec![1, 3, 5, 6, 1], total: 16 }),
        PatientEntry::Alert(Alert { kind: AlertKind::ChestPain, withdrawn: false }),
        PatientEntry::Alert(Alert { kind: AlertKind::ChestPain, withdrawn: true }),
        file(1, FileKind::Ecg, "application/xml"),
        file(2, FileKind::Photo, "image/jpeg"),
    ];
    entries
        .map(|entry| Fact::PatientCharted {
            assignment,
            incident,
            patient: 1,
            at: now,
            entry: Box::new(entry),
        })
        .to_vec()
}

fn of_units(now: UtcTime) -> Vec<Fact> {
    let advice = MoveUp {
        unit: unit("A03"),
        from: station("S02"),
        to: station("S01"),
        busy: 0.25,
        zones: "z".to_owned(),
        others: vec![1, 0],
        gains: vec![0.1, 0.2],
    };
    let escalation = EscalationKey { kind: EscalationKind::UnitSilent, about: About::Unit(unit("A02")) };
    vec![
        Fact::CrewMessaged { unit: unit("A01"), text: "请走北门".to_owned() },
        Fact::SignedOff { unit: unit("A03"), name: "李强".to_owned() },
        Fact::UnitPaused { unit: unit("A03"), reason: reason() },
        Fact::UnitResumed { unit: unit("A03") },
        Fact::MoveUpAdvised { advice: advice.into() },
        Fact::MoveUpDeclined { unit: unit("A03") },
        Fact::UnitPosted { unit: unit("A03"), station: station("S01") },
        Fact::UnitSilent { unit: unit("A02"), since: now },
        Fact::EscalationRaised { escalation },
        Fact::EscalationAcknowledged { escalation },
        Fact::UnitHeard { unit: unit("A02") },
    ]
}

fn of_the_city(id: ClosureId, now: UtcTime) -> Vec<Fact> {
    let stations = vec![station("S01"), station("S02")];
    let zones = CoverZones::new("z".to_owned(), stations, [(8.5, vec![0]), (12.0, vec![0, 1])]);
    let closure = Closure { id, ways: vec![1, -2], name: "二桥".to_owned(), reason: reason(), since: now };
    let diversion = Diversion { reason: reason(), authority: "卫健委".to_owned(), since: now, until: now };
    vec![
        Fact::CoverAdopted { zones: zones.into() },
        Fact::HospitalDiverted { hospital: hospital("H02"), diversion: Some(diversion) },
        Fact::HospitalDiverted { hospital: hospital("H01"), diversion: None },
        Fact::RoadOpened { closure: id },
        Fact::RoadClosed { closure: Box::new(closure) },
    ]
}

fn happens(city: &mut City, facts: impl IntoIterator<Item = Fact>) {
    for fact in facts {
        let event = Event { at: city.now, by: desk(), fact };
        city.centre.apply(&event);
        city.events.push(event);
    }
}

fn hex(bytes: [u8; 32]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[test]
fn every_kind_of_fact_is_read_for_ever() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/centre/golden.jsonl");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let lines = Stored::of(&everything().events).bodies;
        let lines = lines.into_iter().map(|body| String::from_utf8(body).unwrap() + "\n");
        std::fs::write(&path, lines.collect::<String>()).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    let open = |sealed: &Sealed| Opened::Contents(sealed.contents.clone().into_bytes());
    let events = golden.lines().map(|line| read(line.as_bytes(), |_, sealed| open(sealed)).unwrap());
    let events: Vec<Event> = events.collect();
    let missing: Vec<_> =
        KINDS.iter().filter(|name| events.iter().all(|event| kind(&event.fact) != **name)).collect();
    assert!(missing.is_empty(), "the golden journal has none of these: {missing:?}");
    let centre = DispatchCentre::from_events(&events);
    assert_eq!(Record::restored(&centre.record().written()).unwrap(), *centre.record());
    expect!["54a31801a6b09535642fd2e21aca6c0dc9e84d9760b26a5995a6881b0e7c2b63"]
        .assert_eq(&hex(centre.record().digest()));
    // What this program writes today is what it wrote then.
    let again = Stored::of(&events).bodies;
    for (line, written) in golden.lines().zip(&again) {
        assert_eq!(line, String::from_utf8_lossy(written));
    }
}
