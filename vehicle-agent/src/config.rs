//! The agent's configuration file: TOML, read once at start. Paths are relative to the file's own folder.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::gnss::Source;
use crate::monitors::Address;

/// What is wrong with a configuration, in one line.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML, or names something unknown.
    #[error("{path}: {message}")]
    NotUnderstood {
        /// The file.
        path: PathBuf,
        /// What and where.
        message: String,
    },
    /// A value that makes no sense.
    #[error("{path}: {key}: {problem}")]
    BadValue {
        /// The file.
        path: PathBuf,
        /// Which key.
        key: &'static str,
        /// What to do.
        problem: String,
    },
}

/// Everything that differs from vehicle to vehicle.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The unit's call sign, shown until the centre has said who the certificate stands for.
    pub unit: String,
    /// The centre's addresses, `host:port`, tried in turn.
    pub centre: Addresses,
    /// The name in the centre's certificate.
    #[serde(default = "default_centre_name")]
    pub centre_name: String,
    /// Where this vehicle enrols and renews its certificate, `host:port`, tried in turn; none: its certificate is brought by hand.
    #[serde(default)]
    pub enrolment: Vec<String>,
    /// Folder with `authority.pem`, `unit.pem` and `unit.key`.
    pub certificates: PathBuf,
    /// The spool: one `SQLite` file.
    pub spool: PathBuf,
    /// The receiver: `gpsd://host:port`, or NMEA 0183 from `tcp://host:port` or a device such as `/dev/ttyUSB0:115200`. Without one there are no positions.
    #[serde(default)]
    pub gnss: Option<String>,
    /// The city's map, packed by `dispatchd pack-map`: an `MBTiles` file. Without one the terminal draws the way alone.
    #[serde(default)]
    pub map: Option<PathBuf>,
    /// Where monitors at the patient are heard: `mllp://0.0.0.0:2575`. Without one vital signs are entered by hand.
    #[serde(default)]
    pub monitor: Option<String>,
    /// Which program on the crew's tablet takes a place to drive to: `geo` (any, by the `geo:` address), `amap`, `baidu`; none: there is no button.
    #[serde(default)]
    pub navigation: Option<Navigation>,
    /// Where the crew's page is served.
    pub terminal: SocketAddr,
    /// Names by which a browser may call the terminal, beside its address and `localhost`.
    #[serde(default)]
    pub terminal_hosts: Vec<String>,
    /// Demonstration only: the vehicle's seconds per second of the wall.
    #[serde(default = "default_clock_rate")]
    pub clock_rate: f64,
    /// Positions kept through a dead zone; the oldest are dropped first, and counted.
    #[serde(default = "default_positions_kept_max")]
    pub positions_kept_max: u32,
}

/// A program that shows the way, and with it the datum that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Navigation {
    /// Whatever answers `geo:` addresses: WGS-84.
    Geo,
    /// 高德: GCJ-02.
    Amap,
    /// 百度: BD-09.
    Baidu,
}

/// One address or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Addresses {
    /// `centre = "10.0.0.1:9120"`
    One(String),
    /// `centre = ["10.0.0.1:9120", "10.0.0.2:9120"]`
    Several(Vec<String>),
}

impl Addresses {
    /// All of them, in the order they are tried.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }
}

