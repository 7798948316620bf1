//! A made-up day, and what the city would be told of it.

use std::fmt::Write as _;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::actor::Actor;
use crate::assignment::{Outcome, Stage, StageTimes, Stamp, StampSource};
use crate::event::{Event, Fact};
use crate::ids::{AssignmentId, CallId, IncidentId};
use crate::incident::{
    AreaClass, CallSource, IncidentChange, IncidentKind, IncidentNumber, IncidentSketch, Level, Needs, Place,
    Triage,
};
use crate::private::Private;
use crate::time::{Span, UtcTime};

/// Events written down one by one; times in seconds from noon of a day in November.
#[derive(Default)]
pub(super) struct Day {
    pub(super) events: Vec<Event>,
    ids: u128,
}

fn at(seconds: f64) -> UtcTime {
    UtcTime::from_micros(1_795_233_600_000_000) + Span::from_secs_f64(seconds)
}

fn sketch(area: AreaClass, kind: IncidentKind, test: bool) -> IncidentSketch {
    IncidentSketch {
        kind,
        complaint: "胸痛".to_owned(),
        triage: Triage::level(Level::II),
        place: Place { area, ..Place::default() },
        patients: Vec::new(),
        needs: Needs::default(),
        notes: String::new(),
        wish: None,
        text_only: false,
        test,
        scheduled_at: None,
    }
}

impl Day {
    fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    fn note(&mut self, seconds: f64, fact: Fact) {
        self.events.push(Event { at: at(seconds), by: Actor::rule("test"), fact });
    }

    fn call(&mut self, rang: f64, answered: Option<f64>, source: CallSource) -> CallId {
        let call = CallId::new(self.id());
        let phone = Private::default();
        self.note(rang, Fact::CallReceived { call, source, phone, text_only: false, place: Box::default() });
        if let Some(answered) = answered {
            self.note(answered, Fact::CallAnswered { call });
        }
        call
    }

    fn incident(&mut self, created: f64, call: Option<CallId>, sketch: IncidentSketch) -> IncidentId {
        let incident = IncidentId::new(self.id());
        let count = u32::try_from(self.ids).unwrap();
        let number = IncidentNumber { date: 20_261_121, count };
        self.note(created, Fact::IncidentCreated { incident, number, call, sketch: sketch.into() });
        incident
    }

    fn city(&mut self, created: f64, call: Option<CallId>) -> IncidentId {
        self.incident(created, call, sketch(AreaClass::CityCore, IncidentKind::Emergency, false))
    }

    fn send(&mut self, ordered: f64, incident: IncidentId, unit: &str) -> AssignmentId {
        let assignment = AssignmentId::new(self.id());
        let unit = unit.parse().unwrap();
        self.note(
            ordered,
            Fact::UnitAssigned { assignment, incident, unit, proposal: None, reason: None, choice: None },
        );
        assignment
    }

    fn stage(&mut self, assignment: AssignmentId, stage: Stage, seconds: f64, source: StampSource) {
        let fact = Fact::StageReported { assignment, stage, at: at(seconds), source, advances: true };
        self.note(seconds, fact);
    }

    fn pressed(&mut self, assignment: AssignmentId, stages: &[(Stage, f64)]) {
        for &(stage, seconds) in stages {
            self.stage(assignment, stage, seconds, StampSource::Terminal);
        }
    }

    fn end(&mut self, assignment: AssignmentId, seconds: f64, outcome: Outcome) {
        let (at, reason, source) = (at(seconds), String::new(), StampSource::Terminal);
        self.note(seconds, Fact::AssignmentEnded { assignment, outcome, at, reason, source });
    }

    fn report(&self) -> Report {
        response_times(&Ledger::of(&self.events), &Period::parse("2026-H2", Span::seconds(8 * 3600)).unwrap())
    }
}

