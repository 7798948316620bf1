//! What the page may ask and do.

use std::time::Instant;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::problem::Problem;
use super::view;
use crate::clock::rfc3339;
use crate::duty::words::stage_of;
use crate::duty::{NotTaken, SharedDuty, lock};

const TEXT_CHARS_MAX: usize = 500;

pub(super) type Answer = Result<Json<Value>, Problem>;

/// A JSON body whose errors are problem details.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(unreadable(&rejection)),
        }
    }
}

fn unreadable(rejection: &JsonRejection) -> Problem {
    let status = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Problem { status, code: "bad_request", detail: rejection.body_text() }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assignment {
    assignment: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Press {
    assignment: String,
    stage: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reasoned {
    assignment: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Roadside {
    complaint: String,
    #[serde(default)]
    notes: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    name: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    staff_number: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageRead {
    message: String,
}

pub(super) async fn state(State(duty): State<SharedDuty>) -> Json<Value> {
    Json(view::state(&mut lock(&duty), Instant::now()))
}

pub(super) async fn acknowledge(State(duty): State<SharedDuty>, Body(body): Body<Assignment>) -> Answer {
    let stage = link::v1::Stage::Acknowledged;
    recorded(lock(&duty).press(Instant::now(), &body.assignment, stage))
}

pub(super) async fn press(State(duty): State<SharedDuty>, Body(body): Body<Press>) -> Answer {
    let stage = stage_of(&body.stage)
        .ok_or_else(|| NotTaken::BadRequest(format!("stage {:?} is not known", body.stage)))?;
    recorded(lock(&duty).press(Instant::now(), &body.assignment, stage))
}

pub(super) async fn roadside(State(duty): State<SharedDuty>, Body(body): Body<Roadside>) -> Answer {
    let (at, assignment) = lock(&duty).open_roadside(Instant::now(), &body.complaint, &body.notes)?;
    Ok(Json(json!({ "at": rfc3339(at), "assignment": assignment })))
}

pub(super) async fn refuse(State(duty): State<SharedDuty>, Body(body): Body<Reasoned>) -> Answer {
    check_text(&body)?;
    recorded(lock(&duty).refuse(Instant::now(), &body.assignment, &body.reason))
}

pub(super) async fn abort(State(duty): State<SharedDuty>, Body(body): Body<Reasoned>) -> Answer {
    check_text(&body)?;
    recorded(lock(&duty).abort(Instant::now(), &body.assignment, &body.reason, &body.text))
}

pub(super) async fn sign_on(State(duty): State<SharedDuty>, Body(body): Body<Person>) -> Answer {
    if body.staff_number.chars().count() > 20 {
        return Err(NotTaken::BadRequest("staff_number: write at most 20 characters".into()).into());
    }
    recorded(lock(&duty).sign_on(Instant::now(), &body.name, &body.role, &body.staff_number))
}

pub(super) async fn sign_off(State(duty): State<SharedDuty>, Body(body): Body<Person>) -> Answer {
    recorded(lock(&duty).sign_off(Instant::now(), &body.name))
}

pub(super) async fn dismiss(State(duty): State<SharedDuty>, Body(body): Body<Assignment>) -> Answer {
    lock(&duty).dismiss(&body.assignment)?;
    Ok(Json(json!({})))
}

pub(super) async fn read(State(duty): State<SharedDuty>, Body(body): Body<MessageRead>) -> Answer {
    lock(&duty).read(&body.message)?;
    Ok(Json(json!({})))
}

pub(super) fn recorded(at: Result<i64, NotTaken>) -> Answer {
    let at = at?;
    Ok(Json(json!({ "at": rfc3339(at) })))
}

fn check_text(body: &Reasoned) -> Result<(), NotTaken> {
    let fits = |text: &str| text.chars().count() <= TEXT_CHARS_MAX;
    if fits(&body.reason) && fits(&body.text) {
        return Ok(());
    }
    Err(NotTaken::BadRequest(format!("reason and text: write at most {TEXT_CHARS_MAX} characters")))
}
