//! The program `vehicle-agent`: reads its command line and runs one vehicle, or looks at what is wrong with it.

mod watchdog;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use vehicle_agent::Agent;
use vehicle_agent::check::{Language, Marks};
use vehicle_agent::clock::CertificateTime;
use vehicle_agent::config::Config;
use vehicle_agent::enrolment;

/// 车载端: 定位、接令、状态上报与车载终端。
/// The in-vehicle agent: position, orders, status and the crew's terminal.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// 配置文件 · the configuration file (TOML)
    #[arg(long, value_name = "FILE.toml", required = true)]
    config: Option<PathBuf>,
    /// 只检查配置 · check the configuration and the certificates, then exit
    #[arg(long)]
    check_config: bool,
    /// 申请证书 · make this vehicle's key, if it has none, and write a request for its certificate; then exit
    #[arg(long, value_name = "FILE.csr", conflicts_with = "check_config")]
    request_certificate: Option<PathBuf>,
    /// 登记 · enrol this vehicle with the text of the centre's invitation (jichi1:…); then exit
    #[arg(long, value_name = "INVITATION", conflicts_with_all = ["check_config", "request_certificate"])]
    enrol: Option<String>,
    /// 日志格式 · how log lines on standard error look
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// 自检 · say in plain words what works and what does not: files, clock, receiver, centre, terminal. It changes nothing.
    Check {
        /// 配置文件 · the configuration file (TOML)
        #[arg(long, value_name = "FILE.toml")]
        config: PathBuf,
        /// 语言 · by default that of the environment
        #[arg(long, value_enum)]
        language: Option<Language>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

const EXAMPLES: &str = "\
Examples:
  vehicle-agent --config /etc/jichi/vehicle.toml
  vehicle-agent check --config /etc/jichi/vehicle.toml --language zh
  vehicle-agent --config vehicle.toml --check-config
  vehicle-agent --config vehicle.toml --enrol 'jichi1:A12:…'
  vehicle-agent --config vehicle.toml --request-certificate A12.csr
  RUST_LOG=debug vehicle-agent --config vehicle.toml --log-format json

vehicle.toml (paths are relative to the file's own folder):
  unit = \"A12\"
  centre = [\"10.0.0.1:9120\", \"10.0.0.2:9120\"]
  centre_name = \"jichi-centre\"          # the name in the centre's certificate
  enrolment = [\"10.0.0.1:9121\"]       # where the certificate is renewed; left out, it is brought by hand
  certificates = \"certificates\"         # authority.pem, unit.pem, unit.key
  spool = \"spool.sqlite\"
  gnss = \"gpsd://127.0.0.1\"            # or NMEA 0183: \"tcp://127.0.0.1:9301\", \"/dev/ttyUSB0:115200\"
  terminal = \"127.0.0.1:8201\"";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(Verb::Check { config, language }) = &arguments.verb {
        return check(config, language.unwrap_or_else(Language::of_environment));
    }
    start_log(arguments.log_format);
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The messages carry their causes already.
            eprintln!("vehicle-agent: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A finding a line; success when nothing is wrong. Logs would only stand between them.
fn check(config: &Path, language: Language) -> ExitCode {
    let marks = Marks::of_environment();
    let told = one_thread().and_then(|runtime| {
        let findings = runtime.block_on(vehicle_agent::check::check(config));
        let mut out = std::io::stdout().lock();
        for finding in &findings {
            writeln!(out, "{}", finding.line(language, marks))?;
        }
        Ok(findings.iter().all(vehicle_agent::check::Finding::is_good))
    });
    match told {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("vehicle-agent: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One thread: an ambulance's computer is small, and there is one vehicle to serve.
fn one_thread() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let path = arguments.config.as_deref().context("--config FILE.toml is needed")?;
    if let Some(to) = &arguments.request_certificate {
        let config = Config::read_before_enrolment(path)?;
        enrolment::request_certificate(&config, to)?;
        eprintln!("vehicle-agent: {} is to be signed at the centre", to.display());
        return Ok(());
    }
    if let Some(invitation) = &arguments.enrol {
        let config = Config::read_before_enrolment(path)?;
        one_thread()?.block_on(enrolment::enrol(&config, invitation))?;
        eprintln!("vehicle-agent: {} is enrolled", config.unit);
        return Ok(());
    }
    let config = Config::read(path)?;
    if arguments.check_config {
        vehicle_agent::connection::client_config(&config.certificates, &CertificateTime::default())?;
        eprintln!("vehicle-agent: {} is good", path.display());
        return Ok(());
    }
    one_thread()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let agent = Agent::open(config).await?;
        watchdog::ready();
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            watchdog::stopping();
        };
        tokio::select! {
            ended = agent.run(stop) => ended?,
            never = watchdog::keep_telling() => match never {},
        }
        anyhow::Ok(())
    })
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
