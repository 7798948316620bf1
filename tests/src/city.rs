//! A small generated city in a folder of its own: its centre on free ports, started, killed and started again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use crate::agent::Agent;
use crate::api::Api;
use crate::deadline::eventually;
use crate::nmea::{Fix, Receiver};
use crate::ports;
use crate::process::{Process, program, run};
use crate::scratch::Scratch;

/// A centre that is not ready after this long will not be. Generous: the machine may be building beside it.
pub const READY_WITHIN: Duration = Duration::from_mins(1);

/// A city and the configuration of everything in it.
pub struct City {
    scratch: Scratch,
    api_port: u16,
    link_port: u16,
}

impl City {
    /// Makes a city of a few units; nothing runs yet.
    pub fn make(name: &str, units: usize) -> Result<City> {
        let scratch = Scratch::new(name)?;
        let city = City { scratch, api_port: ports::tcp()?, link_port: ports::udp()? };
        let (status, said) = run(Command::new(program("sim")?)
            .args(["city", "--seed", "7", "--units", &units.to_string(), "--out"])
            .arg(city.path()))?;
        if !status.success() {
            bail!("sim city: {said}");
        }
        std::fs::create_dir_all(city.path().join("spool"))?;
        let (api, link) = (city.api_port, city.link_port);
        city.amend("centre.toml", |centre| {
            section(centre, "api").insert("listen".into(), format!("127.0.0.1:{api}").into());
            section(centre, "vehicles").insert("listen".into(), format!("127.0.0.1:{link}").into());
        })?;
        // With the first certificate the development authority is made, which the centre needs, too.
        city.certificate("A01")?;
        Ok(city)
    }

    /// The folder with all of it.
    pub fn path(&self) -> &Path {
        self.scratch.path()
    }

    /// The port vehicles connect to.
    pub fn link_port(&self) -> u16 {
        self.link_port
    }

    /// Changes one of the configuration files.
    pub fn amend(&self, file: &str, change: impl FnOnce(&mut Table)) -> Result<()> {
        let mut table = self.table(file)?;
        change(&mut table);
        std::fs::write(self.path().join(file), toml::to_string(&table)?)?;
        Ok(())
    }

    /// A configuration file as it stands.
    pub fn table(&self, file: &str) -> Result<Table> {
        let path = self.path().join(file);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        text.parse().with_context(|| path.display().to_string())
    }

    /// Somebody at a seat of this centre.
    pub fn api(&self) -> Result<Api> {
        Api::new(&format!("http://127.0.0.1:{}", self.api_port))
    }

    /// Starts `dispatchd` and waits until it is ready.
    pub async fn start_centre(&self) -> Result<Process> {
        self.start_centre_of("dispatchd").await
    }

    /// The same with another build of the program.
    pub async fn start_centre_of(&self, build: &str) -> Result<Process> {
        let mut centre = self.spawn_centre_of(build)?;
        let api = self.api()?;
        let ready = eventually("the centre to be ready", READY_WITHIN, || async {
            api.text("/readyz").await?;
            Ok(Some(()))
        });
        tokio::select! {
            ready = ready => ready.map(|()| centre),
            said = ended(&mut centre) => bail!("dispatchd ended while starting:\n{said}"),
        }
    }

    /// Starts `dispatchd` and does not wait.
    pub fn spawn_centre(&self) -> Result<Process> {
        self.spawn_centre_of("dispatchd")
    }

    fn spawn_centre_of(&self, build: &str) -> Result<Process> {
        let mut command = Command::new(program(build)?);
        command.arg("serve").arg("--config").arg(self.path().join("centre.toml"));
        Process::start("dispatchd", &mut command, &self.path().join("dispatchd.log"))
    }

    /// Runs `dispatchd` with other arguments to its end: how it ended and what it said.
    pub fn dispatchd(&self, arguments: &[&str]) -> Result<(std::process::ExitStatus, String)> {
        run(Command::new(program("dispatchd")?).current_dir(self.path()).args(arguments))
    }

    /// The folder with a unit's certificate, made when it is not there.
    pub fn certificate(&self, unit: &str) -> Result<PathBuf> {
        let folder = self.path().join("certificates").join(unit);
        if !folder.join("unit.pem").exists() {
            let out = folder.to_str().context("a path in UTF-8")?;
            let arguments = ["issue-certificate", "--config", "centre.toml", "--unit", unit, "--out", out];
            let (status, said) = self.dispatchd(&arguments)?;
            if !status.success() {
                bail!("issue-certificate: {said}");
            }
        }
        Ok(folder)
    }

    /// Starts a unit's real agent at its station, with a receiver of its own.
    pub async fn start_agent(&self, unit: &str) -> Result<Agent> {
        self.certificate(unit)?;
        let (longitude_deg, latitude_deg) = self.station_of(unit)?;
        let receiver =
            Receiver::start(Fix { longitude_deg, latitude_deg, speed_kmh: 0.0, heading_deg: 0.0 }).await?;
        Agent::start(self, unit, receiver)
    }

    /// Where a unit's station is: longitude and latitude in degrees, WGS-84.
    pub fn station_of(&self, unit: &str) -> Result<(f64, f64)> {
        let centre = self.table("centre.toml")?;
        let unit = row(&centre, "units", unit)?;
        let station = unit["station"].as_str().context("a unit names its station")?;
        let position = &row(&centre, "stations", station)?["position"];
        let degrees = |name: &str| {
            position.get(name).and_then(Value::as_float).with_context(|| format!("a station's {name}"))
        };
        Ok((degrees("longitude")?, degrees("latitude")?))
    }
}

async fn ended(process: &mut Process) -> String {
    while process.is_running() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    process.log_end()
}

fn section<'a>(table: &'a mut Table, name: &str) -> &'a mut Table {
    table
        .entry(name)
        .or_insert_with(|| Value::Table(Table::new()))
        .as_table_mut()
        .expect("invariant: a section of the configuration is a table")
}

fn row<'a>(table: &'a Table, list: &str, id: &str) -> Result<&'a Value> {
    let rows = table[list].as_array().with_context(|| format!("{list} is a list"))?;
    rows.iter()
        .find(|row| row["id"].as_str() == Some(id))
        .with_context(|| format!("{id} is not among {list}"))
}
