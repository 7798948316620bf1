//! A vehicle with nothing but a JT/T 808 tracker: the desk sees where it is, that it has no terminal, and reaches its crew by text.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use system_tests::api::Api;
use system_tests::city::City;
use system_tests::deadline::eventually;
use system_tests::ports;
use system_tests::process::{Process, run};
use system_tests::tracker::{Tracker, backfilled, position};

use crate::tables::{SOON, place_near, proposal, text};

const PHONE: &str = "013800138000";
const LIST: &str = "[[terminals]]\nunit = 'A01'\nphone = '13800138000'\nterminal_id = '2366104'\ncode = 'only-a-test-4711'\ntext = true\n";

#[tokio::test]
async fn a_unit_with_a_tracker_alone_is_seen_and_reached() -> Result<()> {
    let (city, port, _centre) = start("trackers").await?;
    let api = city.api()?;
    let (longitude, latitude) = city.station_of("A01")?;
    let mut tracker = Tracker::connect(port, PHONE).await?;
    tracker.say(0x0200, &position(0, 1.0, 1.0)).await?;
    assert_eq!(tracker.answer(0x0200).await?, 1, "nothing is heard before the code");
    let (outcome, code) = tracker.register("2366104").await?;
    assert_eq!(outcome, 0);
    assert_eq!(tracker.show(&code).await?, 0);
    tracker.hears(0x8201).await?;
    let pace = tracker.hears(0x8103).await?;
    assert_eq!(
        pace.body,
        [1, 0, 0, 0, 0x29, 4, 0, 0, 0, 15],
        "seconds between two reports while it stands by"
    );

    tracker.say(0x0200, &position(-2, longitude, latitude)).await?;
    let seen = unit(&api, "to be where its tracker says", |unit| unit["position"].is_object()).await?;
    assert_eq!(seen["link"], "tracked", "{seen}");
    let seen_at = &seen["position"];
    let off = (seen_at["longitude"].as_f64().unwrap_or(0.0) - longitude).abs()
        + (seen_at["latitude"].as_f64().unwrap_or(0.0) - latitude).abs();
    assert!(off < 3e-6, "{seen}");

    api.post("/api/v1/units/A01/crew", json!({"name": "李强", "role": "driver"})).await?;
    unit(&api, "to be ready", |unit| unit["readiness"] == "ready").await?;
    let incident = api.incident("胸痛", &place_near(&city, "A01")?).await?;
    let offered = proposal(&api, text(&incident, "id")?).await?;
    assert_eq!(offered["candidates"][0]["unit"], "A01", "{offered}");
    let path = format!("/api/v1/incidents/{}/assignments", text(&incident, "id")?);
    let order = json!({"unit": "A01", "proposal": offered["id"], "reason": null});
    let assignment = api.post(&path, order).await?;
    let pace = tracker.hears(0x8103).await?;
    assert_eq!(pace.body[9], 5, "on an order it reports more often");
    tracker.hears(0x8201).await?;
    let path = format!("/api/v1/assignments/{}", text(&assignment, "id")?);
    assert!(api.get(&path).await?["delivered_at"].is_null(), "a tracker takes no orders");

    api.post("/api/v1/units/A01/messages", json!({"text": "新任务, 请来电 120"})).await?;
    let words = tracker.hears(0x8300).await?;
    assert_eq!(words.body[1..5], [0xd0, 0xc2, 0xc8, 0xce], "GBK: 新任");
    tracker.done(&words).await?;
    counted(&api, "jichi_jt808_texts_total{outcome=\"delivered\"} 1").await
}

