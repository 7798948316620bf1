//! The centre's live picture as its consoles have it: resources replaced by the frames of `/api/v1/live`, loaded anew whenever the
//! stream begins again.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::time::Duration;

use anyhow::Context;
use futures_util::StreamExt;
use serde_json::Value;
use tokio::sync::watch;
use tokio_tungstenite::connect_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::centre::{Centre, CentreError};

type Rows = RefCell<BTreeMap<String, Value>>;

/// What the centre shows.
#[derive(Debug)]
pub struct Picture {
    /// Calls that are open or were while we watched.
    pub calls: Rows,
    /// Incidents.
    pub incidents: Rows,
    /// Assignments.
    pub assignments: Rows,
    /// The newest proposal of each incident.
    pub proposals: Rows,
    /// Closures.
    pub closures: Rows,
    /// What stands and must be looked at, by name.
    pub escalations: Rows,
    /// Frames heard.
    pub frames: Cell<u64>,
    changed: watch::Sender<u64>,
}

impl Picture {
    /// An empty picture.
    pub fn new() -> Self {
        Self {
            calls: Rows::default(),
            incidents: Rows::default(),
            assignments: Rows::default(),
            proposals: Rows::default(),
            closures: Rows::default(),
            escalations: Rows::default(),
            frames: Cell::new(0),
            changed: watch::Sender::new(0),
        }
    }

    /// Tells when something changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// One row of a list, by id.
    pub fn row(rows: &Rows, id: &str) -> Option<Value> {
        rows.borrow().get(id).cloned()
    }

    /// The ways closed at present.
    pub fn closed_ways(&self) -> BTreeSet<i64> {
        let closures = self.closures.borrow();
        let ways = closures.values().filter_map(|closure| closure.get("ways").and_then(Value::as_array));
        ways.flatten().filter_map(Value::as_i64).collect()
    }

    /// Follows the centre for ever: comes back after every break.
    pub async fn follow(&self, centre: &Centre) {
        let mut told_at = None;
        loop {
            let Err(error) = self.follow_once(centre).await;
            // Once for each time it goes away, not for each try to come back.
            if told_at != Some(self.frames.get()) {
                eprintln!("sim drive: the live stream is away, trying again: {error}");
                told_at = Some(self.frames.get());
            }
            tokio::time::sleep(COME_BACK).await;
        }
    }

