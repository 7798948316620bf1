//! Paper hours: a form is put on record with its true times, over as it is. It calls nobody, takes no unit, teaches nothing, and the
//! report says where its figures come from.

use std::sync::Arc;

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Outcome, Stage, StampSource};
use dispatch_core::erasure::{ERASED, Sought, Subject, Trace};
use dispatch_core::fleet::{Cell, Demand};
use dispatch_core::ids::{AssignmentId, CallId, IncidentId};
use dispatch_core::incident::{CallSource, CallState, IncidentSketch, Level, Patient};
use dispatch_core::paper::{CalledOff, PaperCall, PaperForm, PaperIncident, PaperMoment, PaperRun};
use dispatch_core::private::Private;
use dispatch_core::replay::Days;
use dispatch_core::reports::{Ledger, Measure, Period, Report, response_times};
use dispatch_core::{Action, DispatchCentre, Refusal, Span, UtcTime};

use crate::city::{City, here, hospital, sketch, unit};
use crate::sealed::Stored;

/// A form of an hour ago: A01 was ordered a minute after the call was taken, and brought somebody to H01.
pub(crate) fn form(city: &mut City) -> PaperForm {
    let received_at = city.now - Span::seconds(3_600);
    let after = |minutes: i64| received_at + Span::seconds(60 * minutes);
    let told = IncidentSketch {
        patients: vec![Patient { name: Private::new("欧阳甲"), sex: None, age_years: Some(70) }],
        ..sketch(Level::II)
    };
    let call = PaperCall {
        source: CallSource::Telephone,
        phone: Private::new("13900007777"),
        text_only: false,
        place: told.place.clone(),
        received_at,
        answered_at: Some(after(0) + Span::seconds(20)),
    };
    let steps = [
        (Stage::Acknowledged, 2),
        (Stage::Rolling, 4),
        (Stage::OnScene, 12),
        (Stage::LeftScene, 25),
        (Stage::AtHospital, 35),
        (Stage::HandedOver, 45),
    ];
    let run = PaperRun {
        assignment: AssignmentId::new(city.uuid()),
        unit: unit("A01"),
        ordered_at: after(1),
        times: steps.into_iter().map(|(stage, minutes)| (stage, after(minutes))).collect(),
        hospital: Some(hospital("H01")),
        ended_at: after(50),
        outcome: Outcome::Conveyed,
        reason: String::new(),
    };
    let incident = PaperIncident {
        form_number: "P-007".to_owned(),
        created_at: after(0) + Span::seconds(20),
        runs: vec![run],
        called_off: None,
        overlap_reason: None,
    };
    PaperForm { call, sketch: Arc::new(told), incident }
}

pub(crate) fn entering(city: &mut City, form: PaperForm) -> Action {
    let (call, incident) = (CallId::new(city.uuid()), IncidentId::new(city.uuid()));
    Action::EnterPaperForm { call, incident, form: Box::new(form) }
}

/// Enters a form, and says which incident it became.
fn enters(city: &mut City, form: PaperForm) -> IncidentId {
    let action = entering(city, form);
    let Action::EnterPaperForm { incident, .. } = action else { unreachable!("made just above") };
    city.does(action);
    incident
}

#[track_caller]
fn refused(city: &mut City, change: impl FnOnce(&mut PaperForm)) -> Refusal {
    let mut form = form(city);
    change(&mut form);
    let action = entering(city, form);
    city.refused(action)
}

fn report(city: &City) -> Report {
    let (from, to) = (city.now - Span::seconds(86_400), city.now + Span::seconds(1));
    response_times(&Ledger::of(&city.events), &Period::between(from, to).unwrap())
}

