//! A call as a dispatcher sees it: its number masked.

use dispatch_core::incident::{Call, Handoff, TextLine};
use serde::Serialize;
use utoipa::ToSchema;

use super::place::{PlaceView, Time};
use super::words::{CallEndWord, CallSourceWord, CallStateWord, SpeakerWord};

/// One ring of the telephone, one text call, one call from another service.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Call)]
pub(crate) struct CallView {
    /// Its id.
    #[schema(example = "call_0192f000-0000-7000-8000-000000000001")]
    id: String,
    /// How it came in.
    source: CallSourceWord,
    /// Where it stands.
    state: CallStateWord,
    /// The caller's number with its middle hidden; empty when it is not known.
    #[schema(example = "138****2290")]
    phone_masked: String,
    /// The caller cannot hear or speak: write, never ring.
    text_only: bool,
    /// Where the caller is or says the patient is.
    place: PlaceView,
    /// When it rang or arrived.
    rang_at: Time,
    /// When a person took it.
    answered_at: Option<Time>,
    /// The incident it led to.
    incident: Option<String>,
    /// Offered to another centre.
    handoff: Option<HandoffView>,
    /// It was taken on paper and entered at this time.
    entered_from_paper_at: Option<Time>,
    /// How it ended.
    end: Option<CallEndWord>,
    /// What was written both ways, oldest first.
    lines: Vec<LineView>,
}

/// Offered to another centre; ours until `accepted_by` says who took it there.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Handoff)]
pub(crate) struct HandoffView {
    /// The other centre.
    #[schema(example = "邻市急救中心")]
    to: String,
    reason: String,
    offered_at: Time,
    accepted_by: Option<String>,
}

/// One line of a text call.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Line)]
pub(crate) struct LineView {
    /// When it was written.
    at: Time,
    /// Who wrote it.
    from: SpeakerWord,
    /// What was written.
    text: String,
}

impl From<&Call> for CallView {
    fn from(call: &Call) -> Self {
        Self {
            id: call.id.to_string(),
            source: call.source.into(),
            state: call.state().into(),
            phone_masked: call.phone.masked_phone(),
            text_only: call.text_only,
            place: PlaceView::from(&call.place),
            rang_at: call.rang_at.into(),
            answered_at: call.answered_at.map(Time::from),
            incident: call.incident.map(|id| id.to_string()),
            handoff: call.handoff.as_ref().map(HandoffView::from),
            entered_from_paper_at: call.entered_from_paper_at.map(Time::from),
            end: call.end.map(CallEndWord::from),
            lines: call.lines.iter().map(LineView::from).collect(),
        }
    }
}

impl From<&Handoff> for HandoffView {
    fn from(handoff: &Handoff) -> Self {
        Self {
            to: handoff.to.clone(),
            reason: handoff.reason.clone(),
            offered_at: handoff.offered_at.into(),
            accepted_by: handoff.accepted_by.clone(),
        }
    }
}

impl From<&TextLine> for LineView {
    fn from(line: &TextLine) -> Self {
        Self { at: line.at.into(), from: line.from.into(), text: line.text.clone() }
    }
}
