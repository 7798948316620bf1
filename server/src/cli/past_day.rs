//! `replay --policy`: a past day under another policy, every emergency's difference, and what it comes to in one sentence.

use std::ops::ControlFlow;
use std::path::Path;

use anyhow::Context;
use dispatch_core::Event;
use dispatch_core::replay::{Comparison, Days, Past, Progress, Wanted, compare};
use roads::RoadMap;

use super::plan_arguments::PlanArguments;
use super::{complain, differences, load_map, say};
use crate::config::Config;
use crate::journal::JournalReader;

/// Lives a day again as the arguments say, and prints what came of it.
pub(super) fn live_again(
    reader: &JournalReader,
    config: Option<&Path>,
    arguments: &PlanArguments,
) -> anyhow::Result<()> {
    let map = map(config, arguments)?;
    let day = match &arguments.day {
        Some(day) => day.clone(),
        None => last_day(reader)?,
    };
    let past = read(reader, &day)?;
    let mut shown = 0;
    let mut watch = |progress: Progress| {
        let tenth = progress.done * 10 / progress.total.max(1);
        if tenth > shown {
            shown = tenth;
            complain(&format!("{day}: {} %", tenth * 10));
        }
        ControlFlow::Continue(())
    };
    let comparison = compare(&past, &arguments.plan(), map.as_ref(), &mut watch)?;
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&comparison)?;
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = &arguments.csv {
        let text = differences::csv(&comparison);
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    print(&comparison)
}

fn print(comparison: &Comparison) -> anyhow::Result<()> {
    for line in differences::table(comparison) {
        say(&line)?;
    }
    say(&format!("\n{}\n{}", comparison.sentence_zh, comparison.sentence_en))
}

fn map(config: Option<&Path>, arguments: &PlanArguments) -> anyhow::Result<Option<RoadMap>> {
    let of_config = config.map(Config::load).transpose()?.and_then(|config| config.map);
    arguments.map.clone().or(of_config).as_deref().map(load_map).transpose()
}

/// The last day with emergencies.
fn last_day(reader: &JournalReader) -> anyhow::Result<String> {
    let mut days = Days::default();
    each(reader, |event| {
        days.take(event);
        Wanted::More
    })?;
    let last = days.list().pop().map(|(day, _)| day);
    last.with_context(|| format!("the journal {} holds no emergency", reader.path().display()))
}

fn read(reader: &JournalReader, day: &str) -> anyhow::Result<Past> {
    let mut past = Past::of_day(day)?;
    each(reader, |event| past.take(event))?;
    Ok(past)
}

/// Goes through the journal as far as it is wanted, and says how far it has come.
fn each(reader: &JournalReader, mut take: impl FnMut(&Event) -> Wanted) -> anyhow::Result<()> {
    let mut after = 0;
    loop {
        let page = reader.page(after, ROWS_MAX)?;
        for journalled in &page {
            after = journalled.seq;
            if after.is_multiple_of(SAID_EVERY) {
                complain(&format!("{after} events read"));
            }
            if take(&journalled.event) == Wanted::Enough {
                return Ok(());
            }
        }
        if page.len() < ROWS_MAX {
            return Ok(());
        }
    }
}

/// Events read at a time.
const ROWS_MAX: usize = 2000;
const SAID_EVERY: u64 = 200_000;