impl Config {
    /// Reads and checks a file, and that the certificates are there.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let config = Self::read_before_enrolment(path)?;
        for name in ["authority.pem", "unit.pem", "unit.key"] {
            let file = config.certificates.join(name);
            if !file.is_file() {
                let problem = format!("{} is missing", file.display());
                return Err(ConfigError::BadValue { path: path.to_owned(), key: "certificates", problem });
            }
        }
        Ok(config)
    }

    /// Reads and checks the file of a vehicle that has no certificate yet.
    pub fn read_before_enrolment(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let mut config: Self = toml::from_str(&text).map_err(|error| ConfigError::NotUnderstood {
            path: path.to_owned(),
            message: one_line(&error, &text),
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        config.certificates = folder.join(&config.certificates);
        config.spool = folder.join(&config.spool);
        config.map = config.map.map(|map| folder.join(map));
        config.check().map_err(|(key, problem)| ConfigError::BadValue {
            path: path.to_owned(),
            key,
            problem,
        })?;
        Ok(config)
    }

    /// The receiver, if there is one.
    pub fn receiver(&self) -> Option<Source> {
        self.gnss.as_deref()?.parse().ok()
    }

    fn check(&self) -> Result<(), (&'static str, String)> {
        if link::unit_of_uri(&format!("{}{}", link::UNIT_URI_PREFIX, self.unit)).is_none() {
            return Err((
                "unit",
                format!("{:?} must be 1 to 15 letters, digits, '-', '_' or '.'", self.unit),
            ));
        }
        let centres = self.centre.all();
        if centres.is_empty() || !centres.iter().all(|address| is_host_and_port(address)) {
            return Err(("centre", "write host:port, for example \"10.0.0.1:9120\"".into()));
        }
        if !self.enrolment.iter().all(|address| is_host_and_port(address)) {
            return Err(("enrolment", "write host:port, for example [\"10.0.0.1:9121\"]".into()));
        }
        if let Some(gnss) = &self.gnss
            && let Err(problem) = gnss.parse::<Source>()
        {
            return Err(("gnss", format!("{gnss:?}: {problem}")));
        }
        if let Some(monitor) = &self.monitor {
            monitor.parse::<Address>().map_err(|problem| ("monitor", problem))?;
        }
        if !(0.1..=1000.0).contains(&self.clock_rate) {
            return Err(("clock_rate", format!("{} is not between 0.1 and 1000", self.clock_rate)));
        }
        if !(200..=1_000_000).contains(&self.positions_kept_max) {
            return Err((
                "positions_kept_max",
                format!("{} is not between 200 and 1000000", self.positions_kept_max),
            ));
        }
        Ok(())
    }
}

/// Whether a text is `host:port`.
pub(crate) fn is_host_and_port(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

fn one_line(error: &toml::de::Error, text: &str) -> String {
    let message = error.message().replace('\n', " ");
    match error.span() {
        Some(span) => {
            let before = text.get(..span.start).unwrap_or(text);
            format!("line {}: {message}", before.matches('\n').count() + 1)
        }
        None => message,
    }
}

fn default_centre_name() -> String {
    "jichi-centre".into()
}

fn default_clock_rate() -> f64 {
    1.0
}

fn default_positions_kept_max() -> u32 {
    20_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        unit = "A12"
        centre = "127.0.0.1:9120"
        certificates = "."
        spool = "a.sqlite"
        gnss = "tcp://127.0.0.1:9301"
        terminal = "127.0.0.1:8201"
    "#;

    fn problem(text: &str) -> String {
        let folder = std::env::temp_dir().join(format!("jichi-config-{}", uuid::Uuid::now_v7()));
        fs::create_dir_all(&folder).unwrap();
        for name in ["authority.pem", "unit.pem", "unit.key"] {
            fs::write(folder.join(name), "").unwrap();
        }
        let path = folder.join("vehicle.toml");
        fs::write(&path, text).unwrap();
        let answer = Config::read(&path).map_or_else(|error| error.to_string(), |_| "good".into());
        fs::remove_dir_all(&folder).unwrap();
        answer.replace(&path.display().to_string(), "FILE")
    }

    #[test]
    fn a_bad_file_is_told_in_one_line() {
        assert_eq!(problem(GOOD), "good");
        for (from, to, expected) in [
            ("\"A12\"", "\"A 12\"", "FILE: unit: \"A 12\" must be 1 to 15 letters, digits, '-', '_' or '.'"),
            ("127.0.0.1:9120", "127.0.0.1", "FILE: centre: write host:port, for example \"10.0.0.1:9120\""),
            ("tcp://", "serial://", "FILE: gnss: \"serial://127.0.0.1:9301\": write tcp://host:port"),
            ("spool", "spoool", "FILE: line 5: unknown field `spoool`, expected one of"),
            ("\"127.0.0.1:8201\"", "\"x\"", "FILE: line 7: invalid socket address syntax"),
            (
                "\"127.0.0.1:8201\"",
                "\"127.0.0.1:8201\"\nclock_rate = 0",
                "FILE: clock_rate: 0 is not between",
            ),
        ] {
            let answer = problem(&GOOD.replace(from, to));
            assert!(answer.starts_with(expected) && !answer.contains('\n'), "{answer}");
        }
        assert!(problem("unit = ").starts_with("FILE: line 1: "));
    }
}