#[tokio::test]
async fn what_is_malformed_or_late_harms_nobody() -> Result<()> {
    let (city, port, centre) = start("bad-trackers").await?;
    let api = city.api()?;
    let (longitude, latitude) = city.station_of("A01")?;
    let mut tracker = Tracker::connect(port, PHONE).await?;
    assert_eq!(tracker.show(b"only-a-test-4711").await?, 0);
    tracker.say(0x0200, &position(-3, longitude, latitude)).await?;
    assert_eq!(tracker.answer(0x0200).await?, 0);
    unit(&api, "to be seen", |unit| unit["position"].is_object()).await?;

    for noise in [b"GET / HTTP/1.1\r\n\r\n".as_slice(), &[0x7e; 9], &[0x7e, 0x7d, 0x7e], &[0x55; 9_000]] {
        tracker.raw(noise).await?;
    }
    // A whole frame of another terminal, one whose checksum is wrong, and a position cut short.
    let published = "7e0002000004304832546500b7ca7e 7e0002000004304832546500b7cb7e";
    let digits: Vec<u8> = published.bytes().filter(|byte| *byte != b' ').collect();
    let bytes =
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair)?, 16).map_err(Into::into));
    tracker.raw(&bytes.collect::<Result<Vec<u8>>>()?).await?;
    tracker.say(0x0200, &position(0, longitude, latitude)[..27]).await?;
    assert_eq!(tracker.answer(0x0200).await?, 2);
    for reason in ["too_short", "too_long", "checksum", "other_terminal", "body"] {
        counted(&api, &format!("jichi_jt808_bad_messages_total{{reason=\"{reason}\"}} ")).await?;
    }

    let late: Vec<Vec<u8>> =
        (0..60).map(|n| position(-900 + n, longitude + 0.01, latitude + n as f64 * 1e-6)).collect();
    tracker.say_in_packets(0x0704, &backfilled(&late), 900).await?;
    counted(&api, "jichi_jt808_positions_total{how=\"backfilled\"} 60").await?;
    counted(&api, "jichi_positions_total{outcome=\"late\"} 60").await?;
    let seen = api.get("/api/v1/units/A01").await?;
    let stays = (seen["position"]["longitude"].as_f64().unwrap_or(0.0) - longitude).abs() < 3e-6;
    assert!(stays && seen["link"] == "tracked", "late data never moves now: {seen}");

    // Whoever is taken off the list loses the connection, and is refused from then on.
    let mut stranger = Tracker::connect(port, "013900139000").await?;
    assert_eq!(stranger.show(b"only-a-test-4711").await?, 1);
    write_list(&city, "")?;
    let (sent, said) = run(Command::new("kill").args(["-HUP", &centre.id().to_string()]))?;
    assert!(sent.success(), "{said}");
    let gone = tracker.hears(0x8fff).await;
    assert!(gone.is_err_and(|error| !error.to_string().contains("within")), "the connection is ended");
    unit(&api, "to be offline", |unit| unit["link"] == "down").await?;
    let mut again = Tracker::connect(port, PHONE).await?;
    assert_eq!(again.show(b"only-a-test-4711").await?, 1);
    counted(&api, "jichi_jt808_refused_total{reason=\"unknown_terminal\"} 2").await
}

/// A city whose centre has a door for trackers.
async fn start(name: &str) -> Result<(City, u16, Process)> {
    let city = City::make(name, 2)?;
    let port = ports::tcp()?;
    city.amend("centre.toml", |centre| {
        let mut table = toml::Table::new();
        table.insert("listen".into(), format!("127.0.0.1:{port}").into());
        table.insert("terminals".into(), "terminals.toml".into());
        centre.insert("jt808".into(), table.into());
    })?;
    write_list(&city, LIST)?;
    let centre = city.start_centre().await?;
    Ok((city, port, centre))
}

fn write_list(city: &City, list: &str) -> Result<()> {
    let path = city.path().join("terminals.toml");
    std::fs::write(&path, list)?;
    Ok(std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?)
}

async fn unit(api: &Api, what: &str, is: impl Fn(&Value) -> bool) -> Result<Value> {
    eventually(&format!("A01 {what}"), SOON, || async {
        let seen = api.get("/api/v1/units/A01").await?;
        if is(&seen) { Ok(Some(seen)) } else { bail!("{seen}") }
    })
    .await
}

/// Waits for a line of the metrics that begins like this.
async fn counted(api: &Api, line: &str) -> Result<()> {
    eventually(&format!("{line} in /metrics"), SOON, || async {
        let text = api.text("/metrics").await?;
        if text.lines().any(|found| found.starts_with(line)) {
            return Ok(Some(()));
        }
        let ours: Vec<&str> =
            text.lines().filter(|line| line.contains("jt808") && !line.starts_with('#')).collect();
        bail!("{}", ours.join("; "))
    })
    .await
}
