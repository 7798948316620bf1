//! How often and why another unit than the first proposed was sent, as the report shows it.

use dispatch_core::reports::{OverrideCount, Overrides};
use serde::Serialize;
use utoipa::ToSchema;

/// How often the first proposed was passed over.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Overrides)]
pub(crate) struct OverridesView {
    /// Orders that were chosen from a proposal; tests left out.
    orders: usize,
    /// Of these, with another unit than the best that could go.
    overridden: usize,
    share: Option<f64>,
    /// By the code given, most often first.
    reasons: Vec<OverrideCountView>,
}

/// How often one reason was given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OverrideCount)]
pub(crate) struct OverrideCountView {
    /// `null` where only words were given.
    code: Option<String>,
    zh: String,
    en: String,
    n: usize,
    /// Share of all overrides.
    share: Option<f64>,
    /// Which: `20261121-0042 A12 (A05)`, with the unit that was passed over.
    items: Vec<String>,
}

impl From<&Overrides> for OverridesView {
    fn from(overrides: &Overrides) -> Self {
        Self {
            orders: overrides.orders,
            overridden: overrides.overridden,
            share: overrides.share,
            reasons: overrides.reasons.iter().map(OverrideCountView::from).collect(),
        }
    }
}

impl From<&OverrideCount> for OverrideCountView {
    fn from(count: &OverrideCount) -> Self {
        Self {
            code: count.code.map(|code| code.to_string()),
            zh: count.zh.clone(),
            en: count.en.clone(),
            n: count.n,
            share: count.share,
            items: count.items.clone(),
        }
    }
}
