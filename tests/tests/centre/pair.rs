//! Two real nodes of one centre with a real PostgreSQL: started, killed, asked.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::api::{Answer, Api};
use system_tests::city::{City, READY_WITHIN};
use system_tests::deadline::eventually;
use system_tests::ports;
use system_tests::process::{Process, program};
use toml::{Table, Value as Toml};
use uuid::Uuid;

use crate::postgres::Postgres;

/// More events than a node that was killed had decided alone.
const FOLLOWED_EVENTS: u64 = 20;

/// A centre of two nodes.
pub(crate) struct Pair {
    pub(crate) city: City,
    pub(crate) postgres: Postgres,
    nodes: [Node; 2],
}

struct Node {
    config: String,
    log: String,
    api: Api,
    process: Option<Process>,
    /// Which build of the program it runs.
    program: &'static str,
}

impl Pair {
    /// Makes both and starts them; comes back when the first of them leads and the second follows.
    pub(crate) async fn start(name: &str) -> Result<Pair> {
        let postgres = Postgres::start().await?;
        let city = City::make(name, 4)?;
        let (status, said) = city.dispatchd(&[
            "issue-certificate",
            "--config",
            "centre.toml",
            "--node",
            "--out",
            "certificates/node",
        ])?;
        anyhow::ensure!(status.success(), "issue-certificate: {said}");
        let peers = [ports::udp()?, ports::udp()?];
        let apis = [ports::tcp()?, ports::tcp()?];
        // Agents of the city find the first node.
        let links = [city.link_port(), ports::udp()?];
        let mut nodes = Vec::new();
        for (own, other) in [(0, 1), (1, 0)] {
            let config = format!("node-{}.toml", own + 1);
            std::fs::copy(city.path().join("centre.toml"), city.path().join(&config))?;
            city.amend(&config, |centre| {
                table(centre, "api").insert("listen".into(), local(apis[own]));
                table(centre, "vehicles").insert("listen".into(), local(links[own]));
                table(centre, "data").insert("dir".into(), format!("data-{}", own + 1).into());
                table(centre, "postgres").insert("url".into(), postgres.url().into());
                let standby = table(centre, "standby");
                standby.insert("node".into(), (own as i64 + 1).into());
                standby.insert("listen".into(), local(peers[own]));
                standby.insert("peer".into(), local(peers[other]));
                standby.insert("elsewhere".into(), format!("http://127.0.0.1:{}", apis[other]).into());
                standby.insert("certificates".into(), "certificates/node".into());
            })?;
            let api = Api::new(&format!("http://127.0.0.1:{}", apis[own]))?;
            let log = format!("node-{}.log", own + 1);
            nodes.push(Node { config, log, api, process: None, program: "dispatchd" });
        }
        let nodes = nodes.try_into().ok().context("two nodes")?;
        let mut pair = Pair { city, postgres, nodes };
        pair.start_node(0)?;
        eventually("the first node to serve", READY_WITHIN, || async {
            pair.api(0).text("/readyz").await.map(Some)
        })
        .await?;
        pair.start_node(1)?;
        pair.wait_for(1, "follower").await?;
        Ok(pair)
    }

    /// Starts a node again.
    pub(crate) fn start_node(&mut self, node: usize) -> Result<()> {
        let it = &mut self.nodes[node];
        let mut command = Command::new(program(it.program)?);
        command.arg("serve").arg("--config").arg(self.city.path().join(&it.config));
        it.process = Some(Process::start("dispatchd", &mut command, &self.city.path().join(&it.log))?);
        Ok(())
    }

