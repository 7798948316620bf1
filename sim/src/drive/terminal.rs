//! The in-vehicle terminal as a crew uses it: what it shows, and its buttons (`/api/state`, `/api/live`, `/api/press` …).

use std::time::Duration;

use dispatch_core::UtcTime;
use reqwest::{Client, StatusCode};
use roads::Wgs84;
use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use super::bedside::Entry;

/// What the terminal shows, as far as a crew goes by it.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Screen {
    /// Who is signed on.
    #[serde(default)]
    pub crew: Vec<Person>,
    /// The orders held, oldest first.
    #[serde(default)]
    pub orders: Vec<Order>,
}

/// A person signed on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Person {
    /// The name.
    pub name: String,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Order {
    /// The assignment.
    pub assignment: String,
    /// `I` to `IV`; may be empty.
    #[serde(default)]
    pub level: String,
    /// What is said to be the matter.
    #[serde(default)]
    pub complaint: String,
    /// Where.
    #[serde(default)]
    pub location: Option<Degrees>,
    /// A test or drill.
    #[serde(default)]
    pub test: bool,
    /// When it came in, UTC.
    pub received_at: UtcTime,
    /// Where the patient goes.
    #[serde(default)]
    pub hospital: Option<Hospital>,
    /// The steps reached.
    #[serde(default)]
    pub stages: Vec<StageMark>,
    /// How it ended.
    #[serde(default)]
    pub end: Option<End>,
    /// For what it may be broken off now.
    #[serde(default)]
    pub abort_reasons: Vec<AbortReason>,
}

/// A position as the terminal writes it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Degrees {
    longitude_deg: f64,
    latitude_deg: f64,
}

/// A hospital as the terminal shows it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Hospital {
    /// Its code.
    pub id: String,
    /// Where.
    #[serde(default)]
    pub location: Option<Degrees>,
}

/// A step reached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StageMark {
    /// Its word.
    pub stage: String,
    /// Who says so: `crew`, `motion`, `centre`.
    #[serde(default)]
    pub source: String,
}

/// How an order ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct End {
    /// `available`, `aborted`, `refused`, `recalled…`, `by_centre`.
    pub kind: String,
    /// When, UTC.
    pub at: UtcTime,
}

/// A reason to break off.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AbortReason {
    /// Its word.
    pub reason: String,
}

/// The steps in order; the place in this list is how far an order is.
pub const STAGES: [&str; 8] = [
    "acknowledged",
    "rolling",
    "on_scene",
    "at_patient",
    "left_scene",
    "at_hospital",
    "handed_over",
    "available",
];

impl Degrees {
    /// As a position; `None` when it is none.
    pub fn position(self) -> Option<Wgs84> {
        Wgs84::new(self.longitude_deg, self.latitude_deg).ok()
    }
}

impl Order {
    /// How far the crew has pressed or the centre has written: the place of the furthest step in [`STAGES`]. What the motion proved
    /// is left out, as a crew presses by what it did.
    pub fn pressed(&self) -> Option<usize> {
        let by_hand = self.stages.iter().filter(|mark| mark.source != "motion");
        by_hand.filter_map(|mark| STAGES.iter().position(|&stage| stage == mark.stage)).max()
    }

    /// Still to be done.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }
}

/// Why the terminal did not do it.
#[derive(Debug, Error)]
pub enum TerminalError {
    /// Nobody there: the agent is down or restarting.
    #[error("the terminal {0} does not answer")]
    Away(String),
    /// It says no.
    #[error("the terminal says no: {0}")]
    Refused(String),
}

/// One terminal.
#[derive(Debug, Clone)]
pub struct Terminal {
    address: String,
    http: Client,
}

impl Terminal {
    /// The terminal at an address.
    pub fn at(address: &str, http: Client) -> Self {
        Self { address: address.trim_end_matches('/').to_owned(), http }
    }

    /// What it shows.
    pub async fn screen(&self) -> Result<Screen, TerminalError> {
        let answer = self.http.get(format!("{}/api/state", self.address)).send().await;
        let answer = answer.map_err(|_| self.away())?;
        answer.json().await.map_err(|error| TerminalError::Refused(error.to_string()))
    }

