//! The calls as a table for other tools (`sim calls`): CSV with a heading, UTF-8, RFC 3339 times in UTC, WGS-84.

use std::io::{self, Write};

use serde::Serialize;

use super::{CallPlan, Turn};

/// Writes the heading.
pub fn heading(to: &mut impl Write) -> io::Result<()> {
    writeln!(
        to,
        "at,source,level,complaint,turn,longitude,latitude,units,skills,age_years,answer_s,talk_s,decide_s,address"
    )
}

/// Writes one call as a row. Names and telephone numbers stay out: a table is passed on.
pub fn row(to: &mut impl Write, call: &CallPlan) -> io::Result<()> {
    let turn = match call.turn {
        Turn::Plain => "plain",
        Turn::CalledTwice { .. } => "called_twice",
        Turn::Cancelled { .. } => "cancelled",
        Turn::Advice => "advice",
        Turn::Nuisance => "nuisance",
        Turn::Transfer => "transfer",
        Turn::Test => "test",
    };
    let skills: Vec<String> = call.skills.iter().map(word).collect();
    writeln!(
        to,
        "{},{},{},{},{turn},{:.6},{:.6},{},{},{},{:.1},{:.1},{:.1},{}",
        call.at,
        word(&call.source),
        word(&call.level),
        cell(&call.complaint),
        call.position.longitude(),
        call.position.latitude(),
        call.units,
        skills.join(" "),
        call.age_years,
        call.answer_s,
        call.talk_s,
        call.decide_s,
        cell(&call.address),
    )
}

/// A value by the word it has in the API.
fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
