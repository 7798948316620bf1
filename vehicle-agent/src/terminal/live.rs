//! The state whenever it changes, as server-sent events, at most five a second. A reader that is too slow gets the
//! newest state when it is ready again: nothing queues up.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use tokio::time::sleep;

use super::view;
use crate::duty::{SharedDuty, lock};

const EVERY: Duration = Duration::from_millis(200);

pub(super) async fn live(
    State(duty): State<SharedDuty>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut changes = lock(&duty).changes();
    changes.mark_changed();
    let states = unfold((duty, changes), |(duty, mut changes)| async move {
        changes.changed().await.ok()?;
        // Changes come in bursts: one state tells them all.
        sleep(EVERY).await;
        changes.mark_unchanged();
        let state = view::state(&mut lock(&duty), Instant::now());
        let event = Event::default().event("state").data(state.to_string());
        Some((Ok(event), (duty, changes)))
    });
    Sse::new(states).keep_alive(KeepAlive::default())
}
