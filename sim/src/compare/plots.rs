//! The plots of a comparison's page.

use sim::case::Point;
use sim::twin::comparison::{Comparison, Kind, Reading};

use super::chart::{Axis, Chart};
use super::map::{self, Shaded};
use super::table::{PRIORITIES, is_sure};

/// What share of calls was answered within how many minutes.
pub(super) fn curves(comparison: &Comparison) -> String {
    let mean_curve = |place: usize| -> Vec<f64> {
        let runs = || comparison.policies[place].replications.iter().filter(|run| !run.curve_s.is_empty());
        let count = runs().count().max(1) as f64;
        (0..=100).map(|percent| runs().map(|run| run.curve_s[percent]).sum::<f64>() / count / 60.0).collect()
    };
    let curves: Vec<Vec<f64>> = (0..comparison.policies.len()).map(mean_curve).collect();
    let longest = curves.iter().map(|curve| curve[98]).fold(1.0, f64::max);
    let x = Axis { from: 0.0, to: longest, label: "响应时间（分）response, min", unit: "" };
    let y = Axis { from: 0.0, to: 100.0, label: "", unit: "%" };
    let mut chart = Chart::new("响应时间分布 response times", 330.0, &x, &y);
    for (place, curve) in curves.iter().enumerate() {
        let within = (0..=100).map(|percent| (curve[percent], percent as f64));
        chart.line(place, within.take_while(|(minutes, _)| *minutes <= longest));
    }
    chart.drawn()
}

/// What share was on time, by the hour of the day.
pub(super) fn hours(comparison: &Comparison) -> String {
    let share = |place: usize, hour: usize| {
        let reading = comparison.policies[place].reading(Kind::Hour, &format!("{hour:02}"), "on_time");
        reading.map(|reading| reading.value.mean * 100.0)
    };
    let all = || {
        (0..comparison.policies.len()).flat_map(|place| (0..24).filter_map(move |hour| share(place, hour)))
    };
    let (low, high) = (all().fold(100.0, f64::min), all().fold(0.0, f64::max));
    let x = Axis { from: 0.0, to: 24.0, label: "时 hour of the day", unit: "" };
    let y = Axis { from: (low - 2.0).max(0.0), to: (high + 2.0).min(100.0), label: "", unit: "%" };
    let mut chart = Chart::new("各时段按时率 on time by hour", 280.0, &x, &y);
    for place in 0..comparison.policies.len() {
        let points = (0..24).filter_map(|hour| Some((hour as f64 + 0.5, share(place, hour)?)));
        chart.line(place, points);
    }
    chart.drawn()
}

/// The differences from the first with their intervals, in points of a percent.
pub(super) fn differences(comparison: &Comparison, figure: &str, factor: f64, unit: &str) -> String {
    let others = comparison.policies.len() - 1;
    let reading =
        |place: usize, group: &str| comparison.policies[place].reading(Kind::Priority, group, figure);
    let groups: Vec<(&str, &str)> = PRIORITIES
        .into_iter()
        .filter(|(group, _)| comparison.policies[0].mean(group, "calls") > 0.0)
        .collect();
    let of = |reading: &Reading| {
        let difference = reading.difference?;
        Some((difference.mean * factor, difference.half_width.unwrap_or(0.0) * factor))
    };
    let ends =
        groups.iter().flat_map(|(group, _)| (1..=others).filter_map(move |place| of(reading(place, group)?)));
    let most = ends.map(|(mean, half)| mean.abs() + half).fold(0.0, f64::max).max(0.1) * 1.08;
    let rows: Vec<String> = groups.iter().map(|(_, heading)| (*heading).to_owned()).collect();
    let x = Axis { from: -most, to: most, label: unit, unit: "" };
    let mut chart = Chart::of_rows("与第一策略之差 differences from the first", &rows, &x);
    chart.upright(0.0);
    for (row, (group, _)) in groups.iter().enumerate() {
        for place in 1..=others {
            if let Some((mean, half)) = reading(place, group).and_then(of) {
                let off = (place as f64 - 0.5) / others as f64 - 0.5;
                chart.interval(place, (row, off), mean, half);
            }
        }
    }
    chart.drawn()
}

/// How busy each unit was: a dot a unit.
pub(super) fn workloads(comparison: &Comparison) -> String {
    let seconds = comparison.days * 86_400.0;
    let shares = |place: usize| -> Vec<f64> {
        let runs = &comparison.policies[place].replications;
        let units = runs.first().map_or(0, |run| run.work.units.len());
        let mean =
            |unit: usize| runs.iter().map(|run| run.work.units[unit].busy_s).sum::<f64>() / runs.len() as f64;
        (0..units).map(|unit| mean(unit) / seconds * 100.0).collect()
    };
    let rows: Vec<String> = comparison.policies.iter().map(|policy| policy.policy.clone()).collect();
    let x = Axis { from: 0.0, to: 100.0, label: "占用时间 busy", unit: "%" };
    let mut chart = Chart::of_rows("各车组工作量 workload of the units", &rows, &x);
    for place in 0..rows.len() {
        for share in shares(place) {
            chart.dot(place, place, share);
        }
    }
    chart.drawn()
}

/// Maps: the share on time of the first in each area, then what the others change.
pub(super) fn maps(comparison: &Comparison, outlines: &[Vec<Point>]) -> Vec<(String, String)> {
    let mut maps = Vec::new();
    for (place, policy) in comparison.policies.iter().enumerate() {
        let reading = |area: &String| policy.reading(Kind::Area, area, "on_time");
        let value = |area: &String| {
            let reading = reading(area)?;
            if place == 0 { Some(reading.value.mean - 0.5) } else { Some(reading.difference?.mean) }
        };
        // The first from 0 to 100 %, differences up to 5 points: stronger ones are as dark as they get.
        let darkest = if place == 0 { 0.5 } else { 0.05 };
        let shaded: Vec<Shaded<'_>> = comparison
            .areas
            .iter()
            .zip(outlines)
            .map(|(area, outline)| Shaded {
                outline,
                shade: value(area).map(|v| v / darkest),
                words: words(area, reading(area)),
            })
            .collect();
        let title = if place == 0 {
            format!("{}：按时率 on time (± 50%)", policy.policy)
        } else {
            format!("{}：按时率之差 on time, difference (± 5%)", policy.policy)
        };
        maps.push((title.clone(), map::drawn(&title, &shaded)));
    }
    maps
}

fn words(area: &str, reading: Option<&Reading>) -> String {
    let Some(reading) = reading else { return format!("{area}: —") };
    let difference = reading.difference.map_or_else(String::new, |difference| {
        let star = if is_sure(reading) { "*" } else { "" };
        format!(", {:+.1}{star}", difference.mean * 100.0)
    });
    format!("{area}: {:.1}%{difference}", reading.value.mean * 100.0)
}