    async fn follow_once(&self, centre: &Centre) -> anyhow::Result<Infallible> {
        let config = WebSocketConfig::default().max_message_size(Some(FRAME_BYTES_MAX));
        let connected = connect_async_with_config(centre.live_address(), Some(config), false);
        let (mut stream, _) = tokio::time::timeout(CONNECT_MAX, connected).await.context("no answer")??;
        // First the stream, then the lists: what happens between the two comes in both.
        self.load(centre).await?;
        loop {
            // A tick comes every five seconds; three missing ones mean that nobody is there.
            let next = tokio::time::timeout(SILENCE_MAX, stream.next()).await.context("silent")?;
            match next.context("closed")?? {
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(text.as_str())?;
                    if frame.get("type").and_then(Value::as_str) == Some("reset") {
                        anyhow::bail!("the centre asks to begin again");
                    }
                    self.take(&frame);
                }
                Message::Close(_) => anyhow::bail!("closed by the centre"),
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    async fn load(&self, centre: &Centre) -> Result<(), CentreError> {
        for (rows, path, key) in [
            (&self.calls, "/calls?state=open", "id"),
            (&self.incidents, "/incidents?state=open", "id"),
            (&self.assignments, "/assignments?state=open", "id"),
            (&self.closures, "/closures", "id"),
            (&self.escalations, "/escalations", "name"),
        ] {
            let items = centre.list(path).await?;
            *rows.borrow_mut() = by_key(items, key);
        }
        self.proposals.borrow_mut().clear();
        let wanting: Vec<String> = self.incidents.borrow().keys().cloned().collect();
        for incident in wanting {
            if let Ok(proposal) = centre.get(&format!("/incidents/{incident}/proposal")).await {
                self.proposals.borrow_mut().insert(incident, proposal);
            }
        }
        self.changed.send_modify(|count| *count += 1);
        Ok(())
    }

    fn take(&self, frame: &Value) {
        self.frames.set(self.frames.get() + 1);
        let Some(data) = frame.get("data") else { return };
        let mut any = false;
        let changed = data.get("changed").unwrap_or(&Value::Null);
        for (rows, list, key) in [
            (&self.calls, "calls", "id"),
            (&self.incidents, "incidents", "id"),
            (&self.assignments, "assignments", "id"),
            (&self.proposals, "proposals", "incident"),
            (&self.closures, "closures", "id"),
        ] {
            if let Some(items) = changed.get(list).and_then(Value::as_array) {
                any |= !items.is_empty();
                rows.borrow_mut().extend(by_key(items.clone(), key));
            }
        }
        // A closure that is spoken of and not there any more was opened.
        let about = data.get("about").and_then(Value::as_array).into_iter().flatten();
        let there = |id: &str| {
            let closures = changed.get("closures").and_then(Value::as_array).into_iter().flatten();
            closures.into_iter().any(|closure| closure.get("id").and_then(Value::as_str) == Some(id))
        };
        for id in about.filter_map(Value::as_str).filter(|id| !there(id)) {
            any |= self.closures.borrow_mut().remove(id).is_some();
        }
        if let Some(standing) = data.get("escalations").and_then(Value::as_array) {
            *self.escalations.borrow_mut() = by_key(standing.clone(), "name");
            any = true;
        }
        if any {
            self.forget_ended();
            self.changed.send_modify(|count| *count += 1);
        }
    }

    /// Keeps the picture from growing for ever: ended things are forgotten, the oldest first, when there are many.
    fn forget_ended(&self) {
        for rows in [&self.calls, &self.incidents, &self.assignments] {
            let mut rows = rows.borrow_mut();
            if rows.len() > ROWS_MAX {
                let ended = |row: &Value| row.get("end").is_some_and(|end| !end.is_null());
                let old: Vec<String> = rows
                    .iter()
                    .filter(|(_, row)| ended(row))
                    .map(|(id, _)| id.clone())
                    .take(ROWS_MAX / 2)
                    .collect();
                for id in &old {
                    rows.remove(id);
                }
            }
        }
        let mut proposals = self.proposals.borrow_mut();
        if proposals.len() > ROWS_MAX {
            let incidents = self.incidents.borrow();
            proposals.retain(|incident, _| incidents.contains_key(incident));
        }
    }
}

impl Default for Picture {
    fn default() -> Self {
        Self::new()
    }
}

fn by_key(items: Vec<Value>, key: &str) -> BTreeMap<String, Value> {
    let keyed = |item: Value| Some((item.get(key)?.as_str()?.to_owned(), item));
    items.into_iter().filter_map(keyed).collect()
}

const FRAME_BYTES_MAX: usize = 16 << 20;
const ROWS_MAX: usize = 4_000;
const COME_BACK: Duration = Duration::from_millis(700);
const CONNECT_MAX: Duration = Duration::from_secs(5);
const SILENCE_MAX: Duration = Duration::from_secs(16);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_frame_replaces_what_it_touches() {
        let picture = Picture::new();
        let incident = |phase: &str| json!({ "id": "incident_1", "phase": phase });
        let frame =
            |changed: Value| json!({ "type": "x", "data": { "changed": changed, "escalations": null } });
        picture.take(&frame(
            json!({ "incidents": [incident("waiting")], "closures": [{ "id": "c", "ways": [7, 9] }] }),
        ));
        picture.take(&frame(json!({ "incidents": [incident("rolling")] })));
        assert_eq!(Picture::row(&picture.incidents, "incident_1").unwrap()["phase"], "rolling");
        assert_eq!(picture.closed_ways(), BTreeSet::from([7, 9]));
        picture.take(&json!({ "type": "road_opened", "data": { "about": ["c"], "changed": {} } }));
        assert!(picture.closed_ways().is_empty());
    }
}
