//! Dispatchers: one task for each incident, from its proposal to its end. They look at the picture, take the first unit proposed, choose
//! the hospital first proposed, answer alarms, and call off what the caller calls off.

use std::time::Duration;

use dispatch_core::{Span, UtcTime};
use serde_json::{Value, json};

use super::centre::{CentreError, Who};
use super::config::Seats;
use super::picture::Picture;
use super::world::{Script, World, count};
use crate::demand::Turn;

/// Sees an incident through to its end.
pub async fn see_through(world: &World, script: &Script) -> Result<(), CentreError> {
    let Some(incident) = &script.incident else { return Ok(()) };
    let mut desk = Desk { world, script, incident, decided: None, cancelled: false };
    let mut changes = world.picture.changes();
    loop {
        if desk.look().await? {
            return Ok(());
        }
        // Once a second also without news: deadlines of our own pass.
        let _ = tokio::time::timeout(LOOK_AGAIN, changes.changed()).await;
    }
}

/// A dispatcher at one incident.
struct Desk<'a> {
    world: &'a World,
    script: &'a Script,
    incident: &'a str,
    /// The proposal last decided on.
    decided: Option<String>,
    cancelled: bool,
}

impl Desk<'_> {
    /// One look at the picture; true when the incident is over.
    async fn look(&mut self) -> Result<bool, CentreError> {
        let Some(row) = Picture::row(&self.world.picture.incidents, self.incident) else {
            // Created a moment ago, or ended before the picture was loaded.
            let row = self.world.centre.get(&format!("/incidents/{}", self.incident)).await;
            return match row {
                Ok(row) => Ok(ended(&row)),
                Err(CentreError::Away(_)) => Ok(false),
                Err(error @ CentreError::Refused { .. }) => Err(error),
            };
        };
        if ended(&row) {
            return Ok(true);
        }
        if self.call_off_if_due().await? {
            return Ok(false);
        }
        if self.world.config.seats == Seats::All {
            self.answer_alarms(&row).await;
            self.name_hospitals(&row).await;
            if row.get("units_short").and_then(Value::as_u64).unwrap_or(0) > 0
                && row.get("hold").is_none_or(Value::is_null)
            {
                self.send().await;
            }
        }
        Ok(false)
    }

    /// The caller, or the end of a test, calls it off.
    async fn call_off_if_due(&mut self) -> Result<bool, CentreError> {
        let (after_s, reason) = match self.script.plan.turn {
            Turn::Cancelled { after_s } => (after_s, "呼救人来电取消"),
            Turn::Test => (TEST_LASTS_S, "系统测试结束"),
            Turn::Plain | Turn::CalledTwice { .. } | Turn::Advice | Turn::Nuisance | Turn::Transfer => {
                return Ok(false);
            }
        };
        let due = self.script.plan.at + Span::from_secs_f64(self.script.plan.talk_s + after_s);
        if self.cancelled || self.world.clock.now() < due {
            return Ok(false);
        }
        self.cancelled = true;
        let seat = self.world.seats.take().await;
        let path = format!("/incidents/{}/cancel", self.incident);
        match self.world.centre.post(Some(&seat.who), &path, &json!({ "reason": reason })).await {
            // A unit with the patient is not called back: the run goes on.
            Ok(_) | Err(CentreError::Refused { .. }) => Ok(true),
            Err(error @ CentreError::Away(_)) => Err(error),
        }
    }

    /// Sends the first unit proposed.
    async fn send(&mut self) {
        let Some(proposal) = Picture::row(&self.world.picture.proposals, self.incident) else { return };
        let id = proposal.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let units = proposal.get("candidates").and_then(Value::as_array);
        let first =
            units.and_then(|units| units.first()).and_then(|unit| unit.get("unit")).and_then(Value::as_str);
        let Some(unit) = first.filter(|_| self.decided.as_ref() != Some(&id)) else { return };
        let thinks_s = if self.decided.is_none() { self.script.plan.decide_s } else { AGAIN_S };
        let seat = self.world.seats.take().await;
        self.world.clock.sleep_s(thinks_s).await;
        self.decided = Some(id.clone());
        // The proposal may have been overtaken while the seat was looking.
        let newer = Picture::row(&self.world.picture.proposals, self.incident);
        if newer.is_some_and(|newer| newer.get("id").and_then(Value::as_str) != Some(&id)) {
            self.decided = None;
            return;
        }
        let body = json!({ "unit": unit, "proposal": id, "reason": null });
        match self
            .world
            .centre
            .post(Some(&seat.who), &format!("/incidents/{}/assignments", self.incident), &body)
            .await
        {
            Ok(_) => count(&self.world.counts.orders),
            Err(error) => {
                self.world.refused(&format!("{unit} was not sent"), &error);
                self.ask_anew(&seat.who).await;
            }
        }
    }

    async fn ask_anew(&self, who: &Who) {
        let path = format!("/incidents/{}/proposal", self.incident);
        if let Err(error) = self.world.centre.post(Some(who), &path, &Value::Null).await {
            self.world.refused("no new proposal", &error);
        }
    }

    /// Answers the crews' question where to go.
    async fn name_hospitals(&self, row: &Value) {
        for assignment in assignments(row) {
            let asked = self.world.radio.borrow().get(&assignment).copied();
            let Some(asked) = asked else { continue };
            let known = Picture::row(&self.world.picture.assignments, &assignment)
                .is_some_and(|row| row.get("destination").is_some_and(|d| !d.is_null()));
            if known || self.world.clock.now() < asked + Span::from_secs_f64(ANSWER_S) {
                continue;
            }
            self.world.radio.borrow_mut().remove(&assignment);
            let seat = self.world.seats.take().await;
            if let Err(error) = self.name_hospital(&assignment, &seat.who).await {
                self.world.refused("no hospital was named", &error);
            }
        }
    }

    async fn name_hospital(&self, assignment: &str, who: &Who) -> Result<(), CentreError> {
        let best = self.world.centre.get(&format!("/assignments/{assignment}/destinations")).await?;
        let first = best.get("items").and_then(Value::as_array).and_then(|items| items.first());
        let Some(hospital) = first.and_then(|best| best.get("hospital")).and_then(Value::as_str) else {
            return Ok(());
        };
        let body = json!({ "hospital": hospital, "reason": "" });
        self.world.centre.post(Some(who), &format!("/assignments/{assignment}/destination"), &body).await?;
        Ok(())
    }

    /// Takes on what has stood for a while, and telephones crews that are late.
    async fn answer_alarms(&self, row: &Value) {
        let ours = assignments(row);
        let now = self.world.clock.now();
        let standing: Vec<Value> = self.world.picture.escalations.borrow().values().cloned().collect();
        for alarm in standing {
            let about = alarm.get("about").unwrap_or(&Value::Null);
            let assignment =
                about.get("assignment").and_then(Value::as_str).filter(|id| ours.iter().any(|one| one == id));
            let is_ours =
                assignment.is_some() || about.get("incident").and_then(Value::as_str) == Some(self.incident);
            let taken_on = alarm.get("acknowledged").is_some_and(|by| !by.is_null());
            let since =
                alarm.get("raised_at").and_then(Value::as_str).and_then(|at| at.parse::<UtcTime>().ok());
            if !is_ours || taken_on || since.is_none_or(|since| now < since + Span::from_secs_f64(ALARM_S)) {
                continue;
            }
            let kind = alarm.get("kind").and_then(Value::as_str).unwrap_or_default();
            if let (Some(assignment), "not_acknowledged" | "not_rolling") = (assignment, kind) {
                self.world.nudged.borrow_mut().insert(assignment.to_owned());
            }
            let Some(name) = alarm.get("name").and_then(Value::as_str) else { continue };
            let seat = self.world.seats.take().await;
            let path = format!("/escalations/{}/acknowledge", super::centre::percent(name));
            // It may have been cleared meanwhile: then nothing is left to take on.
            let _ = self.world.centre.post(Some(&seat.who), &path, &Value::Null).await;
            self.world.picture.escalations.borrow_mut().remove(name);
        }
    }
}

fn ended(row: &Value) -> bool {
    row.get("end").is_some_and(|end| !end.is_null())
}

fn assignments(row: &Value) -> Vec<String> {
    let ids = row.get("assignments").and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(Value::as_str).map(str::to_owned).collect()
}

const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// A test is called off after this.
const TEST_LASTS_S: f64 = 300.0;
/// A seat looks this long at a second proposal.
const AGAIN_S: f64 = 12.0;
/// A crew's question is answered after this.
const ANSWER_S: f64 = 25.0;
/// An alarm is taken on after it has stood this long.
const ALARM_S: f64 = 35.0;
