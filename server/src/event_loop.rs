//! The owner: the one thread that holds the `DispatchCentre`. It decides and applies at once, so that the next command
//! sees it, and passes everything on to the journal; nobody hears of anything before the journal has it. On a node that does not lead
//! there is no centre to decide with, and every command is refused.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, never, select_biased};
use dispatch_core::journal::Epoch;
use dispatch_core::{DispatchCentre, Event, UtcTime};
use tokio::sync::oneshot;

use crate::centre::{Journalled, KeyedRequest, Submission, SubmitError};
use crate::clock::{Clock, wall_now};
use crate::journal::writer::{Decided, Done, Outcome, Write};
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

/// What the owner is told of leading.
#[derive(Debug)]
pub(crate) enum Control {
    /// Decide from now on.
    Lead(Box<Led>),
    /// Decide nothing more for now, and mark in the journal where that was.
    Halt,
    /// Go on after a halt.
    Resume,
    /// Another node leads.
    Follow,
}

/// What it takes to decide.
#[derive(Debug)]
pub(crate) struct Led {
    /// The centre as decided so far, ahead of the journal.
    pub(crate) centre: DispatchCentre,
    /// The requests carried out so far.
    pub(crate) keys: RememberedKeys,
    /// Under whose word events are written.
    pub(crate) epoch: Epoch,
}

/// The owner's own things.
#[derive(Debug)]
pub(crate) struct Owner {
    /// What it decides with, if this node leads.
    pub(crate) led: Option<Led>,
    /// It decides nothing for now.
    pub(crate) halted: bool,
    /// Where another node's doors are, if there is one.
    pub(crate) elsewhere: Arc<str>,
    /// The domain clock.
    pub(crate) clock: Clock,
    /// What the journal's disk takes.
    pub(crate) disk: Arc<DiskState>,
    /// What is asked.
    pub(crate) requests: Receiver<Request>,
    /// Whether this node leads.
    pub(crate) control: Receiver<Control>,
    /// What was decided.
    pub(crate) decided: Sender<Write>,
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
            let next = self.led().and_then(|led| led.centre.next_deadline());
            let writable = self.disk.now() == Disk::Writable;
            // What cannot be made durable is not decided: deadlines wait for the disk, too.
            if writable && next.is_some_and(|at| at <= now) && self.advance(now)? > 0 {
                self.obey()?;
                continue;
            }
            let next = next.filter(|_| writable);
            let wait = next.map_or(WAIT_MAX, |at| self.clock.wall_until(at).clamp(WAIT_MIN, WAIT_MAX));
            select_biased! {
                recv(self.control) -> control => self.follow(control.ok())?,
                recv(self.requests) -> request => match request {
                    Ok(Request::Submit { submission, reply }) => self.submit(*submission, reply)?,
                    Ok(Request::Stop) | Err(_) => return self.decided.send(Write::End).map_err(|_| JournalGone),
                },
                default(wait) => {}
            }
        }
    }

    /// What it decides with, if it may decide.
    fn led(&mut self) -> Option<&mut Led> {
        self.led.as_mut().filter(|_| !self.halted)
    }

    /// Takes in what waits of leading.
    fn obey(&mut self) -> Result<(), JournalGone> {
        match self.control.try_recv() {
            Ok(control) => self.follow(Some(control)),
            Err(TryRecvError::Empty) => Ok(()),
            Err(TryRecvError::Disconnected) => self.follow(None),
        }
    }

    fn follow(&mut self, control: Option<Control>) -> Result<(), JournalGone> {
        match control {
            Some(Control::Lead(led)) => {
                (self.led, self.halted) = (Some(*led), false);
            }
            Some(Control::Halt) => {
                self.halted = true;
                return self.decided.send(Write::Mark).map_err(|_| JournalGone);
            }
            Some(Control::Resume) => self.halted = false,
            Some(Control::Follow) => (self.led, self.halted) = (None, false),
            // Nobody has a word in this any more.
            None => self.control = never(),
        }
        Ok(())
    }

    /// What happens by itself. Comes back with the number of events.
    fn advance(&mut self, now: UtcTime) -> Result<usize, JournalGone> {
        let Some(led) = self.led() else { return Ok(0) };
        let events = led.centre.advance_to(now);
        let count = events.len();
        metrics::counter!("jichi_centre_deadlines_total").increment(count as u64);
        let events = led.take_in(events);
        self.pass_on(Decided { events, keyed: None, reply: None })?;
        Ok(count)
    }

    fn submit(&mut self, submission: Submission, reply: oneshot::Sender<Outcome>) -> Result<(), JournalGone> {
        metrics::gauge!("jichi_centre_commands_waiting_items").set(self.requests.len() as f64);
        let Submission { command, keyed, expected } = submission;
        let disk = self.disk.now();
        let refused = match self.led() {
            None => Some(SubmitError::NotLeading { elsewhere: Arc::clone(&self.elsewhere) }),
            Some(_) if disk != Disk::Writable => Some(SubmitError::NotWritable(disk)),
            Some(_) => None,
        };
        let now = self.clock.now();
        let led = match (refused, self.led()) {
            (None, Some(led)) => led,
            (refused, _) => {
                metrics::counter!("jichi_centre_commands_total", "outcome" => "not_taken").increment(1);
                // Whoever asked may have gone.
                let _ = reply.send(Err(refused.unwrap_or(SubmitError::Stopping)));
                return Ok(());
            }
        };
        if let Some(outcome) = keyed.as_ref().and_then(|request| led.repeated(request)) {
            return self.pass_on(Decided { events: Vec::new(), keyed: None, reply: Some((reply, outcome)) });
        }
        let begun = Instant::now();
        let as_expected = expected.map_or(Ok(()), |expected| expected.check(led.centre.record()));
        let decision = as_expected.and_then(|()| led.centre.handle(&command, now));
        let (events, outcome) = match decision {
            Ok(events) => {
                let first_seq = led.centre.record().seq() + 1;
                let events = led.take_in(events);
                let last_seq = led.centre.record().seq();
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
            led.remember(request, done);
        }
        let keyed = match (keyed, &outcome) {
            (Some(request), Ok(done)) => Some((request, done.first_seq, done.last_seq)),
            _ => None,
        };
        self.pass_on(Decided { events, keyed, reply: Some((reply, outcome)) })
    }

    fn pass_on(&self, decided: Decided) -> Result<(), JournalGone> {
        self.decided.send(Write::Decided(decided)).map_err(|_| JournalGone)
    }
}

impl Led {
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
}

/// The owner looks at the clock at least this often: the machine's clock may be set forward while it sleeps.
const WAIT_MAX: Duration = Duration::from_millis(500);
/// A deadline that is due and leads to nothing must not keep the owner spinning.
const WAIT_MIN: Duration = Duration::from_micros(200);
