//! The centre's HTTP interface as a stranger uses it: from `docs/api.md` alone, with none of our types.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody at a seat, speaking to one centre.
#[derive(Clone)]
pub struct Api {
    client: Client,
    base: String,
    person: String,
}

/// An answer: its status, and its body as JSON (null when it had none).
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Api {
    /// A client of the centre at `base`, such as `http://127.0.0.1:8120`.
    pub fn new(base: &str) -> Result<Api> {
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
        Ok(Api { client, base: base.trim_end_matches('/').to_owned(), person: "王芳".to_owned() })
    }

    /// Where it is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Reads; anything but success is an error.
    pub async fn get(&self, path: &str) -> Result<Value> {
        good(path, self.try_get(path).await?)
    }

    /// Reads and gives back whatever the answer is.
    pub async fn try_get(&self, path: &str) -> Result<Answer> {
        self.ask(Method::GET, path, None, "").await
    }

    /// The items of a list.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>> {
        let list = self.get(path).await?;
        list["items"].as_array().cloned().with_context(|| format!("{path} is no list: {list}"))
    }

    /// Writes under a fresh key; anything but success is an error.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        good(path, self.ask(Method::POST, path, Some(body), &Uuid::now_v7().to_string()).await?)
    }

    /// Writes and gives back whatever the answer is.
    pub async fn try_post(&self, path: &str, body: Value) -> Result<Answer> {
        self.ask(Method::POST, path, Some(body), &Uuid::now_v7().to_string()).await
    }

    /// One request with its idempotency key; only a broken connection is an error.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>, key: &str) -> Result<Answer> {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.base))
            .header("Jichi-Person", percent_encoded(&self.person))
            .header("Jichi-Seat", "03");
        if method != Method::GET {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        read(request.send().await.with_context(|| format!("{method} {path}"))?).await
    }

    /// Sends bytes as they are: for what is not JSON.
    pub async fn send_raw(&self, path: &str, content_type: &str, body: Vec<u8>) -> Result<Answer> {
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .header("Jichi-Person", "x")
            .header("Jichi-Seat", "03")
            .header("Idempotency-Key", Uuid::now_v7().to_string())
            .header("Content-Type", content_type)
            .body(body);
        read(request.send().await.with_context(|| format!("POST {path}"))?).await
    }

    /// The text behind a path, such as `/metrics`.
    pub async fn text(&self, path: &str) -> Result<String> {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await?;
        if !answer.status().is_success() {
            bail!("{path} answers {}", answer.status());
        }
        Ok(answer.text().await?)
    }

    /// The bytes behind a path as they come, with the status; empty unless it is a good one.
    pub async fn bytes(&self, path: &str) -> Result<(u16, Vec<u8>)> {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await?;
        let status = answer.status();
        let bytes = if status.is_success() { answer.bytes().await?.to_vec() } else { Vec::new() };
        Ok((status.as_u16(), bytes))
    }

    /// The sum of all series of one metric; 0 while there is none.
    pub async fn metric(&self, name: &str) -> Result<f64> {
        let text = self.text("/metrics").await?;
        let values = text.lines().filter(|line| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with('{') || rest.starts_with(' '))
        });
        Ok(values.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    /// An incident of level I at a place, entered at the desk.
    pub async fn incident(&self, complaint: &str, place: &Value) -> Result<Value> {
        let sketch = json!({"call": null, "complaint": complaint, "triage": {"level": "I", "determinant": null}, "place": place});
        self.post("/api/v1/incidents", sketch).await
    }
}

async fn read(answer: reqwest::Response) -> Result<Answer> {
    let status = answer.status();
    let bytes = answer.bytes().await?;
    Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
}

fn good(path: &str, answer: Answer) -> Result<Value> {
    if !answer.status.is_success() {
        bail!("{path} answers {}: {}", answer.status, answer.body);
    }
    Ok(answer.body)
}

fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("invariant: a String takes every write");
        }
        encoded
    })
}
