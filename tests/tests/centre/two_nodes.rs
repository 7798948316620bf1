//! Two nodes: one leads, the other takes over, and nothing that was acknowledged is lost on the way.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use system_tests::api::{Answer, Api};
use system_tests::deadline::eventually;

use crate::pair::Pair;
use crate::tables::SOON;

/// From SIGKILL of the leader to the first accepted dispatch. Far above what it takes on a quiet machine (under 5 s): this machine may be
/// building beside it.
const TAKE_OVER_WITHIN: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_leader_is_followed_and_nothing_acknowledged_is_lost() -> Result<()> {
    let mut pair = Pair::start("take-over").await?;
    let crew = json!({"name": "李强", "role": "driver"});
    pair.write("/api/v1/units/A01/crew", &crew).await?;
    let mut calls = Vec::new();
    for number in 0..20 {
        let word = format!("before-{number}");
        let (id, node) = pair.call(&word).await?;
        assert_eq!(node, 0, "the follower takes nothing");
        calls.push((word, id));
    }
    let refused = pair
        .api(1)
        .try_post(
            "/api/v1/calls",
            json!({"source": "telephone", "phone": null, "text_only": false,
        "place": {"position": null, "address": "x", "waiting_place": ""}}),
        )
        .await?;
    points_to(&refused, pair.api(0));
    // It may lack what the other one has: it must not say of anything that it is not there.
    let unknown = format!("/api/v1/incidents/incident_{}/assignments", uuid::Uuid::now_v7());
    points_to(&pair.api(1).try_post(&unknown, json!({"unit": "A01"})).await?, pair.api(0));

    pair.kill(0)?;
    let killed = Instant::now();
    dispatch(&pair, 1).await?;
    let took = killed.elapsed();
    eprintln!("from SIGKILL of the leader to the first accepted dispatch: {:.2} s", took.as_secs_f64());
    assert!(took < TAKE_OVER_WITHIN, "{took:?}");
    all_are_there(&pair, 1, &calls).await?;

    pair.start_node(0)?;
    pair.wait_for(0, "follower").await?;
    let (id, node) = pair.call("after").await?;
    assert_eq!(node, 1);
    calls.push(("after".to_owned(), id));
    pair.records_agree().await
}

