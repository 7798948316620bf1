//! `report`: the city's figures from the journal alone, as a table or as JSON.

use dispatch_core::reports::{FigureRow, Ledger, Period, Report, response_times};
use dispatch_core::{Span, UtcTime};

use super::say;
use crate::clock::wall_now;
use crate::journal::{JournalReader, hex};

pub(super) fn print(
    reader: &JournalReader,
    period: Option<&str>,
    ends: Option<(UtcTime, UtcTime)>,
    json: bool,
) -> anyhow::Result<()> {
    let mut ledger = Ledger::default();
    let head = reader.verify(|_, journalled| ledger.apply(&journalled.event))?;
    let period = match (period, ends) {
        (Some(name), _) => Period::parse(name, ledger.utc_offset())?,
        (None, Some((from, to))) => Period::between(from, to)?,
        (None, None) => Period::between(UtcTime::default(), wall_now() + Span::seconds(366 * 24 * 3600))?,
    };
    let report = response_times(&ledger, &period);
    if json {
        return say(&serde_json::to_string_pretty(&report)?);
    }
    table(&report)?;
    say(&format!("\n{} events, head {}", head.seq, hex(&head.hash)))
}

fn table(report: &Report) -> anyhow::Result<()> {
    say(&format!("{}  {} .. {}", report.period.name, report.period.from, report.period.to))?;
    for figure in &report.figures {
        say(&format!("\n{}  {}", figure.zh, figure.en))?;
        say(&format!("  {}", figure.definition_zh))?;
        say(&format!("  {}", figure.definition_en))?;
        say(&format!(
            "  {:<12}{:>7}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}",
            "", "n", "mean", "P50", "P90", "P95", "target", "within"
        ))?;
        for row in &figure.rows {
            say(&line(row))?;
        }
    }
    say("\n不计入 left out")?;
    for exclusion in report.exclusions.iter().filter(|exclusion| exclusion.n > 0) {
        say(&format!("  {:>5}  {}  {}", exclusion.n, exclusion.zh, exclusion.en))?;
    }
    Ok(())
}

fn line(row: &FigureRow) -> String {
    let area = row.area.map_or_else(|| "total".to_owned(), |area| format!("{area:?}"));
    let span =
        |span: Option<Span>| span.map_or_else(|| "-".to_owned(), |s| format!("{:.1}", s.as_secs_f64()));
    let share = row.share_in_target.map_or_else(|| "-".to_owned(), |share| format!("{:.2} %", share * 100.0));
    let spans = [row.mean_s, row.p50_s, row.p90_s, row.p95_s, row.target_s].map(span);
    let [mean, p50, p90, p95, target] = &spans;
    format!("  {area:<12}{:>7}{mean:>9}{p50:>9}{p90:>9}{p95:>9}{target:>9}{share:>9}", row.n)
}
