//! A short crash campaign: the same as `./x bench crash`, with fewer harms. An independent checker goes by what clients were told.

use std::process::Command;

use anyhow::{Context, Result};
use system_tests::process::{program, run};
use system_tests::scratch::Scratch;

const HARMS: u32 = 20;

#[test]
fn nothing_acknowledged_is_lost_in_a_short_campaign() -> Result<()> {
    let python = std::env::var("JICHI_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let scratch = Scratch::new("crash")?;
    let binaries = program("dispatchd")?.parent().context("a program lies in a folder")?.to_owned();
    let campaign = concat!(env!("CARGO_MANIFEST_DIR"), "/crash/campaign.py");
    let mut command = Command::new(python);
    command.arg(campaign).arg("--binaries").arg(binaries).arg("--folder").arg(scratch.path().join("centre"));
    let (status, said) = run(command.args(["--kills", &HARMS.to_string()]))?;
    eprintln!("{said}");
    anyhow::ensure!(status.success(), "{said}");
    Ok(())
}
