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
