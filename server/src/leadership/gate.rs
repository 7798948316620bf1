//! What is durable and not acknowledged yet: it waits here, in order, until the node says that it has its copies.

use std::collections::VecDeque;

use crate::centre::SubmitError;
use crate::journal::writer::Decided;

/// Decisions that wait to be acknowledged.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// With the last event that each rests on.
    waiting: VecDeque<(u64, Decided)>,
    /// The last event that came in.
    last_seq: u64,
    /// The last event that was acknowledged.
    acknowledged: u64,
}

impl Gate {
    /// A new leadership begins: all up to this event is in the record already.
    pub(super) fn begin(&mut self, last_seq: u64) {
        self.last_seq = last_seq;
    }

    /// Takes decisions in. A refusal rests on the events before it.
    pub(super) fn put(&mut self, batch: Vec<Decided>) {
        for decided in batch {
            self.last_seq = decided.events.last().map_or(self.last_seq, |event| event.seq);
            self.waiting.push_back((self.last_seq, decided));
        }
    }

    /// Everything up to here is acknowledged.
    pub(super) fn acknowledge(&mut self, up_to_seq: u64) {
        self.acknowledged = self.acknowledged.max(up_to_seq);
    }

    /// Takes out what may be shown and answered.
    pub(super) fn release(&mut self) -> Vec<Decided> {
        let count = self.waiting.partition_point(|(rests_on, _)| *rests_on <= self.acknowledged);
        self.waiting.drain(..count).map(|(_, decided)| decided).collect()
    }

    /// Another node leads: what waits is in the journal and may be shown as such, and nobody is told that it was done. Whoever waits
    /// must ask the other node.
    pub(super) fn give_up(&mut self, elsewhere: &std::sync::Arc<str>) -> Vec<Decided> {
        let mut all: Vec<Decided> = self.waiting.drain(..).map(|(_, decided)| decided).collect();
        for (reply, _) in all.iter_mut().filter_map(|decided| decided.reply.take()) {
            // Whoever asked may have gone.
            let _ = reply.send(Err(SubmitError::NotLeading { elsewhere: elsewhere.clone() }));
        }
        all
    }

    /// Whether more may come in.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < WAITING_MAX
    }
}

/// Decisions that wait to be acknowledged: the journal waits behind them, then the owner, then whoever asks.
const WAITING_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dispatch_core::DispatchCentre;
    use dispatch_core::journal::Epoch;
    use tokio::sync::oneshot;

    use super::*;
    use crate::centre::Journalled;
    use crate::journal::writer::Outcome;
    use crate::testing::{a_call, at_desk};

    fn decided(seqs: std::ops::Range<u64>) -> (Decided, oneshot::Receiver<Outcome>) {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let event = DispatchCentre::new().handle(&at_desk(a_call()), now).unwrap().remove(0);
        let epoch = Epoch { term: 2, node: 1 };
        let events = seqs.map(|seq| Arc::new(Journalled { seq, epoch, event: event.clone() })).collect();
        let (reply, waits) = oneshot::channel();
        let refused = Err(SubmitError::Busy);
        (Decided { events, keyed: None, reply: Some((reply, refused)) }, waits)
    }

    #[test]
    fn nothing_comes_out_before_its_last_event_is_acknowledged() {
        let mut gate = Gate::default();
        gate.begin(3);
        let (two, _two) = decided(4..6);
        // Nothing happened there, but it was seen from after event 5.
        let (refusal, _refusal) = decided(0..0);
        let (one, _one) = decided(6..7);
        gate.put(vec![two, refusal, one]);
        gate.acknowledge(4);
        assert_eq!(gate.release().len(), 0);
        gate.acknowledge(5);
        let out = gate.release();
        assert_eq!((out.len(), out[0].events.len(), out[1].events.len()), (2, 2, 0));
        gate.acknowledge(5);
        assert!(gate.release().is_empty());
        gate.acknowledge(9);
        assert_eq!(gate.release().len(), 1);
    }

    #[test]
    fn what_was_not_acknowledged_is_never_called_done() {
        let mut gate = Gate::default();
        let (one, mut waits) = decided(1..2);
        gate.put(vec![one]);
        let out = gate.give_up(&Arc::from("http://there"));
        assert_eq!(out[0].events.len(), 1, "it is in the journal");
        assert!(matches!(waits.try_recv().unwrap(), Err(SubmitError::NotLeading { .. })));
    }
}
