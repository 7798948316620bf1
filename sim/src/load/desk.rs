//! The desk of a probe: every request under its own key, every answer written down as it was given, so that a checker can go by what was
//! told.

use std::fs::File;
use std::io::Write;
use std::sync::Mutex;

use anyhow::Context;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::tally::unix_s;
use crate::drive::centre::percent;

/// Somebody at a seat.
pub(super) struct Desk {
    http: Client,
    base: String,
    seat: String,
}

/// The file of all that was asked and answered, one line each, and of every time taken.
pub(super) struct Protocol(Mutex<File>);

impl Protocol {
    /// Begins a file, or goes on with one.
    pub(super) fn open(path: &std::path::Path) -> anyhow::Result<Self> {
        let file = File::options().create(true).append(true).open(path);
        Ok(Self(Mutex::new(file.with_context(|| format!("cannot write {}", path.display()))?)))
    }

    /// Writes a line.
    pub(super) fn note(&self, line: &Value) -> anyhow::Result<()> {
        let text = format!("{line}\n");
        // A writer that panicked left a whole line or none.
        let mut file = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(file.write_all(text.as_bytes())?)
    }

    /// Writes down how long something took, in seconds.
    pub(super) fn time(&self, what: &str, took_s: f64) -> anyhow::Result<()> {
        self.note(&json!({"kind": "time", "at": unix_s(), "what": what, "took_s": took_s}))
    }
}

impl Desk {
    /// Sits down.
    pub(super) fn at(base: &str, seat: &str) -> anyhow::Result<Self> {
        let http = crate::drive::centre::client()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), seat: seat.to_owned() })
    }

    /// Reads.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let (status, body) = self.ask(Method::GET, path, None, "").await?;
        anyhow::ensure!(status < 300, "{path}: {status} {body}");
        Ok(body)
    }

    /// Writes once, and writes down what was answered.
    pub(super) async fn write(
        &self,
        protocol: &Protocol,
        operation: &str,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let key = uuid::Uuid::now_v7().to_string();
        let begun = unix_s();
        let asked = self.ask(Method::POST, path, Some(body), &key).await;
        let common = json!({"at": unix_s(), "begun": begun, "operation": operation, "key": key, "path": path, "body": body, "node": 1});
        let with = |more: Value| {
            let mut line = common.clone();
            if let (Some(line), Value::Object(more)) = (line.as_object_mut(), more) {
                line.extend(more);
            }
            line
        };
        match asked {
            Ok((status, answer)) => {
                protocol.note(&with(json!({"kind": "answer", "status": status, "answer": answer})))?;
                anyhow::ensure!(status < 300, "{path}: {status} {answer}");
                Ok(answer)
            }
            Err(error) => {
                protocol.note(&with(json!({"kind": "no_answer"})))?;
                Err(error)
            }
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: &str,
    ) -> anyhow::Result<(u16, Value)> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        request = request.header("Jichi-Person", percent("探针")).header("Jichi-Seat", percent(&self.seat));
        if let Some(body) = body {
            request = request.header("Idempotency-Key", key).json(body);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }
}
