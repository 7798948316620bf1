//! One ring of the telephone, one text call, one call passed on by another service.

use serde::{Deserialize, Serialize};

use super::{Handoff, Place};
use crate::ids::{CallId, IncidentId};
use crate::private::Private;
use crate::time::UtcTime;

/// A call for help, by whatever channel: all wait in one queue under one clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// How it came in.
    pub source: CallSource,
    /// The caller's number, if known.
    #[serde(with = "crate::private::journal")]
    pub phone: Private,
    /// The caller cannot hear or speak: write, never ring.
    pub text_only: bool,
    /// Where the caller is or says the patient is.
    pub place: Place,
    /// When it rang or arrived, UTC.
    pub rang_at: UtcTime,
    /// When a person took it, UTC.
    pub answered_at: Option<UtcTime>,
    /// The incident it led to.
    pub incident: Option<IncidentId>,
    /// Offered to another centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handoff: Option<Handoff>,
    /// It was taken on paper and entered at this time, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_from_paper_at: Option<UtcTime>,
    /// How it ended without an incident, or that it ended.
    pub end: Option<CallEnd>,
    /// What was written both ways, oldest first; bounded by [`Call::LINES_MAX`].
    pub lines: Vec<TextLine>,
}

impl Call {
    /// The most lines kept of one text call.
    pub const LINES_MAX: usize = 500;
    /// The longest line of a text call, in characters.
    pub const LINE_CHARS_MAX: usize = 1000;

    /// Where the call stands.
    pub fn state(&self) -> CallState {
        if self.end.is_some() {
            CallState::Ended
        } else if self.incident.is_some() {
            CallState::Taken
        } else if self.answered_at.is_some() {
            CallState::Answered
        } else {
            CallState::Ringing
        }
    }
}

/// How a call came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallSource {
    /// The 120 line.
    Telephone,
    /// The text call page, for people who cannot speak or hear.
    Text,
    /// Passed on by the police (110).
    Police,
    /// Passed on by the fire service (119).
    Fire,
    /// A hospital or clinic.
    Hospital,
    /// A crew that was flagged down in the street.
    Crew,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Nobody has taken it.
    Ringing,
    /// A person is on it; there is no incident yet.
    Answered,
    /// It led to, or joined, an incident.
    Taken,
    /// Over.
    Ended,
}

/// How a call ended without leading to an incident of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEnd {
    /// Advice was enough.
    Advice,
    /// Sent on to the non-urgent transport service: not an unmet call.
    NonUrgent,
    /// Handed to another centre.
    OtherCentre,
    /// Nobody spoke, and calling back did not help.
    Silent,
    /// Not a call for help.
    Nuisance,
    /// A call about work, from a crew, a station or a hospital.
    Work,
    /// The caller was already helped by the incident it belongs to.
    Finished,
}

/// One line of a text call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextLine {
    /// When it was written, UTC.
    pub at: UtcTime,
    /// Who wrote it.
    pub from: Speaker,
    /// What was written.
    pub text: String,
}

/// Who wrote a line of a text call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The caller.
    Caller,
    /// The centre.
    Centre,
}
