//! Where the units are: positions come in here, on a thread of their own, and never touch the owner. Readers take a
//! picture; units on an order that fall silent are reported to the centre.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError};
use dispatch_core::actor::Actor;
use dispatch_core::fleet::{Fix, FixRefusal, Fleet, FleetPicture, Heard};
use dispatch_core::ids::UnitId;
use dispatch_core::{Action, Command, Span, UtcTime};
use tokio::sync::oneshot;

use crate::centre::{Board, Submission};
use crate::clock::Clock;
use crate::event_loop::Request;
use crate::leadership::Leadership;
use crate::postgres::position_history::PositionHistory;
use crate::running::again_after_panic;

/// Whether a unit is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkState {
    /// Its terminal is connected.
    Up,
    /// Only a tracker is connected: its positions come, and an order does not reach its crew.
    Tracked,
    /// It has none.
    #[default]
    Down,
}

/// The door for positions, and the picture made of them.
#[derive(Debug)]
pub struct Positions {
    signals: Sender<Signal>,
    /// The same queue's other end: to take out the oldest when it is full.
    waiting: Receiver<Signal>,
    picture: ArcSwap<FleetPicture>,
    links: Mutex<BTreeMap<UnitId, Link>>,
    history: OnceLock<PositionHistory>,
}

/// What of a unit is connected.
#[derive(Debug, Clone, Copy, Default)]
struct Link {
    terminal: bool,
    tracker: bool,
}

#[derive(Debug, Clone, Copy)]
enum Signal {
    Fix(UnitId, Fix),
    Heard(UnitId),
    Stop,
}

impl Positions {
    pub(crate) fn new(now: UtcTime) -> Self {
        let (signals, waiting) = crossbeam_channel::bounded(SIGNALS_MAX);
        let picture = ArcSwap::from_pointee(FleetPicture::empty(now));
        Self { signals, waiting, picture, links: Mutex::default(), history: OnceLock::new() }
    }

    /// From now on every position that is believed goes into this history as well. Asked twice, the first one stays.
    pub(crate) fn keep_history(&self, history: PositionHistory) {
        let _ = self.history.set(history);
    }

    pub(crate) fn observe(&self, unit: UnitId, fix: Fix) {
        self.push(Signal::Fix(unit, fix));
    }

    /// A unit's terminal was heard, or its connection went.
    pub(crate) fn note_link(&self, unit: UnitId, up: bool) {
        self.note(unit, up, |link| link.terminal = up);
    }

    /// The same of a tracker.
    pub(crate) fn note_tracker(&self, unit: UnitId, up: bool) {
        self.note(unit, up, |link| link.tracker = up);
    }

    fn note(&self, unit: UnitId, up: bool, change: impl FnOnce(&mut Link)) {
        change(self.links.lock().unwrap_or_else(PoisonError::into_inner).entry(unit).or_default());
        if up {
            self.push(Signal::Heard(unit));
        }
    }

    pub(crate) fn link_state(&self, unit: UnitId) -> LinkState {
        let links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        match links.get(&unit) {
            Some(Link { terminal: true, .. }) => LinkState::Up,
            Some(Link { tracker: true, .. }) => LinkState::Tracked,
            Some(_) | None => LinkState::Down,
        }
    }

    pub(crate) fn picture(&self) -> Arc<FleetPicture> {
        self.picture.load_full()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn stop(&self) {
        self.push(Signal::Stop);
    }

    /// The newest position is worth more than the oldest.
    fn push(&self, mut signal: Signal) {
        while let Err(TrySendError::Full(back)) = self.signals.try_send(signal) {
            signal = back;
            match self.waiting.try_recv() {
                Ok(Signal::Stop) => signal = Signal::Stop,
                Ok(_) => metrics::counter!("jichi_positions_dropped_total").increment(1),
                Err(_) => {}
            }
        }
    }
}

/// The thread that works positions off.
pub(crate) struct PositionKeeper {
    pub(crate) positions: Arc<Positions>,
    pub(crate) board: Arc<Board>,
    pub(crate) commands: Sender<Request>,
    pub(crate) clock: Clock,
    /// How this node stands to the other one.
    pub(crate) leadership: Option<Arc<Leadership>>,
}

impl PositionKeeper {
    pub(crate) fn start(self) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new()
            .name("positions".to_owned())
            .spawn(move || again_after_panic("positions", || self.run()))
    }

