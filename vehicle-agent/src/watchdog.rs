//! What the service manager is told: that the agent is up, that it still turns, that it stops. Without one, nothing.

use std::convert::Infallible;
use std::future::pending;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};
use tracing::warn;

/// Everything that can fail has been opened.
pub(crate) fn ready() {
    tell(&NotifyState::Ready);
}

/// The end was asked for.
pub(crate) fn stopping() {
    tell(&NotifyState::Stopping);
}

/// Says that the agent turns, twice in each period of the watchdog. The whole agent runs on one thread: whatever holds it
/// up holds this up, too, and the service manager starts it again.
pub(crate) async fn keep_telling() -> Infallible {
    let Some(period) = sd_notify::watchdog_enabled() else { return pending().await };
    let mut turn = interval(period / 2);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turn.tick().await;
        tell(&NotifyState::Watchdog);
    }
}

fn tell(state: &NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(std::slice::from_ref(state)) {
        warn!(%error, ?state, "the service manager cannot be told");
    }
}
