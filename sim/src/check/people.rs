//! Callers, call-takers, dispatchers and the desk of the simulated day: each transition becomes commands about something that is there.
//! They do what people do, in the wrong order and too often as well: refusals are part of the day.

use std::sync::Arc;

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Grounds, Outcome, Stage, StampSource, gather, propose};
use dispatch_core::fleet::FleetPicture;
use dispatch_core::ids::{AssignmentId, CallId, IncidentId, ProposalId};
use dispatch_core::incident::{
    CallEnd, CallSource, CallState, IncidentChange, IncidentKind, IncidentSketch, Level, Needs, Offered,
    Place, Triage,
};
use dispatch_core::private::Private;
use dispatch_core::{Action, Span};
use roads::Wgs84;

use super::transition::Transition;
use super::world::{Broken, World};
use crate::demand::kinds::Kind;

/// A place of the simulated city, `east` kilometres from its west.
pub fn place(east: f64) -> Place {
    Place { position: Wgs84::new(118.0 + east / 97.0, 29.0 + east / 300.0).ok(), ..Place::default() }
}

/// A plain emergency.
pub fn emergency(place: Place) -> IncidentSketch {
    IncidentSketch {
        kind: IncidentKind::Emergency,
        complaint: "胸痛".to_owned(),
        triage: Triage::level(Level::II),
        place,
        patients: Vec::new(),
        needs: Needs::default(),
        notes: String::new(),
        wish: None,
        text_only: false,
        test: false,
        scheduled_at: None,
    }
}

/// Carries out a transition of the people at the centre and its callers.
pub fn act(world: &mut World, transition: Transition) -> Result<(), Broken> {
    match transition {
        Transition::CallArrives => call_arrives(world),
        Transition::CallTaker => call_taker(world),
        Transition::Propose => propose_one(world),
        Transition::Assign => assign(world, false),
        Transition::AssignAnyhow => assign(world, true),
        Transition::Change => change(world),
        Transition::CallOff => call_off(world),
        Transition::Accident => super::accidents::act(world),
        Transition::DeskStep => desk_step(world),
        Transition::PaperForm => super::paper::act(world),
        Transition::TakeOn => {
            let standing: Vec<_> = world.centre.record().escalations().keys().copied().collect();
            let Some(&escalation) = pick(world, &standing) else { return Ok(()) };
            let by = person(world);
            world.ask(by, Action::AcknowledgeEscalation { escalation })
        }
        Transition::Durable => world.make_durable(),
        Transition::Restart => world.restart(),
        Transition::CrewStep
        | Transition::CrewEnds
        | Transition::Hospital
        | Transition::Outside
        | Transition::Readiness
        | Transition::Deliver
        | Transition::Positions
        | Transition::Silence => super::field::act(world, transition),
    }
}

/// One of them, if there are any.
pub fn pick<'a, T>(world: &mut World, of: &'a [T]) -> Option<&'a T> {
    if of.is_empty() { None } else { Some(world.chance.pick(of)) }
}

/// Somebody at a seat.
pub fn person(world: &mut World) -> Actor {
    let (name, seat) = *world.chance.pick(&[("王芳", "01"), ("李强", "02"), ("张敏", "03")]);
    Actor::Person { name: name.to_owned(), seat: seat.to_owned() }
}

/// A new id's number at this moment.
pub fn uuid(world: &mut World) -> uuid::Uuid {
    let at_ms = world.now.micros().unsigned_abs() / 1_000;
    world.chance.uuid(at_ms)
}

fn call_arrives(world: &mut World) -> Result<(), Broken> {
    let call = CallId::new(uuid(world));
    let text = world.chance.yes(0.1).then(|| "胸口疼，说不出话".to_owned());
    let source = if text.is_some() { CallSource::Text } else { CallSource::Telephone };
    let mut place = place(world.chance.between(0.0, 20.0));
    if world.chance.yes(0.2) {
        place.position = None;
    }
    let phone = Private::new(format!("138{:08}", world.chance.below(100_000_000)));
    let by = if source == CallSource::Text { Actor::Caller } else { person(world) };
    world.ask(by, Action::ReceiveCall { call, source, phone, text_only: text.is_some(), place, text })
}

