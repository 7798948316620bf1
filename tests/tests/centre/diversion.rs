//! A hospital that asks not to be sent patients says so on every terminal, and no longer when it takes them again.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::city::City;

use crate::tables::{SOON, crewed, text};

#[tokio::test]
async fn a_diversion_is_on_the_terminal_while_it_is_news() -> Result<()> {
    let city = City::make("diversion", 1)?;
    let _centre = city.start_centre().await?;
    let api = city.api()?;
    let agent = crewed(&city, &api, "A01").await?;
    let hospitals = api.list("/api/v1/hospitals").await?;
    let id = text(hospitals.first().context("a hospital")?, "id")?.to_owned();
    let says = |state: &Value, reason: &str| {
        let all = state["hospitals"].as_array().cloned().unwrap_or_default();
        all.iter().any(|it| it["id"] == id)
            && all.iter().all(|it| it["diverted"] == if it["id"] == id { reason } else { "" })
    };
    agent.sees("no diversion", SOON, |state| says(state, "")).await?;
    let path = format!("/api/v1/hospitals/{id}/diversion");
    api.post(&path, json!({"reason": "导管室维护", "authority": "卫健委", "for_s": 600})).await?;
    agent.sees("the diversion", SOON, |state| says(state, "导管室维护")).await?;
    let key = uuid::Uuid::now_v7().to_string();
    let ended = api.ask(Method::DELETE, &path, None, &key).await?;
    anyhow::ensure!(ended.status.is_success(), "{ended:?}");
    agent.sees("its end", SOON, |state| says(state, "")).await?;
    Ok(())
}
