//! What somebody must look at now, in words.

use dispatch_core::escalation::{About, Escalation};
use serde::Serialize;
use utoipa::ToSchema;

use super::assignment::AcknowledgedView;
use super::place::Time;
use super::words::{EscalationWord, UrgencyWord};

/// One thing that somebody must look at. It stands until its cause is gone.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Escalation)]
pub(crate) struct EscalationView {
    /// Its name: what it is acknowledged by.
    #[schema(example = "not_rolling.assignment_0192f000-0000-7000-8000-000000000003")]
    name: String,
    kind: EscalationWord,
    about: AboutView,
    urgency: UrgencyWord,
    zh: String,
    en: String,
    raised_at: Time,
    acknowledged: Option<AcknowledgedView>,
}

/// What it is about: one of the four.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = About)]
pub(crate) enum AboutView {
    Call(String),
    Incident(String),
    Assignment(String),
    Unit(String),
}

impl From<&Escalation> for EscalationView {
    fn from(escalation: &Escalation) -> Self {
        let (urgency, zh, en) = escalation.key.kind.row();
        let acknowledged = escalation.acknowledged.as_ref();
        Self {
            name: escalation.key.to_string(),
            kind: escalation.key.kind.into(),
            about: escalation.key.about.into(),
            urgency: urgency.into(),
            zh: zh.to_owned(),
            en: en.to_owned(),
            raised_at: escalation.raised_at.into(),
            acknowledged: acknowledged.map(|(at, by)| AcknowledgedView { at: (*at).into(), by: by.clone() }),
        }
    }
}

impl From<About> for AboutView {
    fn from(about: About) -> Self {
        match about {
            About::Call(id) => Self::Call(id.to_string()),
            About::Incident(id) => Self::Incident(id.to_string()),
            About::Assignment(id) => Self::Assignment(id.to_string()),
            About::Unit(id) => Self::Unit(id.to_string()),
        }
    }
}
