//! A centre that writes down what it is told, behind a real gateway.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, StreamExt, unfold};
use link::v1::{
    Delivery, DeliveryAck, Epoch, FileAnswer, FileOffer, FileOutcome, FilePart, Hello, OrderHeld,
    PatientReport, Position, Report,
};
use tokio::sync::broadcast;

use crate::vehicles::certificates::{ensure_authority, issue_unit};
use crate::vehicles::{CentrePort, Denials, Gateway, Greeting, News, ReportAnswer};

pub(super) struct TestCentre {
    units: Vec<String>,
    told: Mutex<Told>,
    news: broadcast::Sender<(String, Delivery)>,
}

#[derive(Default)]
struct Told {
    up: Vec<String>,
    positions: Vec<(String, u64)>,
    history: usize,
    reports: Vec<u64>,
    patient_reports: Vec<u64>,
    undelivered: Vec<(String, Delivery)>,
    delivered: Vec<String>,
    answer: Option<ReportAnswer>,
    flooding: Vec<(String, u64)>,
    pieces: Vec<(u32, usize)>,
    is_stuck: bool,
}

impl Told {
    /// A centre that cannot record cannot keep files either.
    fn takes_files(&self) -> bool {
        self.answer != Some(ReportAnswer::Unavailable)
    }
}

impl TestCentre {
    pub(super) const NOW_MS: i64 = 1_795_262_400_000;

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap()
    }

    pub(super) fn say(&self, unit: &str, delivery: Delivery) {
        self.told().undelivered.push((unit.to_owned(), delivery.clone()));
        drop(self.news.send((unit.to_owned(), delivery)));
    }

    pub(super) fn answer_reports(&self, answer: ReportAnswer) {
        self.told().answer = Some(answer);
    }

    /// From now on what vehicles hold comes on record, or never does.
    pub(super) fn get_stuck(&self, is_stuck: bool) {
        self.told().is_stuck = is_stuck;
    }

    pub(super) fn is_up(&self, unit: &str) -> bool {
        self.told().up.iter().any(|up| up == unit)
    }

    pub(super) fn positions(&self) -> Vec<(String, u64)> {
        self.told().positions.clone()
    }

    pub(super) fn reports(&self) -> Vec<u64> {
        self.told().reports.clone()
    }

    pub(super) fn patient_reports(&self) -> Vec<u64> {
        self.told().patient_reports.clone()
    }

    /// Where the pieces of files began, and how long they were.
    pub(super) fn pieces(&self) -> Vec<(u32, usize)> {
        self.told().pieces.clone()
    }

    pub(super) fn delivered(&self) -> Vec<String> {
        self.told().delivered.clone()
    }

    /// How many messages of a unit were refused as too many.
    pub(super) fn refused(&self, unit: &str) -> u64 {
        self.told().flooding.iter().filter(|(of, _)| of == unit).map(|(_, messages)| messages).sum()
    }

    pub(super) fn history_count(&self) -> usize {
        self.told().history
    }
}

impl CentrePort for TestCentre {
    fn leads(&self) -> bool {
        true
    }

    fn greet(&self, unit: &str, _: &Hello) -> Option<Greeting> {
        self.units.iter().any(|known| known == unit).then(|| Greeting {
            epoch: Epoch { term: 1, node: 1 },
            now_unix_ms: Self::NOW_MS,
            label: format!("{unit} 城东站"),
            settings: link::default_settings(),
        })
    }