fn call_taker(world: &mut World) -> Result<(), Broken> {
    let waiting = |state| matches!(state, CallState::Ringing | CallState::Answered);
    let calls: Vec<_> =
        world.centre.record().calls().values().filter(|c| waiting(c.state())).map(Arc::clone).collect();
    let Some(call) = pick(world, &calls).cloned() else { return Ok(()) };
    let by = person(world);
    if call.state() == CallState::Ringing && world.chance.yes(0.7) {
        return world.ask(by, Action::AnswerCall { call: call.id });
    }
    let open: Vec<IncidentId> = world.centre.record().open_incidents().map(|i| i.id).collect();
    match world.chance.below(10) {
        0 => world.ask(by, Action::EndCall { call: call.id, how: CallEnd::Advice }),
        1 => match pick(world, &open) {
            Some(&incident) => world.ask(by, Action::JoinCall { call: call.id, incident }),
            None => Ok(()),
        },
        2 => {
            let place = place(world.chance.between(0.0, 20.0));
            world.ask(by, Action::LocateCall { call: call.id, place })
        }
        _ => {
            let incident = IncidentId::new(uuid(world));
            let sketch = sketch(world, call.place.clone());
            world.ask(by, Action::CreateIncident { incident, call: Some(call.id), sketch: sketch.into() })
        }
    }
}

fn sketch(world: &mut World, place: Place) -> IncidentSketch {
    let now = world.now;
    let chance = &mut world.chance;
    let kind = Kind::draw(chance);
    let units = if chance.yes(0.1) { 2 } else { 1 };
    let transfer = chance.yes(0.08);
    let booked = transfer && chance.yes(0.7);
    IncidentSketch {
        complaint: kind.complaint.to_owned(),
        triage: Triage::level(kind.draw_level(chance)),
        needs: Needs { units, skills: kind.skills.iter().copied().collect(), ..Needs::default() },
        kind: if transfer { IncidentKind::Transfer } else { IncidentKind::Emergency },
        test: chance.yes(0.02),
        scheduled_at: booked.then(|| now + Span::from_secs_f64(chance.between(60.0, 5_400.0))),
        ..emergency(place)
    }
}

/// As the centre does: what the fleet's picture shows, ranked, put on record; a straight line stands for the roads.
fn propose_one(world: &mut World) -> Result<(), Broken> {
    let wanted = world.centre.record().proposals_wanted();
    let Some(&incident) = wanted.first() else { return Ok(()) };
    let picture: FleetPicture = world.centre.fleet().picture(world.now);
    let Ok(inputs) = gather(world.centre.record(), &picture, None, incident, world.now) else {
        return Ok(());
    };
    let proposal = Arc::new(propose(ProposalId::new(uuid(world)), inputs));
    world.ask(Actor::rule("proposal"), Action::RecordProposal { proposal })
}

fn assign(world: &mut World, anyhow: bool) -> Result<(), Broken> {
    let record = world.centre.record();
    let short = |id: &IncidentId| record.units_short(*id) > 0 || anyhow;
    let incidents: Vec<IncidentId> = record.open_incidents().map(|i| i.id).filter(short).collect();
    let Some(&incident) = pick(world, &incidents) else { return Ok(()) };
    let proposal = world.centre.record().incident(incident).and_then(|i| i.proposal);
    let first = proposal.and_then(|id| world.centre.record().proposal(id)?.ranked.first().map(|c| c.unit));
    let any = world.vehicles.units();
    let unit = if anyhow { pick(world, &any).copied() } else { first };
    let Some(unit) = unit else { return Ok(()) };
    let reason = anyhow.then(|| "电话确认更近".to_owned());
    let assignment = AssignmentId::new(uuid(world));
    let by = person(world);
    world.ask(
        by,
        Action::AssignUnit { assignment, incident, unit, proposal, reason, grounds: Grounds::default() },
    )
}

fn change(world: &mut World) -> Result<(), Broken> {
    let open: Vec<(IncidentId, u32)> =
        world.centre.record().open_incidents().map(|i| (i.id, i.version)).collect();
    let Some(&(incident, version)) = pick(world, &open) else { return Ok(()) };
    let mut change = IncidentChange::default();
    match world.chance.below(4) {
        0 => change.place = Some(place(world.chance.between(0.0, 20.0))),
        1 => change.triage = Some(Triage::level(Level::I)),
        2 => change.needs = Some(Needs { units: 1 + world.chance.below(3) as u8, ..Needs::default() }),
        _ => change.notes = Some(format!("备注 {}", world.chance.below(100))),
    }
    // Now and then by somebody who looked at an older version.
    let version = world.chance.yes(0.5).then(|| version.saturating_sub(world.chance.below(2) as u32));
    let by = person(world);
    world.ask(by, Action::ChangeIncident { incident, version, change })
}

