//! What the vehicle is doing: its orders, crew, messages, and the reports that wait for the centre. One owner behind
//! one lock; every step is written to the spool before it is shown, answered or sent.

mod cables;
mod crew;
mod deliveries;
mod files;
mod movement;
mod order;
pub mod patients;
mod presses;
mod reports;
mod roadside;
#[cfg(test)]
mod tests;
pub mod words;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use link::EpochGuard;
use link::v1::{HospitalEntry, Position, Report, Settings};
use tokio::sync::watch;
use tracing::error;

pub use cables::Cable;
pub use crew::CrewMember;
pub use deliveries::{CentreMessage, Notice};
use files::Files;
pub use files::{NewFile, packed};
pub use movement::Receiver;
pub use order::{End, HeldOrder, Mark, MarkSource, Record};
use patients::Patients;
pub use presses::{DOUBLE_PRESS_GUARD_S, NotTaken};

use crate::clock::{ClockSource, VehicleClock};
use crate::spool::{Change, Spool, SpoolError};

/// How the link stands, for the crew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Looking for the centre.
    Connecting,
    /// The centre answers.
    Connected,
    /// The centre says no, in these words.
    Refused(String),
}

/// Everything that the vehicle knows.
#[derive(Debug)]
pub struct Duty {
    spool: Spool,
    /// The vehicle's clock.
    pub clock: VehicleClock,
    epochs: EpochGuard,
    /// Oldest first.
    pub orders: Vec<HeldOrder>,
    /// Who is signed on.
    pub crew: Vec<CrewMember>,
    /// Oldest first.
    pub messages: Vec<CentreMessage>,
    /// What the crew should know, oldest first.
    pub notices: VecDeque<Notice>,
    /// As the centre set them.
    pub settings: Settings,
    /// The unit's call sign, as the centre says or the file does.
    pub unit: String,
    /// For people.
    pub unit_label: String,
    waiting: BTreeMap<(u64, u64), Report>,
    report_seq: u64,
    patients: Patients,
    files: Files,
    /// On whom the crew has said that monitors are.
    cables: Vec<Cable>,
    /// The receiver.
    pub receiver: Receiver,
    position_seq: u64,
    recent: VecDeque<(Instant, Position)>,
    last_position_wall: Option<Instant>,
    link: LinkState,
    link_since_unix_ms: i64,
    changed: watch::Sender<u64>,
    positions: watch::Sender<Option<Position>>,
}

/// The owner, shared by the receiver, the connection and the terminal of one vehicle.
pub type SharedDuty = Arc<Mutex<Duty>>;

