//! A short link campaign: the same as `./x bench link`, with tunnels of 5 and 20 s, one-way cuts, loss, a flapping link and addresses that change.
//! Laws of its own go by what crews pressed and were shown, and by the journal; that they can be broken is tested here, too.

use std::process::Command;

use anyhow::{Context, Result};
use system_tests::process::{program, run};
use system_tests::scratch::Scratch;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/link");

#[test]
fn nothing_is_lost_or_out_of_order_through_tunnels_and_cuts() -> Result<()> {
    let scratch = Scratch::new("link")?;
    let binaries = program("dispatchd")?.parent().context("a program lies in a folder")?.to_owned();
    let mut campaign = python();
    campaign.arg(format!("{FOLDER}/campaign.py")).args(["--short", "--seed", "5"]);
    campaign.arg("--binaries").arg(binaries).arg("--folder").arg(scratch.path().join("centre"));
    passes(campaign)
}

#[test]
fn each_law_of_the_link_is_broken_by_a_history_that_breaks_it() -> Result<()> {
    let mut tests = python();
    tests.args(["-m", "unittest", "discover", "--start-directory", FOLDER, "--pattern", "*_test.py"]);
    passes(tests)
}

fn python() -> Command {
    let mut python = Command::new(std::env::var("JICHI_PYTHON").unwrap_or_else(|_| "python3".to_owned()));
    python.env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

fn passes(mut command: Command) -> Result<()> {
    let (status, said) = run(&mut command)?;
    eprintln!("{said}");
    anyhow::ensure!(status.success(), "{said}");
    Ok(())
}