fn call_off(world: &mut World) -> Result<(), Broken> {
    let open: Vec<IncidentId> = world.centre.record().open_incidents().map(|i| i.id).collect();
    let assignments: Vec<AssignmentId> = open_assignments(world);
    let Some(&incident) = pick(world, &open) else { return Ok(()) };
    let by = person(world);
    let reason = "呼救人取消".to_owned();
    match world.chance.below(9) {
        7 | 8 => send_away(world, by),
        6 => split(world, by),
        0 => {
            let until = world.now + Span::from_secs_f64(world.chance.between(30.0, 900.0));
            world.ask(by, Action::HoldIncident { incident, reason, until })
        }
        1 => world.ask(by, Action::WakeIncident { incident }),
        2 => match pick(world, &open) {
            Some(&into) => world.ask(by, Action::MergeIncident { incident, into }),
            None => Ok(()),
        },
        3 => match pick(world, &assignments) {
            Some(&assignment) => world.ask(by, Action::RecallUnit { assignment, reason }),
            None => Ok(()),
        },
        _ => world.ask(by, Action::CancelIncident { incident, reason }),
    }
}

/// What another centre or service is to do: offered, taken, refused; or named to the caller.
fn send_away(world: &mut World, by: Actor) -> Result<(), Broken> {
    let record = world.centre.record();
    let calls = record.calls().values().filter(|c| c.incident.is_none() && c.end.is_none());
    let mut ours: Vec<Offered> = calls.map(|c| Offered::Call(c.id)).collect();
    ours.extend(record.open_incidents().map(|i| Offered::Incident(i.id)));
    let Some(&about) = pick(world, &ours) else { return Ok(()) };
    let (to, reason) = ("邻市急救中心".to_owned(), "跨市界".to_owned());
    match (world.chance.below(7), about) {
        (5, Offered::Incident(incident)) => {
            let units = world.vehicles.units();
            let Some(&unit) = pick(world, &units) else { return Ok(()) };
            world.ask(by, Action::ReserveUnit { incident, unit })
        }
        (6, Offered::Incident(incident)) => world.ask(by, Action::ReleaseUnit { incident }),
        (0 | 1, _) => world.ask(by, Action::OfferHandoff { about, to, reason }),
        (2, _) => world.ask(by, Action::AcceptHandoff { about, accepted_by: "周调度".to_owned() }),
        (3, _) => world.ask(by, Action::WithdrawHandoff { about, reason }),
        (_, Offered::Incident(incident)) => {
            world.ask(by, Action::RedirectIncident { incident, to: "999".to_owned(), reason })
        }
        (_, Offered::Call(_)) => Ok(()),
    }
}

/// What was thought one event turns out to be two.
fn split(world: &mut World, by: Actor) -> Result<(), Broken> {
    let merged: Vec<IncidentId> =
        world.centre.record().incidents().values().filter(|i| !i.is_open()).map(|i| i.id).collect();
    let calls: Vec<CallId> =
        world.centre.record().calls().values().filter(|c| c.incident.is_some()).map(|c| c.id).collect();
    if let Some(&incident) = pick(world, &merged).filter(|_| !calls.len().is_multiple_of(3)) {
        return world.ask(by, Action::SplitIncident { incident });
    }
    let Some(&call) = pick(world, &calls) else { return Ok(()) };
    let incident = IncidentId::new(uuid(world));
    let east = place(world.chance.between(0.0, 20.0));
    let sketch = sketch(world, east);
    world.ask(by, Action::SplitCall { call, incident, sketch: sketch.into() })
}

fn desk_step(world: &mut World) -> Result<(), Broken> {
    let assignments = open_assignments(world);
    let Some(&assignment) = pick(world, &assignments) else { return Ok(()) };
    let stage = *world.chance.pick(&STAGES);
    let at = world.now - Span::from_secs_f64(world.chance.between(-5.0, 300.0));
    let by = person(world);
    match world.chance.below(3) {
        0 => {
            let reason = "车组电话更正".to_owned();
            world.ask(by, Action::CorrectStage { assignment, stage, at, reason })
        }
        1 => {
            let outcome = *world.chance.pick(&[
                Outcome::NoPatient,
                Outcome::TreatedOnScene,
                Outcome::Conveyed,
                Outcome::Dead,
            ]);
            let (reason, source) = (String::new(), StampSource::Desk);
            world.ask(by, Action::EndAssignment { assignment, outcome, at, reason, source })
        }
        _ => world.ask(by, Action::ReportStage { assignment, stage, at, source: StampSource::Desk }),
    }
}

/// The assignments that go on.
pub fn open_assignments(world: &World) -> Vec<AssignmentId> {
    world.centre.record().assignments().values().filter(|a| a.is_open()).map(|a| a.id).collect()
}

const STAGES: [Stage; 8] = [
    Stage::Acknowledged,
    Stage::Rolling,
    Stage::OnScene,
    Stage::AtPatient,
    Stage::LeftScene,
    Stage::AtHospital,
    Stage::HandedOver,
    Stage::Available,
];
