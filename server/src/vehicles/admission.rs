//! Who may begin a handshake. A flood of first packets is the cheapest attack: above a bound a sender must first show
//! that its address is its own, and above another it is turned away.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use quinn::Incoming;

/// Above this many handshakes under way, addresses must be shown to be real.
const PENDING_BEFORE_RETRY_MAX: usize = 200;
/// Above this many, nobody is let in.
const PENDING_MAX: usize = 1_000;

/// Counts the handshakes under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Admission {
    pending: Arc<AtomicUsize>,
}

/// One handshake under way.
#[derive(Debug)]
pub(super) struct Pending(Arc<AtomicUsize>);

/// What to do with a first packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    LetIn,
    AskAgain,
    TurnAway,
}

impl Admission {
    /// Lets a handshake begin, or answers its sender.
    pub(super) fn admit(&self, incoming: Incoming) -> Option<(Incoming, Pending)> {
        match verdict(self.pending.load(Ordering::Relaxed), incoming.remote_address_validated()) {
            Verdict::LetIn => {
                self.pending.fetch_add(1, Ordering::Relaxed);
                Some((incoming, Pending(Arc::clone(&self.pending))))
            }
            Verdict::AskAgain => {
                metrics::counter!("jichi_vehicles_refused_total", "reason" => "retry").increment(1);
                // It fails only for an address that is validated already.
                drop(incoming.retry());
                None
            }
            Verdict::TurnAway => {
                metrics::counter!("jichi_vehicles_refused_total", "reason" => "busy").increment(1);
                incoming.refuse();
                None
            }
        }
    }
}

fn verdict(pending: usize, validated: bool) -> Verdict {
    if pending >= PENDING_MAX {
        Verdict::TurnAway
    } else if pending >= PENDING_BEFORE_RETRY_MAX && !validated {
        Verdict::AskAgain
    } else {
        Verdict::LetIn
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_wait_the_harder_it_is_to_enter() {
        for (pending, validated, expected) in [
            (0, false, Verdict::LetIn),
            (PENDING_BEFORE_RETRY_MAX, false, Verdict::AskAgain),
            (PENDING_BEFORE_RETRY_MAX, true, Verdict::LetIn),
            (PENDING_MAX, true, Verdict::TurnAway),
        ] {
            assert_eq!(verdict(pending, validated), expected, "{pending} {validated}");
        }
    }
}
