//! Short crash campaigns: the same as `./x bench crash`, with fewer harms. An independent checker goes by what clients were told.

use std::process::Command;

use anyhow::{Context, Result};
use system_tests::process::{program, run};
use system_tests::scratch::Scratch;

#[test]
fn nothing_acknowledged_is_lost_in_a_short_campaign() -> Result<()> {
    campaign("crash", &["--kills", "20"])
}

/// A primary and its synchronous standby under Patroni and etcd: the primary is killed while calls come, and dispatching goes on.
#[test]
fn nothing_acknowledged_is_lost_when_a_primary_is_killed() -> Result<()> {
    campaign("primary", &["--patroni", "--kills", "4", "--only", "postgres"])
}

fn campaign(name: &str, arguments: &[&str]) -> Result<()> {
    let python = std::env::var("JICHI_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let scratch = Scratch::new(name)?;
    let binaries = program("dispatchd")?.parent().context("a program lies in a folder")?.to_owned();
    let campaign = concat!(env!("CARGO_MANIFEST_DIR"), "/crash/campaign.py");
    let mut command = Command::new(python);
    command.arg(campaign).arg("--binaries").arg(binaries).arg("--folder").arg(scratch.path().join("centre"));
    let (status, said) = run(command.args(arguments))?;
    eprintln!("{said}");
    anyhow::ensure!(status.success(), "{said}");
    Ok(())
}
