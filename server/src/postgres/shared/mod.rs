//! The shared record: PostgreSQL behind the leadership machine. One task holds one connection and answers one question at a time: look,
//! take, append. It decides nothing, and an answer that it is not sure of it does not give.

mod append;
mod connection;
mod hosts;
mod look;
mod preparation;
mod statements;
mod take;
mod trouble;

use std::sync::Arc;
use std::time::{Duration, Instant};

use dispatch_core::leadership::{Answer, Ask, Moment};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::timeout;

use crate::config::PostgresConfig;
use crate::journal::{JournalReader, Portion};
use connection::Link;
pub(super) use connection::{Open, Warned, connect, take as warning};
use preparation::Preparation;
pub(super) use preparation::prepare;
pub(super) use trouble::Trouble;

/// The door to PostgreSQL. When the last one is dropped the task ends and the connection with it.
#[derive(Debug, Clone)]
pub(crate) struct SharedRecord {
    orders: Sender<Order>,
    replies: Replies,
}

/// What comes back for a question.
#[derive(Debug)]
pub(crate) enum Reply {
    /// PostgreSQL answered.
    Answered {
        /// When the question was sent, as it was given.
        sent: Moment,
        /// The answer.
        answer: Answer,
        /// The rows that came along, checked to be a whole piece of a chain; empty unless the question was to look.
        portion: Portion,
    },
    /// No answer: whether the question was carried out is not known.
    Broken {
        /// When the question was sent, as it was given.
        sent: Moment,
        /// Why, for people.
        why: String,
    },
}

/// Where replies go.
#[derive(Clone)]
struct Replies(Arc<dyn Fn(Reply) + Send + Sync>);

impl std::fmt::Debug for Replies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Replies")
    }
}

#[derive(Debug)]
enum Order {
    Ask(Moment, Ask),
    DropConnection,
}

/// Starts the task, on the runtime that this is called on.
pub(crate) fn start(
    config: PostgresConfig,
    node: u32,
    reader: JournalReader,
    replies: impl Fn(Reply) + Send + Sync + 'static,
) -> SharedRecord {
    let (orders, waiting) = mpsc::channel(ORDERS_MAX);
    let replies = Replies(Arc::new(replies));
    let desk = Desk { config, node, reader, link: None, preparation: Preparation::default(), trouble: None };
    tokio::spawn(run(desk, waiting, replies.clone()));
    SharedRecord { orders, replies }
}

impl SharedRecord {
    /// Asks. Never waits: the reply comes when it comes. A question that cannot be taken is answered at once, as broken.
    pub(crate) fn ask(&self, sent: Moment, ask: Ask) {
        if self.orders.try_send(Order::Ask(sent, ask)).is_err() {
            self.replies.broken(sent, "too many questions to PostgreSQL wait".to_owned());
        }
    }

    /// Closes the connection. What PostgreSQL is doing for it goes on there, and the question under way is answered no more. The next
    /// question makes a new connection.
    pub(crate) fn drop_connection(&self) {
        // With a full queue the questions in it are answered as broken, and the one under way ends by its own limit.
        let _ = self.orders.try_send(Order::DropConnection);
    }
}

impl Replies {
    fn broken(&self, sent: Moment, why: String) {
        (self.0)(Reply::Broken { sent, why });
    }
}

async fn run(mut desk: Desk, mut orders: Receiver<Order>, replies: Replies) {
    while let Some(order) = orders.recv().await {
        let Order::Ask(sent, ask) = order else {
            desk.link = None;
            continue;
        };
        let begun = Instant::now();
        let Some(answered) = answer_unless_dropped(&mut desk, &ask, &mut orders, &replies).await else {
            desk.link = None;
            continue;
        };
        metrics::histogram!("jichi_postgres_question_seconds").record(begun.elapsed().as_secs_f64());
        desk.note(answered.as_ref().err());
        match answered {
            Ok((answer, portion)) => (replies.0)(Reply::Answered { sent, answer, portion }),
            Err(trouble) => {
                desk.link = None;
                replies.broken(sent, trouble.to_string());
            }
        }
    }
}