    /// Follows what it shows; gives each new screen to `show`, and comes back when the terminal goes away.
    pub async fn follow(&self, mut show: impl FnMut(Screen)) -> Result<(), TerminalError> {
        let request = self.http.get(format!("{}/api/live", self.address)).timeout(FOLLOW_MAX);
        let mut answer = request.send().await.map_err(|_| self.away())?;
        let mut text = Vec::new();
        while let Some(bytes) = answer.chunk().await.map_err(|_| self.away())? {
            text.extend_from_slice(&bytes);
            if text.len() > SCREEN_BYTES_MAX {
                return Err(TerminalError::Refused("a screen of more than 4 MiB".into()));
            }
            while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = text.drain(..end + 2).collect();
                if let Some(screen) = screen_in(&event) {
                    show(screen);
                }
            }
        }
        Err(self.away())
    }

    /// Presses the button that acknowledges.
    pub async fn acknowledge(&self, assignment: &str) -> Result<(), TerminalError> {
        self.post("acknowledge", json!({ "assignment": assignment })).await
    }

    /// Presses the button of a step.
    pub async fn press(&self, assignment: &str, stage: &str) -> Result<(), TerminalError> {
        self.post("press", json!({ "assignment": assignment, "stage": stage })).await
    }

    /// Enters something of the first patient.
    pub async fn chart(&self, assignment: &str, (path, entry): Entry) -> Result<(), TerminalError> {
        self.post(path, json!({ "assignment": assignment, "patient": 1, "entry": entry })).await
    }

    /// Keeps an ECG of the first patient.
    pub async fn keep_ecg(&self, assignment: &str, annotated: String) -> Result<(), TerminalError> {
        let what = format!("patient/file?assignment={assignment}&kind=ecg&device=SIM-ECG");
        let request = self.http.post(format!("{}/api/{what}", self.address));
        let answer = request.header("content-type", "application/xml").body(annotated).send().await;
        Self::taken("patient/file", answer.map_err(|_| self.away())?).await
    }

    /// Gives an order back before rolling.
    pub async fn refuse(&self, assignment: &str, reason: &str) -> Result<(), TerminalError> {
        self.post("refuse", json!({ "assignment": assignment, "reason": reason })).await
    }

    /// Breaks off, for a reason that the screen offers.
    pub async fn abort(&self, assignment: &str, reason: &str) -> Result<(), TerminalError> {
        self.post("abort", json!({ "assignment": assignment, "reason": reason })).await
    }

    /// Takes a recalled order off the screen.
    pub async fn dismiss(&self, assignment: &str) -> Result<(), TerminalError> {
        self.post("dismiss", json!({ "assignment": assignment })).await
    }

    /// Signs a person on.
    pub async fn sign_on(&self, name: &str, role: &str) -> Result<(), TerminalError> {
        self.post("crew/sign-on", json!({ "name": name, "role": role })).await
    }

    async fn post(&self, what: &str, body: Value) -> Result<(), TerminalError> {
        let answer = self.http.post(format!("{}/api/{what}", self.address)).json(&body).send().await;
        Self::taken(what, answer.map_err(|_| self.away())?).await
    }

    async fn taken(what: &str, answer: reqwest::Response) -> Result<(), TerminalError> {
        if answer.status() == StatusCode::OK {
            return Ok(());
        }
        let status = answer.status();
        Err(TerminalError::Refused(format!("{what}: {status} {}", answer.text().await.unwrap_or_default())))
    }

    fn away(&self) -> TerminalError {
        TerminalError::Away(self.address.clone())
    }
}

/// The screen in one server-sent event, if it holds one.
fn screen_in(event: &[u8]) -> Option<Screen> {
    let text = std::str::from_utf8(event).ok()?;
    let data: String = text.lines().filter_map(|line| line.strip_prefix("data:")).collect();
    serde_json::from_str(data.trim_start()).ok()
}

/// The stream of one terminal is begun anew after so long, so that a dead one is noticed.
const FOLLOW_MAX: Duration = Duration::from_mins(10);
const SCREEN_BYTES_MAX: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_read_from_an_event_and_unknown_fields_do_no_harm() {
        let event = "event: state\ndata: {\"now\":\"2026-11-21T00:00:00Z\",\"crew\":[{\"name\":\"李明\",\"role\":\"driver\"}],\
            \"orders\":[{\"assignment\":\"a\",\"received_at\":\"2026-11-21T00:00:00Z\",\"new\":1,\
            \"stages\":[{\"stage\":\"rolling\",\"source\":\"motion\"},{\"stage\":\"acknowledged\",\"source\":\"crew\"}]}]}\n\n";
        let screen = screen_in(event.as_bytes()).unwrap();
        assert_eq!(screen.crew[0].name, "李明");
        assert_eq!(screen.orders[0].pressed(), Some(0));
        assert!(screen.orders[0].is_open());
        assert_eq!(screen_in(b": keep-alive\n\n"), None);
    }
}
