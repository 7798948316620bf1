//! A comparison in the terminal: a table for each group, a row for each policy, and below it the difference from the first.

use std::fmt::Write;

use sim::twin::comparison::{Compared, Comparison, Kind, Reading};

/// How a figure is shown.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Minutes,
    Percent,
    Plain,
    Hours,
}

/// A column: the figure, its heading, how it is shown.
type Column = (&'static str, &'static str, Unit);

/// The figures of calls that are shown.
pub(super) const CALLS: [Column; 9] = [
    ("mean_s", "平均 mean", Unit::Minutes),
    ("p50_s", "P50", Unit::Minutes),
    ("p90_s", "P90", Unit::Minutes),
    ("p95_s", "P95", Unit::Minutes),
    ("p99_s", "P99", Unit::Minutes),
    ("on_time", "按时 on time", Unit::Percent),
    ("late", "超时 late", Unit::Percent),
    ("queued", "排队 queued", Unit::Percent),
    ("bumps_per_call", "改派 bumps", Unit::Plain),
];
/// The figures of units that are shown.
pub(super) const UNITS: [Column; 6] = [
    ("km_per_unit_day", "公里 km/day", Unit::Plain),
    ("driving_s_per_unit_day", "行驶 driving h/day", Unit::Hours),
    ("busy", "占用 busy", Unit::Percent),
    ("busy_deviation", "离散 deviation", Unit::Percent),
    ("busiest_to_mean", "最忙/平均 busiest/mean", Unit::Plain),
    ("gini", "基尼 Gini", Unit::Plain),
];

/// The whole table; with `detail` every hour and every area, too.
pub(super) fn of(comparison: &Comparison, detail: bool) -> String {
    let mut text = format!(
        "种子 seeds: {} · {} 次 replications × {} 天 days (+ {} 预热 warm-up) · 时间 times in min · ± 95 % · * p < 0.05 (Holm)\n",
        comparison.seeds, comparison.replications, comparison.days, comparison.warm_up_days
    );
    for (group, heading) in PRIORITIES {
        let calls = comparison.policies.first().map_or(0.0, |policy| policy.mean(group, "calls"));
        if calls > 0.0 {
            let heading = format!("{heading} · {calls:.0} 呼救 calls");
            block(&mut text, comparison, (Kind::Priority, group), &heading, &CALLS);
        }
    }
    block(&mut text, comparison, (Kind::Units, "units"), "车组 units", &UNITS);
    if detail {
        for hour in 0..24 {
            let group = format!("{hour:02}");
            block(&mut text, comparison, (Kind::Hour, &group), &format!("{group} 时 h"), &CALLS);
        }
        for area in &comparison.areas {
            block(&mut text, comparison, (Kind::Area, area), &format!("区域 area {area}"), &CALLS);
        }
    }
    text
}

fn block(text: &mut String, comparison: &Comparison, of: (Kind, &str), heading: &str, columns: &[Column]) {
    let mut rows: Vec<Vec<String>> = vec![
        std::iter::once(heading).chain(columns.iter().map(|column| column.1)).map(str::to_owned).collect(),
    ];
    for (place, policy) in comparison.policies.iter().enumerate() {
        let row = |shown: &dyn Fn(&Reading, Unit) -> String| -> Vec<String> {
            let cells = columns.iter().map(|(figure, _, unit)| {
                policy.reading(of.0, of.1, figure).map_or_else(String::new, |reading| shown(reading, *unit))
            });
            cells.collect()
        };
        let values =
            row(&|reading, unit| with_half(reading.value.mean, reading.value.half_width, unit, false));
        if values.iter().all(String::is_empty) {
            return;
        }
        rows.push(std::iter::once(format!("  {}", policy.policy)).chain(values).collect());
        if place > 0 {
            rows.push(std::iter::once("    − 第一 the first".to_owned()).chain(row(&difference)).collect());
        }
    }
    write_rows(text, &rows);
}

fn difference(reading: &Reading, unit: Unit) -> String {
    let Some(difference) = reading.difference else { return String::new() };
    let star = if is_sure(reading) { "*" } else { "" };
    with_half(difference.mean, difference.half_width, unit, true) + star
}

/// Whether a difference is more than chance, all that stand together considered.
pub(super) fn is_sure(reading: &Reading) -> bool {
    reading.p_holm.is_some_and(|p| p < 0.05)
}

/// A figure of a policy in words, for a page.
pub(super) fn shown(policy: &Compared, of: (Kind, &str), column: Column) -> (String, String, bool) {
    let Some(reading) = policy.reading(of.0, of.1, column.0) else { return Default::default() };
    let value = with_half(reading.value.mean, reading.value.half_width, column.2, false);
    (value, difference(reading, column.2), is_sure(reading))
}

fn with_half(mean: f64, half_width: Option<f64>, unit: Unit, signed: bool) -> String {
    let (factor, digits) = match unit {
        Unit::Minutes => (1.0 / 60.0, 2),
        Unit::Percent => (100.0, 2),
        Unit::Plain => (1.0, 3),
        Unit::Hours => (1.0 / 3600.0, 2),
    };
    let mut shown = format!("{:.digits$}", mean * factor);
    if signed && !shown.starts_with('-') {
        shown.insert(0, '+');
    }
    if let Some(half) = half_width {
        let _ = write!(shown, " ±{:.digits$}", half * factor);
    }
    if matches!(unit, Unit::Percent) {
        shown.push('%');
    }
    shown
}

fn write_rows(text: &mut String, rows: &[Vec<String>]) {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (0..columns).map(|column| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0)).collect();
    text.push('\n');
    for row in rows {
        for (place, (cell, wide)) in row.iter().zip(&widths).enumerate() {
            let space = " ".repeat(wide - width(cell));
            let _ = if place == 0 { write!(text, "{cell}{space}") } else { write!(text, "  {space}{cell}") };
        }
        text.push('\n');
    }
}

/// How many columns of a terminal a text takes: a Chinese character takes two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if ('\u{2e80}'..='\u{ffdc}').contains(&c) { 2 } else { 1 }).sum()
}

/// The groups by priority, and what they are called.
pub(super) const PRIORITIES: [(&str, &str); 4] =
    [("all", "全部 all"), ("high", "紧急 high"), ("medium", "次紧急 medium"), ("low", "非紧急 low")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_whatever_the_script() {
        let mut text = String::new();
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        write_rows(&mut text, &[row(["平均 mean", "x"]), row(["a", "10.5"])]);
        assert_eq!(text, "\n平均 mean     x\na          10.5\n");
        assert_eq!(with_half(90.0, Some(6.0), Unit::Minutes, false), "1.50 ±0.10");
        assert_eq!(with_half(0.0123, None, Unit::Percent, true), "+1.23%");
        assert_eq!(with_half(-0.5, Some(0.25), Unit::Plain, true), "-0.500 ±0.250");
    }
}
