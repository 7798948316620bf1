//! The owner: the one thread that holds the `DispatchCentre`. It decides and applies at once, so that the next command
//! sees it, and passes everything on to the journal; nobody hears of anything before the journal has it.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use dispatch_core::journal::Epoch;
use dispatch_core::{DispatchCentre, Event, UtcTime};
use tokio::sync::oneshot;

use crate::centre::{Board, Journalled, KeyedRequest, Outbox, Submission, SubmitError};
use crate::clock::{Clock, wall_now};
use crate::journal::writer::{Decided, Done, Outcome};
use crate::journal::{Disk, DiskState, Remembered, RememberedKeys};

/// What reaches the owner.
#[derive(Debug)]
pub(crate) enum Request {
    /// Decide on a command.
    Submit {
        /// The command; boxed because it is large.
        submission: Box<Submission>,
        /// Who waits for the outcome.
        reply: oneshot::Sender<Outcome>,
    },
    /// Take nothing more; what was taken is worked off.
    Stop,
}

/// The owner's own things.
#[derive(Debug)]
pub(crate) struct Owner {
    /// The centre as decided so far, ahead of the journal.
    pub(crate) centre: DispatchCentre,
    /// The requests carried out so far.
    pub(crate) keys: RememberedKeys,
    /// Under whose word events are written.
    pub(crate) epoch: Epoch,
    /// The domain clock.
    pub(crate) clock: Clock,
    /// What the journal's disk takes.
    pub(crate) disk: Arc<DiskState>,
    /// What is asked.
    pub(crate) requests: Receiver<Request>,
    /// What was decided.
    pub(crate) decided: Sender<Decided>,
}

/// The journal has ended; the owner ends, too.
struct JournalGone;

