//! What the centre has to say, in the link's words.

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Outcome, Stage};
use dispatch_core::destination::HospitalSpec;
use dispatch_core::incident::{IncidentKind, IncidentSketch, Level, Needs, Patient, Place, Sex, Triage};
use dispatch_core::vehicle::CrewRole;
use dispatch_core::{Record, UtcTime};
use link::v1;

use super::ways::{Way, Ways};
use crate::centre::{OrderCard, Outgoing, OutgoingKind};

/// A delivery from what the centre wants said, with the ways that belong to it.
pub(super) fn delivery(outgoing: &Outgoing, ways: Ways, record: &Record, now: UtcTime) -> v1::Delivery {
    let content = match &outgoing.kind {
        OutgoingKind::Order(card) | OutgoingKind::Update(card) => {
            v1::delivery::Content::Order(order(card, ways, record))
        }
        OutgoingKind::Recall { assignment, reason } => {
            let end = record.assignment(*assignment).and_then(|assignment| assignment.end.as_ref());
            let kind = match end.map(|end| end.outcome) {
                Some(Outcome::Diverted) => v1::RecallKind::Diverted,
                Some(Outcome::Relieved) => v1::RecallKind::Replaced,
                _ => v1::RecallKind::Cancelled,
            };
            v1::delivery::Content::Recall(v1::Recall {
                assignment_id: assignment.to_string(),
                kind: kind.into(),
                reason: reason.clone(),
                recalled_at_unix_ms: unix_ms(end.map_or(now, |end| end.at)),
            })
        }
        OutgoingKind::Destination { assignment, hospital: spec, .. } => {
            let chosen =
                record.assignment(*assignment).and_then(|assignment| assignment.destination.as_ref());
            v1::delivery::Content::Destination(v1::Destination {
                assignment_id: assignment.to_string(),
                hospital: Some(hospital(spec, ways.to_hospital)),
                chosen_at_unix_ms: unix_ms(chosen.map_or(now, |chosen| chosen.chosen_at)),
            })
        }
        OutgoingKind::Message { text, by } => v1::delivery::Content::CrewMessage(v1::CrewMessage {
            assignment_id: String::new(),
            text: text.clone(),
            from: by.as_ref().map(seat).unwrap_or_default(),
            sent_at_unix_ms: unix_ms(now),
            urgent: false,
        }),
    };
    v1::Delivery {
        effect_id: outgoing.effect.to_string(),
        epoch: Some(v1::Epoch { term: outgoing.epoch.term, node: outgoing.epoch.node }),
        content: Some(content),
    }
}

fn order(card: &OrderCard, ways: Ways, record: &Record) -> v1::Order {
    let OrderCard { assignment, incident, call } = card;
    let sketch = &incident.sketch;
    let ordered_at = assignment.times.at(Stage::Ordered).unwrap_or(incident.created_at);
    let destination = assignment.destination.as_ref();
    let chosen = destination.and_then(|destination| record.hospitals().get(&destination.hospital));
    v1::Order {
        assignment_id: assignment.id.to_string(),
        incident_id: incident.id.to_string(),
        incident_number: incident.number.to_string(),
        level: level(sketch.triage.level).into(),
        complaint: sketch.complaint.clone(),
        patient: patients(&sketch.patients),
        address: sketch.place.address.clone(),
        waiting_place: sketch.place.waiting_place.clone(),
        location: sketch.place.position.map(place),
        // The crew rings the caller: this is one of the places where the number is shown.
        caller_phone: call.as_ref().map(|call| call.phone.reveal().to_owned()).unwrap_or_default(),
        text_not_ring: sketch.text_only || call.as_ref().is_some_and(|call| call.text_only),
        notes: sketch.notes.clone(),
        ordered_at_unix_ms: unix_ms(ordered_at),
        route: ways.to_scene.points,
        travel_time_s: ways.to_scene.travel_time_s,
        hospital: chosen.map(|chosen| hospital(&chosen.spec, ways.to_hospital)),
        test: sketch.test,
    }
}

