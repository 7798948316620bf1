//! After an outage a real centre takes the forms of the paper hours: with the true times and the time of entry, once for each key, in the
//! report, and still there after a restart.

use std::time::Duration;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::api::Api;
use system_tests::city::City;

const PATH: &str = "/api/v1/paper-forms";

async fn now(api: &Api) -> Result<Timestamp> {
    let time = api.get("/api/v1/time").await?;
    Ok(time["now"].as_str().context("the centre has a clock")?.parse()?)
}

/// A form of an hour ago: rolling two minutes after the order, on scene ten minutes after the call.
fn form(now: Timestamp) -> Value {
    let at = |minutes: i64| (now - SignedDuration::from_mins(60 - minutes)).to_string();
    json!({
        "form_number": "P-0042",
        "call": {"phone": "13812342290", "received_at": at(0)},
        "complaint": "摔伤", "triage": {"level": "III"}, "place": {"address": "滨江路 88 号"},
        "runs": [{"unit": "A01", "ordered_at": at(1), "rolling_at": at(3), "on_scene_at": at(10), "ended_at": at(30),
            "outcome": "treated_on_scene"}],
    })
}

#[tokio::test]
async fn the_forms_of_the_paper_hours_come_on_record_with_their_true_times() -> Result<()> {
    let city = City::make("paper-forms", 2)?;
    let mut centre = city.start_centre().await?;
    let api = city.api()?;
    let body = form(now(&api).await?);
    let mut made = Vec::new();
    for _ in 0..2 {
        let answer = api.ask(Method::POST, PATH, Some(body.clone()), "form-P-0042").await?;
        assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
        made.push(answer.body["id"].clone());
    }
    assert_eq!(made[0], made[1], "a repeat makes no second one");
    let again = api.try_post(PATH, body.clone()).await?;
    assert_eq!(
        (again.status.as_u16(), &again.body["type"]),
        (409, &json!("/problems/paper-overlap")),
        "{}",
        again.body
    );

    centre.terminate(Duration::from_secs(20))?;
    let _centre = city.start_centre().await?;
    let incident = api.get(&format!("/api/v1/incidents/{}", made[0].as_str().context("an id")?)).await?;
    assert_eq!((&incident["paper"]["form_number"], &incident["phase"]), (&json!("P-0042"), &json!("ended")));
    assert!(incident["paper"]["entered_at"].as_str() > body["runs"][0]["ended_at"].as_str(), "{incident}");
    let report = "/api/v1/reports/response-times?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";
    let report = api.get(report).await?;
    assert_eq!(report["call_counts"]["from_paper"], 1);
    let run = &report["runs"][0];
    assert_eq!(
        (&run["from_paper"], &run["received_at"]),
        (&json!(true), &body["call"]["received_at"]),
        "{run}"
    );
    assert_eq!(
        (run["figures"]["departure"].as_f64(), run["figures"]["response_desk"].as_f64()),
        (Some(120.0), Some(600.0))
    );
    let (_, journal) = city.dispatchd(&["journal", "export", "--config", "centre.toml"])?;
    assert!(journal.contains("incident_entered_from_paper"), "{journal}");
    assert!(!journal.contains("13812342290") && !journal.contains("滨江路"), "personal data are sealed");
    Ok(())
}
