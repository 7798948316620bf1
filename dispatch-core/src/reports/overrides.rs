//! How often, and why, another unit than the first proposed was sent: what a centre learns its proposals from.

use serde::Serialize;

use super::Ledger;
use super::figure::share;
use super::report::RunLine;
use crate::ids::OverrideCode;

/// How often the first proposed was passed over in one period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overrides {
    /// Orders that were chosen from a proposal; tests left out.
    pub orders: usize,
    /// Of these, with another unit than the best that could go.
    pub overridden: usize,
    /// Their share, to four decimals.
    pub share: Option<f64>,
    /// By the code given, most often first; words without a code come last.
    pub reasons: Vec<OverrideCount>,
}

/// How often one reason was given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverrideCount {
    /// The code; `None` where only words were given.
    pub code: Option<OverrideCode>,
    /// As the centre's list says it, Chinese.
    pub zh: String,
    /// As the centre's list says it, English.
    pub en: String,
    /// How often.
    pub n: usize,
    /// Share of all overrides, to four decimals.
    pub share: Option<f64>,
    /// Which: `20261121-0042 A12 (A05)`, with the unit that was passed over.
    pub items: Vec<String>,
}

impl Overrides {
    pub(super) fn of(ledger: &Ledger, runs: &[RunLine]) -> Self {
        let orders: Vec<&RunLine> = runs.iter().filter(|run| run.proposed && !run.test).collect();
        let overridden: Vec<&RunLine> =
            orders.iter().copied().filter(|run| run.passed_over.is_some()).collect();
        let mut codes: Vec<Option<OverrideCode>> = overridden.iter().map(|run| run.override_code).collect();
        codes.sort_unstable();
        codes.dedup();
        let mut reasons: Vec<OverrideCount> =
            codes.into_iter().map(|code| OverrideCount::of(ledger, code, &overridden)).collect();
        reasons.sort_by_key(|count| (count.code.is_none(), std::cmp::Reverse(count.n), count.code));
        Self {
            orders: orders.len(),
            overridden: overridden.len(),
            share: share(overridden.len(), orders.len()),
            reasons,
        }
    }
}

impl OverrideCount {
    fn of(ledger: &Ledger, code: Option<OverrideCode>, overridden: &[&RunLine]) -> Self {
        let (zh, en) = match code {
            Some(code) => ledger.override_label(code),
            None => ("仅有文字说明".to_owned(), "words without a code".to_owned()),
        };
        let items: Vec<String> = overridden
            .iter()
            .filter(|run| run.override_code == code)
            .map(|run| {
                let passed_over = run.passed_over.map(|unit| unit.to_string()).unwrap_or_default();
                format!("{} {} ({passed_over})", run.number, run.unit)
            })
            .collect();
        Self { code, zh, en, n: items.len(), share: share(items.len(), overridden.len()), items }
    }
}