    /// Starts a node that may have led last, and again when it ends by itself: what the leader lacks it moves aside first. It follows when it
    /// has what others wrote since, which they must go on doing.
    pub(crate) async fn start_until_it_follows(&mut self, node: usize) -> Result<()> {
        let begun = Instant::now();
        let led = self.seq(1 - node).await.context("the other one leads")?;
        while begun.elapsed() < READY_WITHIN {
            if !self.nodes[node].process.as_mut().is_some_and(Process::is_running) {
                self.start_node(node)?;
            }
            if self.seq(node).await.is_some_and(|seq| seq > led + FOLLOWED_EVENTS) {
                return self.wait_for(node, "follower").await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("node {} does not follow:\n{}", node + 1, self.log_end(node))
    }

    /// The number of a node's newest event; nothing while it does not answer.
    async fn seq(&self, node: usize) -> Option<u64> {
        let answer = self.api(node).ask(Method::GET, "/readyz", None, "").await.ok()?;
        answer.body["seq"].as_u64()
    }

    /// Puts another build in a node's place, for its next start.
    pub(crate) fn install(&mut self, node: usize, program: &'static str) {
        self.nodes[node].program = program;
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self, node: usize) -> Result<()> {
        self.nodes[node].process.take().context("it runs")?.kill()
    }

    /// SIGTERM, and waits for the end.
    pub(crate) fn stop(&mut self, node: usize) -> Result<()> {
        let mut process = self.nodes[node].process.take().context("it runs")?;
        let status = process.terminate(Duration::from_secs(20))?;
        anyhow::ensure!(status.success(), "{status}: {}", self.log_end(node));
        Ok(())
    }

    /// Waits until a node has ended by itself.
    pub(crate) fn wait_for_end(&mut self, node: usize) -> Result<()> {
        self.nodes[node].process.take().context("it runs")?.wait(READY_WITHIN).map(|_| ())
    }

    /// Waits until a node tells of events that wait aside; the first stretch of them.
    pub(crate) async fn wait_for_aside(&self, node: usize) -> Result<Value> {
        eventually("events aside to be told of", READY_WITHIN, || async {
            let now = self.api(node).get("/api/v1/leadership").await?;
            Ok(now["aside"].get(0).cloned())
        })
        .await
    }

    /// Which version a node runs, as it tells those who watch it.
    pub(crate) async fn version(&self, node: usize) -> Result<String> {
        let metrics = self.api(node).text("/metrics").await?;
        let line = metrics.lines().find_map(|line| line.strip_prefix("jichi_build_info{version=\""));
        Ok(line.and_then(|line| line.split('"').next()).context("a node tells its version")?.to_owned())
    }

    /// What a node wrote to its log, its end.
    pub(crate) fn log_end(&self, node: usize) -> String {
        std::fs::read_to_string(self.city.path().join(&self.nodes[node].log))
            .map(|log| {
                log.lines()
                    .rev()
                    .take(30)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .rev()
                    .collect::<Vec<_>>()
                    .join("\n")
            })
            .unwrap_or_default()
    }

    /// Somebody at a seat of a node.
    pub(crate) fn api(&self, node: usize) -> &Api {
        &self.nodes[node].api
    }

    /// Waits until a node says that it stands so.
    pub(crate) async fn wait_for(&self, node: usize, state: &str) -> Result<()> {
        let what = format!("node {} to be {state}", node + 1);
        let waited = eventually(&what, READY_WITHIN, || async {
            let now = self.api(node).get("/api/v1/leadership").await?;
            if now["state"] == state { Ok(Some(())) } else { bail!("it is {now}") }
        });
        waited.await.with_context(|| self.log_end(node))
    }

    /// Writes at whichever node takes it, with one key, trying until one does. Comes back with the answer and the node.
    pub(crate) async fn write(&self, path: &str, body: &Value) -> Result<(Answer, usize)> {
        self.write_under(&Uuid::now_v7().to_string(), path, body).await
    }

    /// The same under a key of the caller's.
    pub(crate) async fn write_under(&self, key: &str, path: &str, body: &Value) -> Result<(Answer, usize)> {
        let asked = Instant::now();
        loop {
            for node in [0, 1] {
                let answer = self.api(node).ask(Method::POST, path, Some(body.clone()), key).await;
                match answer {
                    Ok(answer) if answer.status.is_success() => return Ok((answer, node)),
                    Ok(answer) if answer.status.is_client_error() => bail!("{path}: {answer:?}"),
                    // Another node leads, or this one is gone.
                    _ => {}
                }
            }
            anyhow::ensure!(asked.elapsed() < READY_WITHIN, "nobody takes {path}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A call with a word of its own, under a key that is that word.
    pub(crate) async fn call(&self, word: &str) -> Result<(String, usize)> {
        let place = json!({"position": null, "address": word, "waiting_place": ""});
        let body = json!({"source": "telephone", "phone": "13800000000", "text_only": false, "place": place});
        let (answer, node) = self.write_under(word, "/api/v1/calls", &body).await?;
        let id = answer.body["id"].as_str().context("a call has an id")?;
        Ok((id.to_owned(), node))
    }

    /// Both chains hold, and PostgreSQL has what the leader's journal has.
    pub(crate) async fn records_agree(&self) -> Result<()> {
        eventually("all three records to agree", READY_WITHIN, || async {
            let mut heads = Vec::new();
            for node in &self.nodes {
                let (status, said) = self.city.dispatchd(&["journal", "verify", "--config", &node.config])?;
                anyhow::ensure!(status.success(), "{said}");
                heads.push(said);
            }
            let shared = self.postgres.ask(
                "select max(seq) || ' ' || count(*) || ' ' || encode((select hash from events order by seq desc limit 1), 'hex') from events",
            )?;
            let hash = shared.rsplit(' ').next().unwrap_or_default();
            if heads.iter().all(|head| head.contains(hash)) { Ok(Some(())) } else { bail!("{heads:?}, PostgreSQL {shared}") }
        })
        .await
    }
}

fn local(port: u16) -> Toml {
    format!("127.0.0.1:{port}").into()
}

fn table<'a>(table: &'a mut Table, name: &str) -> &'a mut Table {
    let section = table.entry(name).or_insert_with(|| Toml::Table(Table::new()));
    section.as_table_mut().expect("invariant: a section of the configuration is a table")
}
