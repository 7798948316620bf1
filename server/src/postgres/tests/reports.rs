//! The views for reports against the core's own report: every figure, every value behind it, every day.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dispatch_core::reports::{FigureRow, Ledger, MEASURES, Measure, Period, Report, response_times};
use dispatch_core::{Span, UtcTime};
use serde_json::Value;
use tokio_postgres::Client;

use super::days::{Days, PERSONAL};
use super::*;
use crate::centre::Journalled;
use crate::journal::writer::Decided;
use crate::journal::{Journal, JournalReader};

/// Writes the days as a centre does, and copies them.
async fn copied_days(client: &mut Client, days: &Days) {
    let folder = TempFolder::new("days");
    let mut journal = Journal::open(folder.path(), |_| {}).unwrap().journal;
    let epoch = journal.epoch();
    let numbered = days.events.iter().cloned().zip(1..);
    let events = numbered.map(|(event, seq)| Arc::new(Journalled { seq, epoch, event })).collect();
    journal.append(&[Decided { events, keyed: None, reply: None }]).unwrap();
    let rows = JournalReader::open(journal.path()).unwrap().rows(0, days.events.len()).unwrap();
    client.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await.unwrap();
    table::prepare(client).await.unwrap();
    for rows in rows.chunks(500) {
        table::append(client, rows, &[]).await.unwrap();
    }
    client.batch_execute("ANALYZE").await.unwrap();
}

