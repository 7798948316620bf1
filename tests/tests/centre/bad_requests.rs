//! Bad input at the HTTP door: a clear problem each, counted, and nobody else notices.

use anyhow::{Context, Result};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use system_tests::api::Api;
use system_tests::city::City;
use uuid::Uuid;

struct Bad {
    what: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: Vec<u8>,
    status: u16,
}

const JSON: &[(&str, &str)] =
    &[("Content-Type", "application/json"), ("Jichi-Person", "x"), ("Jichi-Seat", "03")];
const CALLS: &str = "/api/v1/calls";

#[tokio::test]
async fn every_bad_request_gets_a_clear_problem_and_is_counted() -> Result<()> {
    let city = City::make("bad-requests", 2)?;
    let mut centre = city.start_centre().await?;
    let api = city.api()?;
    for bad in bad_requests() {
        let before = api.metric("jichi_api_bad_requests_total").await?;
        let (status, problem) = send(&api, &bad).await.context(bad.what)?;
        assert_eq!(status, bad.status, "{}: {problem}", bad.what);
        assert!(problem["type"].is_string() && problem["title"].is_string(), "{}: {problem}", bad.what);
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() > 8), "{}: {problem}", bad.what);
        let after = api.metric("jichi_api_bad_requests_total").await?;
        assert!(after > before, "{} is counted: {before} then {after}", bad.what);
    }
    let call = api
        .post(
            CALLS,
            json!({"source": "telephone", "phone": null, "text_only": false, "place":
        {"position": null, "address": "之后", "waiting_place": ""}}),
        )
        .await?;
    assert_eq!(call["state"], "ringing", "the next caller notices nothing");
    assert!(centre.is_running());
    Ok(())
}

fn bad_requests() -> Vec<Bad> {
    let good = json!({"source": "telephone", "phone": null, "text_only": false, "place":
        {"position": null, "address": "", "waiting_place": ""}});
    let with = |member: &str, value: Value| {
        let mut body = good.clone();
        body[member] = value;
        body.to_string().into_bytes()
    };
    let far = json!({"position": {"longitude": 200.0, "latitude": 30.0}, "address": "", "waiting_place": ""});
    let bad = |what, body: Vec<u8>, status| Bad { what, path: CALLS, headers: JSON, body, status };
    vec![
        bad("not JSON at all", b"\xff\xfe\x00 nonsense".to_vec(), 400),
        bad("JSON cut short", br#"{"source": "telep"#.to_vec(), 400),
        bad("deeply nested", [b"[".repeat(20_000)].concat(), 400),
        bad("an unknown field", with("sauce", json!(1)), 400),
        bad("an unknown source", with("source", json!("pigeon")), 400),
        bad("a longitude off the earth", with("place", far), 422),
        bad("a body over 64 KiB", with("phone", json!("1".repeat(70_000))), 413),
        Bad {
            headers: &[("Content-Type", "text/plain"), ("Jichi-Person", "x"), ("Jichi-Seat", "03")],
            ..bad("another content type", good.to_string().into_bytes(), 415)
        },
        Bad {
            headers: &[("Content-Type", "application/json")],
            ..bad("a write that names nobody", good.to_string().into_bytes(), 400)
        },
        Bad {
            headers: &[
                ("Content-Type", "application/json"),
                ("Jichi-Person", "x"),
                ("Jichi-Seat", "03"),
                ("Origin", "http://evil.example"),
            ],
            ..bad("a foreign page", good.to_string().into_bytes(), 403)
        },
        Bad {
            headers: &[
                ("Content-Type", "application/json"),
                ("Jichi-Person", "x"),
                ("Jichi-Seat", "03"),
                ("Host", "evil.example"),
            ],
            ..bad("a foreign host name", good.to_string().into_bytes(), 403)
        },
        Bad {
            path: "/api/v1/incidents/incident_00000000-0000-7000-8000-000000000000/cancel",
            ..bad("an incident nobody has", br#"{"reason": "x"}"#.to_vec(), 404)
        },
        Bad {
            path: "/api/v1/incidents/not-an-id/cancel",
            ..bad("what is no id", br#"{"reason": "x"}"#.to_vec(), 404)
        },
    ]
}

async fn send(api: &Api, bad: &Bad) -> Result<(u16, Value)> {
    let mut headers = HeaderMap::new();
    for (name, value) in bad.headers {
        headers.insert(*name, value.parse()?);
    }
    headers.insert("Idempotency-Key", Uuid::now_v7().to_string().parse()?);
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client
        .post(format!("{}{}", api.base(), bad.path))
        .headers(headers)
        .body(bad.body.clone())
        .send()
        .await?;
    let status = answer.status().as_u16();
    let text = answer.text().await?;
    Ok((
        status,
        serde_json::from_str(&text).with_context(|| format!("{status} with no problem details: {text:?}"))?,
    ))
}
