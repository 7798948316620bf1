//! A second opinion on the journal's proposals, in words of its own: what was recorded is ranked again from its recorded inputs by a
//! program that shares nothing with the one that ranked it.

use std::cmp::Ordering;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// What the judge has seen.
#[derive(Debug, Default, Clone, Copy)]
pub struct Seen {
    /// Proposals judged.
    pub proposals: usize,
    /// Pairs of units that lack as much and arrive at the same microsecond, so that their codes decide.
    pub ties: usize,
    /// Units that stood at their station: getting them to roll takes time.
    pub at_station: usize,
}

/// Judges every proposal of an exported journal, one event a line. The error names the event.
pub fn judge(export: &str) -> Result<Seen> {
    let mut seen = Seen::default();
    for line in export.lines().filter(|line| line.starts_with('{')) {
        let event: Value =
            serde_json::from_str(line).with_context(|| format!("not an event: {line:.200}"))?;
        if let Some(proposal) = find(&event, "proposal_made") {
            judge_one(proposal, &mut seen).with_context(|| format!("in {line:.2000}"))?;
        }
    }
    Ok(seen)
}

/// The proposal of an event that records one, wherever the export keeps the event's body.
fn find<'a>(event: &'a Value, fact: &str) -> Option<&'a Value> {
    let body = event.get("event").unwrap_or(event);
    let it = body.get("fact")?;
    (it["fact"] == fact).then(|| &it["proposal"])
}

/// One unit as it should be ranked: what it lacks, when it arrives in microseconds, its code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    lacks: usize,
    arrival_us: i64,
    unit: String,
}

fn judge_one(proposal: &Value, seen: &mut Seen) -> Result<()> {
    let inputs = &proposal["inputs"];
    let wanted = texts(&inputs["skills"]);
    let mut expected = Vec::new();
    for candidate in list(&inputs["candidates"])? {
        let mobilisation_us = micros(&candidate["mobilisation_s"])?;
        let (least_s, most_s) = match text(&candidate["state"])? {
            "at_station" | "assumed_at_station" => (5, 600),
            "standing" => (1, 600),
            _ => (0, 0),
        };
        ensure!(
            (least_s * 1_000_000..=most_s * 1_000_000).contains(&mobilisation_us),
            "a unit {} does not roll after {mobilisation_us} µs: {candidate}",
            candidate["state"]
        );
        seen.at_station += usize::from(least_s == 5);
        let can = texts(&candidate["skills"]);
        expected.push(Place {
            lacks: wanted.iter().filter(|skill| !can.contains(skill)).count(),
            arrival_us: mobilisation_us + micros(&candidate["travel_s"])?,
            unit: text(&candidate["unit"])?.to_owned(),
        });
    }
    expected.sort();
    seen.ties += expected
        .windows(2)
        .filter(|pair| (pair[0].lacks, pair[0].arrival_us) == (pair[1].lacks, pair[1].arrival_us))
        .count();
    let listed_max = usize::try_from(inputs["candidates_max"].as_u64().context("candidates_max")?)?;
    keep_the_best(&mut expected, listed_max, proposal["team"].as_array().map_or(&[], Vec::as_slice));
    let mut recorded = Vec::new();
    for candidate in list(&proposal["ranked"])? {
        ensure!(!list(&candidate["reasons"])?.is_empty(), "a unit is ranked without a reason: {candidate}");
        recorded.push(Place {
            lacks: texts(&candidate["lacks"]).len(),
            arrival_us: micros(&candidate["arrival_s"])?,
            unit: text(&candidate["unit"])?.to_owned(),
        });
    }
    ensure!(recorded == expected, "ranked {recorded:?}, expected {expected:?}");
    seen.proposals += 1;
    Ok(())
}

/// Whoever arrives first of all is listed in the last place, whatever is lacking. Where several units go, each of them is listed, and
/// nobody gives up a place.
fn keep_the_best(places: &mut Vec<Place>, listed_max: usize, team: &[Value]) {
    let first = places.iter().min_by(|a, b| by_arrival(a, b)).cloned();
    let rest = places.split_off(listed_max.min(places.len()));
    places
        .extend(rest.into_iter().filter(|place| team.iter().any(|slot| slot["unit"] == place.unit.as_str())));
    if let Some(first) = first.filter(|first| places.len() > 1 && !places.contains(first)) {
        if team.is_empty() {
            places.pop();
        }
        places.push(first);
    }
}

fn by_arrival(a: &Place, b: &Place) -> Ordering {
    (a.arrival_us, &a.unit).cmp(&(b.arrival_us, &b.unit))
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().with_context(|| format!("a list, not {value}"))
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().with_context(|| format!("a text, not {value}"))
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Seconds with six decimals.
fn micros(value: &Value) -> Result<i64> {
    let seconds = value.as_f64().with_context(|| format!("seconds, not {value}"))?;
    Ok((seconds * 1e6).round() as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(ranked: &[(&str, f64)]) -> String {
        let candidate = |unit: &str, travel_s: f64| json!({"unit": unit, "state": "at_station", "mobilisation_s": 60, "travel_s": travel_s, "skills": []});
        let ranked: Vec<_> = ranked
            .iter()
            .map(|(unit, arrival_s)| {
                json!({"unit": unit, "arrival_s": arrival_s, "lacks": [], "reasons": [{"reason": "first_to_arrive"}]})
            })
            .collect();
        let inputs = json!({"skills": [], "candidates_max": 10,
            "candidates": [candidate("A02", 30.000_001), candidate("A01", 30.000_001), candidate("A03", 20.5)]});
        json!({"fact": {"fact": "proposal_made", "proposal": {"inputs": inputs, "ranked": ranked}}})
            .to_string()
    }

    #[test]
    fn a_right_order_passes_and_a_wrong_one_does_not() {
        let right = [("A03", 80.5), ("A01", 90.000_001), ("A02", 90.000_001)];
        let seen = judge(&event(&right)).unwrap();
        assert_eq!((seen.proposals, seen.ties, seen.at_station), (1, 1, 3));
        let tie_flipped = [right[0], right[2], right[1]];
        assert!(judge(&event(&tie_flipped)).is_err());
        let at_once = right.map(|(unit, arrival_s)| (unit, arrival_s - 60.0));
        assert!(judge(&event(&at_once)).is_err(), "the time to roll left out");
    }

    #[test]
    fn where_several_units_go_each_is_listed_and_so_is_the_first_to_arrive() {
        let place =
            |unit: &str, lacks: usize, arrival_us: i64| Place { lacks, arrival_us, unit: unit.to_owned() };
        let all = [place("A11", 0, 40), place("A07", 0, 50), place("A06", 0, 90), place("A10", 1, 40)];
        let listed = |team: &[Value]| {
            let mut places = all.to_vec();
            keep_the_best(&mut places, 2, team);
            places.into_iter().map(|place| place.unit).collect::<Vec<_>>()
        };
        assert_eq!(listed(&[]), ["A11", "A10"]);
        assert_eq!(listed(&[json!({"unit": "A11"}), json!({"unit": "A06"})]), ["A11", "A07", "A06", "A10"]);
    }
}
