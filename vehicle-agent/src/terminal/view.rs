//! What the page shows, as JSON.

use std::time::Instant;

use link::v1::{FixQuality, Hospital, HospitalEntry, Wgs84};
use serde_json::{Value, json};

use super::{PROGRAM, patients};
use crate::clock::rfc3339;
use crate::duty::words::{level_word, stage_word};
use crate::duty::{DOUBLE_PRESS_GUARD_S, Duty, HeldOrder, LinkState};

/// The whole state.
pub(super) fn state(duty: &mut Duty, wall: Instant) -> Value {
    let now = duty.clock.now_unix_ms(wall);
    let steps = duty.settings.steps.iter();
    let steps: Vec<Value> = steps.map(step).collect();
    let orders: Vec<Value> = duty.orders.iter().map(|held| order(duty, held)).collect();
    let crew = duty.crew.iter().map(|member| {
        json!({
            "name": member.name, "role": member.role, "staff_number": member.staff_number,
            "since": rfc3339(member.since_unix_ms),
        })
    });
    json!({
        "unit": { "id": duty.unit, "label": duty.unit_label },
        "program": { "name": PROGRAM, "version": env!("CARGO_PKG_VERSION") },
        "now": rfc3339(now),
        "clock": { "source": duty.clock.source(), "rate": duty.clock.rate() },
        "crew": crew.collect::<Vec<Value>>(),
        "link": link_view(duty),
        "gnss": receiver(duty, wall),
        "settings": {
            "acknowledge_within_s": duty.settings.acknowledge_within_s,
            "departure_warn_s": duty.settings.departure_warn_s,
            "departure_alarm_s": duty.settings.departure_alarm_s,
            "double_press_guard_s": DOUBLE_PRESS_GUARD_S,
        },
        "steps": steps,
        "hospitals": duty.settings.hospitals.iter().map(entry).collect::<Vec<Value>>(),
        "orders": orders,
        "messages": duty.messages,
        "notices": duty.notices,
    })
}

fn step(step: &link::v1::Step) -> Value {
    json!({ "stage": stage_word(step.stage()), "zh": step.label_zh, "en": step.label_en })
}

fn link_view(duty: &Duty) -> Value {
    let (state, since) = duty.link();
    let (word, refusal) = match state {
        LinkState::Connecting => ("connecting", None),
        LinkState::Connected => ("connected", None),
        LinkState::Refused(text) => ("refused", Some(text.as_str())),
    };
    let (waiting, dropped) = duty.positions_kept();
    let epoch = duty.highest_epoch().map(|epoch| json!({ "term": epoch.term, "node": epoch.node }));
    json!({
        "state": word, "since": rfc3339(since), "refusal": refusal, "unsent": duty.unsent() + duty.unsent_of_patients(),
        "unsent_positions": waiting, "positions_dropped": dropped, "epoch": epoch,
    })
}

fn receiver(duty: &Duty, wall: Instant) -> Value {
    let receiver = &duty.receiver;
    // Without any fix yet, the time without one began with the agent.
    let since = receiver.heard_wall.unwrap_or(duty.clock.started());
    let age_s = wall.saturating_duration_since(since).as_secs_f64();
    let without_s = age_s.floor() as u64;
    let Some(last) = &receiver.last else {
        return json!({ "state": "none", "no_fix_for_s": without_s, "position": null });
    };
    let quality = match last.quality() {
        FixQuality::Unspecified => "unknown",
        FixQuality::None => "none",
        FixQuality::Single => "single",
        FixQuality::Differential => "differential",
        FixQuality::Rtk => "rtk",
        FixQuality::DeadReckoning => "dead_reckoning",
        FixQuality::Simulated => "simulated",
    };
    json!({
        "state": if receiver.lost { "lost" } else { "fix" },
        "age_s": (age_s * 10.0).round() / 10.0,
        "no_fix_for_s": receiver.lost.then_some(without_s),
        "quality": quality,
        "satellites": last.satellites,
        "position": {
            "longitude_deg": last.longitude_deg, "latitude_deg": last.latitude_deg,
            "speed_kmh": last.speed_kmh, "heading_deg": last.heading_deg, "accuracy_m": last.accuracy_m,
            "fix_time": rfc3339(last.fix_time_unix_ms),
        },
    })
}

fn order(duty: &Duty, held: &HeldOrder) -> Value {
    let order = held.order();
    let stages = held.record.marks.iter().map(|mark| {
        json!({
            "stage": mark.stage, "at": rfc3339(mark.at_unix_ms), "source": mark.source,
            "sent": mark.report.is_none_or(|key| duty.is_sent(key)), "refused": mark.refused,
        })
    });
    let aborts = held.abort_reasons();
    let aborts = aborts.map(|abort| json!({ "reason": abort.word, "zh": abort.zh, "en": abort.en }));
    let end = held
        .record
        .end
        .as_ref()
        .map(|end| json!({ "kind": end.kind, "reason": end.reason, "at": rfc3339(end.at_unix_ms) }));
    json!({
        "assignment": order.assignment_id, "incident": order.incident_id,
        "incident_number": order.incident_number, "level": level_word(order.level()),
        "complaint": order.complaint, "patient": order.patient, "address": order.address,
        "waiting_place": order.waiting_place, "location": order.location.map(place),
        "caller_phone": order.caller_phone, "text_not_ring": order.text_not_ring, "notes": order.notes,
        "test": order.test, "ordered_at": rfc3339(order.ordered_at_unix_ms),
        "received_at": rfc3339(held.received_unix_ms), "travel_time_s": order.travel_time_s,
        "route": places(&order.route), "hospital": order.hospital.as_ref().map(hospital),
        "stages": stages.collect::<Vec<Value>>(),
        "next": held.next_step(&duty.settings.steps).map(step),
        "may_refuse": held.may_refuse(),
        "abort_reasons": aborts.collect::<Vec<Value>>(),
        "end": end,
        "patients": patients::view(duty, &order.assignment_id),
        "monitors": patients::monitors(duty, &order.assignment_id),
    })
}

fn entry(entry: &HospitalEntry) -> Value {
    json!({
        "id": entry.hospital_id, "name": entry.name, "location": entry.location.map(place),
        "skills": entry.skills, "diverted": entry.diverted,
    })
}

fn hospital(hospital: &Hospital) -> Value {
    json!({
        "id": hospital.hospital_id, "name": hospital.name, "phone": hospital.phone,
        "location": hospital.location.map(place), "route": places(&hospital.route),
    })
}

fn place(place: Wgs84) -> Value {
    json!({ "longitude_deg": place.longitude_deg, "latitude_deg": place.latitude_deg })
}

fn places(places: &[Wgs84]) -> Vec<Value> {
    places.iter().copied().map(place).collect()
}