/// The lock. A panic elsewhere does not take the vehicle's record away.
pub fn lock(duty: &SharedDuty) -> MutexGuard<'_, Duty> {
    duty.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Duty {
    /// Takes up what was on disk.
    pub fn new(spool: Spool, clock: VehicleClock, unit: &str) -> Result<Self, SpoolError> {
        let stored = spool.load()?;
        let orders = stored
            .orders
            .iter()
            .filter_map(|row| {
                let held = HeldOrder::from_row(row);
                if held.is_none() {
                    error!(assignment = row.assignment, "an order on disk cannot be read; it stays there");
                }
                held
            })
            .collect();
        let crew = stored.crew.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
        let cables = stored.cables.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
        let messages = stored.messages.iter().filter_map(|(_, json)| serde_json::from_str(json).ok());
        Ok(Self {
            epochs: EpochGuard::new(stored.epoch),
            orders,
            crew,
            messages: messages.collect(),
            notices: VecDeque::new(),
            settings: completed(stored.settings.unwrap_or_default(), &[]),
            unit: unit.to_owned(),
            unit_label: unit.to_owned(),
            waiting: stored.reports.into_iter().map(|report| ((report.boot, report.seq), report)).collect(),
            report_seq: 0,
            patients: Patients::new(stored.patients),
            files: Files::new(stored.files),
            cables,
            receiver: Receiver::default(),
            position_seq: 0,
            recent: VecDeque::new(),
            last_position_wall: None,
            link: LinkState::Connecting,
            link_since_unix_ms: 0,
            changed: watch::Sender::new(0),
            positions: watch::Sender::new(None),
            spool,
            clock,
        })
    }

    /// Counts the changes of anything that is shown or is to be sent.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The newest position that is due to be sent.
    pub fn due_positions(&self) -> watch::Receiver<Option<Position>> {
        self.positions.subscribe()
    }

    /// The number of this start.
    pub fn boot(&self) -> u64 {
        self.spool.boot()
    }

    /// The highest epoch seen.
    pub fn highest_epoch(&self) -> Option<link::v1::Epoch> {
        self.epochs.highest()
    }

    /// Whether the vehicle has work.
    pub fn on_task(&self) -> bool {
        self.orders.iter().any(|held| held.record.end.is_none())
    }

    /// How the link stands and since when (UTC).
    pub fn link(&self) -> (&LinkState, i64) {
        (&self.link, self.link_since_unix_ms)
    }

    /// Notes how the link stands.
    pub fn set_link(&mut self, link: LinkState) {
        if self.link != link || self.link_since_unix_ms == 0 {
            self.link_since_unix_ms = self.clock.now_unix_ms(Instant::now());
            self.link = link;
            self.touch();
        }
    }

    /// The centre has welcomed the vehicle.
    pub fn welcomed(&mut self, welcome: &link::v1::Welcome) {
        self.clock.discipline(ClockSource::Centre, Instant::now(), welcome.centre_time_unix_ms);
        self.meet(welcome.epoch);
        self.unit.clone_from(&welcome.unit);
        self.unit_label.clone_from(&welcome.unit_label);
        if let Some(settings) = &welcome.settings {
            self.set_settings(settings.clone());
        }
        self.set_link(LinkState::Connected);
        // Whoever comes back says at once where it is: off duty the next position would be ten seconds away.
        self.last_position_wall = None;
        self.touch();
    }

    /// The centre's settings; what it leaves out stays at its default, and the directory as it was. They are kept, so that a terminal that
    /// starts where nobody hears it has the centre's own steps and hospitals.
    pub fn set_settings(&mut self, new: Settings) {
        let whole = completed(new, &self.settings.hospitals);
        if whole == self.settings {
            return;
        }
        if let Err(error) = self.spool.apply(&Change { settings: Some(whole.clone()), ..Change::default() }) {
            error!(%error, "the centre's settings could not be kept");
        }
        self.settings = whole;
        self.touch();
    }

    /// A welcome shows the centre's epoch before any delivery does. A lower one is no news.
    fn meet(&mut self, epoch: Option<link::v1::Epoch>) {
        let mut epochs = self.epochs;
        let Some(epoch) = epoch.filter(|epoch| epochs.admit(*epoch) == Ok(true)) else { return };
        match self.spool.apply(&Change { epoch: Some(epoch), ..Change::default() }) {
            Ok(()) => self.epochs = epochs,
            Err(error) => error!(%error, "the centre's epoch could not be kept"),
        }
    }

    fn touch(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}

fn completed(new: Settings, hospitals: &[HospitalEntry]) -> Settings {
    let default = link::default_settings();
    let or = |value: u32, other: u32| if value == 0 { other } else { value };
    Settings {
        position_interval_on_task_ms: or(
            new.position_interval_on_task_ms,
            default.position_interval_on_task_ms,
        ),
        position_interval_standby_ms: or(
            new.position_interval_standby_ms,
            default.position_interval_standby_ms,
        ),
        position_interval_off_duty_ms: or(
            new.position_interval_off_duty_ms,
            default.position_interval_off_duty_ms,
        ),
        ping_interval_ms: or(new.ping_interval_ms, default.ping_interval_ms),
        acknowledge_within_s: or(new.acknowledge_within_s, default.acknowledge_within_s),
        departure_warn_s: or(new.departure_warn_s, default.departure_warn_s),
        departure_alarm_s: or(new.departure_alarm_s, default.departure_alarm_s),
        steps: if new.steps.is_empty() { default.steps } else { new.steps },
        hospitals: if new.hospitals.is_empty() { hospitals.to_vec() } else { new.hospitals },
    }
}
