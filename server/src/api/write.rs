//! One write: who acts, what exactly was asked, under which key, on which version. Everything is checked before the centre
//! is bothered, and the same for every route.

use std::fmt::Display;
use std::str::FromStr;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use dispatch_core::actor::Actor;
use dispatch_core::{Action, Command};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::Api;
use super::person::who_acts;
use super::problem::Problem;
use super::scene::Scene;
use crate::centre::{Expected, IdempotencyKey, RequestDigest, Submission, SubmitError, Versioned};

/// A write without a body.
pub(crate) struct Write {
    /// Who acts.
    pub(crate) by: Actor,
    /// The version that must still be the present one.
    pub(crate) if_match: Option<u32>,
    expected: Option<Expected>,
    key: Option<IdempotencyKey>,
    digest: RequestDigest,
    body: Bytes,
}

/// A write with a body.
pub(crate) struct WriteOf<T> {
    pub(crate) write: Write,
    pub(crate) body: T,
}

/// A write of a caller, who has no name and no seat.
pub(crate) struct CallerWriteOf<T> {
    pub(crate) write: Write,
    pub(crate) body: T,
    pub(crate) headers: HeaderMap,
}

impl Write {
    async fn read(request: Request, by: Actor) -> Result<Self, Problem> {
        let headers = request.headers();
        let key = key(headers)?;
        let if_match = if_match(headers)?;
        let is_json = content_type_is_json(headers);
        let mut hash = Sha256::new();
        for part in [request.method().as_str(), request.uri().path(), &by.to_string()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let body = body(request).await?;
        if !body.is_empty() && !is_json {
            return Err(Problem::not_json());
        }
        hash.update(&body);
        Ok(Self { by, if_match, expected: None, key, digest: hash.finalize().into(), body })
    }

    fn parsed<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let text: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(text).map_err(|error| {
            Problem::malformed(
                format!("the body is not what is expected here: {error}"),
                format!("请求体不符合要求：{error}"),
            )
        })
    }

    /// Has the centre carry it out. `name` is what it makes or changes; of a repeated write the name given the first time
    /// comes back, with the centre as it is now.
    pub(crate) async fn make<I>(self, api: &Api, action: Action, name: I) -> Result<(I, Scene), Problem>
    where
        I: Display + FromStr,
    {
        let command = Command { by: self.by, action };
        let submission = match self.key {
            Some(key) => Submission::keyed(command, key, self.digest, name.to_string()),
            None => Submission::new(command),
        };
        let accepted = api.centre().submit(submission.expecting(self.expected)).await?;
        let name = if accepted.repeated { accepted.answer.parse().unwrap_or(name) } else { name };
        Ok((name, api.scene()))
    }

    /// Who asked for what under which key, for what is made without the centre.
    pub(crate) fn into_parts(self) -> (Actor, Option<(IdempotencyKey, RequestDigest)>) {
        let digest = self.digest;
        (self.by, self.key.map(|key| (key, digest)))
    }

    /// The version that `If-Match` names is the one of this: the centre refuses the write when it has moved on.
    pub(crate) fn of(mut self, of: Versioned) -> Self {
        self.expected = self.if_match.map(|version| Expected { of, version });
        self
    }
}

/// A node that does not lead, or not yet, knows less than the one that does: it must not say of anything that it is not there. What is
/// ordered of the node itself is for the node.
fn check_leads(api: &Api, request: &Request) -> Result<(), Problem> {
    if api.centre().serves() || request.uri().path().starts_with("/api/v1/leadership/") {
        return Ok(());
    }
    let elsewhere = api.centre().leadership().map_or("", |leadership| leadership.elsewhere()).into();
    Err(SubmitError::NotLeading { elsewhere }.into())
}

impl FromRequest<Api> for Write {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        check_leads(api, &request)?;
        let by = who_acts(request.headers())?;
        let write = Self::read(request, by).await?;
        write.parsed::<Nothing>()?;
        Ok(write)
    }
}

impl<T: DeserializeOwned> FromRequest<Api> for WriteOf<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        check_leads(api, &request)?;
        let by = who_acts(request.headers())?;
        let write = Write::read(request, by).await?;
        Ok(Self { body: write.parsed()?, write })
    }
}

impl<T: DeserializeOwned> FromRequest<Api> for CallerWriteOf<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        check_leads(api, &request)?;
        let headers = request.headers().clone();
        let write = Write::read(request, Actor::Caller).await?;
        Ok(Self { body: write.parsed()?, write, headers })
    }
}

/// The body of a write that needs none: empty, or an object without fields.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn body(request: Request) -> Result<Bytes, Problem> {
    to_bytes(request.into_body(), BODY_BYTES_MAX).await.map_err(|error| {
        let source = std::error::Error::source(&error);
        if source.is_some_and(|source| source.to_string().contains("length limit")) {
            Problem::too_large(BODY_BYTES_MAX)
        } else {
            Problem::malformed("the body broke off before its end", "请求体不完整")
        }
    })
}

fn key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().and_then(IdempotencyKey::new);
    key.map(Some).ok_or_else(|| {
        Problem::malformed(
            "an Idempotency-Key is 1 to 80 printable ASCII characters",
            "Idempotency-Key 须为 1 至 80 个可见 ASCII 字符",
        )
    })
}

fn if_match(headers: &HeaderMap) -> Result<Option<u32>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    let version =
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    version.map(Some).ok_or_else(|| {
        Problem::malformed("If-Match is one ETag as given, like \"7\"", "If-Match 须为所给的 ETag，如 \"7\"")
    })
}

fn content_type_is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    is_json && parts.all(|part| part.eq_ignore_ascii_case("charset=utf-8"))
}

/// The most bytes a request may hold.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;
