//! One unit on one incident: its steps, its times with where they came from, and how it ended.
//!
//! State belongs to the assignment, not to the vehicle: a second order never touches the times of the first.

mod candidates;
mod choice;
mod hourly;
mod level;
mod mobilisation;
mod override_reason;
mod proposal;
mod reason;
mod stage;
mod team;
mod times;
mod turnaround;

pub use candidates::{
    Found, NoProposal, Reach, RoadsView, Scene, Scratch, Seed, Sighting, gather, gather_within, relief,
    relief_within,
};
pub use choice::{Choice, Grounds};
pub use hourly::HourOfDay;
pub use level::{DispatchLevel, DispatchLevels, LevelRow};
pub use mobilisation::{Mobilisation, remaining};
pub use override_reason::{OverrideReason, OverrideReasons};
pub use proposal::{
    Basis, Candidate, CandidateInput, FreeArrival, Freeing, Interrupted, LeftOut, Proposal, ProposalInputs,
    Relieved, Rival, UnitState, propose,
};
pub use reason::{LeftOutReason, Reason};
pub(crate) use reason::{skill_list, span_texts};
pub use stage::{STAGES, Stage, StageRow};
pub use team::Slot;
pub use times::{StageTimes, Stamp, StampSource};
pub use turnaround::Turnaround;

use serde::{Deserialize, Serialize};

use crate::ids::{AssignmentId, HospitalId, IncidentId, ProposalId, UnitId};
use crate::patient::Chart;
use crate::time::UtcTime;

/// One unit on one incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// The incident.
    pub incident: IncidentId,
    /// The unit.
    pub unit: UnitId,
    /// Grows by one with every change: the `ETag`.
    pub version: u32,
    /// The furthest step reached.
    pub stage: Stage,
    /// Every recorded time, old values of corrections among them.
    pub times: StageTimes,
    /// The proposal it was chosen from, if there was one.
    pub proposal: Option<ProposalId>,
    /// Why another than the first proposed was taken.
    pub override_reason: Option<String>,
    /// What else was recorded of the choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Box<Choice>>,
    /// When the order reached the terminal, UTC.
    pub delivered_at: Option<UtcTime>,
    /// Where it takes the patient, and what the hospital said.
    pub destination: Option<Destination>,
    /// When and how it ended.
    pub end: Option<AssignmentEnd>,
    /// What is known of its patients, by their number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charts: Vec<Chart>,
}

/// Where a unit takes its patient. The hospital's word and the unit's arrival are two things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The hospital.
    pub hospital: HospitalId,
    /// When it was chosen, UTC.
    pub chosen_at: UtcTime,
    /// Why this one.
    pub reason: String,
    /// When the hospital said it knows, UTC, and who said so.
    pub acknowledged: Option<(UtcTime, String)>,
}

/// When and how an assignment ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentEnd {
    /// True time, UTC.
    pub at: UtcTime,
    /// How.
    pub outcome: Outcome,
    /// In words, where there is something to say.
    #[serde(default)]
    pub reason: String,
    /// The step it had reached.
    pub stage: Stage,
}

/// How an assignment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The patient was taken to a hospital and handed over.
    Conveyed,
    /// Treated where found, nobody taken along.
    TreatedOnScene,
    /// 空车: nobody there, or nobody ill.
    NoPatient,
    /// 空车: the patient or family declined to go.
    RefusedTransport,
    /// Dead, not conveyed.
    Dead,
    /// 中止: the crew broke off on the way (breakdown, accident, road).
    Aborted,
    /// The crew refused the order.
    RefusedOrder,
    /// 回车: called back before the wheels rolled.
    CancelledBeforeRolling,
    /// 空车: called back on the way.
    CancelledRolling,
    /// 改派: sent to another incident.
    Diverted,
    /// 接替: another unit that is nearer goes instead.
    Relieved,
}

impl Outcome {
    /// Whether the centre took the order back, so that the terminal must be told.
    pub fn is_recall(self) -> bool {
        matches!(
            self,
            Self::CancelledBeforeRolling | Self::CancelledRolling | Self::Diverted | Self::Relieved
        )
    }

    /// Whether the incident still wants a unit in its place.
    pub fn leaves_incident_wanting(self) -> bool {
        self.is_recall() || matches!(self, Self::Aborted | Self::RefusedOrder)
    }

    /// The steps at which a crew or the desk may end with it.
    pub fn allowed_from(self, stage: Stage) -> bool {
        match self {
            Self::Conveyed => matches!(stage, Stage::LeftScene | Stage::AtHospital | Stage::HandedOver),
            Self::TreatedOnScene | Self::RefusedTransport | Self::Dead | Self::NoPatient => {
                (Stage::OnScene..Stage::AtHospital).contains(&stage)
            }
            Self::Aborted | Self::Diverted | Self::Relieved => stage < Stage::OnScene,
            Self::RefusedOrder | Self::CancelledBeforeRolling => stage < Stage::Rolling,
            Self::CancelledRolling => stage == Stage::Rolling,
        }
    }
}

impl Assignment {
    /// Still under way.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// A patient's chart.
    pub fn chart(&self, patient: u8) -> Option<&Chart> {
        self.charts.iter().find(|chart| chart.patient == patient)
    }

    /// The same, begun where there is none.
    pub(crate) fn chart_mut(&mut self, patient: u8) -> &mut Chart {
        let place = self.charts.partition_point(|chart| chart.patient < patient);
        if self.charts.get(place).is_none_or(|chart| chart.patient != patient) {
            self.charts.insert(place, Chart::new(patient));
        }
        &mut self.charts[place]
    }

    /// On its way to, or at, a hospital: what that hospital's board shows.
    pub fn is_inbound(&self) -> bool {
        self.is_open() && self.destination.is_some() && self.stage < Stage::HandedOver
    }
}
