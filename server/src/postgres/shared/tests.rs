//! The shared record against a real PostgreSQL: two that race, servers that are killed, commits that nobody answers.

mod contents;
mod fence;
mod servers;
mod trouble;

use std::sync::Arc;
use std::time::{Duration, Instant};

use dispatch_core::actor::Actor;
use dispatch_core::erasure::Subject;
use dispatch_core::ids::CallId;
use dispatch_core::incident::CallSource;
use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{Answer, Ask, LeaseRow, Moment, Table};
use dispatch_core::private::Private;
use dispatch_core::{Event, Fact, UtcTime};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use super::super::throwaway::Throwaway;
use super::{Reply, SharedRecord, start};
use crate::centre::{IdempotencyKey, Journalled, KeyedRequest};
use crate::config::PostgresConfig;
use crate::journal::writer::Decided;
use crate::journal::{Journal, JournalReader, Portion};
use crate::testing::TempFolder;

/// A node's journal, written under whatever epoch a test wants.
struct Site {
    _folder: TempFolder,
    journal: Journal,
    reader: JournalReader,
}

impl Site {
    fn new() -> Self {
        let folder = TempFolder::new("site");
        let journal = Journal::open(folder.path(), |_| {}).unwrap().journal;
        let reader = JournalReader::open(journal.path()).unwrap();
        Self { _folder: folder, journal, reader }
    }

    fn head(&self) -> u64 {
        self.journal.head().seq
    }

    /// Calls come in, each by a request with a key.
    fn calls(&mut self, epoch: Epoch, count: u32) -> Vec<CallId> {
        let calls: Vec<CallId> = (0..count).map(|_| CallId::new(Uuid::now_v7())).collect();
        for call in &calls {
            self.note(epoch, vec![received(*call)]);
        }
        calls
    }

    /// One batch of the journal, by a request with a key.
    fn note(&mut self, epoch: Epoch, facts: Vec<Fact>) {
        let first = self.head() + 1;
        let last = self.head() + facts.len() as u64;
        let event = |fact| Event { at: at(), by: Actor::rule("test"), fact };
        let journalled = |(seq, fact)| Arc::new(Journalled { seq, epoch, event: event(fact) });
        let events = (first..).zip(facts).map(journalled).collect();
        let key = IdempotencyKey::new(&format!("key-{first}")).unwrap();
        let request = KeyedRequest { key, digest: [first as u8; 32], answer: format!("answer {first}") };
        self.journal.append(&[Decided { events, keyed: Some((request, first, last)), reply: None }]).unwrap();
    }
}

fn received(call: CallId) -> Fact {
    let (source, phone) = (CallSource::Telephone, Private::new("13812342290"));
    Fact::CallReceived { call, source, phone, text_only: false, place: Box::default() }
}

fn erased(call: CallId) -> Fact {
    Fact::PersonalDataErased { subjects: vec![Subject::Call(call)], reason: "家属申请".to_owned() }
}

/// Down to the microsecond.
fn at() -> UtcTime {
    "2026-11-21T10:00:00.123457Z".parse().unwrap()
}

fn epoch(term: u64, node: u32) -> Epoch {
    Epoch { term, node }
}

/// Somebody who asks and waits for the reply.
struct Asker {
    record: SharedRecord,
    replies: UnboundedReceiver<Reply>,
    sent: u64,
}

impl Asker {
    fn new(url: String, node: u32, site: &Site) -> Self {
        let (heard, replies) = mpsc::unbounded_channel();
        let told = move |reply| _ = heard.send(reply);
        let record = start(PostgresConfig { url, positions_days: None }, node, site.reader.clone(), told);
        Self { record, replies, sent: 0 }
    }

    fn send(&mut self, ask: Ask) {
        self.sent += 1;
        self.record.ask(Moment(self.sent), ask);
    }

    /// The reply to the question sent last.
    async fn reply(&mut self) -> Result<(Answer, Portion), String> {
        let reply = tokio::time::timeout(Duration::from_secs(30), self.replies.recv()).await;
        let (sent, outcome) = match reply.expect("a reply comes").expect("the task runs") {
            Reply::Answered { sent, answer, portion } => (sent, Ok((answer, portion))),
            Reply::Broken { sent, why } => (sent, Err(why)),
        };
        assert_eq!(sent, Moment(self.sent), "{outcome:?}");
        outcome
    }

    async fn ask(&mut self, ask: Ask) -> Result<(Answer, Portion), String> {
        self.send(ask);
        self.reply().await
    }

    async fn broken(&mut self, ask: Ask) -> String {
        self.ask(ask).await.expect_err("no answer was expected")
    }

    async fn table(&mut self) -> Table {
        match self.ask(LOOK).await {
            Ok((Answer::Shown { table, .. }, _)) => table,
            other => panic!("a look was answered by {other:?}"),
        }
    }

    async fn lease(&mut self) -> Option<LeaseRow> {
        self.table().await.lease
    }

    /// Takes the lease as it stands.
    async fn take(&mut self) -> Epoch {
        let seen = self.lease().await;
        match self.ask(Ask::Take { seen, term_above: 0 }).await {
            Ok((Answer::Taken { epoch, .. }, _)) => epoch,
            other => panic!("a take was answered by {other:?}"),
        }
    }

    /// Whether an append went through; otherwise what is there.
    async fn append(&mut self, epoch: Epoch, expected_seq: u64, up_to_seq: u64) -> Result<(), Table> {
        match self.ask(Ask::Append { epoch, expected_seq, up_to_seq }).await {
            Ok((Answer::Appended, _)) => Ok(()),
            Ok((Answer::Refused { table }, _)) => Err(table),
            other => panic!("an append was answered by {other:?}"),
        }
    }
}

const LOOK: Ask = Ask::Look { after_seq: 0, rows_max: 0 };

/// A connection of the test's own.
async fn admin(database: &Throwaway) -> Client {
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn count(client: &Client, of: &str) -> i64 {
    client.query_one(&format!("SELECT count(*) FROM {of}"), &[]).await.unwrap().get(0)
}

/// Waits until a query of the server about itself gives a row, and comes back with its first column.
async fn comes<T: for<'a> tokio_postgres::types::FromSql<'a>>(client: &Client, query: &str) -> T {
    let begun = Instant::now();
    loop {
        if let Some(row) = client.query_opt(query, &[]).await.unwrap() {
            return row.get(0);
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain: {query}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Changes a setting of the server.
async fn set(client: &Client, name: &str, value: &str) {
    client.batch_execute(&format!("ALTER SYSTEM SET {name} = '{value}'")).await.unwrap();
    client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    comes::<i32>(client, &format!("SELECT 1 WHERE current_setting('{name}') = '{value}'")).await;
}
