//! The mark of an incident that was led on paper and entered afterwards.

use dispatch_core::paper::PaperMark;
use serde::Serialize;
use utoipa::ToSchema;

use super::place::Time;

/// Entered from paper, by whom and when; the times of the incident are the true ones.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PaperMark)]
pub(crate) struct PaperMarkView {
    entered_at: Time,
    entered_by: String,
    /// The number on the form; may be empty.
    form_number: String,
    /// Why a unit was on two orders at a time, where the record says that it was.
    overlap_reason: Option<String>,
}

impl From<&PaperMark> for PaperMarkView {
    fn from(mark: &PaperMark) -> Self {
        Self {
            entered_at: mark.entered_at.into(),
            entered_by: mark.entered_by.to_string(),
            form_number: mark.form_number.clone(),
            overlap_reason: mark.overlap_reason.clone(),
        }
    }
}
