//! What everybody may see: the record as far as the journal is durable, and the newest events for live readers. The
//! publisher writes it; readers take shared copies and never touch the owner thread.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dispatch_core::journal::Epoch;
use dispatch_core::{DispatchCentre, Event, Fact, Record, UtcTime};
use tokio::sync::watch;

/// The durable record at one moment. Immutable; keep it as long as a request lasts and no longer.
#[derive(Debug)]
pub struct Snapshot {
    /// Sequence number of the last event in it.
    pub seq: u64,
    /// The epoch of that event.
    pub epoch: Epoch,
    /// Domain time when it was taken, UTC.
    pub at: UtcTime,
    /// The record.
    pub record: Arc<Record>,
}

/// An event with its place in the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Journalled {
    /// Its sequence number, from 1.
    pub seq: u64,
    /// Under whose word it was written.
    pub epoch: Epoch,
    /// What happened.
    pub event: Event,
}

/// The durable record and the newest events.
#[derive(Debug)]
pub(crate) struct Board {
    state: Mutex<State>,
    head: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    centre: DispatchCentre,
    epoch: Epoch,
    /// A copy of the record as it is, made when somebody asks.
    copy: Option<Arc<Record>>,
    ring: VecDeque<Arc<Journalled>>,
}

impl Board {
    /// A board that shows what a journal has built.
    pub(crate) fn new(centre: DispatchCentre, epoch: Epoch) -> Self {
        let head = watch::Sender::new(centre.record().seq());
        let state = State { centre, epoch, copy: None, ring: VecDeque::with_capacity(RING_MAX) };
        Self { state: Mutex::new(state), head }
    }

    /// Shows an event that has become durable, and lets `look` see the record right after it.
    pub(crate) fn show(&self, journalled: &Arc<Journalled>, look: impl FnOnce(&Record)) {
        {
            let mut state = self.state();
            state.centre.apply(&journalled.event);
            let seq = state.centre.record().seq();
            assert_eq!(seq, journalled.seq, "events must reach the record in their order");
            state.epoch = journalled.epoch;
            state.copy = None;
            if let Fact::PersonalDataErased { .. } = journalled.event.fact {
                // What was erased stands in the events before; in the file it cannot be read any more.
                state.ring.clear();
            }
            if state.ring.len() == RING_MAX {
                state.ring.pop_front();
            }
            state.ring.push_back(Arc::clone(journalled));
            look(state.centre.record());
        }
        self.head.send_replace(journalled.seq);
    }

    /// This node leads under a higher epoch from now on: vehicles must hear of it before its first event. Comes back with the centre to
    /// decide with.
    pub(crate) fn lead(&self, epoch: Epoch) -> DispatchCentre {
        let mut state = self.state();
        state.epoch = epoch;
        state.centre.clone()
    }

    /// The record as it is shown now. Copied once after each change, and only when somebody asks.
    pub(crate) fn snapshot(&self, at: UtcTime) -> Arc<Snapshot> {
        let mut state = self.state();
        let State { centre, copy, epoch, .. } = &mut *state;
        let record = copy.get_or_insert_with(|| Arc::new(centre.record().clone()));
        Arc::new(Snapshot { seq: record.seq(), epoch: *epoch, at, record: Arc::clone(record) })
    }

    /// A short look at the record without a copy. The publisher waits meanwhile.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        look(self.state().centre.record())
    }

    /// The last sequence number shown, to wait on.
    pub(crate) fn head(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// Up to `count_max` events after `after` from memory; `None` when memory does not reach back that far.
    pub(crate) fn recent(&self, after: u64, count_max: usize) -> Option<Vec<Arc<Journalled>>> {
        let state = self.state();
        if after >= state.centre.record().seq() {
            return Some(Vec::new());
        }
        let oldest = state.ring.front()?.seq;
        if after + 1 < oldest {
            return None;
        }
        let skip = (after + 1 - oldest) as usize;
        Some(state.ring.iter().skip(skip).take(count_max).cloned().collect())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A reader that panicked has changed nothing; the publisher is the only one who writes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Events kept in memory for live readers; older ones are read from the journal.
const RING_MAX: usize = 4096;