impl Owner {
    /// Starts the thread.
    pub(crate) fn start(self) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("owner".to_owned()).spawn(move || {
            // The journal says itself why it ended.
            let _ = self.run();
        })
    }

    fn run(mut self) -> Result<(), JournalGone> {
        loop {
            let now = self.clock.now();
            let next = self.centre.next_deadline();
            let writable = self.disk.now() == Disk::Writable;
            // What cannot be made durable is not decided: deadlines wait for the disk, too.
            if writable && next.is_some_and(|at| at <= now) && self.advance(now)? > 0 {
                continue;
            }
            let next = next.filter(|_| writable);
            let wait = next.map_or(WAIT_MAX, |at| self.clock.wall_until(at).clamp(WAIT_MIN, WAIT_MAX));
            match self.requests.recv_timeout(wait) {
                Ok(Request::Submit { submission, reply }) => self.submit(*submission, reply)?,
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Request::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// What happens by itself. Comes back with the number of events.
    fn advance(&mut self, now: UtcTime) -> Result<usize, JournalGone> {
        let events = self.centre.advance_to(now);
        let count = events.len();
        metrics::counter!("jichi_centre_deadlines_total").increment(count as u64);
        let events = self.take_in(events);
        self.pass_on(Decided { events, keyed: None, reply: None })?;
        Ok(count)
    }

    fn submit(&mut self, submission: Submission, reply: oneshot::Sender<Outcome>) -> Result<(), JournalGone> {
        metrics::gauge!("jichi_centre_commands_waiting_items").set(self.requests.len() as f64);
        let Submission { command, keyed, expected } = submission;
        let disk = self.disk.now();
        if disk != Disk::Writable {
            metrics::counter!("jichi_centre_commands_total", "outcome" => "not_writable").increment(1);
            // Whoever asked may have gone.
            let _ = reply.send(Err(SubmitError::NotWritable(disk)));
            return Ok(());
        }
        if let Some(outcome) = keyed.as_ref().and_then(|request| self.repeated(request)) {
            return self.pass_on(Decided { events: Vec::new(), keyed: None, reply: Some((reply, outcome)) });
        }
        let now = self.clock.now();
        let begun = Instant::now();
        let as_expected = expected.map_or(Ok(()), |expected| expected.check(self.centre.record()));
        let decision = as_expected.and_then(|()| self.centre.handle(&command, now));
        let (events, outcome) = match decision {
            Ok(events) => {
                let first_seq = self.centre.record().seq() + 1;
                let events = self.take_in(events);
                let last_seq = self.centre.record().seq();
                let answer = keyed.as_ref().map(|request| request.answer.clone()).unwrap_or_default();
                (events, Ok(Done { first_seq, last_seq, repeated: false, answer }))
            }
            Err(refusal) => (Vec::new(), Err(SubmitError::Refused(refusal))),
        };
        metrics::histogram!("jichi_centre_decision_seconds").record(begun.elapsed().as_secs_f64());
        let word = if outcome.is_ok() { "done" } else { "refused" };
        metrics::counter!("jichi_centre_commands_total", "outcome" => word).increment(1);
        // A refused request has done nothing, so it is not remembered: the same key may try again.
        let keyed = keyed.filter(|_| outcome.is_ok());
        if let (Some(request), Ok(done)) = (&keyed, &outcome) {
            self.remember(request, done);
        }
        let keyed = match (keyed, &outcome) {
            (Some(request), Ok(done)) => Some((request, done.first_seq, done.last_seq)),
            _ => None,
        };
        self.pass_on(Decided { events, keyed, reply: Some((reply, outcome)) })
    }

    fn repeated(&self, request: &KeyedRequest) -> Option<Outcome> {
        let before = self.keys.get(&request.key)?;
        metrics::counter!("jichi_centre_commands_total", "outcome" => "repeated").increment(1);
        if before.digest != request.digest {
            return Some(Err(SubmitError::KeyReused));
        }
        let answer = before.answer.clone();
        Some(Ok(Done { first_seq: before.first_seq, last_seq: before.last_seq, repeated: true, answer }))
    }

    fn remember(&mut self, request: &KeyedRequest, done: &Done) {
        let it = Remembered {
            digest: request.digest,
            answer: request.answer.clone(),
            first_seq: done.first_seq,
            last_seq: done.last_seq,
            at: wall_now(),
        };
        self.keys.remember(request.key.clone(), it);
    }

    /// Applies events and numbers them.
    fn take_in(&mut self, events: Vec<Event>) -> Vec<Arc<Journalled>> {
        let epoch = self.epoch;
        events
            .into_iter()
            .map(|event| {
                self.centre.apply(&event);
                Arc::new(Journalled { seq: self.centre.record().seq(), epoch, event })
            })
            .collect()
    }

    fn pass_on(&self, decided: Decided) -> Result<(), JournalGone> {
        self.decided.send(decided).map_err(|_| JournalGone)
    }
}

/// Starts the thread that shows what has become durable and answers those who wait for it. `shown` is told after each
/// batch that held events.
pub(crate) fn start_publisher(
    durable: Receiver<Vec<Decided>>,
    board: Arc<Board>,
    outbox: Arc<Outbox>,
    shown: impl Fn() + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("publisher".to_owned()).spawn(move || {
        for batch in durable {
            let mut news = false;
            for journalled in batch.iter().flat_map(|decided| &decided.events) {
                board.show(journalled, |record| outbox.tell(journalled, record));
                news = true;
            }
            // All is shown before anybody is answered: those who look at the record next share one copy of it.
            for (waiting, outcome) in batch.into_iter().filter_map(|decided| decided.reply) {
                // Whoever asked may have gone; the command stands.
                let _ = waiting.send(outcome);
            }
            if news {
                shown();
            }
        }
    })
}

/// The owner looks at the clock at least this often: the machine's clock may be set forward while it sleeps.
const WAIT_MAX: Duration = Duration::from_millis(500);
/// A deadline that is due and leads to nothing must not keep the owner spinning.
const WAIT_MIN: Duration = Duration::from_micros(200);
