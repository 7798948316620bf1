//! Bad input at the doors that are files: a map, a configuration, a journal. One clear line and a non-zero exit each.

use std::process::Command;

use anyhow::{Context, Result};
use system_tests::city::City;
use system_tests::process::{program, run};

#[test]
fn a_bad_map_file_is_refused_in_one_line() -> Result<()> {
    let city = City::make("bad-map", 2)?;
    // A blob that claims two gigabytes, as an attacker or a torn download would leave it.
    let giant = [&[0, 0, 0, 14][..], b"\x0a\x09OSMHeader\x18\xff\xff\xff\xff\x07", &[0; 64]].concat();
    let cases: [(&str, Vec<u8>); 4] = [
        ("empty", Vec::new()),
        ("text", b"<osm version=\"0.6\"></osm>".to_vec()),
        ("noise", (0..4096_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
        ("giant", giant),
    ];
    for (name, bytes) in cases {
        let file = city.path().join(format!("{name}.osm.pbf"));
        std::fs::write(&file, bytes)?;
        let path = file.to_str().context("a path in UTF-8")?;
        let (status, said) = city.dispatchd(&["import-map", path, "--out", "never.map"])?;
        assert!(!status.success(), "{name} was taken for a map: {said}");
        assert!(status.code().is_some(), "{name} ended it by a signal: {said}");
        is_one_clear_line(name, &said);
        assert!(!city.path().join("never.map").exists(), "{name}: no half map is left behind");
    }
    Ok(())
}

#[test]
fn a_bad_configuration_of_the_centre_is_refused_in_one_line() -> Result<()> {
    let city = City::make("bad-config", 2)?;
    let good = std::fs::read_to_string(city.path().join("centre.toml"))?;
    let (status, said) = city.dispatchd(&["serve", "--config", "centre.toml", "--check-config"])?;
    assert!(status.success(), "the good one is good: {said}");

    let port = city.api()?.base().rsplit(':').next().context("a port")?.to_owned();
    let cases = [
        ("not TOML", "[[[".to_owned(), "bad.toml"),
        ("an unknown key", format!("sprockets = 3\n{good}"), "sprockets"),
        ("open to the network", good.replace(&format!("127.0.0.1:{port}"), "0.0.0.0:8120"), "loopback"),
        ("a map that is not there", good.replace("city.map", "nowhere.map"), "nowhere.map"),
    ];
    for (name, text, named) in cases {
        assert_ne!(text, good, "{name}: the case changes something");
        std::fs::write(city.path().join("bad.toml"), text)?;
        let (status, said) = city.dispatchd(&["serve", "--config", "bad.toml"])?;
        assert!(!status.success(), "{name} was accepted: {said}");
        is_one_clear_line(name, &said);
        assert!(said.contains(named), "{name}: the line names what is wrong ({named}): {said}");
    }
    Ok(())
}

#[test]
fn a_bad_configuration_of_a_vehicle_or_the_city_is_refused_in_one_line() -> Result<()> {
    let city = City::make("bad-agent", 2)?;
    std::fs::write(city.path().join("bad.toml"), "unit = 3\nwheels = 4\n")?;
    for arguments in [["vehicle-agent", ""], ["sim", "drive"]] {
        let mut command = Command::new(program(arguments[0])?);
        command.args(arguments[1..].iter().filter(|argument| !argument.is_empty()));
        let (status, said) = run(command.arg("--config").arg(city.path().join("bad.toml")))?;
        assert!(!status.success(), "{} accepted it: {said}", arguments[0]);
        is_one_clear_line(arguments[0], &said);
        assert!(said.contains("bad.toml"), "{}: the line names the file: {said}", arguments[0]);
    }
    Ok(())
}

#[test]
fn a_port_that_somebody_else_has_is_named() -> Result<()> {
    let city = City::make("bad-port", 2)?;
    let taken = city.api()?.base().trim_start_matches("http://").to_owned();
    let _holder = std::net::TcpListener::bind(&taken)?;
    let (status, said) = city.dispatchd(&["serve", "--config", "centre.toml"])?;
    assert!(!status.success() && status.code().is_some(), "it goes on, or ended by a signal: {said}");
    let last = said.lines().last().context("it says something")?;
    assert!(last.contains(&format!("cannot listen at {taken}")), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    Ok(())
}

#[test]
fn a_journal_that_was_changed_is_found_out() -> Result<()> {
    let city = City::make("bad-journal", 2)?;
    let (status, said) = city.dispatchd(&["journal", "verify", "--config", "centre.toml"])?;
    assert!(!status.success(), "there is no journal yet: {said}");
    is_one_clear_line("no journal", &said);
    Ok(())
}

/// Progress may come before it; the error itself is the last line, and no trace of the program's inside is shown.
fn is_one_clear_line(name: &str, said: &str) {
    let errors: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    assert!(!errors.is_empty(), "{name}: it says why");
    for inside in ["panicked", "RUST_BACKTRACE", "stack backtrace", "src/main.rs"] {
        assert!(!said.contains(inside), "{name}: {said}");
    }
    assert!(errors.len() <= 3, "{name}: one clear line, not {}: {said}", errors.len());
    assert!(errors.last().is_some_and(|line| line.len() < 400), "{name}: {said}");
}