/// Refused as by a node that does not lead, with the way to the one that does.
fn points_to(refused: &Answer, leader: &Api) {
    assert_eq!(refused.status, 503, "{refused:?}");
    let detail = refused.body["detail"].as_str();
    assert!(detail.is_some_and(|text| text.contains(leader.base())), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hand_over_that_is_ordered_takes_a_moment_and_goes_both_ways() -> Result<()> {
    let pair = Pair::start("hand-over").await?;
    let mut calls = vec![];
    for (from, to) in [(0, 1), (1, 0)] {
        let word = format!("before-{from}");
        let (id, node) = pair.call(&word).await?;
        assert_eq!(node, from);
        calls.push((word, id));
        let ordered = Instant::now();
        pair.api(from).post("/api/v1/leadership/hand-over", json!({})).await?;
        let (id, node) = pair.call(&format!("during-{from}")).await?;
        eprintln!("a hand-over took {:.2} s", ordered.elapsed().as_secs_f64());
        assert_eq!(node, to, "the other one leads");
        calls.push((format!("during-{from}"), id));
        pair.wait_for(to, "normal").await?;
        pair.wait_for(from, "follower").await?;
    }
    all_are_there(&pair, 0, &calls).await?;
    pair.records_agree().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_that_is_told_to_stop_hands_over_first() -> Result<()> {
    let mut pair = Pair::start("stop").await?;
    let calls = vec![("before".to_owned(), pair.call("before").await?.0)];
    pair.stop(0)?;
    pair.wait_for(1, "normal").await?;
    let log = pair.log_end(0);
    assert!(log.contains("state=Follower"), "it did not lead any more when it ended: {log}");
    all_are_there(&pair, 1, &calls).await?;
    pair.start_node(0)?;
    pair.wait_for(0, "follower").await?;
    pair.stop(1)?;
    pair.stop(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_postgresql_two_journals_hold_what_was_acknowledged() -> Result<()> {
    let mut pair = Pair::start("journal-state").await?;
    let mut calls = vec![("with".to_owned(), pair.call("with").await?.0)];
    pair.postgres.kill()?;
    for number in 0..10 {
        let word = format!("without-{number}");
        let (id, node) = pair.call(&word).await?;
        assert_eq!(node, 0, "it goes on leading");
        calls.push((word, id));
    }
    pair.wait_for(0, "journal").await?;
    pair.kill(0)?;
    pair.postgres.start_again().await?;
    pair.wait_for(1, "normal").await?;
    all_are_there(&pair, 1, &calls).await?;
    pair.start_node(0)?;
    pair.wait_for(0, "follower").await?;
    pair.records_agree().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_island_wrote_is_brought_in_where_the_other_node_leads() -> Result<()> {
    let mut pair = Pair::start("bring-in").await?;
    pair.write("/api/v1/units/A01/crew", &json!({"name": "李强", "role": "driver"})).await?;
    pair.kill(1)?;
    pair.postgres.kill()?;
    let (alone, node) = pair.call("alone").await?;
    assert_eq!(node, 0);
    pair.wait_for(0, "island").await?;
    dispatch(&pair, 0).await?;
    // Its one copy goes out of sight, and the other node leads without it.
    pair.kill(0)?;
    pair.postgres.start_again().await?;
    pair.start_node(1)?;
    pair.wait_for(1, "normal").await?;
    // The same unit goes to another incident, which has the same number.
    dispatch(&pair, 1).await?;
    assert!(pair.api(1).get(&format!("/api/v1/calls/{alone}")).await.is_err(), "nobody knows of it here");

    // It finds that another one led, moves its own events aside, ends, and starts again.
    pair.start_node(0)?;
    pair.wait_for_end(0)?;
    pair.start_node(0)?;
    pair.wait_for(0, "follower").await?;
    let aside = pair.wait_for_aside(1).await?;
    assert_eq!(aside["here"], false);
    let exported = aside_of(&pair, "node-1.toml")?;
    assert!(exported.iter().any(|line| line.contains(&alone)), "{exported:#?}");
    assert!(aside_of(&pair, "node-2.toml")?.is_empty(), "the leader moved nothing aside");
    let refused = pair.api(0).try_post("/api/v1/leadership/bring-in", json!({})).await?;
    assert_eq!(refused.status, 409, "only where it leads: {refused:?}");
    let done = pair.api(1).post("/api/v1/leadership/bring-in", json!({})).await?;
    assert_eq!(
        (&done["matters"], &done["left_out"]),
        (&json!(2), &json!(1)),
        "the unit stays where it is: {done}"
    );
    pair.api(1).get(&format!("/api/v1/calls/{alone}")).await?;
    assert_eq!(aside_of(&pair, "node-1.toml")?, exported, "what was brought in is never thrown away");
    let again = pair.api(1).try_post("/api/v1/leadership/bring-in", json!({})).await?;
    assert_eq!(again.status, 409, "nothing waits any more: {again:?}");
    pair.records_agree().await
}

/// The events that a node moved aside, a line each, as its command line tells.
fn aside_of(pair: &Pair, config: &str) -> Result<Vec<String>> {
    let (status, said) = pair.city.dispatchd(&["journal", "export", "--config", config, "--aside"])?;
    anyhow::ensure!(status.success(), "{said}");
    Ok(said.lines().filter(|line| line.starts_with("{\"seq\"")).map(str::to_owned).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_knows_where_the_units_are() -> Result<()> {
    let mut pair = Pair::start("positions").await?;
    let agent = pair.city.start_agent("A01").await?;
    let (longitude, latitude) = pair.city.station_of("A01")?;
    let near = |seen: &Value| {
        let at = &seen["position"];
        let off = |name: &str, degrees: f64| (at[name].as_f64().unwrap_or(f64::MAX) - degrees).abs();
        off("longitude", longitude) < 0.001 && off("latitude", latitude) < 0.001
    };
    for node in [0, 1] {
        eventually(&format!("node {} to know where A01 is", node + 1), SOON, || async {
            let seen = pair.api(node).get("/api/v1/units/A01").await?;
            if near(&seen) { Ok(Some(())) } else { bail!("{seen}") }
        })
        .await?;
    }
    // The vehicle falls silent with the leader; the one that takes over knows where it was.
    drop(agent);
    pair.kill(0)?;
    pair.wait_for(1, "normal").await?;
    let seen = pair.api(1).get("/api/v1/units/A01").await?;
    assert!(near(&seen), "{seen}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_alone_is_an_island_and_says_so() -> Result<()> {
    let mut pair = Pair::start("island").await?;
    pair.kill(1)?;
    pair.postgres.kill()?;
    let (id, node) = pair.call("alone").await?;
    assert_eq!(node, 0, "a call is always taken");
    pair.wait_for(0, "island").await?;
    let now = pair.api(0).get("/api/v1/leadership").await?;
    assert_eq!(now["orders"], "after-confirmation", "{now}");
    pair.postgres.start_again().await?;
    pair.wait_for(0, "normal").await?;
    pair.start_node(1)?;
    pair.wait_for(1, "follower").await?;
    all_are_there(&pair, 0, &[("alone".to_owned(), id)]).await?;
    pair.records_agree().await
}

/// Enters an incident and sends a unit, at whichever node takes it.
async fn dispatch(pair: &Pair, expected: usize) -> Result<()> {
    let position = pair.city.station_of("A01")?;
    let place = json!({"position": {"longitude": position.0, "latitude": position.1}, "address": "解放大道", "waiting_place": ""});
    let sketch = json!({"call": null, "complaint": "胸痛", "triage": {"level": "I", "determinant": null}, "place": place});
    let (incident, node) = pair.write("/api/v1/incidents", &sketch).await?;
    assert_eq!(node, expected);
    let id = incident.body["id"].as_str().context("an incident has an id")?;
    let order = json!({"unit": "A01", "reason": "试"});
    let (_, node) = pair.write(&format!("/api/v1/incidents/{id}/assignments"), &order).await?;
    assert_eq!(node, expected);
    Ok(())
}

/// Every call is there as it was entered, and a repeat of its request gets the same call.
async fn all_are_there(pair: &Pair, node: usize, calls: &[(String, String)]) -> Result<()> {
    for (word, id) in calls {
        let seen = pair.api(node).get(&format!("/api/v1/calls/{id}")).await?;
        assert_eq!(seen["place"]["address"], word.as_str(), "{seen}");
        let (again, at) = pair.call(word).await?;
        assert_eq!((&again, at), (id, node), "a repeat of a request that was carried out");
    }
    Ok(())
}
