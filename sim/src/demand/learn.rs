//! Learns a profile from a log of calls.

use std::collections::BTreeMap;

use h3o::{LatLng, Resolution};
use jiff::civil::DateTime;

use super::fit::Fitted;
use super::log::{Stamps, Trip};
use super::profile::{HOURS, Profile, Times, VERSION};
use crate::case::CaseError;

/// Which rows of a log count.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Types of calls; none is all.
    pub call_types: Vec<String>,
    /// Types of units whose times are learned; none is all.
    pub unit_types: Vec<String>,
    /// How fine the cells are.
    pub resolution: Resolution,
}

/// Learns; `file` is what the log is called.
pub fn learn(file: &str, trips: &[Trip], choice: &Choice) -> Result<Profile, CaseError> {
    let wanted = |types: &[String], of: &str| types.is_empty() || types.iter().any(|known| known == of);
    let trips: Vec<&Trip> = trips.iter().filter(|trip| wanted(&choice.call_types, &trip.call_type)).collect();
    let mut calls: BTreeMap<&str, &Trip> = BTreeMap::new();
    for trip in &trips {
        calls.entry(trip.call.as_str()).or_insert(trip);
    }
    if calls.len() < CALLS_MIN {
        let problem =
            format!("has {} calls of the types asked for; it takes {CALLS_MIN} to learn from", calls.len());
        return Err(CaseError::new(file, problem));
    }
    let received: Vec<DateTime> = calls.values().map(|trip| trip.stamps.received).collect();
    let (first, last) = (received.iter().min(), received.iter().max());
    let (first, last) = first.zip(last).expect("invariant: there are calls");
    let ambulances: Vec<&Stamps> = trips
        .iter()
        .filter(|trip| wanted(&choice.unit_types, &trip.unit_type) && trip.stamps.dispatched.is_some())
        .map(|trip| &trip.stamps)
        .collect();
    let arrived = ambulances.iter().filter(|stamps| stamps.on_scene.is_some()).count();
    let taken = ambulances.iter().filter(|stamps| stamps.on_scene.is_some() && stamps.left.is_some()).count();
    Ok(Profile {
        version: VERSION,
        learned_from: format!("{file}: {} calls from {first} to {last}", calls.len()),
        calls: calls.len(),
        calls_per_hour: by_hour(&received, *first, *last),
        priorities: priorities(calls.values().map(|trip| trip.priority.as_str())),
        cells: cells(calls.values().filter_map(|trip| trip.at), choice.resolution),
        transported: taken as f64 / arrived.max(1) as f64,
        cancelled: 1.0 - arrived as f64 / ambulances.len().max(1) as f64,
        times: times(file, &ambulances)?,
    })
}

/// Calls an hour in each hour of the week. A few weeks say little about each of 168 hours: each is drawn towards its hour of the day,
/// the more, the less was seen of it.
fn by_hour(received: &[DateTime], first: DateTime, last: DateTime) -> Vec<f64> {
    let hour = |at: DateTime| at.weekday().to_monday_zero_offset() as usize * 24 + at.hour() as usize;
    let (mut counts, mut seen) = ([0.0; HOURS], [0.0; HOURS]);
    for at in received {
        counts[hour(*at)] += 1.0;
    }
    let mut at = first;
    while at <= last {
        seen[hour(at)] += 1.0;
        at = at.saturating_add(jiff::Span::new().hours(1));
    }
    let of_day = |values: &[f64; HOURS], hour: usize| (0..7).map(|day| values[day * 24 + hour]).sum::<f64>();
    let rate = |place: usize| {
        let usual = of_day(&counts, place % 24) / of_day(&seen, place % 24).max(1.0);
        (counts[place] + USUAL_WEEKS * usual) / (seen[place] + USUAL_WEEKS)
    };
    (0..HOURS).map(rate).collect()
}

/// Shares of high, medium and low. Logs count upwards, 3 is an emergency, or go by letters; what is neither is in between.
fn priorities<'a>(of: impl Iterator<Item = &'a str>) -> [f64; 3] {
    let mut counts = [0.0; 3];
    for priority in of {
        counts[match priority {
            "3" | "E" | "D" | "C" => 0,
            "2" | "1" | "A" => 2,
            _ => 1,
        }] += 1.0;
    }
    let sum: f64 = counts.iter().sum();
    counts.map(|count| count / sum.max(1.0))
}

fn cells(places: impl Iterator<Item = (f64, f64)>, resolution: Resolution) -> Vec<(String, f64)> {
    let mut counts: BTreeMap<h3o::CellIndex, f64> = BTreeMap::new();
    for (longitude, latitude) in places {
        if let Ok(at) = LatLng::new(latitude, longitude) {
            *counts.entry(at.to_cell(resolution)).or_default() += 1.0;
        }
    }
    let sum: f64 = counts.values().sum();
    counts.into_iter().map(|(cell, count)| (cell.to_string(), count / sum)).collect()
}

