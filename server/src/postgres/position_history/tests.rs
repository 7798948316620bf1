//! The history of positions in a real PostgreSQL: into its days, dropped with them, and in nobody's way when PostgreSQL is away.

use roads::Wgs84;
use tokio_postgres::NoTls;

use super::super::throwaway::Throwaway;
use super::*;
use crate::clock::Anchor;
use crate::testing::{TempFolder, start};

const NOON: &str = "2026-11-22T12:00:00Z";

/// A clock that stands.
fn clock(at: &str) -> Clock {
    let domain = at.parse().unwrap();
    Clock::anchored(Anchor { wall: UtcTime::default(), domain, rate: 0.0 })
}

fn fix(number: u64, at: &str) -> (UnitId, Fix) {
    let fix = Fix {
        boot: 1,
        seq: number,
        at: at.parse().unwrap(),
        position: Wgs84::new(114.3, 30.6).unwrap(),
        speed_kmh: 41.5,
        heading_deg: None,
        accuracy_m: Some(5.0),
    };
    (format!("A{number:02}").parse().unwrap(), fix)
}

async fn admin(database: &Throwaway) -> Client {
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// What a query gives, once it gives that.
async fn comes(client: &Client, query: &str, expected: &str) {
    let begun = Instant::now();
    loop {
        let found = client.query_opt(query, &[]).await;
        let found = found.ok().flatten().and_then(|row| row.get::<_, Option<String>>(0)).unwrap_or_default();
        if found == expected {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{query}: {found:?} and not {expected:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

const TABLES: &str = "
    SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'positions'::regclass";
const UNITS: &str = "SELECT string_agg(unit, ' ' ORDER BY unit) FROM positions";

#[tokio::test(flavor = "multi_thread")]
async fn positions_go_into_their_days_and_old_days_go() {
    let Some(database) = Throwaway::start("positions") else { return };
    let config = PostgresConfig { url: database.url(), positions_days: None };
    let admin = admin(&database).await;
    let history = PositionHistory::start(config.clone(), 2, clock(NOON));
    // The last one is older than what is kept.
    for (unit, fix) in [
        fix(1, "2026-11-22T11:59:59.250001Z"),
        fix(2, "2026-11-21T23:59:59.999999Z"),
        fix(3, "2026-11-20T00:00:00Z"),
        fix(4, "2026-11-19T23:59:59.999999Z"),
    ] {
        history.take(unit, fix);
    }
    comes(&admin, UNITS, "A01 A02 A03").await;
    let days =
        "positions_20261120 positions_20261121 positions_20261122 positions_20261123 positions_20261124";
    comes(&admin, TABLES, days).await;
    let written = "SELECT concat_ws(' ', at AT TIME ZONE 'UTC', longitude, latitude, speed_kmh, accuracy_m, heading_deg)
        FROM positions_20261122";
    comes(&admin, written, "2026-11-22 11:59:59.250001 114.3 30.6 41.5 5").await;
    drop(history);

    // Two days on.
    let history = PositionHistory::start(config, 2, clock("2026-11-24T00:00:01Z"));
    let (unit, fix) = fix(5, "2026-11-24T00:00:00Z");
    history.take(unit, fix);
    comes(&admin, UNITS, "A01 A05").await;
    let days =
        "positions_20261122 positions_20261123 positions_20261124 positions_20261125 positions_20261126";
    comes(&admin, TABLES, days).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_postgresql_is_away_positions_wait_and_nobody_else_does() {
    let Some(mut database) = Throwaway::start("away") else { return };
    let config = PostgresConfig { url: database.url(), positions_days: None };
    let history = PositionHistory::start(config, 2, clock(NOON));
    let (unit, first) = fix(1, NOON);
    history.take(unit, first);
    comes(&admin(&database).await, UNITS, "A01").await;
    database.kill();
    let begun = Instant::now();
    for _ in 0..WAITING_MAX * 3 {
        let (unit, fix) = fix(2, NOON);
        history.take(unit, fix);
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let waiting = WAITING_MAX - history.waiting.capacity();
    assert!(waiting <= WAITING_MAX, "{waiting}");
    database.run();
    let admin = admin(&database).await;
    let whole = "SELECT 'all' FROM positions HAVING count(*) BETWEEN 65536 AND 65536 + 2 * 10000";
    comes(&admin, whole, "all").await;
    let (unit, last) = fix(3, NOON);
    history.take(unit, last);
    comes(&admin, "SELECT unit FROM positions WHERE unit = 'A03'", "A03").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_centre_believes_is_kept() {
    let Some(database) = Throwaway::start("believed") else { return };
    let folder = TempFolder::new("believed");
    let clock = Clock::real();
    let running = start(folder.path(), clock.clone());
    let config = PostgresConfig { url: database.url(), positions_days: None };
    running.handle().keep_positions(PositionHistory::start(config, 2, clock.clone()));
    let at = clock.now();
    let earlier = at - dispatch_core::Span::seconds(20);
    let unbelievable = at + dispatch_core::Span::seconds(3600);
    for (number, at) in [(1, at), (2, earlier), (3, unbelievable)] {
        let (unit, fix) = fix(number, &at.to_string());
        running.handle().observe(unit, fix);
    }
    let (unit, last) = fix(4, &at.to_string());
    running.handle().observe(unit, last);
    comes(&admin(&database).await, UNITS, "A01 A02 A04").await;
    tokio::task::spawn_blocking(move || running.stop()).await.unwrap();
}
