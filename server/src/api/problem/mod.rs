//! Errors as RFC 9457 problem details, in English and Chinese: what went wrong and what to do, for the person who asked.
//! Every problem that the client caused is counted by its kind.

mod refusal;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::centre::SubmitError;

/// Why a request was not carried out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    status: StatusCode,
    kind: String,
    title: &'static str,
    detail: String,
    detail_zh: String,
    members: Map<String, Value>,
}

/// The written form.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// The kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "/problems/unit-taken")]
    kind: String,
    title: String,
    #[schema(example = 409)]
    status: u16,
    /// What went wrong and what to do.
    detail: String,
    /// The same in Chinese.
    detail_zh: String,
    /// What the kind of problem adds: a taken unit names `unit`, `incident`, `number` and `assignment`.
    #[serde(flatten)]
    members: Map<String, Value>,
}

impl Problem {
    fn new(
        status: StatusCode,
        kind: &str,
        title: &'static str,
        detail: impl Into<String>,
        zh: impl Into<String>,
    ) -> Self {
        let (kind, members) = (kind.to_owned(), Map::new());
        Self { status, kind, title, detail: detail.into(), detail_zh: zh.into(), members }
    }

    /// 400: not what the interface understands.
    pub(crate) fn malformed(detail: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", "malformed request", detail, zh)
    }

    /// 400: a write that names nobody.
    pub(crate) fn unnamed(detail: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unnamed", "nobody is named", detail, zh)
    }

    /// 403: not from here, or not with this key.
    pub(crate) fn not_allowed(detail: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not-allowed", "not allowed", detail, zh)
    }

    /// 404: there is no such thing.
    pub(crate) fn unknown(what: &str, zh: &str, name: &str) -> Self {
        let kind = format!("unknown-{}", what.replace(' ', "-"));
        let shown: String = name.chars().take(SHOWN_CHARS_MAX).collect();
        let detail = format!("there is no {what} {shown}");
        Self::new(StatusCode::NOT_FOUND, &kind, "not found", detail, format!("没有{zh} {shown}"))
    }

    /// 404: nothing is served there.
    pub(crate) fn no_such_page() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown-path",
            "not found",
            "nothing is served at this path",
            "此路径不存在",
        )
    }

    /// 405: the path exists and does something else.
    pub(crate) fn wrong_method() -> Self {
        let detail = "this path does not take that method: see /api/v1/openapi.json";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method",
            "method not allowed",
            detail,
            "此路径不支持该方法",
        )
    }

    /// 412: it has moved on.
    pub(crate) fn changed(version: u32) -> Self {
        let detail = format!("it was changed meanwhile: it is at version {version} now, look again");
        let zh = format!("已被他人修改，当前版本为 {version}，请重新查看");
        Self::new(StatusCode::PRECONDITION_FAILED, "changed", "changed meanwhile", detail, zh)
            .with("version", version)
    }

    /// 413: more than a request may hold.
    pub(crate) fn too_large(bytes_max: usize) -> Self {
        let detail = format!("a request may hold {bytes_max} bytes");
        let zh = format!("请求不得超过 {bytes_max} 字节");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "too large", detail, zh)
    }

    /// 409: no proposal can be made.
    pub(crate) fn no_proposal(detail: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "no-proposal", "no proposal", detail, zh)
    }

    /// 415: not JSON.
    pub(crate) fn not_json() -> Self {
        let detail = "send the body as application/json in UTF-8";
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-json",
            "not JSON",
            detail,
            "请求体须为 UTF-8 编码的 application/json",
        )
    }

    /// 409: good, but not while things stand as they do.
    pub(crate) fn not_now(detail: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "not-now", "not now", detail, zh)
    }

    /// 422: well-formed but impossible.
    pub(crate) fn impossible(detail: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "impossible", "impossible", detail, zh)
    }

    /// 429: only ever for text calls from one source.
    pub(crate) fn too_many() -> Self {
        let detail = "too many text calls from here: wait a moment, or telephone 120 if you can";
        let zh = "此处发来的文字呼救过多，请稍候再试；能打电话请拨 120";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "too many", detail, zh)
    }

    /// 503: not now.
    pub(crate) fn not_ready(detail: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", "not ready", detail, zh)
    }

    /// 500: a fault of this program; the log says more.
    pub(crate) fn broken() -> Self {
        let detail = "something is wrong in the centre: its log says what";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", "broken", detail, "系统内部错误，详见日志")
    }

    /// Adds what the kind of problem tells besides.
    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// The status.
    #[cfg(test)]
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Refused(refusal) => Self::from(refusal),
            SubmitError::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "key-reused",
                "key reused",
                SubmitError::KeyReused.to_string(),
                "此 Idempotency-Key 已用于另一请求，请为每个新请求生成新的键",
            ),
            SubmitError::Busy => Self::not_ready(SubmitError::Busy.to_string(), "系统繁忙，请一秒后重试"),
            SubmitError::NotLeading { ref elsewhere } => {
                let there = if elsewhere.is_empty() {
                    "主用中心".to_owned()
                } else {
                    format!("主用中心 {elsewhere}")
                };
                let zh = format!("本机不是主用，请在{there}用同一 Idempotency-Key 重发");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "not-leading",
                    "not leading",
                    error.to_string(),
                    zh,
                )
            }
            SubmitError::NotWritable(disk) => {
                let zh = format!(
                    "日志磁盘{}，暂时无法登记，查询仍可进行；请腾出空间，恢复后用同一 Idempotency-Key 重发",
                    disk.zh()
                );
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "not-writable",
                    "not writable",
                    error.to_string(),
                    zh,
                )
            }
            SubmitError::Stopping => Self::not_ready(
                SubmitError::Stopping.to_string(),
                "系统正在停止，恢复后请用同一 Idempotency-Key 重发",
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if self.status.is_client_error() {
            metrics::counter!("jichi_api_bad_requests_total", "problem" => self.kind.clone()).increment(1);
        }
        let status = self.status;
        let body = ProblemBody {
            kind: format!("/problems/{}", self.kind),
            title: self.title.to_owned(),
            status: status.as_u16(),
            detail: self.detail,
            detail_zh: self.detail_zh,
            members: self.members,
        };
        let text = serde_json::to_vec(&body).expect("invariant: a problem is plain text and numbers");
        let mut response = (status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            // Whoever sends too much must connect anew for more.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// A client's own words are shown back to it, but not at any length.
const SHOWN_CHARS_MAX: usize = 64;
/// When to try again, in seconds.
const RETRY_AFTER_S: &str = "1";
