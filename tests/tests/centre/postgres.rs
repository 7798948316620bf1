//! A throwaway PostgreSQL of the machine's own binaries: made, started, killed and asked, in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use system_tests::deadline::eventually;
use system_tests::ports;
use system_tests::process::{Process, run};
use system_tests::scratch::Scratch;

/// PostgreSQL refuses to run as root; Debian's package brings this user.
const UNPRIVILEGED: &str = "postgres";

/// One server with an empty database.
pub(crate) struct Postgres {
    scratch: Scratch,
    port: u16,
    process: Option<Process>,
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub(crate) async fn start() -> Result<Postgres> {
        let scratch = Scratch::new("postgres")?;
        if is_root()? {
            let (status, said) = run(Command::new("chown").arg(UNPRIVILEGED).arg(scratch.path()))?;
            anyhow::ensure!(status.success(), "chown to {UNPRIVILEGED}: {said}");
        }
        let mut postgres = Postgres { scratch, port: ports::tcp()?, process: None };
        let mut initdb = Self::command("initdb")?;
        let (status, said) = run(initdb
            .args([
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
                "-D",
            ])
            .arg(postgres.data()))?;
        anyhow::ensure!(status.success(), "initdb: {said}");
        postgres.start_again().await?;
        Ok(postgres)
    }

    /// Starts the server on the cluster that is there.
    pub(crate) async fn start_again(&mut self) -> Result<()> {
        let mut command = Self::command("postgres")?;
        command.args(["-c", "listen_addresses=127.0.0.1", "-p", &self.port.to_string(), "-k"]);
        command.arg(self.scratch.path()).arg("-D").arg(self.data());
        self.process = Some(Process::start("postgres", &mut command, &self.scratch.join("log"))?);
        eventually("PostgreSQL to answer", Duration::from_secs(30), || async {
            self.ask("select 1").map(Some)
        })
        .await?;
        Ok(())
    }

    /// Ends it at once: the server is asked for an immediate shutdown, which it does without finishing anything.
    pub(crate) fn kill(&mut self) -> Result<()> {
        let Some(mut process) = self.process.take() else { bail!("PostgreSQL does not run") };
        let mut command = Self::command("pg_ctl")?;
        let (status, said) = run(command.args(["stop", "-m", "immediate", "-D"]).arg(self.data()))?;
        anyhow::ensure!(status.success(), "pg_ctl: {said}");
        process.wait(Duration::from_secs(20))?;
        Ok(())
    }

    /// Where it is to be found.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The answer of one statement, as psql prints it without decoration.
    pub(crate) fn ask(&self, statement: &str) -> Result<String> {
        let mut command = Command::new(binary("psql")?);
        let (status, said) =
            run(command.args(["-XAt", "-v", "ON_ERROR_STOP=1", "-d", &self.url(), "-c", statement]))?;
        anyhow::ensure!(status.success(), "psql: {said}");
        Ok(said.trim().to_owned())
    }

    fn data(&self) -> PathBuf {
        self.scratch.join("data")
    }

    fn command(name: &str) -> Result<Command> {
        let binary = binary(name)?;
        if is_root()? {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", UNPRIVILEGED, "--regid", UNPRIVILEGED, "--clear-groups"]).arg(binary);
            Ok(command)
        } else {
            Ok(Command::new(binary))
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.process.is_some()
            && let Err(error) = self.kill()
        {
            eprintln!("{error:#}");
        }
    }
}

/// Debian keeps the server's binaries out of PATH, in a folder by version; the newest is taken.
fn binary(name: &str) -> Result<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|folders| folders.flatten().map(|folder| folder.path().join("bin").join(name)).collect())
        .unwrap_or_default();
    found.retain(|path| path.is_file());
    found.sort();
    if let Some(path) = found.pop() {
        return Ok(path);
    }
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths)
        .map(|folder| folder.join(name))
        .find(|path: &PathBuf| Path::is_file(path))
        .with_context(|| format!("{name} is not on this machine: ./x test installs PostgreSQL"))
}

fn is_root() -> Result<bool> {
    Ok(run(Command::new("id").arg("-u"))?.1.trim() == "0")
}
