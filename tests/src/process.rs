//! Real processes: started with their output in a log file, ended by their own id when they go out of scope.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::tree;

/// One of our programs, as built beside this test: `dispatchd`, `vehicle-agent` or `sim`.
pub fn program(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe().context("a test knows where it is")?;
    let folder = test.ancestors().nth(2).context("a test lies in target/PROFILE/deps")?;
    let path = folder.join(name);
    if !path.is_file() {
        bail!("{} is not built: run ./x test, or cargo build --workspace --bins first", path.display());
    }
    Ok(path)
}

/// Runs a program to its end and gives back what it printed (both streams) and how it ended.
pub fn run(command: &mut Command) -> Result<(ExitStatus, String)> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok((output.status, text))
}

/// A running process that belongs to one test.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`, its output appended to `log`.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> Result<Process> {
        let file = File::options().create(true).append(true).open(log)?;
        let child = command
            .current_dir(tree::root())
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Process { name: name.to_owned(), child, log: log.to_owned() })
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, as a power failure would: SIGKILL, and waits until it is gone.
    pub fn kill(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_none() {
            self.child.kill().with_context(|| format!("cannot kill {}", self.name))?;
        }
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end (SIGTERM) and waits; how it ended. One that does not end within the time is killed, and that is an error.
    pub fn terminate(&mut self, within: Duration) -> Result<ExitStatus> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        let asked = Command::new("kill").args(["-TERM", &self.id().to_string()]).status()?;
        if !asked.success() {
            bail!("cannot send SIGTERM to {}", self.name);
        }
        self.wait(within)
    }

    /// Waits until it ends by itself.
    pub fn wait(&mut self, within: Duration) -> Result<ExitStatus> {
        let started = Instant::now();
        while started.elapsed() < within {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.kill()?;
        bail!("{} did not end within {} s; its log ends:\n{}", self.name, within.as_secs(), self.log_end())
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Everything it has printed.
    pub fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The last lines of what it has printed.
    pub fn log_end(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(25)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("── the end of {}'s log ──\n{}", self.name, self.log_end());
        }
        if let Err(error) = self.kill() {
            eprintln!("{error:#}");
        }
    }
}