fn times(file: &str, ambulances: &[&Stamps]) -> Result<Times, CaseError> {
    type Stamp = fn(&Stamps) -> Option<DateTime>;
    let fitted = |name: &str, from: Stamp, to: Stamp, counts: fn(&Stamps) -> bool| {
        let spans = ambulances.iter().filter(|stamps| counts(stamps)).filter_map(|stamps| {
            let seconds = to(stamps)?.since(from(stamps)?).ok()?.total(jiff::Unit::Second).ok()?;
            (0.0..=LONGEST_S).contains(&seconds).then_some(seconds)
        });
        Fitted::to(&spans.collect::<Vec<f64>>())
            .ok_or_else(|| CaseError::new(file, format!("has too few times to learn `{name}` from")))
    };
    let all: fn(&Stamps) -> bool = |_| true;
    let taken: fn(&Stamps) -> bool = |s| s.left.is_some();
    let stayed: fn(&Stamps) -> bool = |s| s.left.is_none();
    let called_back: fn(&Stamps) -> bool = |s| s.on_scene.is_none();
    let available: Stamp = |s| s.available;
    let dispatched: Stamp = |s| s.dispatched;
    let on_scene: Stamp = |s| s.on_scene;
    Ok(Times {
        triage: fitted("triage", |s| Some(s.received), |s| s.entered, all)?,
        decision: fitted("decision", |s| s.entered, dispatched, all)?,
        turnout: fitted("turnout", dispatched, |s| s.rolled, all)?,
        scene: fitted("scene", on_scene, |s| s.left, taken)?,
        scene_only: fitted("scene_only", on_scene, available, stayed)?,
        transport: fitted("transport", |s| s.left, |s| s.at_hospital, all)?,
        hospital: fitted("hospital", |s| s.at_hospital, available, all)?,
        cancellation: fitted("cancellation", dispatched, available, called_back)?,
    })
}

/// Fewer calls than this say nothing.
const CALLS_MIN: usize = 100;
/// How many weeks the usual hour of the day counts for.
const USUAL_WEEKS: f64 = 2.0;
/// What takes longer is a stamp that was forgotten.
const LONGEST_S: f64 = 6.0 * 3600.0;

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::log;
    use super::*;
    use crate::case::unpacked;

    /// The week of San Francisco lies in `../shared/data` from the project's root; without it this test says so and passes. The wanted
    /// values were measured from it by other means.
    #[test]
    fn a_week_of_a_city_is_learned_as_it_was() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../shared/data/calls-sf/sffd_calls_2016-12-31_to_2017-01-07.csv.gz");
        if !path.is_file() {
            eprintln!("left out: {} is not there", path.display());
            return;
        }
        let trips = log::read("sf.csv", &unpacked(&path).unwrap()).unwrap();
        let choice = Choice {
            call_types: vec!["Medical Incident".to_owned()],
            unit_types: ["MEDIC", "PRIVATE"].map(str::to_owned).to_vec(),
            resolution: Resolution::Eight,
        };
        let profile = learn("sf.csv", &trips, &choice).unwrap();
        let minutes =
            |fitted: &Fitted| [fitted.mean_s, fitted.recorded_s[0], fitted.recorded_s[1]].map(|s| s / 60.0);
        for (fitted, wanted) in [
            (&profile.times.triage, [1.40, 1.27, 2.90]),
            (&profile.times.decision, [1.96, 0.63, 4.16]),
            (&profile.times.turnout, [0.47, 0.22, 1.07]),
            (&profile.times.scene, [19.41, 18.02, 30.74]),
            (&profile.times.transport, [17.00, 15.66, 29.78]),
            (&profile.times.hospital, [34.16, 31.77, 47.27]),
        ] {
            for (ours, theirs) in minutes(fitted).into_iter().zip(wanted) {
                assert!(
                    (ours - theirs).abs() < 0.03 * theirs + 0.02,
                    "{:?}, not {wanted:?}",
                    minutes(fitted)
                );
            }
            assert!(fitted.distance < 0.08, "{fitted:?}");
            assert!((fitted.model.mean_s() / fitted.mean_s - 1.0).abs() < 0.12, "{fitted:?}");
        }
        assert!((profile.calls_per_day() - 336.0).abs() < 15.0, "{}", profile.calls_per_day());
        assert!(
            (profile.transported - 0.83).abs() < 0.01 && (profile.cancelled - 0.121).abs() < 0.005,
            "{profile:?}"
        );
        assert!((profile.priorities.iter().sum::<f64>() - 1.0).abs() < 1e-9 && profile.cells.len() > 100);
        let again: Profile = serde_json::from_slice(&serde_json::to_vec(&profile).unwrap()).unwrap();
        assert_eq!(again, profile);
    }
}
