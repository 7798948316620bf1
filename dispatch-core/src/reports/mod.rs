//! The city's figures, from the journal alone: the same events give the same report, byte for byte, on any machine. Each figure
//! prints its definition, its count, what was left out of it, and leads to the runs behind it.

mod figure;
mod ledger;
mod measure;
mod overrides;
mod period;
mod report;
mod run;
mod runs;

pub use figure::{Bin, Figure, FigureRow, PERCENTILE_EN, PERCENTILE_ZH, percentile};
pub use ledger::{Case, Ledger};
pub use measure::{MEASURES, Measure, MeasureRow};
pub use overrides::{OverrideCount, Overrides};
pub use period::{BadPeriod, Period};
pub use report::{
    CallCounts, CallLine, Exclusion, ExclusionReason, OutcomeCount, Report, RunLine, response_times,
};
pub use run::{CallRow, Run, RunTime, RunTimes};
pub use runs::Emergency;

#[cfg(test)]
mod tests;