#[test]
fn a_form_is_on_record_over_as_it_is_with_its_true_times_and_when_it_was_entered() {
    let mut city = City::new();
    let before = city.centre.record().clone();
    let form = form(&mut city);
    let incident = enters(&mut city, form.clone());
    let record = city.centre.record();
    let it = record.incident(incident).unwrap();
    let mark = it.paper.as_deref().unwrap();
    assert_eq!((mark.entered_at, mark.form_number.as_str()), (city.now, "P-007"));
    assert_eq!(mark.entered_by.to_string(), "王芳 (03)");
    assert_eq!(
        (it.created_at, it.end.as_ref().unwrap().at),
        (form.incident.created_at, form.incident.ended_at())
    );
    let call = record.call(it.calls[0]).unwrap();
    assert_eq!((call.rang_at, call.state()), (form.call.received_at, CallState::Ended));
    assert_eq!((call.entered_from_paper_at, call.incident), (Some(city.now), Some(incident)));
    let run = record.assignments_of(incident).next().unwrap();
    let rolled = run.times.counted(Stage::Rolling).unwrap();
    assert_eq!((rolled.at, rolled.entered_at), (form.incident.runs[0].times[&Stage::Rolling], city.now));
    assert_eq!((rolled.source, run.stage), (StampSource::Paper, Stage::Available));

    // It is history: no order leaves, no unit is taken, nobody is called, nothing is learned.
    assert_eq!(record.open_incidents().count(), 0);
    assert_eq!(record.outbox(), before.outbox());
    assert_eq!(record.units(), before.units());
    assert_eq!(record.mobilisation(), before.mobilisation());
    assert_eq!(record.turnaround(), before.turnaround());
    assert_eq!(city.centre.next_deadline(), None);
    // A journal read again says the same.
    assert_eq!(DispatchCentre::from_events(&city.events).record(), city.centre.record());
}

#[test]
fn it_leaves_the_record_a_day_after_it_was_entered_and_the_next_number_follows() {
    let mut city = City::new();
    let form = form(&mut city);
    let incident = enters(&mut city, form);
    let number = city.centre.record().incident(incident).unwrap().number;
    let next = city.incident(Level::III);
    assert_eq!(city.centre.record().incident(next).unwrap().number.count, number.count + 1);
    city.wait(86_300);
    city.does(Action::PauseUnit { unit: unit("A03"), reason: "检修".to_owned() });
    assert!(city.centre.record().incident(incident).is_some());
    city.wait(200);
    city.does(Action::ResumeUnit { unit: unit("A03") });
    let record = city.centre.record();
    assert!(record.incident(incident).is_none());
    assert!(record.calls().is_empty(), "the call leaves with its incident");
    assert!(record.assignments().is_empty());
}

#[test]
fn the_report_counts_the_true_times_and_says_how_many_came_from_paper() {
    let mut city = City::new();
    let real = form(&mut city);
    enters(&mut city, real.clone());
    let mut drill = form(&mut city);
    drill.incident.runs[0].unit = unit("A02");
    Arc::make_mut(&mut drill.sketch).test = true;
    enters(&mut city, drill);
    let mut unanswered = form(&mut city);
    unanswered.call.answered_at = None;
    unanswered.incident.created_at = unanswered.call.received_at;
    unanswered.incident.runs.clear();
    unanswered.incident.called_off =
        Some(CalledOff { at: unanswered.call.received_at + Span::seconds(60), reason: "误报".to_owned() });
    enters(&mut city, unanswered);

    let report = report(&city);
    let only = |measure: Measure| {
        let total = report.figure(measure).total();
        assert_eq!(total.n, 1, "{measure:?}");
        total.mean_s.unwrap()
    };
    assert_eq!(only(Measure::Answer), Span::seconds(20));
    assert_eq!(only(Measure::Dispatch), Span::seconds(40));
    assert_eq!(only(Measure::Departure), Span::seconds(180));
    assert_eq!(only(Measure::ResponseDesk), Span::seconds(720));
    assert_eq!(only(Measure::Handover), Span::seconds(600));
    // Nobody pressed and no motion proves it: it stands beside the response time, not in it.
    assert_eq!(report.figure(Measure::Response).total().n, 0);
    let counts = &report.call_counts;
    assert_eq!((counts.from_paper, counts.emergencies, counts.cancelled, counts.unanswered), (2, 2, 1, 0));
    let run = report.runs.iter().find(|run| !run.test).unwrap();
    assert!(run.from_paper && run.received_at == real.call.received_at);

    let days = city.events.iter().fold(Days::default(), |mut days, event| {
        days.take(event);
        days
    });
    assert_eq!(days.list(), [("2026-11-21".to_owned(), 2)]);
    let mut demand = Demand::default();
    city.events.iter().for_each(|event| demand.apply(event));
    assert_eq!(demand.cells().collect::<Vec<_>>(), [(Cell::at(here(114.01)), 2)]);
}

