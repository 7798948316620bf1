//! Where frames come together and readers take them: the newest events kept for those who resume, and two bounded streams.
//! Events and positions are kept apart, so that a flood of positions pushes no event out.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;

use super::frame::Frame;

/// The frames of this process, and whoever reads them.
pub(crate) struct LiveHub {
    past: Mutex<Past>,
    events: broadcast::Sender<Frame>,
    signs: broadcast::Sender<Frame>,
}

#[derive(Default)]
struct Past {
    /// Frames of the newest events, in order.
    frames: VecDeque<Frame>,
    bytes: usize,
    /// The number before the first frame kept: who has seen it can go on from here.
    reaches_back_to: u64,
    seq: u64,
}

/// A reader's start: where it is, what it missed, and what comes.
pub(crate) struct Joined {
    pub(crate) seq: u64,
    /// The frames after the number asked for; `None` when they are not kept or not yet there.
    pub(crate) missed: Option<Vec<Frame>>,
    pub(crate) events: broadcast::Receiver<Frame>,
    /// Positions, expectations, ticks.
    pub(crate) signs: broadcast::Receiver<Frame>,
}

impl LiveHub {
    /// A hub that begins after the event `seq`.
    pub(crate) fn new(seq: u64) -> Self {
        let past = Past { seq, reaches_back_to: seq, ..Past::default() };
        let (events, _) = broadcast::channel(EVENTS_WAITING_MAX);
        let (signs, _) = broadcast::channel(SIGNS_WAITING_MAX);
        Self { past: Mutex::new(past), events, signs }
    }

    /// Begins to read after an event, or with the present.
    pub(crate) fn join(&self, after: Option<u64>) -> Joined {
        // Under the lock, so that no event falls between what was missed and what comes.
        let past = self.past();
        let after = after.unwrap_or(past.seq);
        let kept = (past.reaches_back_to..=past.seq).contains(&after);
        let missed = kept.then(|| past.frames.iter().filter(|frame| frame.seq > after).cloned().collect());
        Joined { seq: past.seq, missed, events: self.events.subscribe(), signs: self.signs.subscribe() }
    }

    /// The number of the newest event that has a frame.
    pub(crate) fn seq(&self) -> u64 {
        self.past().seq
    }

    /// Adds the frame of the next event.
    pub(crate) fn event(&self, frame: Frame) {
        let mut past = self.past();
        past.seq = frame.seq;
        past.bytes += frame.text.len();
        past.frames.push_back(frame.clone());
        while past.frames.len() > KEPT_FRAMES_MAX || past.bytes > KEPT_BYTES_MAX {
            let Some(oldest) = past.frames.pop_front() else { break };
            past.bytes -= oldest.text.len();
            past.reaches_back_to = oldest.seq;
        }
        // Nobody reads: nothing to do.
        let _ = self.events.send(frame);
    }

    /// Keeps nothing of what was shown so far: it showed what is erased now.
    pub(crate) fn forget_past(&self) {
        let mut past = self.past();
        *past = Past { seq: past.seq, reaches_back_to: past.seq, ..Past::default() };
    }

    /// Starts over after an event that cannot be followed up to: whoever resumes from before it loads anew.
    pub(crate) fn restart(&self, reset: Frame) {
        let mut past = self.past();
        *past = Past { seq: reset.seq, reaches_back_to: reset.seq, ..Past::default() };
        let _ = self.events.send(reset);
    }

    /// Sends a frame that has no number of its own.
    pub(crate) fn sign(&self, frame: Frame) {
        let _ = self.signs.send(frame);
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        // Every change is whole before anything in it can panic.
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Events a reader may lag behind before it is dropped.
const EVENTS_WAITING_MAX: usize = 2048;
/// Frames of positions and ticks a reader may lag behind: some ten seconds.
const SIGNS_WAITING_MAX: usize = 16;
/// Frames kept for those who resume.
const KEPT_FRAMES_MAX: usize = 10_000;
/// And no more than this of memory.
const KEPT_BYTES_MAX: usize = 32 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(seq: u64) -> Frame {
        Frame { seq, text: format!("{seq}").into() }
    }

    #[test]
    fn a_reader_gets_what_it_missed_and_nothing_twice() {
        let hub = LiveHub::new(100);
        for seq in 101..=105 {
            hub.event(frame(seq));
        }
        let numbers =
            |after| hub.join(after).missed.map(|missed| missed.iter().map(|f| f.seq).collect::<Vec<_>>());
        assert_eq!(numbers(Some(103)), Some(vec![104, 105]));
        assert_eq!(numbers(Some(100)), Some(vec![101, 102, 103, 104, 105]));
        assert_eq!(numbers(None), Some(vec![]));
        assert_eq!(numbers(Some(99)), None);
        assert_eq!(numbers(Some(106)), None);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let hub = LiveHub::new(0);
        for seq in 1..=(KEPT_FRAMES_MAX as u64 + 5) {
            hub.event(frame(seq));
        }
        assert!(hub.join(Some(4)).missed.is_none());
        assert_eq!(hub.join(Some(5)).missed.unwrap().len(), KEPT_FRAMES_MAX);
    }
}
