//! A day lived again, as a table for the terminal and as rows for a spreadsheet.

use std::fmt::Write;

use dispatch_core::Span;
use dispatch_core::assignment::Basis;
use dispatch_core::replay::{Answer, Comparison, Departed, Side};

/// The lines of the table: every emergency, then the figures.
pub(super) fn table(comparison: &Comparison) -> Vec<String> {
    let basis = match comparison.basis {
        Basis::Road => "按道路 by road",
        Basis::StraightLine => "直线估算，未按道路 straight-line estimates, not by road",
    };
    let mut lines = vec![
        format!("{}  {} → {}  ({basis})", comparison.day, comparison.own_policy, comparison.policy),
        String::new(),
        "           车组 unit, 出车时间 departure, 急救反应时间 response (min:s)".to_owned(),
        format!("{:<14}{:<5}{:<24}{:<24}{:<24}", "number", "level", "recorded", "model", "plan"),
    ];
    for line in &comparison.calls {
        let changed = answered(line.modelled.as_ref()) != answered(line.planned.as_ref());
        lines.push(format!(
            "{:<14}{:<5}{:<24}{:<24}{:<24}{}",
            line.number,
            format!("{:?}", line.level),
            answered(line.recorded.as_ref()),
            answered(line.modelled.as_ref()),
            answered(line.planned.as_ref()),
            if changed { "*" } else { "" },
        ));
    }
    lines.push(String::new());
    lines.push(format!("{:<36}{:>12}{:>12}{:>12}", "", "recorded", "model", "plan"));
    let sides = [&comparison.recorded, &comparison.modelled, &comparison.planned];
    for (name, of) in FIGURES {
        let [recorded, modelled, planned] = sides.map(of);
        lines.push(format!("{name:<36}{recorded:>12}{modelled:>12}{planned:>12}"));
    }
    lines.push(String::new());
    lines.extend(notes(comparison));
    lines
}

type Figured = fn(&Side) -> String;

const FIGURES: [(&str, Figured); 9] = [
    ("emergencies", |side| side.emergencies.to_string()),
    ("  without any order", |side| side.without_order.to_string()),
    ("departures", |side| side.departure.n.to_string()),
    ("  within 3 minutes", |side| percent(side.departure.share_in_target)),
    ("  mean", |side| minutes(side.departure.mean_s)),
    ("responses", |side| side.response.n.to_string()),
    ("  mean", |side| minutes(side.response.mean_s)),
    ("  P90", |side| minutes(side.response.p90_s)),
    ("  in target", |side| percent(side.response.share_in_target)),
];

fn notes(comparison: &Comparison) -> Vec<String> {
    let fidelity = &comparison.fidelity;
    let mut notes = vec![format!(
        "model against record: {} emergencies with both response times, the same unit to {}, mean difference {} s, half within {} s",
        fidelity.n,
        fidelity.same_unit,
        seconds(fidelity.mean_difference_s),
        seconds(fidelity.p50_apart_s),
    )];
    for (name, side) in [("model", &comparison.modelled), ("plan", &comparison.planned)] {
        if let Some(Departed { number, at }) = &side.departed {
            notes.push(format!(
                "{name}: leaves what was recorded at {number} ({at}); from there on the model speaks"
            ));
        }
        if side.refused > 0 {
            notes.push(format!(
                "{name}: {} acts of that day no longer made sense and were left out",
                side.refused
            ));
        }
    }
    notes
}

/// One row for each emergency, with a line of headings.
pub(super) fn csv(comparison: &Comparison) -> String {
    let mut rows = "number,incident,level,area,received_at".to_owned();
    for side in ["recorded", "modelled", "planned"] {
        let _ = write!(rows, ",{side}_unit,{side}_ordered_at,{side}_departure_s,{side}_response_s");
    }
    rows.push('\n');
    for line in &comparison.calls {
        let area = serde_json::to_value(line.area).ok();
        let area = area.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        let _ =
            write!(rows, "{},{},{:?},{area},{}", line.number, line.incident, line.level, line.received_at);
        for answer in [&line.recorded, &line.modelled, &line.planned] {
            let _ = match answer {
                Some(answer) => write!(
                    rows,
                    ",\"{}\",{},{},{}",
                    answer.unit,
                    answer.ordered_at,
                    seconds(answer.departure_s),
                    seconds(answer.response_s)
                ),
                None => write!(rows, ",,,,"),
            };
        }
        rows.push('\n');
    }
    rows
}

fn answered(answer: Option<&Answer>) -> String {
    answer.map_or_else(
        || "–".to_owned(),
        |answer| format!("{:<8}{:>6}{:>7}", answer.unit, clock(answer.departure_s), clock(answer.response_s)),
    )
}

fn clock(span: Option<Span>) -> String {
    span.map_or_else(
        || "–".to_owned(),
        |span| {
            let seconds = (span.micros() + 500_000) / 1_000_000;
            format!("{}:{:02}", seconds / 60, seconds % 60)
        },
    )
}

fn minutes(span: Option<Span>) -> String {
    span.map_or_else(|| "–".to_owned(), |span| format!("{:.1} min", span.as_secs_f64() / 60.0))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// Empty where there is none.
fn seconds(span: Option<Span>) -> String {
    span.map_or_else(String::new, |span| format!("{:.1}", span.as_secs_f64()))
}
