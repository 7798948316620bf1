//! One frame: the number of an event (or of the last one before it), whose word it is, when, what, and the data.

use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::views::{
    AccidentView, AssignmentView, CallView, ClosureView, EscalationView, HospitalView, IncidentView,
    LinkWord, ProposalView, Time, UnitView,
};
use crate::floods::{Flood, FloodKind};

/// A frame as it is sent: written once, shared by all who read it.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) seq: u64,
    pub(crate) text: Utf8Bytes,
}

/// The written form of every frame.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveFrame<D> {
    /// The number of the event; frames without one of their own carry the last.
    pub(crate) seq: u64,
    /// Under whose word.
    #[schema(example = "1.1")]
    pub(crate) epoch: String,
    pub(crate) at: Time,
    /// The fact (`unit_assigned`, …), or `hello`, `reset`, `positions`, `etas`, `second_opinion`, `tick`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) data: D,
}

/// The data of an event's frame.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveEvent {
    /// Who made it happen; `null` where nobody did.
    pub(crate) by: Option<String>,
    /// What it is about, by id.
    pub(crate) about: Vec<String>,
    /// Everything it touched, as it is now.
    pub(crate) changed: LiveChanged,
    /// Everything that stands, when that changed.
    pub(crate) escalations: Option<Vec<EscalationView>>,
}

/// Resources as they are now; each replaces the one of its id.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct LiveChanged {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) calls: Vec<CallView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) incidents: Vec<IncidentView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) accidents: Vec<AccidentView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) assignments: Vec<AssignmentView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) units: Vec<UnitView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hospitals: Vec<HospitalView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) closures: Vec<ClosureView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) proposals: Vec<ProposalView>,
}

/// The data of `hello` and `reset`: load the lists, then apply what comes after this number.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveStart {
    pub(crate) seq: u64,
}

/// The data of `positions`: those that changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct LivePositions {
    pub(crate) items: Vec<LivePosition>,
}

/// Where one unit is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct LivePosition {
    pub(crate) unit: String,
    #[serde(flatten)]
    pub(crate) position: crate::api::views::UnitPositionView,
    pub(crate) link: LinkWord,
}

/// The data of `tick`.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveTick {
    /// Domain time.
    pub(crate) now: Time,
    /// Domain seconds in a second.
    pub(crate) rate: f64,
    /// Who sends more than it may at present; what is too much is refused.
    pub(crate) floods: Vec<FloodView>,
}

/// A source that sends more than it may.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Flood)]
pub(crate) struct FloodView {
    pub(crate) what: FloodWord,
    /// The unit, or the network address.
    pub(crate) source: String,
    /// Messages refused since it began.
    pub(crate) refused: u64,
    /// How long it has gone on, seconds of the wall.
    pub(crate) lasts_s: u64,
}

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FloodWord {
    /// Text calls, or lines of them.
    TextCalls,
    /// Messages of one vehicle.
    Vehicle,
    /// Live readers that read nothing.
    LiveReaders,
}

impl From<Flood> for FloodView {
    fn from(flood: Flood) -> Self {
        let what = match flood.kind {
            FloodKind::TextCalls => FloodWord::TextCalls,
            FloodKind::Vehicle => FloodWord::Vehicle,
            FloodKind::LiveReaders => FloodWord::LiveReaders,
        };
        Self { what, source: flood.source, refused: flood.refused, lasts_s: flood.lasts.as_secs() }
    }
}

impl<D: Serialize> LiveFrame<D> {
    pub(crate) fn written(&self) -> Frame {
        let text = serde_json::to_string(self).expect("invariant: a frame is plain text and numbers");
        Frame { seq: self.seq, text: text.into() }
    }
}
