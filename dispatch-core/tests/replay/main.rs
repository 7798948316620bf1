//! A day driven through the real centre, and lived again.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

mod same_day;
mod town;
mod what_if;
mod worse_policy;
