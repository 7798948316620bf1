//! A walk through the pages in a real browser: a script of `console/e2e` with what it must know, run to its end.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::{Process, program, run};
use crate::tree;

/// Walks; what the script said is shown when it fails. `known`: variables that it reads. `log`: where what it says is kept.
pub async fn walk(script: &str, known: &[(&str, &str)], log: &Path, within: Duration) -> Result<()> {
    let mut command = Command::new(named("JICHI_NODE", &["/usr/bin/node", "target/tools/venv/bin/node"])?);
    command
        .arg(tree::root().join("console/e2e").join(script))
        .envs(known.iter().copied())
        .env("JICHI_CHROMIUM", named("JICHI_CHROMIUM", &["/usr/bin/chromium", "/usr/bin/chromium-browser"])?)
        .env("JICHI_PICTURES", pictures()?);
    let mut walk = Process::start(script, &mut command, log)?;
    let (status, said) =
        tokio::task::spawn_blocking(move || walk.wait(within).map(|status| (status, walk.log()))).await??;
    if !status.success() {
        bail!("the walk through the pages failed:\n{said}");
    }
    eprintln!("{said}");
    Ok(())
}

/// An ECG that a walk adds at the terminal.
pub fn ecg(folder: &Path) -> Result<String> {
    let file = folder.join("ecg.xml");
    let mut sim = Command::new(program("sim")?);
    sim.args(["ecg", "--seed", "7", "--rate", "96", "--st-mv", "0.3", "--out"]).arg(&file);
    let (status, said) = run(&mut sim)?;
    anyhow::ensure!(status.success(), "sim ecg: {said}");
    Ok(file.display().to_string())
}

/// Pictures of the pages stay for a look.
fn pictures() -> Result<PathBuf> {
    let folder = tree::root().join("target/pictures");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// The program that `./x test` names, or the first that is where programs of that kind are.
fn named(variable: &str, usual: &[&str]) -> Result<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .or_else(|| usual.iter().map(|path| tree::root().join(Path::new(path))).find(|path| path.is_file()))
        .with_context(|| format!("nothing at {usual:?}: ./x test installs it, or set {variable}"))
}