#[test]
fn a_time_of_paper_can_be_corrected_the_order_too() {
    let mut city = City::new();
    let form = form(&mut city);
    let (assignment, ordered_at) = (form.incident.runs[0].assignment, form.incident.runs[0].ordered_at);
    enters(&mut city, form);
    let reason = || "核对录音".to_owned();
    let at = ordered_at + Span::seconds(60);
    city.does(Action::CorrectStage { assignment, stage: Stage::Rolling, at, reason: reason() });
    city.does(Action::CorrectStage { assignment, stage: Stage::Ordered, at: ordered_at, reason: reason() });
    assert_eq!(report(&city).figure(Measure::Departure).total().mean_s, Some(Span::seconds(60)));
}

#[test]
fn what_cannot_be_is_refused() {
    let mut city = City::new();
    let now = city.now;
    let second = Span::seconds(1);
    let order = |unit, earlier, later| Refusal::PaperOrder { unit, earlier, later };
    let step = PaperMoment::Step;

    let said = refused(&mut city, |form| form.incident.runs[0].ended_at = now + second);
    assert!(matches!(said, Refusal::BadTime { .. }), "{said:?}");
    let said = refused(&mut city, |form| {
        let run = &mut form.incident.runs[0];
        run.times.insert(Stage::Rolling, run.ordered_at - second);
        run.times.remove(&Stage::Acknowledged);
    });
    assert_eq!(said, order(Some(unit("A01")), step(Stage::Ordered), step(Stage::Rolling)));
    assert_eq!(said.to_string(), "A01: rolling comes before ordered on the form: look at both again");
    let said = refused(&mut city, |form| form.incident.runs[0].ordered_at = form.call.received_at);
    assert_eq!(said, order(Some(unit("A01")), PaperMoment::Answered, step(Stage::Ordered)));
    let said = refused(&mut city, |form| form.call.received_at = form.incident.created_at + second);
    assert_eq!(said, order(None, PaperMoment::Received, PaperMoment::Answered));
    let said = refused(&mut city, |form| {
        let times = &mut form.incident.runs[0].times;
        let out_of_step = [Stage::OnScene, Stage::AtPatient, Stage::LeftScene];
        times.retain(|stage, _| !out_of_step.contains(stage));
    });
    assert_eq!(said, Refusal::StageOrder { from: Stage::Rolling, to: Stage::AtHospital });
    let said = refused(&mut city, |form| form.incident.runs[0].unit = unit("A99"));
    assert_eq!(said, Refusal::UnknownUnit { unit: unit("A99") });
    let said = refused(&mut city, |form| form.incident.runs[0].hospital = Some(hospital("H99")));
    assert_eq!(said, Refusal::UnknownHospital { hospital: hospital("H99") });
    for change in [
        |form: &mut PaperForm| form.incident.runs[0].outcome = Outcome::CancelledRolling,
        |form: &mut PaperForm| form.incident.runs.clear(),
        |form: &mut PaperForm| {
            let again = form.incident.runs[0].clone();
            form.incident.runs.push(PaperRun { assignment: AssignmentId::new(uuid::Uuid::nil()), ..again });
        },
    ] {
        let said = refused(&mut city, change);
        assert!(matches!(said, Refusal::NotAllowed { .. }), "{said:?}");
    }
    city.now = now + Span::seconds(31 * 86_400);
    let said = refused(&mut city, |form| form.call.received_at = now - Span::seconds(1));
    assert!(matches!(said, Refusal::NotAllowed { .. }), "{said:?}");
    let form = form(&mut city);
    let action = entering(&mut city, form);
    assert!(matches!(city.by(Actor::rule("x"), action), Err(Refusal::NotAllowed { .. })));
}

