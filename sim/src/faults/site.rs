//! One of the two machines: its clock, its disk, and the process on it while it runs. The process is the production `Node` beside the
//! production `DispatchCentre`, as the server will run them.

use std::collections::VecDeque;
use std::sync::Arc;

use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{
    Disk, History, Moment, Node, Position, Quarantine, Run, Setup, State, Timing,
};
use dispatch_core::{DispatchCentre, Event, Span, UtcTime};

use super::aside::Aside;
use crate::check::reference::Reference;

/// An event as it is stored. The number tells two events apart that are alike.
#[derive(Debug, Clone)]
pub struct Row {
    /// Under which epoch it was written.
    pub epoch: Epoch,
    /// No two events of a run have the same.
    pub id: u64,
    /// The event.
    pub event: Arc<Event>,
}

/// What a list of rows holds.
pub fn history(rows: &[Row]) -> History {
    let runs = rows.iter().enumerate().map(|(at, row)| Run { epoch: row.epoch, last_seq: at as u64 + 1 });
    History::new(Position::START, runs)
}

/// A machine.
#[derive(Debug)]
pub struct Site {
    /// Its number less one.
    pub at: usize,
    /// How fast its clock runs, parts in a million more than the world's.
    pub rate_ppm: i64,
    /// What its clock showed when the world began, microseconds.
    pub offset_us: u64,
    /// How far its wall clock is from the true time.
    pub wall_off: Span,
    /// The durable journal.
    pub disk: Vec<Row>,
    /// Stretches moved aside.
    pub quarantine: Vec<Aside>,
    /// The highest epoch it led under, durable.
    pub led: Epoch,
    /// The process, while it runs.
    pub process: Option<Process>,
    /// Nothing runs or answers before, microseconds of the world.
    pub asleep_until_us: u64,
}

/// A process.
#[derive(Debug)]
pub struct Process {
    /// Who leads, and where each event is.
    pub node: Node,
    /// The centre as decided or followed so far.
    pub centre: DispatchCentre,
    /// The same by slow and obvious rules.
    pub reference: Reference,
    /// All rows: the durable ones and those being written.
    pub rows: Vec<Row>,
    /// What is being written, and when it will be durable.
    pub writing: VecDeque<(u64, usize)>,
    /// Rows that may be shown.
    pub acknowledged: u64,
    /// The epoch it leads under.
    pub leads: Option<Epoch>,
    /// Counts its connections to PostgreSQL: an answer on an older one reaches nobody.
    pub connection: u64,
    /// When its node next wants to be told that time passes.
    pub tick_us: u64,
}

impl Site {
    /// What its clock shows.
    pub fn moment(&self, elapsed_us: u64) -> Moment {
        let gained = i128::from(elapsed_us) * i128::from(self.rate_ppm) / 1_000_000;
        let shown = i128::from(self.offset_us) + i128::from(elapsed_us) + gained;
        Moment(u64::try_from(shown).unwrap_or(0))
    }

    /// The process is there and answers.
    pub fn is_awake(&self, elapsed_us: u64) -> bool {
        self.process.is_some() && elapsed_us >= self.asleep_until_us
    }

    /// The wall clock's time; never before what the record already knows.
    pub fn wall(&self, now: UtcTime) -> UtcTime {
        let last = self.process.as_ref().and_then(|process| process.rows.last()).map(|row| row.event.at);
        let shown = now + self.wall_off;
        last.map_or(shown, |last| last.max(shown))
    }

    /// What the node is told of the disk.
    pub fn disk_at_start(&self) -> (Setup, Disk) {
        let setup = Setup { node: self.at as u32 + 1, has_peer: true, timing: Timing::default() };
        let waiting = self.quarantine.iter().filter(|aside| !aside.brought_in);
        let quarantine = Quarantine::new(waiting.map(|aside| aside.what.clone()).collect());
        (setup, Disk { journal: history(&self.disk), highest: self.led, in_doubt: false, quarantine })
    }
}

impl Process {
    /// A process that was built from the disk.
    pub fn new(node: Node, disk: &[Row], elapsed_us: u64) -> Self {
        let mut process = Self {
            node,
            centre: DispatchCentre::new(),
            reference: Reference::default(),
            rows: Vec::new(),
            writing: VecDeque::new(),
            acknowledged: 0,
            leads: None,
            connection: 0,
            tick_us: elapsed_us,
        };
        process.rebuild(disk);
        process
    }

    /// Builds the record anew from what is on disk.
    pub fn rebuild(&mut self, disk: &[Row]) {
        self.centre = DispatchCentre::from_events(disk.iter().map(|row| &*row.event));
        self.reference = Reference::of(disk.iter().map(|row| &*row.event));
        self.rows = disk.to_vec();
        self.writing.clear();
        self.acknowledged = self.acknowledged.min(self.rows.len() as u64);
    }

    /// Applies a row and has it written.
    pub fn take_in(&mut self, row: Row) {
        self.centre.apply(&row.event);
        self.reference.apply(self.rows.len() as u64 + 1, &row.event);
        self.rows.push(row);
    }

    /// It decides: it leads, and has not stopped for a hand-over.
    pub fn decides(&self) -> bool {
        let leading = matches!(self.node.state(), State::Normal | State::Journal | State::Island);
        leading && self.node.epoch().is_some() && self.node.epoch() == self.leads
    }
}
