//! Logs and metrics of the process. Logs go to stderr, for people or as JSON; metrics are kept in memory until somebody
//! asks for `/metrics`.

use std::io::IsTerminal;

use clap::ValueEnum;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::next_version::VERSION;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging. `RUST_LOG` chooses what is logged; without it, what an operator needs.
pub fn start_logging(format: LogFormat) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,quinn=warn,h2=warn"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second start, as in tests, keeps the first.
    let _ = match format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
}

/// Starts counting, and names what is counted. The handle renders `/metrics`.
pub fn start_metrics() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_batch_events".to_owned()), &COUNTS)?
        .install_recorder()?;
    describe();
    metrics::gauge!("jichi_build_info", "version" => VERSION).set(1.0);
    Ok(handle)
}

fn describe() {
    use metrics::{describe_counter as counter, describe_gauge as gauge, describe_histogram as histogram};
    gauge!("jichi_build_info", "1, with the version that runs.");
    counter!("jichi_centre_commands_total", "Commands by outcome: done, refused, repeated, busy.");
    gauge!("jichi_centre_commands_waiting_items", "Commands waiting for the owner thread.");
    histogram!("jichi_centre_decision_seconds", "Time to decide on a command and apply it.");
    counter!("jichi_centre_deadlines_total", "Deadlines that passed.");
    counter!(
        "jichi_reloads_total",
        "Configuration and map read again on SIGHUP, by outcome: done, or what was refused."
    );
    counter!("jichi_centre_panics_total", "Panics of threads that begin anew.");
    counter!("jichi_journal_events_total", "Events made durable.");
    counter!("jichi_journal_commits_total", "Syncs to disk.");
    histogram!("jichi_journal_commit_seconds", "Time to make a batch durable.");
    histogram!("jichi_journal_batch_events", "Events in a batch.");
    gauge!("jichi_journal_queue_items", "Decisions waiting for the journal.");
    gauge!("jichi_journal_head_seq", "Number of the newest durable event.");
    counter!("jichi_positions_total", "Positions by outcome: current, late, refused and why.");
    counter!("jichi_positions_dropped_total", "Positions dropped because too many waited.");
    gauge!("jichi_positions_waiting_items", "Positions waiting to be worked off.");
    counter!("jichi_proposals_total", "Proposals put on record.");
    histogram!("jichi_proposals_search_seconds", "Time to make a proposal.");
    gauge!("jichi_postgres_lag_events", "Events the second copy in PostgreSQL is behind.");
    gauge!("jichi_postgres_up_state", "1 while the second copy is connected.");
    gauge!(
        "jichi_postgres_fork_state",
        "1 when PostgreSQL holds another history than the journal: copying has stopped."
    );
    counter!("jichi_postgres_events_total", "Events copied to PostgreSQL.");
    counter!("jichi_postgres_errors_total", "Failed attempts to reach PostgreSQL.");
    histogram!(
        "jichi_postgres_question_seconds",
        "Time to an answer of the shared record, or to its failure."
    );
    counter!("jichi_files_copied_total", "Patients' files copied to PostgreSQL.");
    counter!("jichi_files_copy_errors_total", "Failed attempts to copy patients' files to PostgreSQL.");
    counter!("jichi_position_history_total", "Positions written to PostgreSQL.");
    counter!(
        "jichi_position_history_dropped_total",
        "Positions left out of PostgreSQL, by why: full, old, ended."
    );
}

const SECONDS: [f64; 14] =
    [0.000_1, 0.000_3, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];
const COUNTS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];
