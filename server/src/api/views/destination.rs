//! A hospital in the ranking of destinations, with what each of the policy's four headings says of it.

use dispatch_core::destination::{DestinationChoice, Heading, HeadingReason};
use serde::Serialize;
use utoipa::ToSchema;

use super::place::seconds;
use super::words::BasisWord;

/// One ranked hospital.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = DestinationChoice)]
pub(crate) struct DestinationChoiceView {
    #[schema(example = "H01")]
    hospital: String,
    name: String,
    /// Expected time on the road.
    travel_s: f64,
    basis: BasisWord,
    /// What each heading says, in the order of the policy.
    reasons: Vec<HeadingView>,
    /// It asks not to be sent patients.
    diverted: bool,
}

/// What one heading says.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = HeadingReason)]
pub(crate) struct HeadingView {
    heading: HeadingWord,
    zh: String,
    en: String,
}

/// The four headings: 就近、就急、专业需要、患者意愿.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HeadingWord {
    Nearness,
    Urgency,
    Specialty,
    Wish,
}

impl From<&DestinationChoice> for DestinationChoiceView {
    fn from(choice: &DestinationChoice) -> Self {
        Self {
            hospital: choice.hospital.to_string(),
            name: choice.name.clone(),
            travel_s: seconds(choice.travel_s),
            basis: choice.basis.into(),
            reasons: choice.reasons.iter().map(HeadingView::from).collect(),
            diverted: choice.diverted,
        }
    }
}

impl From<&HeadingReason> for HeadingView {
    fn from(reason: &HeadingReason) -> Self {
        let heading = match reason.heading {
            Heading::Nearness => HeadingWord::Nearness,
            Heading::Urgency => HeadingWord::Urgency,
            Heading::Specialty => HeadingWord::Specialty,
            Heading::Wish => HeadingWord::Wish,
        };
        Self { heading, zh: reason.zh.clone(), en: reason.en.clone() }
    }
}
