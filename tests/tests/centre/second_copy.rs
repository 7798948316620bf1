//! PostgreSQL as the journal's second copy: complete and in order, never in the way, caught up after it was away.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;
use system_tests::api::Api;
use system_tests::city::City;
use system_tests::deadline::eventually;
use toml::{Table, Value};

use crate::postgres::Postgres;
use crate::tables::SOON;

/// A call is taken well within this while PostgreSQL is away: nothing waits for it.
const CALL_WITHIN: Duration = Duration::from_secs(2);

#[tokio::test]
async fn the_second_copy_is_complete_even_after_postgresql_was_away() -> Result<()> {
    let mut postgres = Postgres::start().await?;
    let city = City::make("second-copy", 2)?;
    let url = postgres.url();
    city.amend("centre.toml", |centre| {
        centre.insert("postgres".into(), Value::Table(Table::from_iter([("url".into(), url.into())])));
    })?;
    let mut centre = city.start_centre().await?;
    let api = city.api()?;
    take_calls(&api, 5).await?;
    copy_is_complete(&city, &postgres).await?;

    postgres.kill()?;
    take_calls(&api, 5).await?;
    assert!(centre.is_running(), "the centre does not mind");
    postgres.start_again().await?;
    copy_is_complete(&city, &postgres).await?;

    centre.kill()?;
    let _centre = city.start_centre().await?;
    take_calls(&api, 1).await?;
    copy_is_complete(&city, &postgres).await
}

/// A centre of one node that acknowledges in `PostgreSQL`, too, says so, and says when it cannot.
#[tokio::test]
async fn one_node_has_two_copies_with_postgresql_and_goes_on_with_one_without() -> Result<()> {
    let mut postgres = Postgres::start().await?;
    let city = City::make("one-node", 2)?;
    let url = postgres.url();
    city.amend("centre.toml", |centre| {
        centre.insert("postgres".into(), Value::Table(Table::from_iter([("url".into(), url.into())])));
        centre.insert("standby".into(), Value::Table(Table::from_iter([("node".into(), 1.into())])));
    })?;
    let mut centre = city.start_centre().await?;
    let api = city.api()?;
    stands(&api, "normal").await?;
    take_calls(&api, 3).await?;
    // What was acknowledged is there already: nothing is waited for.
    let calls = postgres.ask("select count(*) from events where body::text like '%call_received%'")?;
    assert_eq!(calls.trim(), "3");

    postgres.kill()?;
    stands(&api, "journal").await?;
    take_calls(&api, 2).await?;
    // It dies as well, and comes back to a centre without its PostgreSQL.
    centre.kill()?;
    let mut centre = city.start_centre().await?;
    stands(&api, "journal").await?;
    take_calls(&api, 2).await?;
    postgres.start_again().await?;
    stands(&api, "normal").await?;
    take_calls(&api, 1).await?;
    assert!(centre.is_running());
    copy_is_complete(&city, &postgres).await
}

async fn stands(api: &Api, state: &str) -> Result<()> {
    eventually(&format!("the centre to be {state}"), SOON, || async {
        let now = api.get("/api/v1/leadership").await?;
        if now["state"] == state && now["two_nodes"] == false { Ok(Some(())) } else { bail!("{now}") }
    })
    .await
}

async fn take_calls(api: &Api, count: usize) -> Result<()> {
    for _ in 0..count {
        let started = Instant::now();
        let place = json!({"position": null, "address": "解放大道", "waiting_place": ""});
        api.post(
            "/api/v1/calls",
            json!({"source": "telephone", "phone": null, "text_only": false, "place": place}),
        )
        .await?;
        assert!(started.elapsed() < CALL_WITHIN, "a call waited {:?}", started.elapsed());
    }
    Ok(())
}

/// As many rows as the journal has events, without a gap, the last with the journal's own last hash.
async fn copy_is_complete(city: &City, postgres: &Postgres) -> Result<()> {
    eventually("the second copy to be complete", SOON, || async {
        let (status, said) = city.dispatchd(&["journal", "verify", "--config", "centre.toml"])?;
        anyhow::ensure!(status.success(), "{said}");
        let copied = postgres.ask("select count(*), max(seq), encode((select hash from events order by seq desc limit 1), 'hex') from events")?;
        let mut fields = copied.split('|');
        let (rows, last) = (fields.next().context("a count")?, fields.next().context("a number")?);
        let hash = fields.next().context("a hash")?;
        if rows == last && said.contains(last) && said.contains(hash) { Ok(Some(())) } else { bail!("copy {copied}; journal {said}") }
    })
    .await
}
