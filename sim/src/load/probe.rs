//! `sim probe`: what a dispatcher waits for, timed run after run. A desk and an ambulance each: the ambulance moves and the desk sees it and
//! asks who should go; the desk sends it, the ambulance has the order and its crew acknowledges; the incident is cancelled and it begins anew.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use link::v1::{
    Delivery, Ping, Position, Report, ReportSource, Stage, StageReport, delivery, from_centre, from_vehicle,
    report,
};
use quinn::{Endpoint, SendStream};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::Door;
use super::authority::Authority;
use super::desk::{Desk, Protocol};
use super::session::{Boot, Ears, Session, write};
use super::tally::{unix_ms, unix_s};
use super::vehicle::{standing, stored};

/// What is timed, and where.
#[derive(Debug, Clone)]
pub struct ProbeOptions {
    /// Where vehicles connect.
    pub door: Door,
    /// The centre's HTTP address.
    pub centre: String,
    /// The units, each with a desk of its own.
    pub units: Vec<String>,
    /// How long.
    pub seconds: u64,
    /// Where times and answers are written, one line of JSON each.
    pub out: PathBuf,
}

/// Times until the time is over.
pub fn run_probe(options: &ProbeOptions) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(probe(options))
}

async fn probe(options: &ProbeOptions) -> anyhow::Result<()> {
    let authority = Authority::open(&options.door.authority)?;
    let protocol = Arc::new(Protocol::open(&options.out)?);
    let mut pairs = Vec::new();
    for (number, unit) in options.units.iter().enumerate() {
        let desk = Desk::at(&options.centre, &format!("P{number:02}"))?;
        // One that signed on before is there already.
        let crew = json!({"name": "赵敏", "role": "driver"});
        let _ = desk.write(&protocol, "crew", &format!("/api/v1/units/{unit}/crew"), &crew).await;
        let endpoint = Endpoint::client(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))?;
        let boot = Boot { boot: unix_s() as u64, connection: 1 };
        let address = *options.door.addresses.first().context("an address")?;
        let session = Session::open(&endpoint, &authority.vehicle(unit)?, address, boot).await?;
        pairs.push(Pair::new(desk, Arc::clone(&protocol), unit.clone(), boot.boot, session));
    }
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let runs = pairs.into_iter().map(|pair| pair.work(until));
    for ended in futures_util::future::join_all(runs).await {
        ended?;
    }
    Ok(())
}

/// A desk and its ambulance.
struct Pair {
    desk: Desk,
    protocol: Arc<Protocol>,
    unit: String,
    boot: u64,
    connection: quinn::Connection,
    /// Reports go through the one that writes.
    reports: mpsc::Sender<from_vehicle::Body>,
    heard: mpsc::Receiver<Heard>,
    position_seq: u64,
    report_seq: u64,
}

/// What the ambulance hears, and when.
enum Heard {
    Order(String, Instant),
    Recall(String),
    Acknowledged(u64, Instant),
}

impl Pair {
    fn new(desk: Desk, protocol: Arc<Protocol>, unit: String, boot: u64, session: Session) -> Self {
        let Session { connection, send, ears, .. } = session;
        let (reports, queued) = mpsc::channel(QUEUED_MAX);
        let (tell, heard) = mpsc::channel(QUEUED_MAX);
        tokio::spawn(speak(send, queued));
        tokio::spawn(listen(ears, reports.clone(), tell));
        Self { desk, protocol, unit, boot, connection, reports, heard, position_seq: 0, report_seq: 0 }
    }

    /// Runs until the time is over. What fails is written down and tried anew.
    async fn work(mut self, until: Instant) -> anyhow::Result<()> {
        while Instant::now() < until {
            anyhow::ensure!(
                self.connection.close_reason().is_none(),
                "{}: {:?}",
                self.unit,
                self.connection.close_reason()
            );
            if let Err(error) = self.run().await {
                let line = json!({"kind": "trouble", "at": unix_s(), "unit": self.unit, "error": format!("{error:#}")});
                self.protocol.note(&line)?;
                sleep(AFTER_TROUBLE).await;
            }
        }
        Ok(())
    }

    async fn run(&mut self) -> anyhow::Result<()> {
        let word = uuid::Uuid::now_v7();
        let place = json!({"position": {"longitude": PLACE.0, "latitude": PLACE.1}, "address": format!("探针 {word}"), "waiting_place": ""});
        let call = json!({"source": "telephone", "phone": "13800000000", "text_only": false, "place": place});
        let begun = Instant::now();
        let call = self.desk.write(&self.protocol, "call", "/api/v1/calls", &call).await?;
        self.protocol.time("call", begun.elapsed().as_secs_f64())?;
        let sketch = json!({"call": id(&call)?, "complaint": "胸痛", "triage": {"level": "I", "determinant": null}, "place": place});
        let incident = self.desk.write(&self.protocol, "incident", "/api/v1/incidents", &sketch).await?;
        let path = format!("/api/v1/incidents/{}", id(&incident)?);
        let outcome = self.propose_and_send(&path).await;
        self.desk
            .write(&self.protocol, "cancel", &format!("{path}/cancel"), &json!({"reason": "演练"}))
            .await?;
        let assignment = outcome?;
        self.hear(|heard| matches!(heard, Heard::Recall(recalled) if *recalled == assignment).then_some(()))
            .await
    }

