//! A second opinion as a dispatcher reads it: whom it would send, how sure it is, and what is lost and won for whom.

use dispatch_core::policy::rollout::{Outlook, SecondOpinion, Verdict};
use serde::Serialize;
use utoipa::ToSchema;

use super::place::seconds;

/// What several hundred futures of the next hours came to, one candidate against the other.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SecondOpinion)]
pub(crate) struct SecondOpinionView {
    verdict: VerdictWord,
    /// Whom it would send: the first proposed, unless another is clearly better.
    unit: String,
    /// How many futures each candidate was sent into.
    scenarios: u16,
    /// How long calls came in, in each of them.
    horizon_s: f64,
    /// What chance was drawn from: the same seed gives the same futures.
    #[schema(example = "1f0c2a9be8d34511")]
    seed: String,
    /// The candidates that were compared, the first proposed first.
    outlooks: Vec<OutlookView>,
    zh: String,
    en: String,
}

/// What comes of sending one candidate, on average.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Outlook)]
pub(crate) struct OutlookView {
    unit: String,
    /// Expected time until it arrives.
    arrival_s: f64,
    /// What all waits cost.
    penalty: f64,
    /// By how much that is less than with the first proposed.
    gain: f64,
    /// The gain is within this of the truth, with 95 % confidence for all candidates together.
    half_width: f64,
    /// How long all others wait, together.
    others_wait_s: f64,
    /// How many of the others wait longer than their goal.
    others_late: f64,
}

/// What a second opinion comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VerdictWord {
    /// The first proposed is clearly the best.
    Agrees,
    /// Chance could have made the difference.
    NoClearDifference,
    /// Another is clearly better.
    Prefers,
}

impl From<&SecondOpinion> for SecondOpinionView {
    fn from(opinion: &SecondOpinion) -> Self {
        let (zh, en) = opinion.texts();
        Self {
            verdict: match opinion.verdict {
                Verdict::Agrees => VerdictWord::Agrees,
                Verdict::NoClearDifference => VerdictWord::NoClearDifference,
                Verdict::Prefers { .. } => VerdictWord::Prefers,
            },
            unit: opinion.unit().map(|unit| unit.to_string()).unwrap_or_default(),
            scenarios: opinion.scenarios,
            horizon_s: seconds(opinion.horizon_s),
            seed: format!("{:016x}", opinion.seed),
            outlooks: opinion.outlooks.iter().map(OutlookView::from).collect(),
            zh,
            en,
        }
    }
}

impl From<&Outlook> for OutlookView {
    fn from(outlook: &Outlook) -> Self {
        Self {
            unit: outlook.unit.to_string(),
            arrival_s: seconds(outlook.arrival_s),
            penalty: outlook.penalty,
            gain: outlook.gain,
            half_width: outlook.half_width,
            others_wait_s: seconds(outlook.others_wait_s),
            others_late: outlook.others_late,
        }
    }
}
