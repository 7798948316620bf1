//! The command line: what `dispatchd` can be told to do. Mistakes end with one clear line and a non-zero exit.

mod backups;
mod certificates;
mod differences;
mod doors;
mod journals;
mod maps;
mod pack;
mod papers;
mod past_day;
mod plan_arguments;
mod reload;
mod replay;
mod report;
mod serve;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use dispatch_core::UtcTime;
use dispatch_core::accident::AccidentNumber;
use dispatch_core::erasure::Sought;
use dispatch_core::ids::UnitId;
use dispatch_core::incident::IncidentNumber;

use crate::config::Config;
use crate::journal::{JOURNAL_FILE, JournalReader};
use crate::next_version::VERSION;
use crate::telemetry::{LogFormat, start_logging};

/// The dispatch centre: calls in, ambulances out, every step on record.
#[derive(Debug, Parser)]
#[command(name = "dispatchd", version = VERSION, after_help = EXAMPLES)]
struct Arguments {
    /// How log lines look.
    #[arg(long, global = true, value_enum, default_value_t)]
    log_format: LogFormat,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the centre.
    Serve {
        #[arg(long, value_name = "FILE.toml")]
        config: PathBuf,
        /// Only check the configuration, its map and its clock; open nothing else.
        #[arg(long)]
        check_config: bool,
    },
    /// Make a map file from an OpenStreetMap extract.
    ImportMap {
        /// The extract.
        #[arg(value_name = "FILE.osm.pbf")]
        extract: PathBuf,
        #[arg(long, value_name = "FILE.map")]
        out: PathBuf,
    },
    /// Pack the map for vehicles: their terminals then show it without a centre.
    PackMap {
        /// The centre whose map it is.
        #[arg(long, value_name = "FILE.toml")]
        config: PathBuf,
        #[arg(long, value_name = "FILE.mbtiles")]
        out: PathBuf,
    },
    /// Check or print the journal.
    #[command(subcommand)]
    Journal(JournalVerb),
    /// Rebuild the record from the journal twice and make every recorded proposal again; say whether all is the same. With
    /// a policy, a day or a change: live a past day again, and set it against what was recorded.
    Replay {
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        plan: Box<plan_arguments::PlanArguments>,
    },
    /// Print the response-time report of a period.
    Report {
        #[command(flatten)]
        source: Source,
        /// A half-year or year: 2026-H1, 2026-H2, 2026.
        #[arg(long, conflicts_with_all = ["from", "to"])]
        period: Option<String>,
        /// Start, RFC 3339.
        #[arg(long, requires = "to")]
        from: Option<UtcTime>,
        /// End (not included), RFC 3339.
        #[arg(long, requires = "from")]
        to: Option<UtcTime>,
        /// Everything as JSON, with the runs behind each figure.
        #[arg(long)]
        json: bool,
    },
    /// Make a development certificate for a unit.
    IssueCertificate {
        #[arg(long, value_name = "FILE.toml")]
        config: PathBuf,
        /// For this unit's vehicle.
        #[arg(long, required_unless_present = "node")]
        unit: Option<UnitId>,
        /// The vehicle's own request (`vehicle-agent --request-certificate`): its key stays in the vehicle.
        #[arg(long, value_name = "FILE.csr", requires = "unit")]
        request: Option<PathBuf>,
        /// For the nodes of a centre that has two: both get the same.
        #[arg(long, conflicts_with = "unit")]
        node: bool,
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Copy the journal while the centre works, and check the copy.
    Backup {
        #[arg(long, value_name = "FILE.toml")]
        config: PathBuf,
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Write what goes on to a sheet on this machine every minute, to work from with a pen when all else is down.
    Paper(papers::PaperArguments),
    /// Bring a copy back. The centre must be stopped and its journal moved away.
    Restore {
        #[arg(long, value_name = "FILE.toml")]
        config: PathBuf,
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        /// The highest term that any vehicle or screen reports to have seen.
        #[arg(long, value_name = "TERM")]
        term_seen: Option<u64>,
        #[command(flatten)]
        known: Known,
        /// Bring it back although events are known that it lacks: they are lost.
        #[arg(long)]
        accept_missing: bool,
    },
}

/// What is known of a journal from elsewhere.
#[derive(Debug, clap::Args)]
struct Known {
    /// A signed head kept elsewhere. May be given more than once.
    #[arg(long, value_name = "FILE")]
    head: Vec<PathBuf>,
    /// The key that must have signed, as the log names it at a start; the one named in the head where none is given.
    #[arg(long, value_name = "HEX")]
    public_key: Option<String>,
    /// An event seen elsewhere, as PostgreSQL or a screen reports it: its number and hash. May be given more than once.
    #[arg(long, value_name = "SEQ:HASH")]
    seen: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum JournalVerb {
    /// Follow the chain of hashes from the first event to the last, and check that the signed head beside it, or the ones given, are of it.
    Verify {
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        known: Known,
    },
    /// Print the events as JSON lines, as they are stored: names, numbers, addresses and words of callers and patients sealed.
    Export {
        #[command(flatten)]
        source: Source,
        /// Begin after this event.
        #[arg(long, default_value_t = 0)]
        after: u64,
        /// Instead, the events that were moved aside because whoever leads lacks them, also those that were brought in since.
        #[arg(long, conflicts_with = "after")]
        aside: bool,
        /// Print personal data in plain words, where they were not erased: keep the output accordingly.
        #[arg(long)]
        with_personal_data: bool,
    },
    /// Erase for good the names, telephone numbers, addresses and words of an ended incident and the calls about it, or of a
    /// closed accident's casualties. The centre must be stopped; while it runs, POST /api/v1/erasures does the same.
    #[command(group(clap::ArgGroup::new("whose").required(true)))]
    Erase {
        #[arg(long, value_name = "FILE.toml")]
        config: PathBuf,
        /// The incident's number, like 20261121-0042.
        #[arg(long, value_name = "NUMBER", group = "whose")]
        incident: Option<IncidentNumber>,
        /// The accident's number, like 20261121-M02.
        #[arg(long, value_name = "NUMBER", group = "whose")]
        accident: Option<AccidentNumber>,
        /// Who erases: it goes on record.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why: it goes on record.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// Which journal.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// The journal of this configuration.
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,
    /// This journal or backup, or the folder that it lies in.
    #[arg(long, value_name = "FILE-OR-DIR")]
    journal: Option<PathBuf>,
}

impl Source {
    fn open(&self) -> anyhow::Result<JournalReader> {
        let path = match (&self.journal, &self.config) {
            (Some(folder), _) if folder.is_dir() => folder.join(JOURNAL_FILE),
            (Some(journal), _) => journal.clone(),
            (None, Some(config)) => Config::load(config)?.data.join(JOURNAL_FILE),
            (None, None) => anyhow::bail!("give --config or --journal"),
        };
        Ok(JournalReader::open(&path)?)
    }
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    start_logging(arguments.log_format);
    match carry_out(arguments.verb) {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("dispatchd: {}", one_line(&error)));
            ExitCode::FAILURE
        }
    }
}

fn carry_out(verb: Verb) -> anyhow::Result<ExitCode> {
    match verb {
        Verb::Serve { config, check_config } => return serve::serve(&config, check_config),
        Verb::ImportMap { extract, out } => maps::import(&extract, &out)?,
        Verb::PackMap { config, out } => {
            let config = Config::load(&config)?;
            let map = config.map.as_deref().context("this centre has no map: set `map`")?;
            pack::pack(
                &load_map(map)?,
                &config.name,
                config.map_attribution.as_deref().unwrap_or_default(),
                &out,
            )?;
        }
        Verb::Journal(JournalVerb::Verify { source, known }) => journals::verify(&source.open()?, &known)?,
        Verb::Journal(JournalVerb::Export { source, aside: true, with_personal_data, .. }) => {
            journals::export_aside(&source.open()?, with_personal_data)?;
        }
        Verb::Journal(JournalVerb::Export { source, after, with_personal_data, .. }) => {
            journals::export(&source.open()?, after, with_personal_data)?;
        }
        Verb::Journal(JournalVerb::Erase { config, incident, accident, by, reason }) => {
            let sought = incident.map(Sought::Incident).or(accident.map(Sought::Accident));
            let sought = sought.context("give --incident or --accident")?;
            journals::erase(&Config::load(&config)?, sought, by, reason)?;
        }
        Verb::Replay { source, plan } if plan.wanted() => {
            past_day::live_again(&source.open()?, source.config.as_deref(), &plan)?;
        }
        Verb::Replay { source, .. } => return replay::replay(&source.open()?),
        Verb::Report { source, period, from, to, json } => {
            report::print(&source.open()?, period.as_deref(), from.zip(to), json)?;
        }
        Verb::IssueCertificate { config, unit, request, node: _, out } => {
            certificates::issue(&Config::load(&config)?, unit, request.as_deref(), &out)?;
        }
        Verb::Paper(arguments) => return papers::write(arguments),
        Verb::Backup { config, to } => backups::back_up(&Config::load(&config)?, &to)?,
        Verb::Restore { config, from, term_seen, known, accept_missing } => {
            backups::restore(&Config::load(&config)?, &from, term_seen, &known, accept_missing)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An error with its causes in one line; a cause that its effect has quoted is not said twice.
fn one_line(error: &anyhow::Error) -> String {
    let mut line = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line.replace('\n', " ")
}

/// A line for whoever called.
fn say(line: &str) -> anyhow::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}").context("cannot write to the standard output")
}

/// A line on stderr, beside the log.
fn complain(line: &str) {
    use std::io::Write;
    // Nobody is left to hear that stderr is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Reads a map file.
fn load_map(path: &Path) -> anyhow::Result<roads::RoadMap> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the map {}", path.display()))?;
    roads::RoadMap::from_bytes(&bytes).with_context(|| format!("the map {}", path.display()))
}

const EXAMPLES: &str = "Examples:
  dispatchd import-map hubei.osm.pbf --out city.map
  dispatchd pack-map --config centre.toml --out city.mbtiles
  dispatchd serve --config centre.toml --check-config
  dispatchd serve --config centre.toml
  dispatchd issue-certificate --config centre.toml --unit A12 --out certificates/A12
  dispatchd issue-certificate --config centre.toml --unit A12 --request A12.csr --out certificates/A12
  dispatchd issue-certificate --config centre.toml --node --out certificates/node
  dispatchd report --config centre.toml --period 2026-H2
  dispatchd replay --config centre.toml
  dispatchd replay --config centre.toml --day 2026-11-21 --policy closest-preempt
  dispatchd replay --config centre.toml --day 2026-11-21 --add-station S99=114.31,30.52 --add-unit A99@S99 --calls ×2
  dispatchd journal verify --config centre.toml
  dispatchd journal erase --config centre.toml --incident 20261121-0042 --by 王芳 --reason 家属申请
  dispatchd paper --to /var/lib/jichi-paper --person 王芳 --seat 03
  dispatchd backup --config centre.toml --to /backup/journal-20261121.sqlite";

#[cfg(test)]
mod tests {
    use anyhow::Context;

    #[test]
    fn an_error_is_one_line_and_says_nothing_twice() {
        let missing = std::io::Error::new(std::io::ErrorKind::NotFound, "no such\nfile");
        let error = anyhow::Error::new(missing).context("cannot read x: no such\nfile").context("serve");
        assert_eq!(super::one_line(&error), "serve: cannot read x: no such file");
        let other = Err::<(), _>(std::fmt::Error).context("reading").unwrap_err();
        assert!(super::one_line(&other).starts_with("reading: "));
    }
}