/// `None` when the connection is to be dropped meanwhile, or nobody waits any more.
async fn answer_unless_dropped(
    desk: &mut Desk,
    ask: &Ask,
    orders: &mut Receiver<Order>,
    replies: &Replies,
) -> Option<Answered> {
    let mut answered = std::pin::pin!(timeout(QUESTION_MAX, desk.answer(ask)));
    loop {
        tokio::select! {
            order = orders.recv() => match order? {
                Order::DropConnection => return None,
                Order::Ask(sent, _) => {
                    replies.broken(sent, "another question to PostgreSQL is under way".to_owned());
                }
            },
            answered = &mut answered => return Some(answered.unwrap_or(Err(Trouble::Slow))),
        }
    }
}

type Answered = Result<(Answer, Portion), Trouble>;

/// What answers questions.
struct Desk {
    config: PostgresConfig,
    node: u32,
    reader: JournalReader,
    link: Option<Link>,
    preparation: Preparation,
    /// What was last said to be wrong.
    trouble: Option<String>,
}

impl Desk {
    async fn answer(&mut self, ask: &Ask) -> Answered {
        self.preparation.done(&self.config).await?;
        if self.link.is_none() {
            self.link = Some(Link::open(&self.config).await?);
        }
        let link = self.link.as_mut().expect("invariant: it was just made");
        match ask {
            Ask::Look { after_seq, rows_max } => {
                let shown = look::look(link, &self.reader, *after_seq, *rows_max).await?;
                Ok((
                    Answer::Shown { table: shown.table, after: shown.after, rows: shown.runs },
                    shown.portion,
                ))
            }
            Ask::Take { seen, term_above } => {
                let taken = take::take(link, &self.reader, self.node, *seen, *term_above).await?;
                Ok((taken, Portion::default()))
            }
            Ask::Append { epoch, expected_seq, up_to_seq } => {
                let appended = append::append(link, &self.reader, *epoch, *expected_seq, *up_to_seq).await?;
                Ok((appended, Portion::default()))
            }
        }
    }

    /// Tells metrics and log how it stands; the log only when that changes.
    fn note(&mut self, trouble: Option<&Trouble>) {
        let forked = matches!(trouble, Some(Trouble::OtherHistory { .. } | Trouble::Changed { .. }));
        metrics::gauge!("jichi_postgres_fork_state").set(if forked { 1.0 } else { 0.0 });
        metrics::gauge!("jichi_postgres_up_state").set(if trouble.is_none() { 1.0 } else { 0.0 });
        if let Some(trouble) = trouble {
            metrics::counter!("jichi_postgres_errors_total").increment(1);
            if trouble.lacks_tables() {
                self.preparation = Preparation::default();
            }
        }
        let said = trouble.map(ToString::to_string);
        match &said {
            Some(why) if said != self.trouble && forked => tracing::error!("{why}"),
            Some(why) if said != self.trouble => tracing::warn!("{why}"),
            None if self.trouble.is_some() => tracing::info!("PostgreSQL answers again"),
            _ => {}
        }
        self.trouble = said;
    }
}

/// Reads the journal beside the task.
async fn read<T: Send + 'static>(
    reader: &JournalReader,
    read: impl FnOnce(&JournalReader) -> Result<T, crate::journal::JournalError> + Send + 'static,
) -> Result<T, Trouble> {
    let reader = reader.clone();
    let read = tokio::task::spawn_blocking(move || read(&reader)).await;
    Ok(read.map_err(|_| Trouble::Ending)??)
}

/// Orders that may wait: a dropped connection and the question after it, twice.
const ORDERS_MAX: usize = 4;
/// Far longer than a node waits: a question that nobody gave up ends all the same.
const QUESTION_MAX: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
