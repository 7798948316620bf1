//! What somebody must look at now: a missed deadline, a silent unit, an order that did not arrive.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{AssignmentId, CallId, IncidentId, UnitId};
use crate::time::UtcTime;

/// One thing that somebody must look at. It stands until its cause is gone; acknowledging it only stops the sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// What is wrong, and with what.
    pub key: EscalationKey,
    /// Since when, UTC.
    pub raised_at: UtcTime,
    /// Who has taken it on, and when (UTC).
    pub acknowledged: Option<(UtcTime, String)>,
}

/// What is wrong, and with what: there is never more than one of the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EscalationKey {
    /// What is wrong.
    pub kind: EscalationKind,
    /// With what.
    pub about: About,
}

/// What an escalation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A call.
    Call(CallId),
    /// An incident.
    Incident(IncidentId),
    /// An assignment.
    Assignment(AssignmentId),
    /// A unit.
    Unit(UnitId),
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationKind {
    /// A call rings and nobody takes it.
    CallUnanswered,
    /// A call was answered, and neither led to an incident nor was ended.
    CallUnowned,
    /// An incident has no proposal.
    NotProposed,
    /// An incident lacks units that it wants.
    NotAssigned,
    /// Units are wanted and none is free.
    NoneFree,
    /// An order has not reached the terminal.
    NotDelivered,
    /// The crew has not acknowledged.
    NotAcknowledged,
    /// The departure clock is at amber.
    RollSlow,
    /// Three minutes and not rolling: the next unit is proposed.
    NotRolling,
    /// The crew's press and the vehicle's motion disagree about the departure.
    MotionDisagrees,
    /// A unit on an order is not heard.
    UnitSilent,
    /// The hospital has not said that it knows.
    ArrivalUnacknowledged,
    /// Another centre has not taken what was offered to it.
    HandoffUnaccepted,
    /// A vehicle holds an order that this centre did not know.
    OrderUnknown,
}

/// How loud an escalation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Seen, not heard.
    Notice,
    /// One soft sound.
    Warning,
    /// A sound until somebody takes it on.
    Alarm,
}

impl EscalationKind {
    /// How loud it is, and its names: the whole table.
    pub fn row(self) -> (Urgency, &'static str, &'static str) {
        use Urgency::{Alarm, Notice, Warning};
        match self {
            Self::CallUnanswered => (Alarm, "来电未接", "call not answered"),
            Self::CallUnowned => (Alarm, "来电未处理", "call not dealt with"),
            Self::NotProposed => (Alarm, "无推荐", "no proposal"),
            Self::NotAssigned => (Alarm, "未派车", "no unit sent"),
            Self::NoneFree => (Alarm, "无车可派", "no unit free"),
            Self::NotDelivered => (Alarm, "派车单未送达", "order not delivered"),
            Self::NotAcknowledged => (Alarm, "未接令", "order not acknowledged"),
            Self::RollSlow => (Warning, "出车将超时", "departure soon late"),
            Self::NotRolling => (Alarm, "超时未出车", "not rolling in time"),
            Self::MotionDisagrees => (Notice, "出车时间与车辆移动不符", "departure time and motion disagree"),
            Self::UnitSilent => (Alarm, "车辆失联", "unit silent"),
            Self::HandoffUnaccepted => (Alarm, "移交未获接收", "hand-off not accepted"),
            Self::OrderUnknown => (Alarm, "车上有未知任务", "a vehicle holds an unknown order"),
            Self::ArrivalUnacknowledged => (Warning, "医院未确认", "hospital has not acknowledged"),
        }
    }
}

impl fmt::Display for EscalationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = serde_json::to_value(self.kind).ok();
        let kind = kind.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        match self.about {
            About::Call(id) => write!(f, "{kind}.{id}"),
            About::Incident(id) => write!(f, "{kind}.{id}"),
            About::Assignment(id) => write!(f, "{kind}.{id}"),
            About::Unit(id) => write!(f, "{kind}.unit_{id}"),
        }
    }
}

impl std::str::FromStr for EscalationKey {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("{text:?} is not an escalation's name");
        let (kind, about) = text.split_once('.').ok_or_else(bad)?;
        let kind = serde_json::from_value(kind.into()).map_err(|_| bad())?;
        let about = match about.split_once('_') {
            Some(("call", _)) => About::Call(about.parse().map_err(|_| bad())?),
            Some(("incident", _)) => About::Incident(about.parse().map_err(|_| bad())?),
            Some(("assignment", _)) => About::Assignment(about.parse().map_err(|_| bad())?),
            Some(("unit", code)) => About::Unit(code.parse().map_err(|_| bad())?),
            _ => return Err(bad()),
        };
        Ok(Self { kind, about })
    }
}
