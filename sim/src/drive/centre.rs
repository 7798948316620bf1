//! The centre's HTTP interface (`docs/api.md`) as the simulated people use it: every write names a person and carries a key, so that a
//! repeat after a lost answer does nothing twice.

use std::cell::RefCell;
use std::fmt::Write;
use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use thiserror::Error;

use crate::chance::Chance;

/// Why the centre did not do it.
#[derive(Debug, Error)]
pub enum CentreError {
    /// Nobody there, or not ready: try again later.
    #[error("the centre does not answer: {0}")]
    Away(String),
    /// It says no.
    #[error("the centre says no ({status}): {detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it says.
        detail: String,
    },
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The person's name.
    pub person: String,
    /// The seat, or the hospital's code at a hospital's board.
    pub place: Place,
}

/// Where somebody acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A seat of the centre.
    Seat(String),
    /// A hospital's board.
    Hospital(String),
}

/// A connection to the centre.
#[derive(Debug)]
pub struct Centre {
    base: String,
    http: Client,
    keys: RefCell<Chance>,
}

impl Centre {
    /// The centre at an address. The keys of writes hang on `salt`: another for each start.
    pub fn at(base: &str, http: Client, salt: u64) -> Self {
        Self { base: base.to_owned(), http, keys: RefCell::new(Chance::of(salt, "idempotency keys", 0)) }
    }

    /// The address of the live events.
    pub fn live_address(&self) -> String {
        format!("{}/api/v1/live", self.base.replacen("http", "ws", 1))
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Result<Value, CentreError> {
        self.once(Method::GET, path, None, &Value::Null, None).await
    }

    /// Reads a list to its end.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>, CentreError> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        while items.len() < LIST_MAX {
            let join = if path.contains('?') { '&' } else { '?' };
            let mut page = self.get(&format!("{path}{join}limit=1000{cursor}")).await?;
            if let Some(more) = page.get_mut("items").and_then(Value::as_array_mut) {
                items.append(more);
            }
            let Some(next) = page.get("next").and_then(Value::as_str) else { break };
            cursor = format!("&cursor={}", percent(next));
        }
        Ok(items)
    }

    /// Writes, and tries again with the same key while the centre is away, for as long as a person would.
    pub async fn post(&self, who: Option<&Who>, path: &str, body: &Value) -> Result<Value, CentreError> {
        let key = format!("sim-{:016x}", self.keys.borrow_mut().number());
        let mut tries = 0;
        loop {
            let answer = self.once(Method::POST, path, who, body, Some(&key)).await;
            tries += 1;
            if tries == TRIES_MAX || !matches!(answer, Err(CentreError::Away(_))) {
                return answer;
            }
            tokio::time::sleep(TRY_AGAIN).await;
        }
    }

    /// Changes.
    pub async fn patch(&self, who: &Who, path: &str, body: &Value) -> Result<Value, CentreError> {
        let key = format!("sim-{:016x}", self.keys.borrow_mut().number());
        self.once(Method::PATCH, path, Some(who), body, Some(&key)).await
    }

    async fn once(
        &self,
        method: Method,
        path: &str,
        who: Option<&Who>,
        body: &Value,
        key: Option<&str>,
    ) -> Result<Value, CentreError> {
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        if let Some(who) = who {
            request = request.header("Jichi-Person", percent(&who.person));
            request = match &who.place {
                Place::Seat(seat) => request.header("Jichi-Seat", percent(seat)),
                Place::Hospital(hospital) => request.header("Jichi-Hospital", percent(hospital)),
            };
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|error| CentreError::Away(error.to_string()))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| CentreError::Away(error.to_string()))?;
        if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(CentreError::Away(status.to_string()));
        }
        if !status.is_success() {
            return Err(CentreError::Refused {
                status: status.as_u16(),
                detail: text.chars().take(400).collect(),
            });
        }
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}

/// A text as a header or address carries it.
pub fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("invariant: writing to a string does not fail");
        }
    }
    out
}

/// The client for the centre and the terminals: answers within seconds or not at all.
pub fn client() -> reqwest::Result<Client> {
    Client::builder()
        .connect_timeout(Duration::from_secs(2))
        .timeout(Duration::from_secs(10))
        .no_proxy()
        .build()
}

const LIST_MAX: usize = 20_000;
const TRIES_MAX: u32 = 60;
const TRY_AGAIN: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_travel_in_headers() {
        assert_eq!(percent("模拟席 A"), "%E6%A8%A1%E6%8B%9F%E5%B8%AD%20A");
    }
}
