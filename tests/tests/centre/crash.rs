//! Short crash campaigns: the same as `./x bench crash`, with fewer harms. An independent checker goes by what clients were told.

use std::process::Command;

use anyhow::{Context, Result};
use system_tests::process::{program, run};
use system_tests::scratch::Scratch;

/// How the campaign begins to say what the machine lacks for `--namespaces`; it ends with 2 then.
const NO_NAMESPACES: &str = "no namespaces: ";

#[test]
fn nothing_acknowledged_is_lost_in_a_short_campaign() -> Result<()> {
    campaign("crash", &["--kills", "20"])
}

/// A primary and its synchronous standby under Patroni and etcd: the primary is killed while calls come, and dispatching goes on.
#[test]
fn nothing_acknowledged_is_lost_when_a_primary_is_killed() -> Result<()> {
    campaign("primary", &["--patroni", "--kills", "4", "--only", "postgres"])
}

/// Each machine in a network namespace of its own: the leader's line to PostgreSQL, to the follower and to the vehicles is cut, one way and both.
#[test]
fn nothing_acknowledged_is_lost_when_lines_are_cut_one_way() -> Result<()> {
    let mut arguments = vec!["--namespaces", "--seed", "366", "--in-turn", "--kills", "9", "--only"];
    arguments.extend(["database", "database-out", "database-in", "standby", "standby-out", "standby-in"]);
    arguments.extend(["vehicles", "vehicles-out", "vehicles-in"]);
    campaign("lines", &arguments)
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
    if said.contains(NO_NAMESPACES) && status.code() == Some(2) {
        eprintln!("left out: this machine makes no network namespaces");
        return Ok(());
    }
    anyhow::ensure!(status.success(), "{said}");
    Ok(())
}
