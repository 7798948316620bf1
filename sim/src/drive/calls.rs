//! Callers and call-takers: one task for each call, from its ring to the incident.

use std::rc::Rc;
use std::time::Duration;

use dispatch_core::Span;
use dispatch_core::incident::CallSource;
use serde_json::{Value, json};

use super::centre::CentreError;
use super::config::Seats;
use super::dispatch;
use super::picture::Picture;
use super::world::{Script, ScriptKey, World, count};
use crate::chance::Chance;
use crate::demand::{CallPlan, Turn};

/// Plays one call to its end, wherever it stands.
pub async fn play(world: Rc<World>, key: ScriptKey) {
    loop {
        let Some(script) = world.scripts.borrow().get(&key).cloned() else { return };
        match play_on(&world, script).await {
            // A centre that is away for a minute: whoever played this call goes on when it is back.
            Err(CentreError::Away(_)) => tokio::time::sleep(GO_ON).await,
            Err(error @ CentreError::Refused { .. }) => {
                world.refused("a call", &error);
                break;
            }
            Ok(()) => break,
        }
    }
    world.scripts.borrow_mut().remove(&key);
}

async fn play_on(world: &World, mut script: Script) -> Result<(), CentreError> {
    let key = script.key();
    if script.call.is_none() {
        let second_s = if let (true, Turn::CalledTwice { after_s }) = (script.second, script.plan.turn) {
            after_s
        } else {
            0.0
        };
        world.clock.sleep_until(script.plan.at + Span::from_secs_f64(second_s)).await;
        let call = ring(world, &script).await?;
        script.call = Some(call.clone());
        world.with_script(key, |script| script.call = Some(call));
        count(&world.counts.calls);
    }
    if world.config.seats == Seats::None {
        return Ok(());
    }
    if script.incident.is_none() {
        let incident = take_call(world, &script).await?;
        let Some(incident) = incident else { return Ok(()) };
        script.incident = Some(incident.clone());
        world.with_script(key, |script| script.incident = Some(incident));
    }
    dispatch::see_through(world, &script).await
}

/// The caller rings, or writes.
async fn ring(world: &World, script: &Script) -> Result<String, CentreError> {
    let plan = &script.plan;
    let answer = if plan.source == CallSource::Text && !script.second {
        let text = format!("{}，{}，请派救护车。{}", plan.address, plan.complaint, plan.note);
        let body = json!({ "text": text, "phone": plan.phone, "place": place(plan, true) });
        world.centre.post(None, "/text-calls", &body).await?
    } else {
        let body = json!({
            "source": if script.second { CallSource::Telephone } else { plan.source },
            "phone": if script.second { second_phone(plan) } else { plan.phone.clone() },
            "text_only": false, "place": place(plan, located(plan)), "text": null,
        });
        world.centre.post(Some(&line()), "/calls", &body).await?
    };
    let id = answer.get("id").or_else(|| answer.get("call"));
    // The text-call page answers with the id, or with the call that has it.
    let id = id.and_then(|id| id.as_str().or_else(|| id.get("id").and_then(Value::as_str)));
    id.map(str::to_owned)
        .ok_or_else(|| CentreError::Refused { status: 201, detail: "the call has no id".into() })
}

