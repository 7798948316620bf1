//! What a crew finds at its patient, by seed: vital signs that fit how bad it is, the score that one takes for it, and the alert that opens a
//! hospital's doors. It is entered at the terminal, as a crew does.

use dispatch_core::UtcTime;
use serde_json::{Value, json};

use super::terminal::Order;
use crate::chance::Chance;
use crate::ecg::{Heart, annotated};

/// An entry at the terminal: its path and its body.
pub type Entry = (&'static str, Value);

/// For which words of a complaint a hospital is asked to be ready.
const ALERTS: [(&str, &[&str]); 5] = [
    ("chest_pain", &["胸痛", "心"]),
    ("stroke", &["卒中", "偏瘫", "口角", "中风"]),
    ("trauma", &["车祸", "外伤", "坠落", "摔", "刀"]),
    ("maternal", &["孕", "临产", "产"]),
    ("newborn", &["新生儿"]),
];

/// What is entered when a step was pressed; nothing at most steps.
pub fn entries(seed: u64, order: &Order, stage: &str) -> Vec<Entry> {
    match stage {
        "at_patient" => at_patient(seed, order),
        "left_scene" => vec![vitals(seed, order, 1)],
        _ => Vec::new(),
    }
}

fn at_patient(seed: u64, order: &Order) -> Vec<Entry> {
    let mut all = vec![vitals(seed, order, 0)];
    if order.level != "I" && order.level != "II" {
        return all;
    }
    let named = |words: &[&str]| words.iter().any(|word| order.complaint.contains(word));
    if let Some((kind, _)) = ALERTS.iter().find(|(_, words)| named(words)) {
        all.push(("patient/alert", json!({ "kind": kind, "withdrawn": false })));
        if *kind == "stroke" {
            all.push(("patient/score", json!({ "kind": "fast", "items": [1, 1, 0] })));
        }
    }
    if order.level == "I" {
        let mut chance = draws(seed, order, 7);
        let items = [2 + chance.below(3), 2 + chance.below(3), 4 + chance.below(3)];
        all.push(("patient/score", json!({ "kind": "gcs", "items": items })));
    }
    all
}

/// The ECG that is taken of a grave case with pain in the chest; none of others.
pub fn ecg(seed: u64, order: &Order, stage: &str, now: UtcTime) -> Option<String> {
    let grave = order.level == "I" || order.level == "II";
    let chest = ALERTS[0].1.iter().any(|word| order.complaint.contains(word));
    if stage != "at_patient" || !grave || !chest {
        return None;
    }
    let mut chance = draws(seed, order, 11);
    let st_inferior_mv = if chance.yes(0.4) { chance.between(0.15, 0.4) } else { 0.0 };
    let heart = Heart { rate_per_min: chance.between(60.0, 125.0), st_inferior_mv };
    let begun = jiff::Timestamp::from_microsecond(now.micros()).unwrap_or_default();
    Some(annotated(chance.number(), heart, begun))
}

/// Worse the more urgent it is, and a little better the second time.
fn vitals(seed: u64, order: &Order, time: u64) -> Entry {
    let mut chance = draws(seed, order, 0);
    let grave = match order.level.as_str() {
        "I" => 1.0,
        "II" => 0.6,
        "III" => 0.25,
        _ => 0.1,
    };
    let grave = grave * if time == 0 { 1.0 } else { 0.7 };
    let mut about = |well: f64, ill: f64, spread: f64| {
        let middle = well + (ill - well) * grave;
        (middle + chance.between(-spread, spread)).round()
    };
    let entry = json!({
        "heart_rate_per_min": about(78.0, 128.0, 8.0),
        "systolic_mmhg": about(128.0, 88.0, 8.0),
        "diastolic_mmhg": about(78.0, 52.0, 6.0),
        "spo2_percent": about(97.0, 88.0, 1.0),
        "respiration_per_min": about(16.0, 28.0, 2.0),
    });
    let whole = |value: &Value| json!(value.as_f64().unwrap_or_default() as u32);
    let entry: serde_json::Map<String, Value> =
        entry.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), whole(value))).collect();
    ("patient/vitals", Value::Object(entry))
}

fn draws(seed: u64, order: &Order, about: u64) -> Chance {
    // The last digits of an id are its own.
    let own = order.assignment.bytes().rev().take(8).fold(about, |sum, byte| sum * 31 + u64::from(byte));
    Chance::of(seed, "bedside", own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(level: &str, complaint: &str) -> Order {
        let text = json!({
            "assignment": "assignment_0192f000-0000-7000-8000-000000000003", "level": level, "complaint": complaint,
            "received_at": "2026-11-21T13:00:00Z",
        });
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn an_ecg_is_taken_of_a_grave_case_with_pain_in_the_chest() {
        let taken =
            |level, complaint, stage| ecg(1, &order(level, complaint), stage, UtcTime::default()).is_some();
        assert!(taken("I", "胸痛，大汗", "at_patient"));
        assert!(!taken("I", "胸痛，大汗", "rolling"));
        assert!(!taken("III", "胸痛", "at_patient") && !taken("I", "昏迷", "at_patient"));
    }

    #[test]
    fn a_grave_case_alerts_and_a_light_one_does_not() {
        let kinds = |level, complaint| {
            let all = entries(1, &order(level, complaint), "at_patient");
            all.iter().map(|(path, _)| *path).collect::<Vec<_>>()
        };
        assert_eq!(kinds("III", "胸痛"), ["patient/vitals"]);
        assert_eq!(kinds("II", "突发偏瘫"), ["patient/vitals", "patient/alert", "patient/score"]);
        assert_eq!(kinds("I", "昏迷"), ["patient/vitals", "patient/score"]);
        assert!(entries(1, &order("I", "胸痛"), "rolling").is_empty());
        assert_eq!(
            entries(1, &order("I", "胸痛"), "at_patient"),
            entries(1, &order("I", "胸痛"), "at_patient")
        );
    }
}
