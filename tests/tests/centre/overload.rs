//! A short overload: the same as `./x bench overload` in seconds. What is asserted is who is refused, counted, named and cut off, that
//! everybody else is served, and that nothing acknowledged is lost; how long anybody waits is the benchmark's affair.

use std::process::Command;

use anyhow::{Context, Result};
use system_tests::process::{program, run};
use system_tests::scratch::Scratch;

/// Of each phase: long enough for a newcomer that reads nothing to be cut off.
const SECONDS: u32 = 9;

#[test]
fn floods_are_refused_and_named_while_others_are_served_and_nothing_is_lost() -> Result<()> {
    let python = std::env::var("JICHI_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let scratch = Scratch::new("overload")?;
    let binaries = program("dispatchd")?.parent().context("a program lies in a folder")?.to_owned();
    let campaign = concat!(env!("CARGO_MANIFEST_DIR"), "/load/overload.py");
    let mut command = Command::new(python);
    command.arg(campaign).arg("--binaries").arg(binaries).arg("--no-pin").args(["--phases", "all"]);
    command
        .arg("--folder")
        .arg(scratch.path().join("centre"))
        .arg("--json")
        .arg(scratch.path().join("overload.json"));
    let (status, said) = run(command.args(["--seconds", &SECONDS.to_string(), "--rate", "20"]))?;
    eprintln!("{said}");
    anyhow::ensure!(status.success(), "{said}");
    Ok(())
}
