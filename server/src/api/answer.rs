//! The answers of the interface: JSON with the resource's version as its `ETag`, pages of lists, and what a path or a query
//! must look like to be understood.

use std::ops::Bound;
use std::str::FromStr;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;

/// A resource as it is now.
pub(crate) struct Answer<T> {
    status: StatusCode,
    version: Option<u32>,
    body: T,
}

impl<T: Serialize> Answer<T> {
    pub(crate) fn ok(body: T) -> Self {
        Self { status: StatusCode::OK, version: None, body }
    }

    pub(crate) fn created(body: T) -> Self {
        Self { status: StatusCode::CREATED, version: None, body }
    }

    pub(crate) fn at_version(mut self, version: u32) -> Self {
        self.version = Some(version);
        self
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(version) = self.version {
            let etag =
                HeaderValue::from_str(&format!("\"{version}\"")).expect("invariant: a number is plain text");
            headers.insert(header::ETAG, etag);
        }
        response
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// What to give as `cursor` to get the next page; `null` on the last.
    pub(crate) next: Option<String>,
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageAsked {
    /// How many items, at most 1000.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub(crate) limit: Option<usize>,
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
}

/// Which page of a list, and of what.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListAsked {
    /// What goes on, what ended lately, or both; `open` when nothing is said.
    pub(crate) state: Option<StateAsked>,
    /// How many items, at most 1000.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub(crate) limit: Option<usize>,
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
}

/// What goes on, what ended lately, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateAsked {
    Open,
    Ended,
    All,
}

impl ListAsked {
    pub(crate) fn page(&self) -> PageAsked {
        PageAsked { limit: self.limit, cursor: self.cursor.clone() }
    }

    /// Whether something open or ended belongs in the list.
    pub(crate) fn takes(&self, is_open: bool) -> bool {
        match self.state.unwrap_or(StateAsked::Open) {
            StateAsked::Open => is_open,
            StateAsked::Ended => !is_open,
            StateAsked::All => true,
        }
    }
}

impl PageAsked {
    /// The page of `items`, which come in the order of their keys, all after the cursor.
    pub(crate) fn of<T>(&self, items: impl Iterator<Item = (String, T)>) -> Result<Page<T>, Problem> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::malformed(
                format!("limit is a number from 1 to {LIMIT_MAX}"),
                format!("limit 须为 1 至 {LIMIT_MAX} 的整数"),
            ));
        }
        let mut page: Vec<(String, T)> = items.take(limit + 1).collect();
        let more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().map(|(key, _)| key.clone()).filter(|_| more);
        Ok(Page { items: page.into_iter().map(|(_, item)| item).collect(), next })
    }

    /// The keys that the page may hold: all after the cursor.
    pub(crate) fn range<K: FromStr>(&self) -> Result<(Bound<K>, Bound<K>), Problem> {
        let Some(cursor) = &self.cursor else { return Ok((Bound::Unbounded, Bound::Unbounded)) };
        let parsed = cursor.parse().map(|key| (Bound::Excluded(key), Bound::Unbounded));
        parsed
            .map_err(|_| Problem::malformed("cursor is not one given as `next`", "cursor 不是所给的 next 值"))
    }
}

/// What a query asks, or a problem that says what is wrong with it.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(asked)| Self(asked)).map_err(|rejection: QueryRejection| {
            let why = rejection.body_text();
            Problem::malformed(
                format!("the query is not what is expected here: {why}"),
                format!("查询参数不符合要求：{why}"),
            )
        })
    }
}

/// The name of one thing in a path, as text.
pub(crate) struct Named(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(name)| Self(name)).map_err(|_: PathRejection| {
            Problem::malformed("the path is not percent-encoded UTF-8", "路径须为 UTF-8 百分号编码")
        })
    }
}

impl Named {
    /// The id it is, or 404: what is no id names nothing.
    pub(crate) fn parse<I: FromStr>(&self, what: &str, zh: &str) -> Result<I, Problem> {
        self.0.parse().map_err(|_| Problem::unknown(what, zh, &self.0))
    }
}

/// How many items a page has when nobody says.
const LIMIT_DEFAULT: usize = 100;
/// How many items a page may have.
const LIMIT_MAX: usize = 1000;
