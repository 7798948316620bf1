//! A small demo, started by `./x demo` itself, on ports of its own, with its state in a folder of its own.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use system_tests::api::Api;
use system_tests::deadline::eventually;
use system_tests::process::{Process, program};
use system_tests::tree;
use tokio::sync::{Mutex, MutexGuard};

/// Two demos at once would measure the machine and not the system.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Even a test that hangs leaves nothing running: the demo ends by itself.
const SECONDS_MAX: u32 = 600;

/// What the demo does by itself happens well within this (wall time).
pub(crate) const SOON: Duration = Duration::from_mins(1);

/// A running demo, ended (SIGTERM, so that it ends its own children) when dropped.
pub(crate) struct Demo {
    process: Process,
    api: Api,
    shift: u32,
    _turn: MutexGuard<'static, ()>,
}

/// What differs from test to test.
pub(crate) struct Wanted<'a> {
    pub(crate) units: usize,
    /// `all`, `calls-only` or `none`: which seats are simulated.
    pub(crate) seats: &'a str,
    /// How many times faster than life.
    pub(crate) clock_rate: u32,
}

impl Demo {
    /// Starts it in `state`, which may hold a demo that was stopped, and waits until the centre is ready and every
    /// unit is on the link.
    pub(crate) async fn start(state: &Path, wanted: &Wanted<'_>) -> Result<Demo> {
        let turn = ONE_AT_A_TIME.lock().await;
        let shift = free_shift();
        let target = program("dispatchd")?.ancestors().nth(2).context("target/debug/dispatchd")?.to_owned();
        let mut command = Command::new("bash");
        command
            .arg(tree::root().join("x"))
            .args(["demo", "--no-build", "--clock-rate", &wanted.clock_rate.to_string()])
            .args(["--seats", wanted.seats, "--calm"])
            .args(["--units", &wanted.units.to_string(), "--port-shift", &shift.to_string()])
            .args(["--seconds", &SECONDS_MAX.to_string(), "--state"])
            .arg(state)
            .env("CARGO_TARGET_DIR", target)
            .env("CI", "true");
        let process = Process::start("x demo", &mut command, &state.with_extension("log"))?;
        let api = Api::new(&format!("http://127.0.0.1:{}", 8120 + shift))?;
        let mut demo = Demo { process, api, shift, _turn: turn };
        let units = wanted.units;
        let ready = demo.all_units_ready(units).await;
        if ready.is_err() || !demo.process.is_running() {
            bail!("{ready:?}; x demo said:\n{}", demo.process.log_end());
        }
        Ok(demo)
    }

    /// The centre's interface.
    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    /// The address of a unit's terminal by its place in the list, from 0.
    pub(crate) fn terminal(&self, index: u32) -> String {
        format!("http://127.0.0.1:{}", 8201 + self.shift + index)
    }

    /// Ends it as a person would.
    pub(crate) fn stop(mut self) -> Result<String> {
        self.process.terminate(Duration::from_secs(40))?;
        Ok(self.process.log())
    }

    async fn all_units_ready(&self, units: usize) -> Result<()> {
        eventually("every unit to be ready", Duration::from_mins(2), || async {
            let seen = self.api.list("/api/v1/units").await?;
            let away: Vec<&Value> = seen
                .iter()
                .filter(|unit| unit["link"] != "up" || unit["crew"] == Value::Array(vec![]))
                .collect();
            if seen.len() == units && away.is_empty() {
                Ok(Some(()))
            } else {
                bail!("{} units; not ready: {away:?}", seen.len())
            }
        })
        .await
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if self.process.is_running()
            && let Err(error) = self.process.terminate(Duration::from_secs(40))
        {
            eprintln!("{error:#}");
        }
    }
}

/// Kills one of the demo's processes at once, by the id the demo left for it.
pub(crate) fn kill(state: &Path, name: &str) -> Result<()> {
    let file = state.join("pids").join(name);
    let pid = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let status = Command::new("kill").args(["-KILL", pid.trim()]).status()?;
    if !status.success() {
        bail!("cannot kill {name} ({})", pid.trim());
    }
    Ok(())
}

/// A different shift each time, below the ports the system hands out by itself.
fn free_shift() -> u32 {
    static STARTED: AtomicU32 = AtomicU32::new(0);
    let place =
        std::process::id().wrapping_mul(37).wrapping_add(STARTED.fetch_add(61, Ordering::Relaxed)) % 200;
    1700 + place * 100
}

/// The text of a member, or an error that shows the whole value.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> Result<&'a str> {
    value[member].as_str().with_context(|| format!("no `{member}` in {value}"))
}
