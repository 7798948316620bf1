//! SIGKILL at any moment loses no acknowledged command: writers enter calls while the centre is killed again and again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::api::Api;
use system_tests::city::City;
use uuid::Uuid;

use crate::tables::text;

const KILLS: u32 = 15;
const WRITERS: usize = 4;

/// What was acknowledged: the idempotency key and its request, and the call that answered it.
type Acknowledged = Arc<Mutex<BTreeMap<String, (Value, String)>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_call_is_lost_however_often_the_centre_is_killed() -> Result<()> {
    let city = City::make("kill", 2)?;
    let api = city.api()?;
    let acknowledged = Acknowledged::default();
    for round in 1..=KILLS {
        let mut centre = city.start_centre().await?;
        all_are_there(&api, &acknowledged, round).await?;
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| tokio::spawn(write_calls(api.clone(), Arc::clone(&acknowledged), Arc::clone(&stop))))
            .collect();
        // The moment is different each time: that is the point. A busy machine gets a later one, never an empty one.
        let before = acknowledged.lock().expect("no writer panics").len();
        while acknowledged.lock().expect("no writer panics").len() < before + WRITERS {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(some_moment()).await;
        centre.kill()?;
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.await?;
        }
    }
    let _centre = city.start_centre().await?;
    all_are_there(&api, &acknowledged, KILLS + 1).await?;
    let (status, said) = city.dispatchd(&["journal", "verify", "--config", "centre.toml"])?;
    assert!(status.success(), "the hash chain holds after {KILLS} kills: {said}");
    Ok(())
}

/// Enters calls until the centre is gone; keeps what was acknowledged.
async fn write_calls(api: Api, acknowledged: Acknowledged, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        let key = Uuid::now_v7().to_string();
        let body = json!({"source": "telephone", "phone": "13800000000", "text_only": false,
            "place": {"position": null, "address": key, "waiting_place": ""}});
        match api.ask(Method::POST, "/api/v1/calls", Some(body.clone()), &key).await {
            Ok(answer) if answer.status.is_success() => {
                if let Ok(call) = text(&answer.body, "id") {
                    let call = call.to_owned();
                    acknowledged.lock().expect("no writer panics").insert(key, (body, call));
                }
            }
            // Gone, or going: what was not acknowledged may be lost.
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

/// Every acknowledged call is there, as it was entered, and a repeat of its request gets the same call.
async fn all_are_there(api: &Api, acknowledged: &Acknowledged, round: u32) -> Result<()> {
    let entered = acknowledged.lock().expect("no writer panics").clone();
    for (key, (_, call)) in &entered {
        let seen = api.get(&format!("/api/v1/calls/{call}")).await?;
        if seen["place"]["address"] != key.as_str() {
            bail!("round {round}: {call} was entered with address {key} and is {seen}");
        }
    }
    if let Some((key, (body, call))) = entered.last_key_value() {
        let again = api.ask(Method::POST, "/api/v1/calls", Some(body.clone()), key).await?;
        assert_eq!(
            again.body["id"],
            call.as_str(),
            "round {round}: a repeat after the kill does nothing again"
        );
    }
    eprintln!("round {round}: {} acknowledged calls are there", entered.len());
    Ok(())
}

/// Up to a third of a second, by the clock's own jitter.
fn some_moment() -> Duration {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    Duration::from_micros(u64::from(nanos / 7 % 333_000))
}
