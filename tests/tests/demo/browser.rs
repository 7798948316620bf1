//! The pages in a real browser: Debian's Chromium takes a call to handover and looks at the arrival board and the report.
//! The steps are `console/e2e/take_call.mjs`; here its demo is started and its verdict read.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use system_tests::process::Process;
use system_tests::scratch::Scratch;
use system_tests::tree;

use crate::running::{Demo, Wanted};

const WALK_WITHIN: Duration = Duration::from_mins(7);
/// Half as fast as the demo: here somebody looks at pages while the ambulance drives.
const WANTED: Wanted<'static> = Wanted { units: 4, seats: "none", clock_rate: 15 };

#[tokio::test]
async fn a_dispatcher_takes_a_call_to_handover_in_the_browser() -> Result<()> {
    let scratch = Scratch::new("browser")?;
    let state = scratch.join("demo");
    std::fs::create_dir(&state)?;
    let demo = Demo::start(&state, &WANTED).await?;
    let mut command = Command::new(named("JICHI_NODE", &["/usr/bin/node", "target/tools/venv/bin/node"])?);
    command
        .arg(tree::root().join("console/e2e/take_call.mjs"))
        .env("JICHI_CENTRE", demo.api().base())
        .env("JICHI_TERMINAL", demo.terminal(0))
        .env("JICHI_CHROMIUM", named("JICHI_CHROMIUM", &["/usr/bin/chromium", "/usr/bin/chromium-browser"])?)
        .env("JICHI_PICTURES", pictures()?);
    let mut walk = Process::start("take_call.mjs", &mut command, &scratch.join("browser.log"))?;
    let status =
        tokio::task::spawn_blocking(move || walk.wait(WALK_WITHIN).map(|status| (status, walk.log())))
            .await??;
    if !status.0.success() {
        bail!("the walk through the pages failed:\n{}", status.1);
    }
    eprintln!("{}", status.1);
    Ok(())
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
