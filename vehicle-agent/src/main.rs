//! The program `vehicle-agent`: reads its command line and runs one vehicle.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use vehicle_agent::Agent;
use vehicle_agent::config::Config;
use vehicle_agent::enrolment;

/// 车载端: 定位、接令、状态上报与车载终端。
/// The in-vehicle agent: position, orders, status and the crew's terminal.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
struct Arguments {
    /// 配置文件 · the configuration file (TOML)
    #[arg(long, value_name = "FILE.toml")]
    config: PathBuf,
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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

const EXAMPLES: &str = "\
Examples:
  vehicle-agent --config /etc/jichi/vehicle.toml
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
  gnss = \"tcp://127.0.0.1:9301\"         # NMEA 0183
  terminal = \"127.0.0.1:8201\"";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
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

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(to) = &arguments.request_certificate {
        let config = Config::read_before_enrolment(&arguments.config)?;
        enrolment::request_certificate(&config, to)?;
        eprintln!("vehicle-agent: {} is to be signed at the centre", to.display());
        return Ok(());
    }
    if let Some(invitation) = &arguments.enrol {
        let config = Config::read_before_enrolment(&arguments.config)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(enrolment::enrol(&config, invitation))?;
        eprintln!("vehicle-agent: {} is enrolled", config.unit);
        return Ok(());
    }
    let config = Config::read(&arguments.config)?;
    if arguments.check_config {
        vehicle_agent::connection::client_config(&config.certificates)?;
        eprintln!("vehicle-agent: {} is good", arguments.config.display());
        return Ok(());
    }
    // One thread: an ambulance's computer is small, and there is one vehicle to serve.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let agent = Agent::open(config).await?;
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        agent.run(stop).await?;
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
