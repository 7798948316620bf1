//! One run (a unit on an incident) and one call, as the figures need them: times with their sources, no names, no numbers to ring.

use serde::{Deserialize, Serialize};

use crate::assignment::{Choice, Outcome, Stage, StampSource};
use crate::ids::{AssignmentId, CallId, HospitalId, IncidentId, UnitId};
use crate::incident::{AreaClass, CallEnd, CallSource, IncidentKind, IncidentNumber, Level};
use crate::time::UtcTime;

/// One unit on one incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The assignment.
    pub assignment: AssignmentId,
    /// The incident.
    pub incident: IncidentId,
    /// The unit.
    pub unit: UnitId,
    /// It was ordered for a test.
    pub test: bool,
    /// The newest time of each step by each source.
    pub times: RunTimes,
    /// How it ended, if it has.
    pub outcome: Option<Outcome>,
    /// Where the patient was taken.
    pub destination: Option<HospitalId>,
    /// Chosen from a proposal.
    pub proposed: bool,
    /// What else was recorded of the choice.
    pub choice: Option<Box<Choice>>,
}

/// An incident as the figures need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct IncidentRow {
    pub(super) number: IncidentNumber,
    pub(super) kind: IncidentKind,
    pub(super) level: Level,
    pub(super) area: AreaClass,
    pub(super) test: bool,
    pub(super) created_at: UtcTime,
    /// When the first call about it rang, and when that call was answered.
    pub(super) first_call: Option<(UtcTime, CallId)>,
    /// The incident it was merged into.
    pub(super) merged_into: Option<IncidentId>,
    pub(super) cancelled: bool,
    /// It went to somebody else.
    pub(super) left: Option<Left>,
    /// It was led on paper, and entered afterwards.
    pub(super) from_paper: bool,
    /// Its runs that go on.
    pub(super) open_runs: Vec<AssignmentId>,
}

/// To whom an incident went that this centre sent nobody to, or called its units back from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Left {
    /// Another centre took it.
    HandedOff,
    /// A service of another kind.
    Redirected,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRow {
    /// The call.
    pub call: CallId,
    /// How it came in.
    pub source: CallSource,
    /// The caller cannot hear or speak.
    pub text_only: bool,
    /// When it rang or arrived, UTC.
    pub rang_at: UtcTime,
    /// When a person took it, UTC.
    pub answered_at: Option<UtcTime>,
    /// The incident it led to or joined.
    pub incident: Option<IncidentId>,
    /// How it ended, where it led to no incident of its own.
    pub end: Option<CallEnd>,
    /// Taken on paper, and entered afterwards.
    pub from_paper: bool,
}

impl CallRow {
    /// A call in writing: counted apart in every figure about answering.
    pub fn is_text(&self) -> bool {
        self.text_only || self.source == CallSource::Text
    }
}

/// The time that counts for a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunTime {
    /// The step.
    pub stage: Stage,
    /// When, UTC.
    pub at: UtcTime,
    /// Where it comes from.
    pub source: StampSource,
}

/// The newest time of each step by each source: all that figures need of everything recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunTimes(Vec<RunTime>);

impl RunTimes {
    /// Takes in a recorded time; the newest of one step from one source stays.
    pub(super) fn record(&mut self, time: RunTime) {
        self.0.retain(|old| (old.stage, old.source) != (time.stage, time.source));
        self.0.push(time);
    }

    /// The time of a step from one source.
    pub fn by(&self, stage: Stage, source: StampSource) -> Option<UtcTime> {
        self.0.iter().find(|time| (time.stage, time.source) == (stage, source)).map(|time| time.at)
    }

    /// The time that counts, by the rule of `StageTimes::counted`: the newest correction, else the crew's press or the centre's
    /// own act, else the desk's entry, else the motion.
    pub fn counted(&self, stage: Stage) -> Option<RunTime> {
        let rank = |source: StampSource| match source {
            StampSource::Correction => 0,
            StampSource::Centre | StampSource::Terminal => 1,
            StampSource::Desk | StampSource::Paper => 2,
            StampSource::Motion => 3,
        };
        self.0.iter().rev().filter(|time| time.stage == stage).min_by_key(|time| rank(time.source)).copied()
    }

    /// The time that counts.
    pub fn at(&self, stage: Stage) -> Option<UtcTime> {
        self.counted(stage).map(|time| time.at)
    }

    /// Every step that has a time that counts, in order.
    pub fn all(&self) -> Vec<RunTime> {
        crate::assignment::STAGES.iter().filter_map(|row| self.counted(row.stage)).collect()
    }
}