pub(super) fn whole_day() -> Day {
    use Stage::{Acknowledged, AtHospital, HandedOver, LeftScene, OnScene, Rolling};
    let mut day = Day::default();
    // One run by the book, a second unit on the same incident, and the same event called in again.
    let call = day.call(0.0, Some(10.0), CallSource::Telephone);
    let first = day.city(30.0, Some(call));
    let run = day.send(40.0, first, "A01");
    day.pressed(run, &[(Acknowledged, 50.0), (Rolling, 160.0)]);
    day.stage(run, Rolling, 150.0, StampSource::Motion);
    let second = day.send(45.0, first, "A02");
    day.pressed(second, &[(Rolling, 166.0), (OnScene, 700.0)]);
    day.pressed(run, &[(OnScene, 600.0), (LeftScene, 1200.0), (AtHospital, 1800.0), (HandedOver, 2400.0)]);
    day.end(run, 2500.0, Outcome::Conveyed);
    day.end(second, 800.0, Outcome::NoPatient);
    let again = day.call(100.0, Some(110.1), CallSource::Telephone);
    day.note(130.0, Fact::CallJoined { call: again, incident: first });
    // In a county, from a text call; the place becomes known later; arrival entered at the desk.
    let text = day.call(3000.0, Some(3008.0), CallSource::Text);
    let county = day.city(3030.0, Some(text));
    let place = Place { area: AreaClass::CountyCore, ..Place::default() };
    let change = Box::new(IncidentChange { place: Some(place), ..IncidentChange::default() });
    day.note(3040.0, Fact::IncidentChanged { incident: county, change });
    let run = day.send(3040.0, county, "A03");
    day.pressed(run, &[(Rolling, 3220.0)]);
    day.stage(run, OnScene, 3500.0, StampSource::Desk);
    day.end(run, 3600.0, Outcome::RefusedTransport);
    // Late by a second, then merged into an older incident that nobody went to.
    let older = day.call(4000.0, Some(4005.0), CallSource::Telephone);
    let older = day.city(4010.0, Some(older));
    let newer = day.call(4100.0, Some(4105.0), CallSource::Telephone);
    let newer = day.city(4110.0, Some(newer));
    let run = day.send(4120.0, newer, "A01");
    day.pressed(run, &[(Rolling, 4301.0)]);
    day.note(4310.0, Fact::IncidentMerged { incident: newer, into: older });
    day.pressed(run, &[(OnScene, 4900.0)]);
    // A correction that puts the departure before the order.
    day.note(
        5000.0,
        Fact::StageCorrected { assignment: run, stage: Rolling, at: at(4119.0), reason: "误".to_owned() },
    );
    // Called off before rolling; nobody answered; a test; a transfer; one that has not rolled yet.
    let cancelled = day.city(6000.0, None);
    let run = day.send(6010.0, cancelled, "A01");
    day.end(run, 6020.0, Outcome::CancelledBeforeRolling);
    day.note(6020.0, Fact::IncidentCancelled { incident: cancelled, reason: "误报".to_owned() });
    day.call(6100.0, None, CallSource::Telephone);
    let call = day.call(7000.0, Some(7090.0), CallSource::Telephone);
    let drill = day.incident(7100.0, Some(call), sketch(AreaClass::CityCore, IncidentKind::Emergency, true));
    let run = day.send(7100.0, drill, "A04");
    day.pressed(run, &[(Rolling, 9000.0), (OnScene, 9999.0)]);
    let transfer = day.incident(8000.0, None, sketch(AreaClass::CityCore, IncidentKind::Transfer, false));
    let run = day.send(8000.0, transfer, "A05");
    day.pressed(run, &[(Rolling, 9000.0)]);
    let waiting = day.city(9000.0, None);
    day.send(9010.0, waiting, "A06");
    day
}

fn seconds(span: Option<Span>) -> String {
    span.map_or_else(|| "-".to_owned(), |span| span.as_secs_f64().to_string())
}

fn in_words(report: &Report) -> String {
    let mut text = String::new();
    for figure in &report.figures {
        for row in figure.rows.iter().filter(|row| row.n > 0) {
            let numbers = [row.mean_s, row.p50_s, row.p90_s].map(seconds).join(" ");
            let area = row.area.map_or("all".to_owned(), |area| format!("{area:?}"));
            let (n, met, judged) = (row.n, row.in_target, row.n_with_target);
            writeln!(text, "{:?} {area}: {n} | {numbers} | {met} of {judged}", figure.measure).unwrap();
        }
    }
    for exclusion in report.exclusions.iter().filter(|exclusion| exclusion.n > 0) {
        writeln!(text, "{:?}: {}", exclusion.reason, exclusion.items.join(", ")).unwrap();
    }
    for count in report.outcomes.iter().filter(|count| count.n > 0) {
        writeln!(text, "{}: {}", count.en, count.n).unwrap();
    }
    writeln!(text, "{:?}", report.call_counts).unwrap();
    text
}