/// Rows of a query, each a JSON array of its columns.
async fn rows(client: &Client, query: &str) -> Vec<Value> {
    let query = format!("SELECT to_jsonb(it) FROM ({query}) it");
    client.query(&query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

fn micros(value: &Value) -> Option<i64> {
    value.as_f64().map(|seconds| (seconds * 1e6).round() as i64)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A line of figures in one form, whichever side it comes from.
fn theirs(row: &Value) -> String {
    let spans = ["mean_s", "p50_s", "p90_s", "p95_s"].map(|name| micros(&row[name]));
    let counts = ["n", "n_with_target", "in_target"].map(|name| row[name].as_i64());
    let (share, name) = (row["share_in_target"].as_f64(), (text(&row["zh"]), text(&row["en"])));
    format!("{} {:?} {name:?} {spans:?} {counts:?} {share:?}", text(&row["measure"]), row["area"].as_str())
}

fn ours(measure: Measure, row: &FigureRow) -> String {
    let name = |it: Value| text(&it);
    let (about, area) = (measure.row(), row.area.map(|area| name(serde_json::to_value(area).unwrap())));
    let spans = [row.mean_s, row.p50_s, row.p90_s, row.p95_s].map(|span| span.map(Span::micros));
    let counts = [row.n, row.n_with_target, row.in_target].map(|n| Some(n as i64));
    let (measure, share) = (name(serde_json::to_value(measure).unwrap()), row.share_in_target);
    let about = (about.zh.to_owned(), about.en.to_owned());
    format!("{measure} {:?} {about:?} {spans:?} {counts:?} {share:?}", area.as_deref())
}

fn figures(report: &Report, filled_only: bool) -> Vec<String> {
    let each = report.figures.iter().flat_map(|figure| figure.rows.iter().map(|row| (figure.measure, row)));
    each.filter(|(_, row)| row.n > 0 || !filled_only).map(|(measure, row)| ours(measure, row)).collect()
}

async fn check_period(client: &Client, ledger: &Ledger, period: &Period) {
    let asked = format!("SELECT * FROM report_figures('{}', '{}')", period.from, period.to);
    let found: Vec<String> = rows(client, &asked).await.iter().map(theirs).collect();
    assert_eq!(found, figures(&response_times(ledger, period), false), "{}", period.name);
}

/// The days by the city's clocks, as the core counts them.
async fn check_days(client: &Client, ledger: &Ledger) -> usize {
    let mut days: BTreeSet<String> = BTreeSet::new();
    let views = ["SELECT DISTINCT day FROM report_days", "SELECT day FROM report_day_counts"];
    for view in views {
        days.extend(rows(client, view).await.iter().map(|row| text(&row["day"])));
    }
    let found = rows(client, "SELECT * FROM report_days").await;
    let counted = rows(client, "SELECT * FROM report_day_counts").await;
    for day in &days {
        let report = response_times(ledger, &Period::day(day, ledger.utc_offset()).unwrap());
        let of_day = |row: &&Value| text(&row["day"]) == *day;
        let found: BTreeSet<String> = found.iter().filter(of_day).map(theirs).collect();
        assert_eq!(found, figures(&report, true).into_iter().collect(), "{day}");
        let counts = counted.iter().find(of_day).map(|row| {
            [
                "voice",
                "text",
                "unanswered",
                "emergencies",
                "cancelled",
                "without_order",
                "handed_off",
                "redirected",
            ]
            .map(|name| row[name].as_u64().unwrap() as usize)
        });
        let ours = &report.call_counts;
        let ours = [
            ours.voice,
            ours.text,
            ours.unanswered,
            ours.emergencies,
            ours.cancelled,
            ours.without_order,
            ours.handed_off,
            ours.redirected,
        ];
        assert_eq!(counts.unwrap_or_default(), ours, "{day}");
    }
    days.len()
}

/// What each run and each call adds, and what is said of each run.
async fn check_values(client: &Client, report: &Report) -> usize {
    let mut theirs: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for row in rows(client, "SELECT id, measure, value_us FROM report_values").await {
        let of = theirs.entry(text(&row["id"])).or_default();
        of.insert(text(&row["measure"]), row["value_us"].as_i64().unwrap());
    }
    let runs = report.runs.iter().map(|line| (line.assignment.to_string(), &line.figures));
    let calls = report.calls.iter().map(|line| (line.call.to_string(), &line.figures));
    let named = |figures: &BTreeMap<Measure, Span>| -> BTreeMap<String, i64> {
        let name = |measure: &Measure| text(&serde_json::to_value(measure).unwrap());
        figures.iter().map(|(measure, span)| (name(measure), span.micros())).collect()
    };
    let ours: BTreeMap<_, _> =
        runs.chain(calls).filter(|(_, it)| !it.is_empty()).map(|(id, it)| (id, named(it))).collect();
    assert_eq!(theirs, ours);

    let found = rows(client, "SELECT * FROM report_runs ORDER BY assignment").await;
    let known: BTreeMap<String, _> = report.runs.iter().map(|it| (it.assignment.to_string(), it)).collect();
    assert_eq!(found.len(), known.len());
    for row in found {
        let line = serde_json::to_value(known[&text(&row["assignment"])]).unwrap();
        for name in
            ["number", "unit", "kind", "area", "level", "test", "first_on_scene", "outcome", "destination"]
        {
            assert_eq!(row[name], line[name], "{name} of {row}");
        }
        let received: UtcTime = text(&row["received_at"]).parse().unwrap();
        assert_eq!(received.to_string(), text(&line["received_at"]));
    }
    theirs.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_views_say_what_the_core_says() {
    let Some(database) = Throwaway::start("reports") else { return };
    let (mut client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let (mut measures, mut values, mut days, mut left, mut paper) = (BTreeSet::new(), 0, 0, (0, 0), 0);
    for number in 1..=3 {
        let lived = Days::lived(number, 2_500);
        copied_days(&mut client, &lived).await;
        let ledger = Ledger::of(&lived.events);
        let whole = Period::parse("2026", ledger.utc_offset()).unwrap();
        let (from, to) = (lived.events[0].at, lived.events[lived.events.len() / 2].at);
        let half = Period::parse("2026-H1", ledger.utc_offset()).unwrap();
        for period in [&whole, &half, &Period::between(from, to).unwrap()] {
            check_period(&client, &ledger, period).await;
        }
        let report = response_times(&ledger, &whole);
        values += check_values(&client, &report).await;
        days += check_days(&client, &ledger).await;
        let filled = report.figures.iter().filter(|figure| figure.total().n > 1);
        measures.extend(filled.map(|figure| figure.measure));
        left = (left.0 + report.call_counts.handed_off, left.1 + report.call_counts.redirected);
        paper += report.call_counts.from_paper;
    }
    assert_eq!(measures.len(), MEASURES.len(), "every measure had something to count: {measures:?}");
    assert!(left.0 > 0 && left.1 > 0, "{left:?} went to others");
    assert!(paper > 20, "{paper} from paper");
    assert!(values > 500 && days > 20, "{values} runs and calls on {days} days");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_views_show_nothing_personal() {
    let Some(database) = Throwaway::start("sealed") else { return };
    let (mut client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    copied_days(&mut client, &Days::lived(4, 500)).await;
    let views = "SELECT viewname AS name FROM pg_views WHERE schemaname = 'public'";
    let views: Vec<String> = rows(&client, views).await.iter().map(|row| text(&row["name"])).collect();
    assert!(views.iter().any(|view| view == "report_runs") && views.len() > 10, "{views:?}");
    for view in &views {
        let shown = rows(&client, &format!("SELECT * FROM {view}")).await;
        let is_rare = ["report_moved", "report_merged"].contains(&view.as_str());
        assert!(is_rare || !shown.is_empty(), "{view}");
        let shown = serde_json::to_string(&shown).unwrap();
        assert!(PERSONAL.iter().all(|word| !shown.contains(word)), "{view}");
    }
    // A person may type what jsonb does not know.
    let odd = rows(&client, r#"SELECT journal_json('{"a":"x\u0000y\\u0000\\\u0000z"}') AS read"#).await;
    assert_eq!(odd[0]["read"]["a"], "x\u{fffd}y\\u0000\\\u{fffd}z");
}
