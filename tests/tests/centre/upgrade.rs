//! An upgrade while calls come in: a running centre of two nodes moves to the next version by hand-over, goes back when that fails, and moves
//! again. The next version is another build of the program (`dispatchd-next`), with more in its journal, in PostgreSQL and in what it says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;
use system_tests::api::Api;
use tokio::task::JoinHandle;

use crate::pair::Pair;

const OLD: &str = "dispatchd";
const NEXT: &str = "dispatchd-next";
/// Nobody is refused for longer. Far above what a hand-over takes on a quiet machine (a second); this one may be building beside it.
const REFUSED_MAX: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_centre_moves_to_the_next_version_and_back_and_loses_nothing() -> Result<()> {
    let mut pair = Pair::start("upgrade").await?;
    let callers = Callers::start(&pair);
    let old = pair.version(0).await?;

    // The follower first; nothing changes for anybody.
    restart(&mut pair, 1, NEXT).await?;
    let next = pair.version(1).await?;
    assert_ne!(old, next, "the two builds differ");
    hand_over(&pair, 0, 1).await?;
    callers.are_served("by the next version").await?;

    // It fails. The node that was not touched yet leads again; the other one goes back to the version that worked.
    pair.kill(1)?;
    pair.wait_for(0, "normal").await?;
    pair.install(1, OLD);
    pair.start_until_it_follows(1).await?;
    assert_eq!(pair.version(1).await?, old);
    callers.are_served("by the old version again").await?;

    // The second attempt succeeds: one node after the other.
    restart(&mut pair, 1, NEXT).await?;
    hand_over(&pair, 0, 1).await?;
    restart(&mut pair, 0, NEXT).await?;
    assert_eq!((pair.version(0).await?, pair.version(1).await?), (next.clone(), next));
    hand_over(&pair, 1, 0).await?;
    callers.are_served("by the next version at both").await?;

    let calls = callers.stop().await?;
    for (word, id) in &calls.taken {
        let seen = pair.api(0).get(&format!("/api/v1/calls/{id}")).await?;
        assert_eq!(seen["place"]["address"], word.as_str(), "{seen}");
    }
    eprintln!(
        "{} calls; nobody was refused for longer than {:.2} s",
        calls.taken.len(),
        calls.longest.as_secs_f64()
    );
    assert!(calls.longest < REFUSED_MAX, "{:?}", calls.longest);
    pair.records_agree().await
}

/// Stops a node that does not lead, and starts it with another build.
async fn restart(pair: &mut Pair, node: usize, program: &'static str) -> Result<()> {
    pair.stop(node)?;
    pair.install(node, program);
    pair.start_node(node)?;
    pair.wait_for(node, "follower").await
}

/// Until the other one, which has just started, can take it.
async fn hand_over(pair: &Pair, from: usize, to: usize) -> Result<()> {
    let done = system_tests::deadline::eventually("the hand-over to be done", REFUSED_MAX, || async {
        pair.api(from).post("/api/v1/leadership/hand-over", json!({})).await.map(Some)
    });
    done.await?;
    pair.wait_for(to, "normal").await?;
    pair.wait_for(from, "follower").await
}

/// Somebody who calls without a pause, at whichever node takes it.
struct Callers {
    stop: Arc<AtomicBool>,
    count: Arc<std::sync::atomic::AtomicUsize>,
    work: JoinHandle<Result<Calls>>,
}

#[derive(Default)]
struct Calls {
    /// What each said, and the call that it became.
    taken: Vec<(String, String)>,
    /// The longest from a first request to its acknowledgement.
    longest: Duration,
}

impl Callers {
    fn start(pair: &Pair) -> Callers {
        let stop = Arc::new(AtomicBool::new(false));
        let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let (told, counted, apis) =
            (Arc::clone(&stop), Arc::clone(&count), [pair.api(0).clone(), pair.api(1).clone()]);
        let work = tokio::spawn(async move {
            let (mut calls, mut leader) = (Calls::default(), 0);
            while !told.load(Ordering::Relaxed) {
                let word = format!("upgrade-{}", calls.taken.len());
                let asked = Instant::now();
                let id = loop {
                    if let Some(id) = call(&apis[leader], &word).await {
                        break id;
                    }
                    anyhow::ensure!(asked.elapsed() < REFUSED_MAX, "nobody takes {word}");
                    leader = 1 - leader;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                };
                calls.longest = calls.longest.max(asked.elapsed());
                calls.taken.push((word, id));
                counted.store(calls.taken.len(), Ordering::Relaxed);
            }
            Ok(calls)
        });
        Callers { stop, count, work }
    }

    /// Some more calls are taken from here on.
    async fn are_served(&self, what: &str) -> Result<()> {
        let wanted = self.count.load(Ordering::Relaxed) + 5;
        let served = system_tests::deadline::eventually(what, REFUSED_MAX, || async {
            Ok((self.count.load(Ordering::Relaxed) >= wanted).then_some(()))
        });
        served.await.context("callers are not served")
    }

    async fn stop(self) -> Result<Calls> {
        self.stop.store(true, Ordering::Relaxed);
        self.work.await?
    }
}

/// One try; `None`: not here, not now.
async fn call(api: &Api, word: &str) -> Option<String> {
    let place = json!({"position": null, "address": word, "waiting_place": ""});
    let body = json!({"source": "telephone", "phone": "13800000000", "text_only": false, "place": place});
    let answer = api.ask(reqwest::Method::POST, "/api/v1/calls", Some(body), word).await.ok()?;
    answer.status.is_success().then(|| answer.body["id"].as_str().map(str::to_owned)).flatten()
}