#[test]
fn the_report_of_a_day() {
    expect_test::expect![[r"
        Answer all: 4 | 7.525 5 10.1 | 3 of 4
        AnswerText all: 1 | 8 8 8 | 1 of 1
        Dispatch all: 5 | 39.4 30 115 | 0 of 0
        Dispatch CityCore: 4 | 41.25 10 115 | 0 of 0
        Dispatch CountyCore: 1 | 32 32 32 | 0 of 0
        Departure all: 3 | 140.333333 121 180 | 3 of 3
        Departure CityCore: 2 | 120.5 120 121 | 2 of 2
        Departure CountyCore: 1 | 180 180 180 | 1 of 1
        DeparturePressed all: 4 | 150.5 121 181 | 3 of 4
        DeparturePressed CityCore: 3 | 140.666667 121 181 | 2 of 3
        DeparturePressed CountyCore: 1 | 180 180 180 | 1 of 1
        DepartureMoved all: 1 | 110 110 110 | 1 of 1
        DepartureMoved CityCore: 1 | 110 110 110 | 1 of 1
        DepartureFromAcknowledged all: 1 | 110 110 110 | 1 of 1
        DepartureFromAcknowledged CityCore: 1 | 110 110 110 | 1 of 1
        Response all: 2 | 750 600 900 | 2 of 2
        Response CityCore: 2 | 750 600 900 | 2 of 2
        ResponseFromAnswer all: 2 | 742.5 590 895 | 2 of 2
        ResponseFromAnswer CityCore: 2 | 742.5 590 895 | 2 of 2
        ResponseDesk all: 1 | 500 500 500 | 1 of 1
        ResponseDesk CountyCore: 1 | 500 500 500 | 1 of 1
        Scene all: 1 | 600 600 600 | 0 of 0
        Scene CityCore: 1 | 600 600 600 | 0 of 0
        Transport all: 1 | 600 600 600 | 0 of 0
        Transport CityCore: 1 | 600 600 600 | 0 of 0
        Handover all: 1 | 600 600 600 | 0 of 0
        Handover CityCore: 1 | 600 600 600 | 0 of 0
        Test: 20261121-0018 A04, call_00000000-0000-0000-0000-000000000011
        Transfer: 20261121-0020 A05
        EndedBeforeRolling: 20261121-0014 A01
        NotYetRolling: 20261121-0022 A06
        LaterUnit: 20261121-0002 A02
        DeskArrival: 20261121-0007 A03
        TimesOutOfOrder: 20261121-0010 A01
        Unanswered: call_00000000-0000-0000-0000-000000000010
        conveyed: 1
        no patient: 1
        refused transport: 1
        cancelled before rolling: 1
        under way: 2
        CallCounts { voice: 5, text: 1, unanswered: 1, handed_off: 0, redirected: 0, emergencies: 5, cancelled: 1, without_order: 0, from_paper: 0 }
    "]]
    .assert_eq(&in_words(&whole_day().report()));
}

#[test]
fn the_same_events_give_the_same_bytes() {
    let day = whole_day();
    let written = serde_json::to_string(&day.events).unwrap();
    let read: Vec<Event> = serde_json::from_str(&written).unwrap();
    let again = Day { events: read, ids: 0 };
    let bytes = serde_json::to_vec(&day.report()).unwrap();
    assert_eq!(serde_json::to_vec(&again.report()).unwrap(), bytes);
}

#[test]
fn the_runs_listed_are_the_runs_counted() {
    let report = whole_day().report();
    for figure in &report.figures {
        for row in figure.rows.iter().filter(|_| figure.measure.by_area()) {
            assert_eq!(
                report.runs_behind(figure.measure, row.area).count(),
                row.n,
                "{:?} {:?}",
                figure.measure,
                row.area
            );
        }
    }
    let behind: Vec<_> =
        report.runs_behind(Measure::Response, None).map(|line| line.unit.to_string()).collect();
    assert_eq!(behind, ["A01", "A01"]);
}

#[test]
fn tests_and_drills_change_no_figure() {
    let mut day = whole_day();
    let before = day.report();
    let call = day.call(20_000.0, Some(20_300.0), CallSource::Telephone);
    let drill = day.incident(20_300.0, Some(call), sketch(AreaClass::Rural, IncidentKind::Emergency, true));
    let run = day.send(20_310.0, drill, "A09");
    day.pressed(run, &[(Stage::Rolling, 21_000.0), (Stage::OnScene, 22_000.0)]);
    day.end(run, 23_000.0, Outcome::NoPatient);
    let after = day.report();
    assert_eq!(after.figures, before.figures);
    assert_eq!((after.outcomes, after.call_counts), (before.outcomes, before.call_counts));
}

#[test]
fn only_what_was_received_in_the_period_counts() {
    let day = whole_day();
    let ledger = Ledger::of(&day.events);
    let report = response_times(&ledger, &Period::between(at(3000.0), at(4000.0)).unwrap());
    let units: Vec<_> = report.runs.iter().map(|line| line.unit.to_string()).collect();
    assert_eq!((units, report.calls.len()), (vec!["A03".to_owned()], 1));
    let empty = response_times(&ledger, &Period::parse("2026-H1", ledger.utc_offset()).unwrap());
    assert!(empty.runs.is_empty() && empty.figures.iter().all(|figure| figure.total().mean_s.is_none()));
}

proptest! {
    #[test]
    fn the_time_that_counts_is_the_one_of_the_record(
        stamps in prop::collection::vec((0_usize..9, 0_usize..5, 0_i64..1000), 0..40),
    ) {
        use StampSource::{Centre, Correction, Desk, Motion, Terminal};
        let mut times = StageTimes::default();
        let mut ours = RunTimes::default();
        for (stage, source, seconds) in stamps {
            let stage = crate::assignment::STAGES[stage].stage;
            let source = [Terminal, Motion, Desk, Correction, Centre][source];
            let at = UtcTime::from_micros(seconds);
            times.record(Stamp { stage, at, entered_at: at, source, by: Actor::Caller, reason: String::new() });
            ours.record(RunTime { stage, at, source });
        }
        for row in &crate::assignment::STAGES {
            let expected = times.counted(row.stage).map(|stamp| (stamp.at, stamp.source));
            prop_assert_eq!(ours.counted(row.stage).map(|time| (time.at, time.source)), expected);
        }
    }
}
