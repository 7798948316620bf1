//! What was led on paper while the system was away: one form a call, put on record afterwards with the true times, over as it is.
//!
//! Nothing of it is a clock that runs: no order leaves, nobody is called, and nothing is learned from it. The record says when the form
//! was entered and by whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::assignment::{Outcome, Stage};
use crate::ids::{AssignmentId, HospitalId, UnitId};
use crate::incident::{CallSource, IncidentSketch, Place};
use crate::private::Private;
use crate::time::UtcTime;

/// A form of the paper hours: the call, what it was about, and every unit that went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaperForm {
    /// The call.
    pub call: PaperCall,
    /// What, where, how bad. How many units it wants is how many went.
    pub sketch: Arc<IncidentSketch>,
    /// What became of it.
    pub incident: PaperIncident,
}

/// The call as it was written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaperCall {
    /// How it came in.
    pub source: CallSource,
    /// The caller's number, if it was written down.
    #[serde(with = "crate::private::journal")]
    pub phone: Private,
    /// The caller could not hear or speak.
    #[serde(default)]
    pub text_only: bool,
    /// Where the caller was or said the patient was.
    pub place: Place,
    /// When it rang, UTC.
    pub received_at: UtcTime,
    /// When it was taken, UTC, where the form tells the two apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<UtcTime>,
}

/// What became of a call on paper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaperIncident {
    /// The number on the form, so that it can be found again; may be empty.
    #[serde(default)]
    pub form_number: String,
    /// When the call was taken and the form begun, UTC.
    pub created_at: UtcTime,
    /// Every unit that was ordered.
    pub runs: Vec<PaperRun>,
    /// It was called off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_off: Option<CalledOff>,
    /// Why a unit was on two orders at a time, where the record says that it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_reason: Option<String>,
}

/// One unit on paper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaperRun {
    /// The id that it gets.
    pub assignment: AssignmentId,
    /// The unit.
    pub unit: UnitId,
    /// When the order was telephoned, UTC.
    pub ordered_at: UtcTime,
    /// The steps between the order and the end, UTC, as far as they were written down.
    #[serde(default)]
    pub times: BTreeMap<Stage, UtcTime>,
    /// Where the patient was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hospital: Option<HospitalId>,
    /// When the unit was free of it, UTC.
    pub ended_at: UtcTime,
    /// How it ended.
    pub outcome: Outcome,
    /// In words, where there is something to say.
    #[serde(default)]
    pub reason: String,
}

/// An incident called off on paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalledOff {
    /// When, UTC.
    pub at: UtcTime,
    /// Why.
    pub reason: String,
}

/// The mark that an incident of the record was entered from paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperMark {
    /// When it was entered, UTC.
    pub entered_at: UtcTime,
    /// By whom.
    pub entered_by: Actor,
    /// The number on the form.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub form_number: String,
    /// Why a unit was on two orders at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_reason: Option<String>,
}

/// A moment that a form names, for whoever must look at two of them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperMoment {
    /// The call rang.
    Received,
    /// It was taken.
    Answered,
    /// A step of a unit.
    Step(Stage),
    /// The unit was free.
    Ended,
    /// It was called off.
    CalledOff,
}

impl PaperForm {
    /// The most units of one form.
    pub const RUNS_MAX: usize = 50;
    /// The longest number of a form, in characters.
    pub const NUMBER_CHARS_MAX: usize = 40;
    /// How long ago the call of a form may have been, in days. A form of an earlier year is a slip of the pen.
    pub const DAYS_MAX: i64 = 31;
}

impl PaperIncident {
    /// When the last of it was over, UTC.
    pub fn ended_at(&self) -> UtcTime {
        let runs = self.runs.iter().map(|run| run.ended_at);
        let ends = runs.chain(self.called_off.as_ref().map(|it| it.at));
        ends.max().unwrap_or(self.created_at)
    }

    /// How many units went and did not give the order back.
    pub fn served(&self) -> usize {
        self.runs.iter().filter(|run| !run.outcome.leaves_incident_wanting()).count()
    }
}

impl PaperRun {
    /// The furthest step that was written down.
    pub fn furthest(&self) -> Stage {
        self.times.keys().next_back().copied().unwrap_or(Stage::Ordered)
    }

    /// The furthest step in the record: a run that was served to its end leaves its unit available.
    pub fn stage(&self) -> Stage {
        match self.outcome {
            Outcome::Conveyed | Outcome::TreatedOnScene => Stage::Available,
            Outcome::NoPatient
            | Outcome::RefusedTransport
            | Outcome::Dead
            | Outcome::Aborted
            | Outcome::RefusedOrder
            | Outcome::CancelledBeforeRolling
            | Outcome::CancelledRolling
            | Outcome::Diverted
            | Outcome::Relieved => self.furthest(),
        }
    }

    /// Every step with its time, UTC, the order first.
    pub fn steps(&self) -> impl Iterator<Item = (Stage, UtcTime)> {
        let ordered = std::iter::once((Stage::Ordered, self.ordered_at));
        let free = (self.stage() == Stage::Available).then_some((Stage::Available, self.ended_at));
        ordered.chain(self.times.iter().map(|(stage, at)| (*stage, *at))).chain(free)
    }
}

impl PaperMoment {
    /// In words, Chinese and English.
    pub fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Received => ("来电", "the call"),
            Self::Answered => ("摘机", "the answer"),
            Self::Step(stage) => (stage.row().zh, stage.row().en),
            Self::Ended => ("任务结束", "the end"),
            Self::CalledOff => ("取消", "the cancelling"),
        }
    }
}