    async fn propose_and_send(&mut self, path: &str) -> anyhow::Result<String> {
        let moved = self.move_on()?;
        self.be_seen().await?;
        let asked = Instant::now();
        self.desk.write(&self.protocol, "proposal", &format!("{path}/proposal"), &json!({})).await?;
        self.protocol.time("proposal", asked.elapsed().as_secs_f64())?;
        self.protocol.time("position_to_proposal", moved.elapsed().as_secs_f64())?;
        let order = json!({"unit": self.unit, "reason": "演练"});
        let asked = Instant::now();
        let order = self.desk.write(&self.protocol, "order", &format!("{path}/assignments"), &order).await?;
        self.protocol.time("order", asked.elapsed().as_secs_f64())?;
        let assignment = id(&order)?.to_owned();
        let there = self.hear(|heard| match heard {
            Heard::Order(order, at) if *order == assignment => Some(*at),
            _ => None,
        });
        let there = there.await?;
        self.protocol.time("order_at_vehicle", there.duration_since(asked).as_secs_f64())?;
        let acknowledged = self.acknowledge(&assignment).await?;
        self.protocol.time("order_acknowledged", acknowledged.duration_since(asked).as_secs_f64())?;
        Ok(assignment)
    }

    /// Shows a position that differs from the one before.
    fn move_on(&mut self) -> anyhow::Result<Instant> {
        self.position_seq += 1;
        let position: Position = standing(self.boot, self.position_seq, self.place());
        self.connection.send_datagram(prost::Message::encode_to_vec(&position).into())?;
        Ok(Instant::now())
    }

    /// A step of a metre each time, so that every position can be told from the last.
    fn place(&self) -> (f64, f64) {
        (PLACE.0 + 1e-5 * (self.position_seq % 100) as f64, PLACE.1)
    }

    /// Waits until the centre shows the last position.
    async fn be_seen(&self) -> anyhow::Result<()> {
        let (longitude, _) = self.place();
        let path = format!("/api/v1/units/{}", self.unit);
        let seen = async {
            loop {
                let unit = self.desk.get(&path).await?;
                let shown = unit["position"]["longitude"].as_f64().unwrap_or_default();
                if (shown - longitude).abs() < 1e-7 {
                    return anyhow::Ok(());
                }
                sleep(LOOK_EVERY).await;
            }
        };
        timeout(WAIT_MAX, seen).await.context("the position was never shown")?
    }

    /// The crew takes the order. When the centre has that.
    async fn acknowledge(&mut self, assignment: &str) -> anyhow::Result<Instant> {
        self.report_seq += 1;
        let seq = self.report_seq;
        let report = Report {
            boot: self.boot,
            seq,
            happened_at_unix_ms: unix_ms(),
            source: ReportSource::CrewButton.into(),
            position: None,
            content: Some(report::Content::Stage(StageReport {
                assignment_id: assignment.to_owned(),
                stage: Stage::Acknowledged.into(),
            })),
        };
        self.reports.send(from_vehicle::Body::Report(report)).await.context("the link is lost")?;
        self.hear(|heard| match heard {
            Heard::Acknowledged(acknowledged, at) if *acknowledged == seq => Some(*at),
            _ => None,
        })
        .await
    }

    async fn hear<T>(&mut self, want: impl Fn(&Heard) -> Option<T>) -> anyhow::Result<T> {
        let found = async {
            loop {
                let heard = self.heard.recv().await.context("the link is lost")?;
                if let Some(found) = want(&heard) {
                    return anyhow::Ok(found);
                }
            }
        };
        timeout(WAIT_MAX, found).await.context("the centre was not heard")?
    }
}

/// Writes what is queued, and a question now and then, so that the centre hears that the vehicle is there.
async fn speak(mut send: SendStream, mut queued: mpsc::Receiver<from_vehicle::Body>) {
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut nonce = 0;
    loop {
        let body = tokio::select! {
            body = queued.recv() => body,
            _ = ping.tick() => { nonce += 1; Some(from_vehicle::Body::Ping(Ping { nonce })) }
        };
        let Some(body) = body else { return };
        if write(&mut send, body).await.is_err() {
            return;
        }
    }
}

/// Answers deliveries and tells what it hears, until the link is lost.
async fn listen(mut ears: Ears, answers: mpsc::Sender<from_vehicle::Body>, tell: mpsc::Sender<Heard>) {
    while let Ok(body) = ears.hear().await {
        let heard = match body {
            from_centre::Body::Delivery(Delivery { effect_id, content, .. }) => {
                let at = Instant::now();
                if answers.send(from_vehicle::Body::DeliveryAck(stored(effect_id))).await.is_err() {
                    return;
                }
                match content {
                    Some(delivery::Content::Order(order)) => Heard::Order(order.assignment_id, at),
                    Some(delivery::Content::Recall(recall)) => Heard::Recall(recall.assignment_id),
                    _ => continue,
                }
            }
            from_centre::Body::ReportAck(ack) => Heard::Acknowledged(ack.seq, Instant::now()),
            _ => continue,
        };
        if tell.send(heard).await.is_err() {
            return;
        }
    }
}

fn id(of: &Value) -> anyhow::Result<&str> {
    of["id"].as_str().context("the answer has no id")
}

/// Where it happens: longitude and latitude in degrees, WGS-84. In the generated city.
const PLACE: (f64, f64) = (114.3, 30.6);
const QUEUED_MAX: usize = 64;
const LOOK_EVERY: Duration = Duration::from_millis(10);
const AFTER_TROUBLE: Duration = Duration::from_millis(200);
const PING_EVERY: Duration = Duration::from_secs(5);
/// What takes longer is trouble.
const WAIT_MAX: Duration = Duration::from_secs(20);