    fn run(&self) {
        let mut fleet = Fleet::new();
        let (mut pictured, mut listened) = (Instant::now(), Instant::now());
        let mut changed = false;
        // What the other node has not been told yet.
        let (mut fresh, mut told) = (BTreeMap::new(), Instant::now());
        // A unit counts as heard when this node began to lead: vehicles speak to the one that leads.
        let mut led_since = self.clock.now();
        loop {
            let first = match self.positions.waiting.recv_timeout(PICTURE_EVERY) {
                Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(signal) => Some(signal),
                Err(RecvTimeoutError::Timeout) => None,
            };
            let now = self.clock.now();
            let leads = self.leadership.as_ref().is_none_or(|leadership| leadership.leads());
            if !leads {
                led_since = now;
            }
            let more = self.positions.waiting.try_iter().take(SIGNALS_MAX);
            for signal in first.into_iter().chain(more) {
                match signal {
                    Signal::Fix(unit, fix) => {
                        let heard = fleet.observe(unit, fix, now);
                        changed |= heard == Heard::Current;
                        if leads {
                            self.keep(&mut fresh, heard, unit, fix);
                        }
                        count(heard);
                    }
                    Signal::Heard(unit) => fleet.note_heard(unit, now),
                    Signal::Stop => return,
                }
            }
            metrics::gauge!("jichi_positions_waiting_items").set(self.positions.waiting() as f64);
            if changed && pictured.elapsed() >= PICTURE_EVERY {
                self.positions.picture.store(Arc::new(fleet.picture(now)));
                (pictured, changed) = (Instant::now(), false);
            }
            if leads && told.elapsed() >= TELL_EVERY {
                self.tell_the_other_node(std::mem::take(&mut fresh));
                told = Instant::now();
            }
            if leads && listened.elapsed() >= LISTEN_EVERY {
                self.listen(&fleet, now, led_since);
                listened = Instant::now();
            }
        }
    }

    /// What the leader hears goes into the history, and to the node that may have to take over.
    fn keep(&self, fresh: &mut BTreeMap<UnitId, Fix>, heard: Heard, unit: UnitId, fix: Fix) {
        if let (Heard::Current | Heard::History, Some(history)) = (heard, self.positions.history.get()) {
            history.take(unit, fix);
        }
        if heard == Heard::Current && self.leadership.is_some() {
            fresh.insert(unit, fix);
        }
    }

    fn tell_the_other_node(&self, fresh: BTreeMap<UnitId, Fix>) {
        if let Some(leadership) = self.leadership.as_ref().filter(|_| !fresh.is_empty()) {
            leadership.tell_positions(fresh.into_iter().collect());
        }
    }

    /// Tells the centre of units that fell silent on an order, and of those that are heard again.
    fn listen(&self, fleet: &Fleet, now: UtcTime, led_since: UtcTime) {
        let heard_at = |unit| fleet.last_heard(unit).map_or(led_since, |heard| heard.max(led_since));
        let commands = self.board.read(|record| {
            // A connection is watched in wall time: however fast the demonstration's clock, radio is no faster.
            let wall_min = Span::from_secs_f64(SILENT_WALL_MIN.as_secs_f64() * self.clock.rate());
            let after = record.rules().silent_after_s.max(wall_min);
            let mut commands = Vec::new();
            for (&id, unit) in record.units() {
                let since = heard_at(id);
                let silent = now.since(since) > after;
                let action = match unit.silent_since {
                    None if silent && !unit.assignments.is_empty() => Action::NoteSilence { unit: id, since },
                    Some(known) if !silent && since > known => Action::NoteHeard { unit: id },
                    _ => continue,
                };
                commands.push(Command { by: Actor::rule("silence"), action });
            }
            commands
        });
        for command in commands {
            let (reply, _) = oneshot::channel();
            let submission = Box::new(Submission::new(command));
            // A full queue is no loss: the next look says it again.
            let _ = self.commands.try_send(Request::Submit { submission, reply });
        }
    }
}

fn count(heard: Heard) {
    let outcome = match heard {
        Heard::Current => "current",
        Heard::History => "late",
        Heard::Refused(FixRefusal::Future) => "refused_future",
        Heard::Refused(FixRefusal::NullIsland) => "refused_null_island",
        Heard::Refused(FixRefusal::Implausible) => "refused_implausible",
        Heard::Refused(FixRefusal::Jump) => "refused_jump",
    };
    metrics::counter!("jichi_positions_total", "outcome" => outcome).increment(1);
}

/// Positions that may wait: three seconds of 10,000 units.
const SIGNALS_MAX: usize = 32_768;
/// How often readers get a new picture.
const PICTURE_EVERY: Duration = Duration::from_millis(250);
/// How often the other node is told where units are.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// How often silence is looked for.
const LISTEN_EVERY: Duration = Duration::from_secs(1);
/// No unit is called silent sooner than this by the wall clock.
const SILENT_WALL_MIN: Duration = Duration::from_secs(5);
