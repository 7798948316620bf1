//! A comparison as a table for other tools: one figure of one group of one policy a row. Times in seconds, shares from 0 to 1.

use std::fmt::Write;

use sim::twin::comparison::{Comparison, Kind};

/// The rows with their heading.
pub(super) fn of(comparison: &Comparison) -> Vec<u8> {
    let mut text = String::from(
        "policy,kind,group,figure,mean,half_width_95,difference,difference_half_width_95,p,p_holm,seeds,replications,days\n",
    );
    for policy in &comparison.policies {
        for reading in &policy.readings {
            let kind = match reading.kind {
                Kind::Priority => "priority",
                Kind::Hour => "hour",
                Kind::Area => "area",
                Kind::Units => "units",
            };
            let optional = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
            let difference = reading.difference;
            let _ = writeln!(
                text,
                "{},{kind},{},{},{},{},{},{},{},{},{},{},{}",
                cell(&policy.policy),
                reading.group,
                reading.figure,
                reading.value.mean,
                optional(reading.value.half_width),
                optional(difference.map(|difference| difference.mean)),
                optional(difference.and_then(|difference| difference.half_width)),
                optional(difference.and_then(|difference| difference.p)),
                optional(reading.p_holm),
                comparison.seeds,
                comparison.replications,
                comparison.days,
            );
        }
    }
    text.into_bytes()
}

fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
