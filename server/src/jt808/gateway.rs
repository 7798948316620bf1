//! The trackers' door: takes connections, no more than there is room for, and looks after those that are there: how often they report, and what their
//! crews are to be told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::interval;
use tracing::{info, warn};

use super::connection;
use super::places::{Places, Word};
use super::session::Refusal;
use super::terminals::Terminals;
use crate::centre::{CentreHandle, OutgoingKind};
use crate::config::Jt808Config;
use crate::positions::LinkState;

/// The trackers' door, open.
#[derive(Debug)]
pub struct Gateway {
    listener: TcpListener,
    door: Arc<Door>,
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) centre: CentreHandle,
    pub(super) terminals: ArcSwap<Terminals>,
    pub(super) places: Places,
    pub(super) alarm: Alarm,
    /// A connection that says nothing for this long ends.
    pub(super) idle: Duration,
    report_on_task_s: u32,
    report_standby_s: u32,
}

/// The way to the list of terminals while the door is open.
#[derive(Debug, Clone)]
pub struct Enrolment(Arc<Door>);

impl Enrolment {
    /// Puts another list in force. Terminals that are no longer on it lose their connections at once.
    pub fn replace(&self, terminals: Terminals) {
        info!(terminals = terminals.len(), "the list of terminals is in force");
        self.0.terminals.store(Arc::new(terminals));
        self.0.places.keep(&self.0.terminals.load());
    }
}

impl Gateway {
    /// Opens the door.
    pub async fn open(
        config: &Jt808Config,
        terminals: Terminals,
        centre: CentreHandle,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let door = Door {
            centre,
            terminals: ArcSwap::from_pointee(terminals),
            places: Places::default(),
            alarm: Alarm::default(),
            idle: Duration::from_secs(config.idle_s.into()),
            report_on_task_s: config.report_on_task_s,
            report_standby_s: config.report_standby_s,
        };
        Ok(Self { listener, door: Arc::new(door) })
    }

    /// Where terminals connect.
    pub fn listens_at(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The way to the list of terminals.
    pub fn enrolment(&self) -> Enrolment {
        Enrolment(Arc::clone(&self.door))
    }

    /// Serves until `stop` is done, then ends every connection.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { listener, door } = self;
        tokio::select! {
            () = accept(&listener, &door) => {}
            () = look_after(&door) => {}
            () = stop => {}
        }
        door.places.end_all("stopping");
    }
}

async fn accept(listener: &TcpListener, door: &Arc<Door>) {
    let seats = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of files, most likely: others must end before the next can come.
                warn!(%error, "a terminal's connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // The other node leads: a terminal that finds nobody here tries the address it has for that.
        if !door.centre.serves() {
            turned_away("not_leading");
            continue;
        }
        let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else {
            turned_away("full");
            continue;
        };
        let door = Arc::clone(door);
        tokio::spawn(async move {
            connection::serve(stream, from, door).await;
            drop(seat);
        });
    }
}

/// Once a second: who is on an order reports often, and what a crew has not been told is said.
async fn look_after(door: &Door) {
    let mut look = interval(LOOK_EVERY);
    loop {
        look.tick().await;
        if !door.centre.serves() {
            door.places.end_all("not_leading");
            continue;
        }
        let connected = door.places.all();
        if connected.is_empty() {
            continue;
        }
        let snapshot = door.centre.snapshot();
        for terminal in connected {
            let unit = snapshot.record.unit(terminal.unit);
            let on_task = unit.is_some_and(|unit| !unit.assignments.is_empty());
            let pace = if on_task { door.report_on_task_s } else { door.report_standby_s };
            door.places.tell(terminal.unit, Word::Pace(pace));
            // Where the vehicle's own terminal is connected, that one has the message, and answers for it.
            if !terminal.text || door.centre.link_state(terminal.unit) == LinkState::Up {
                continue;
            }
            for outgoing in door.centre.undelivered(terminal.unit) {
                // Orders carry patients' data, and wait for an answer of the crew: neither goes over a tracker.
                if let OutgoingKind::Message { text, .. } = &outgoing.kind
                    && door.centre.may_go(&outgoing)
                {
                    door.places.tell(terminal.unit, Word::Say(outgoing.effect, text.clone()));
                }
            }
        }
    }
}

/// Says that somebody was turned away: each is counted, and as many are named as people can read.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    named: Mutex<Option<Instant>>,
}

impl Alarm {
    pub(super) fn refused(&self, refusal: &Refusal, from: SocketAddr) {
        turned_away(refusal.reason);
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if named.is_some_and(|at| at.elapsed() < NAMED_EVERY) {
            return;
        }
        *named = Some(Instant::now());
        drop(named);
        let said = refusal.registration.as_ref();
        warn!(
            reason = refusal.reason,
            phone = %refusal.phone,
            %from,
            terminal_id = said.map(|said| said.terminal_id.as_str()),
            plate = said.map(|said| said.plate.as_str()),
            maker = said.map(|said| said.maker.as_str()),
            model = said.map(|said| said.model.as_str()),
            "a JT/T 808 terminal was refused: enrol it in the list of terminals, or find out whose it is"
        );
    }
}

fn turned_away(reason: &'static str) {
    metrics::counter!("jichi_jt808_refused_total", "reason" => reason).increment(1);
}

/// Says what the door counts. Call once, when metrics are set up.
pub fn describe_metrics() {
    use metrics::{describe_counter, describe_gauge};
    describe_gauge!("jichi_jt808_connected_items", "JT/T 808 terminals connected.");
    describe_counter!(
        "jichi_jt808_bad_messages_total",
        "Frames and messages of JT/T 808 terminals that were passed over, by reason."
    );
    describe_counter!("jichi_jt808_refused_total", "JT/T 808 terminals turned away, by reason.");
    describe_counter!("jichi_jt808_ended_total", "Connections of JT/T 808 terminals that ended, by reason.");
    describe_counter!("jichi_jt808_positions_total", "Positions of JT/T 808 terminals, by how they came.");
    describe_counter!("jichi_jt808_emergencies_total", "Emergency buttons of JT/T 808 terminals pressed.");
    describe_counter!("jichi_jt808_texts_total", "Messages to crews over JT/T 808 terminals, by outcome.");
    describe_counter!(
        "jichi_jt808_held_back_total",
        "Times that a JT/T 808 terminal sent more than is taken in a second, and had to wait."
    );
}

/// Terminals of a province, and half as many again.
const CONNECTIONS_MAX: usize = 15_000;
const LOOK_EVERY: Duration = Duration::from_secs(1);
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Of those turned away, one is named in the log this often.
const NAMED_EVERY: Duration = Duration::from_secs(5);