/// "58 岁 男": never a name.
fn patients(patients: &[Patient]) -> String {
    let one = |patient: &Patient| {
        let age = patient.age_years.map(|age| format!("{age} 岁"));
        let sex = patient.sex.map(|sex| match sex {
            Sex::Male => "男".to_owned(),
            Sex::Female => "女".to_owned(),
        });
        [age, sex].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let all: Vec<String> = patients.iter().map(one).filter(|words| !words.is_empty()).collect();
    all.join("; ")
}

fn hospital(spec: &HospitalSpec, way: Way) -> v1::Hospital {
    v1::Hospital {
        hospital_id: spec.id.to_string(),
        name: spec.name.clone(),
        location: Some(place(spec.position)),
        phone: String::new(),
        route: way.points,
    }
}

fn seat(by: &Actor) -> String {
    match by {
        Actor::Person { seat, .. } => seat.clone(),
        Actor::Hospital { hospital, .. } => hospital.to_string(),
        Actor::Rule { name } => name.to_string(),
        Actor::Crew { .. } | Actor::Caller => String::new(),
    }
}

pub(super) fn place(position: roads::Wgs84) -> v1::Wgs84 {
    v1::Wgs84 { longitude_deg: position.longitude(), latitude_deg: position.latitude() }
}

fn level(level: Level) -> v1::Level {
    match level {
        Level::I => v1::Level::I,
        Level::II => v1::Level::Ii,
        Level::III => v1::Level::Iii,
        Level::IV => v1::Level::Iv,
    }
}

/// The core's stage for the link's; `None` for one that is not recorded here.
pub(super) fn stage(stage: v1::Stage) -> Option<Stage> {
    match stage {
        v1::Stage::Acknowledged => Some(Stage::Acknowledged),
        v1::Stage::Rolling => Some(Stage::Rolling),
        v1::Stage::OnScene => Some(Stage::OnScene),
        v1::Stage::AtPatient => Some(Stage::AtPatient),
        v1::Stage::LeftScene => Some(Stage::LeftScene),
        v1::Stage::AtHospital => Some(Stage::AtHospital),
        v1::Stage::HandedOver => Some(Stage::HandedOver),
        v1::Stage::Available => Some(Stage::Available),
        v1::Stage::Unspecified | v1::Stage::BackAtStation => None,
    }
}

/// How an assignment ends when its crew aborts it for a reason; also the reason in words.
pub(super) fn aborted(reason: v1::AbortReason) -> Option<(Outcome, &'static str)> {
    Some(match reason {
        v1::AbortReason::Unspecified => return None,
        v1::AbortReason::VehicleBroken => (Outcome::Aborted, "车辆故障"),
        v1::AbortReason::Crash => (Outcome::Aborted, "途中事故"),
        v1::AbortReason::RoadBlocked => (Outcome::Aborted, "道路不通"),
        v1::AbortReason::OtherTask => (Outcome::Aborted, "途中接其他任务"),
        v1::AbortReason::Other => (Outcome::Aborted, "其他"),
        v1::AbortReason::NoPatient => (Outcome::NoPatient, "到场无患者"),
        v1::AbortReason::PatientDeclined => (Outcome::RefusedTransport, "患者拒绝"),
        v1::AbortReason::TreatedOnScene => (Outcome::TreatedOnScene, "现场处置未运送"),
        v1::AbortReason::DeadNotConveyed => (Outcome::Dead, "死亡未运送"),
    })
}

/// The core's role for the link's.
pub(super) fn role(role: v1::CrewRole) -> Option<CrewRole> {
    match role {
        v1::CrewRole::Driver => Some(CrewRole::Driver),
        v1::CrewRole::Doctor => Some(CrewRole::Doctor),
        v1::CrewRole::Nurse => Some(CrewRole::Nurse),
        v1::CrewRole::Stretcher => Some(CrewRole::Stretcher),
        v1::CrewRole::Unspecified => None,
    }
}

/// Milliseconds since 1970, UTC.
pub(super) fn unix_ms(time: UtcTime) -> i64 {
    time.micros().div_euclid(1_000)
}

/// What a crew tells of a patient by the road. It stands there: where it stands is the place.
pub(super) fn roadside(told: &v1::RoadsideReport, position: Option<&v1::Position>) -> IncidentSketch {
    let short = |text: &str, chars_max: usize| text.chars().take(chars_max).collect::<String>();
    let level = match told.level() {
        v1::Level::I => Level::I,
        v1::Level::Unspecified | v1::Level::Ii => Level::II,
        v1::Level::Iii => Level::III,
        v1::Level::Iv => Level::IV,
    };
    let position = position.and_then(|at| roads::Wgs84::new(at.longitude_deg, at.latitude_deg).ok());
    IncidentSketch {
        kind: IncidentKind::Emergency,
        complaint: short(&told.complaint, ROADSIDE_COMPLAINT_CHARS_MAX),
        triage: Triage::level(level),
        place: Place { position, address: "路遇 · roadside".to_owned(), ..Place::default() },
        patients: Vec::new(),
        needs: Needs::default(),
        notes: short(&told.notes, ROADSIDE_NOTES_CHARS_MAX),
        wish: None,
        text_only: false,
        test: false,
        scheduled_at: None,
    }
}

/// As docs/vehicle-link.md has it.
const ROADSIDE_COMPLAINT_CHARS_MAX: usize = 200;
const ROADSIDE_NOTES_CHARS_MAX: usize = 500;