    fn take_in_held(&self, _: String, _: Vec<OrderHeld>) -> BoxFuture<'static, bool> {
        if self.told().is_stuck { std::future::pending().boxed() } else { async { true }.boxed() }
    }

    fn now_unix_ms(&self) -> i64 {
        Self::NOW_MS
    }

    fn note_link(&self, unit: &str, up: bool) {
        let mut told = self.told();
        told.up.retain(|other| other != unit);
        if up {
            told.up.push(unit.to_owned());
        }
    }

    fn note_flood(&self, unit: &str, messages: u64) {
        self.told().flooding.push((unit.to_owned(), messages));
    }

    fn position(&self, unit: &str, position: &Position) -> Result<(), &'static str> {
        self.told().positions.push((unit.to_owned(), position.seq));
        Ok(())
    }

    fn history(&self, _: &str, positions: &[Position]) {
        self.told().history += positions.len();
    }

    fn report(&self, _: String, report: Report) -> BoxFuture<'static, ReportAnswer> {
        let mut told = self.told();
        told.reports.push(report.seq);
        let answer = told.answer.clone().unwrap_or(ReportAnswer::Accepted);
        std::future::ready(answer).boxed()
    }

    fn patient_report(&self, _: String, report: PatientReport) -> BoxFuture<'static, ReportAnswer> {
        let mut told = self.told();
        told.patient_reports.push(report.seq);
        let answer = told.answer.clone().unwrap_or(ReportAnswer::Accepted);
        std::future::ready(answer).boxed()
    }

    /// Wants all of a file but its first byte, and keeps it at once.
    fn file_offer(&self, _: String, offer: FileOffer) -> BoxFuture<'static, Option<FileAnswer>> {
        let outcome = FileOutcome::Send.into();
        let answer = FileAnswer { file_id: offer.file_id, outcome, offset: 1, text: String::new() };
        std::future::ready(Some(answer)).boxed()
    }

    fn file_part(
        &self,
        _: String,
        offer: FileOffer,
        part: FilePart,
    ) -> BoxFuture<'static, Option<FileAnswer>> {
        let mut told = self.told();
        told.pieces.push((part.offset, part.content.len()));
        let outcome = if part.content.len() < 3 { FileOutcome::Whole } else { FileOutcome::Send };
        let offset = part.offset + part.content.len() as u32;
        let answer =
            FileAnswer { file_id: offer.file_id, outcome: outcome.into(), offset, ..FileAnswer::default() };
        std::future::ready(told.takes_files().then_some(answer)).boxed()
    }

    fn file_kept(&self, _: String) -> BoxFuture<'static, ()> {
        std::future::ready(()).boxed()
    }

    fn undelivered<'a>(&'a self, unit: &str) -> BoxFuture<'a, Vec<Delivery>> {
        let told = self.told();
        let of_unit = told.undelivered.iter().filter(|(to, _)| to == unit);
        std::future::ready(of_unit.map(|(_, delivery)| delivery.clone()).collect()).boxed()
    }

    fn delivered(&self, _: String, ack: DeliveryAck) -> BoxFuture<'static, bool> {
        let mut told = self.told();
        told.undelivered.retain(|(_, delivery)| delivery.effect_id != ack.effect_id);
        if !told.delivered.contains(&ack.effect_id) {
            told.delivered.push(ack.effect_id);
        }
        std::future::ready(true).boxed()
    }

    fn news(&self) -> BoxStream<'static, News> {
        unfold(self.news.subscribe(), |mut news| async move {
            let (unit, delivery) = news.recv().await.ok()?;
            Some((News::For { unit, delivery: Box::new(delivery) }, news))
        })
        .boxed()
    }
}

/// A gateway with a centre behind it, until it is dropped.
pub(super) struct Door {
    pub(super) centre: Arc<TestCentre>,
    pub(super) address: SocketAddr,
    pub(super) denials: Denials,
    folder: PathBuf,
    task: tokio::task::JoinHandle<()>,
}

impl Door {
    pub(super) async fn open(units: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("jichi-gateway-{}", uuid::Uuid::now_v7()));
        ensure_authority(&folder).unwrap();
        let centre = Arc::new(TestCentre {
            units: units.iter().map(|&unit| unit.to_owned()).collect(),
            told: Mutex::default(),
            news: broadcast::Sender::new(64),
        });
        let port: Arc<dyn CentrePort> = centre.clone();
        let gateway = Gateway::open(([127, 0, 0, 1], 0).into(), &folder, port).unwrap();
        let address = gateway.listens_at().unwrap();
        let denials = gateway.denials();
        let task = tokio::spawn(gateway.run(std::future::pending()));
        poll(|| centre.news.receiver_count() == 1).await;
        Self { centre, address, denials, folder, task }
    }

    /// A unit's certificates, made now.
    pub(super) fn certificates(&self, unit: &str) -> PathBuf {
        let folder = self.folder.join(unit);
        issue_unit(&self.folder, unit, &folder).unwrap();
        folder
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// Waits until something is so.
pub(super) async fn poll(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "it never came to be");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
