//! Places for live readers. A reader has a place for as long as it reads, and shows that by answering a ping; newcomers, who have not
//! answered one yet, have few places of their own, and the oldest of them makes room for the next. So those who connect and read nothing,
//! however many, take no screen's place.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// The places.
pub(crate) struct LiveSeats {
    proven: Arc<Semaphore>,
    newcomers: Mutex<Newcomers>,
}

#[derive(Default)]
struct Newcomers {
    /// In the order in which they came. Dropping the sender tells one to leave.
    waiting: VecDeque<(u64, oneshot::Sender<()>)>,
    number: u64,
}

/// A newcomer's place.
pub(super) struct NewcomerSeat {
    seats: Arc<LiveSeats>,
    number: u64,
    leave: oneshot::Receiver<()>,
}

impl LiveSeats {
    pub(crate) fn new() -> Self {
        Self { proven: Arc::new(Semaphore::new(READERS_MAX)), newcomers: Mutex::default() }
    }

    /// A newcomer's place; `None` when every screen's place is taken.
    pub(super) fn enter(self: &Arc<Self>) -> Option<NewcomerSeat> {
        if self.proven.available_permits() == 0 {
            return None;
        }
        let (stay, leave) = oneshot::channel();
        let mut newcomers = self.newcomers();
        if newcomers.waiting.len() >= NEWCOMERS_MAX {
            newcomers.waiting.pop_front();
        }
        newcomers.number += 1;
        let number = newcomers.number;
        newcomers.waiting.push_back((number, stay));
        drop(newcomers);
        Some(NewcomerSeat { seats: Arc::clone(self), number, leave })
    }

    fn newcomers(&self) -> MutexGuard<'_, Newcomers> {
        // Every change is whole before anything in it can panic.
        self.newcomers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NewcomerSeat {
    /// Waits until it must make room for another.
    pub(super) async fn must_leave(&mut self) {
        let _ = (&mut self.leave).await;
    }

    /// It reads: a screen's place for it, if there is one left.
    pub(super) fn prove(self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.seats.proven).try_acquire_owned().ok()
    }
}

impl Drop for NewcomerSeat {
    fn drop(&mut self) {
        self.seats.newcomers().waiting.retain(|(number, _)| *number != self.number);
    }
}

/// Screens and boards that read live at a time.
const READERS_MAX: usize = 256;
/// Those who have not shown yet that they read.
const NEWCOMERS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn is_told_to_leave(seat: &mut NewcomerSeat) -> bool {
        !matches!(seat.leave.try_recv(), Err(oneshot::error::TryRecvError::Empty))
    }

    #[test]
    fn newcomers_make_room_for_each_other_and_take_nothing_from_those_who_read() {
        let seats = Arc::new(LiveSeats::new());
        let screen = seats.enter().unwrap().prove().unwrap();
        let mut silent: Vec<_> = (0..=NEWCOMERS_MAX).map(|_| seats.enter().unwrap()).collect();
        assert!(is_told_to_leave(&mut silent[0]), "the oldest makes room");
        assert!(!is_told_to_leave(&mut silent[1]));
        let another = seats.enter().unwrap().prove();
        assert!(another.is_some(), "a screen gets a place however many are silent");
        drop((silent, another, screen));
        assert!(seats.newcomers().waiting.is_empty());
        assert_eq!(seats.proven.available_permits(), READERS_MAX);
    }

    #[test]
    fn screens_are_bounded_too() {
        let seats = Arc::new(LiveSeats::new());
        let last = seats.enter().unwrap();
        let taken: Vec<_> = (0..READERS_MAX).map(|_| seats.enter().unwrap().prove().unwrap()).collect();
        assert!(last.prove().is_none());
        assert!(seats.enter().is_none());
        drop(taken);
        assert!(seats.enter().is_some());
    }
}