#[test]
fn a_unit_that_was_elsewhere_by_the_record_needs_a_reason() {
    let mut city = City::new();
    let first = form(&mut city);
    let number = {
        let incident = enters(&mut city, first);
        city.centre.record().incident(incident).unwrap().number
    };
    // The same sheet entered by two people is the commonest of all slips.
    let said = refused(&mut city, |_| {});
    let Refusal::PaperOverlap { unit: whose, number: with, .. } = said else { panic!("{said:?}") };
    assert_eq!((whose, with), (unit("A01"), number));
    let mut after = form(&mut city);
    let run = &mut after.incident.runs[0];
    let shift = |at: &UtcTime| *at + Span::seconds(50 * 60);
    run.ordered_at = shift(&run.ordered_at) - Span::seconds(60);
    run.times = [(Stage::Rolling, run.ordered_at)].into();
    (run.ended_at, run.outcome) = (city.now, Outcome::CancelledRolling);
    after.incident.called_off = Some(CalledOff { at: city.now, reason: "误报".to_owned() });
    enters(&mut city, after);
    let mut both_right = form(&mut city);
    both_right.incident.overlap_reason = Some("首单转交后返回".to_owned());
    let incident = enters(&mut city, both_right);
    let mark = city.centre.record().incident(incident).unwrap().paper.clone().unwrap();
    assert_eq!(mark.overlap_reason.as_deref(), Some("首单转交后返回"));
    // What goes on now is no other: an order of this minute does not reach back an hour, and the form does not reach into it.
    let open = city.incident(Level::I);
    city.sends(open, "A02");
    let mut of_a02 = form(&mut city);
    of_a02.incident.runs[0].unit = unit("A02");
    enters(&mut city, of_a02);
}

#[test]
fn names_numbers_and_addresses_of_a_form_are_sealed_and_can_be_erased() {
    let mut city = City::new();
    let form = form(&mut city);
    let incident = enters(&mut city, form);
    let (number, call) = {
        let it = city.centre.record().incident(incident).unwrap();
        (it.number, it.calls[0])
    };
    let mut trace = Trace::new(Sought::Incident(number));
    city.events.iter().for_each(|event| trace.take(event));
    let subjects = trace.subjects();
    assert_eq!(subjects, [Subject::Incident(incident), Subject::Call(call)]);
    let stored = Stored::of(&city.events);
    for body in &stored.bodies {
        let fact = serde_json::from_slice::<serde_json::Value>(body).unwrap()["fact"].to_string();
        for word in ["13900007777", "欧阳甲", "滨江路", "胸痛"] {
            assert!(!fact.contains(word), "{word} is in plain words in {fact}");
        }
    }
    assert_eq!(stored.read(), city.events);
    city.does(Action::ErasePersonalData { subjects, reason: "本人申请".to_owned() });
    let record = city.centre.record();
    assert_eq!(record.call(call).unwrap().phone.reveal(), ERASED);
    assert_eq!(record.incident(incident).unwrap().sketch.complaint, ERASED);
    // A journal whose keys are gone tells the same as the record that saw the erasure.
    let read_again = Stored::of(&city.events).read();
    assert_eq!(DispatchCentre::from_events(&read_again).record(), record);
}