/// A call-taker answers, asks, and opens an incident; `None` when the call leads to none of its own.
async fn take_call(world: &World, script: &Script) -> Result<Option<String>, CentreError> {
    let Some(call) = &script.call else { return Ok(None) };
    let shown = world.centre.get(&format!("/calls/{call}")).await?;
    let state = shown.get("state").and_then(Value::as_str).unwrap_or("ringing").to_owned();
    if state == "ended" || state == "taken" {
        // Somebody else took it, or we did before a restart.
        return Ok(shown.get("incident").and_then(Value::as_str).map(str::to_owned));
    }
    let plan = &script.plan;
    let seat = world.seats.take().await;
    if state == "ringing" {
        world.clock.sleep_s(plan.answer_s).await;
        world.centre.post(Some(&seat.who), &format!("/calls/{call}/answer"), &Value::Null).await?;
    }
    if plan.source == CallSource::Text && !script.second {
        let body = json!({ "text": "120 已收到。请不要离开，正在为您派车。" });
        world.centre.post(Some(&seat.who), &format!("/calls/{call}/lines"), &body).await?;
    }
    world.clock.sleep_s(plan.talk_s).await;
    if script.second {
        return join(world, script, call, &seat.who).await.map(|()| None);
    }
    if let Some(how) = ends_as(plan) {
        world.centre.post(Some(&seat.who), &format!("/calls/{call}/end"), &json!({ "how": how })).await?;
        return Ok(None);
    }
    let opened = world.centre.post(Some(&seat.who), "/incidents", &sketch(plan, call)).await?;
    count(&world.counts.incidents);
    let incident = opened.get("id").and_then(Value::as_str).map(str::to_owned);
    if let (Some(incident), false) = (&incident, located(plan)) {
        // Found by asking back: the proposal waits for it.
        world.clock.sleep_s(20.0).await;
        world
            .centre
            .patch(&seat.who, &format!("/incidents/{incident}"), &json!({ "place": place(plan, true) }))
            .await?;
    }
    Ok(incident)
}

/// The second caller is told that help is on its way.
async fn join(
    world: &World,
    script: &Script,
    call: &str,
    who: &super::centre::Who,
) -> Result<(), CentreError> {
    let first = (script.plan.key.0, script.plan.key.1, false);
    let incident = world.scripts.borrow().get(&first).and_then(|first| first.incident.clone());
    let open = incident.filter(|id| {
        Picture::row(&world.picture.incidents, id)
            .is_some_and(|row| row.get("end").is_none_or(Value::is_null))
    });
    match open {
        Some(incident) => {
            world
                .centre
                .post(Some(who), &format!("/calls/{call}/join"), &json!({ "incident": incident }))
                .await?;
        }
        None => {
            world
                .centre
                .post(Some(who), &format!("/calls/{call}/end"), &json!({ "how": "finished" }))
                .await?;
        }
    }
    Ok(())
}

/// How a call ends that leads to no incident.
fn ends_as(plan: &CallPlan) -> Option<&'static str> {
    match plan.turn {
        Turn::Advice => Some("advice"),
        Turn::Nuisance => Some(if plan.key.1.is_multiple_of(2) { "silent" } else { "nuisance" }),
        Turn::Plain | Turn::CalledTwice { .. } | Turn::Cancelled { .. } | Turn::Transfer | Turn::Test => None,
    }
}

/// Whether the place is known from the start; a few must be asked for.
fn located(plan: &CallPlan) -> bool {
    plan.source == CallSource::Text
        || !Chance::of(plan.key.0, "located", u64::from(plan.key.1)).yes(UNLOCATED_SHARE)
}

fn place(plan: &CallPlan, with_position: bool) -> Value {
    let position = json!({ "longitude": plan.position.longitude(), "latitude": plan.position.latitude() });
    let position = if with_position { position } else { Value::Null };
    json!({ "position": position, "address": plan.address, "waiting_place": "" })
}

fn sketch(plan: &CallPlan, call: &str) -> Value {
    json!({
        "call": call,
        "kind": if plan.turn == Turn::Transfer { "transfer" } else { "emergency" },
        "complaint": plan.complaint,
        "triage": { "level": plan.level, "determinant": null },
        "place": place(plan, located(plan)),
        "patients": [{ "name": plan.patient, "sex": plan.sex, "age_years": plan.age_years }],
        "needs": { "units": plan.units, "skills": plan.skills },
        "notes": plan.note,
        "wish": null,
        "text_only": plan.source == CallSource::Text,
        "test": plan.turn == Turn::Test,
    })
}

fn second_phone(plan: &CallPlan) -> String {
    format!("15{}", &plan.phone[2..])
}

/// A telephone call reaches the centre through the telephone system, which is its own "person".
fn line() -> super::centre::Who {
    super::centre::Who {
        person: "模拟来电".to_owned(),
        place: super::centre::Place::Seat("中继线".to_owned()),
    }
}

const GO_ON: Duration = Duration::from_secs(1);
const UNLOCATED_SHARE: f64 = 0.03;
