//! A vehicle comes by its certificate with an invitation, works with it, and is shut out when it is stolen.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::json;
use system_tests::city::City;
use system_tests::deadline::eventually;
use system_tests::ports;
use system_tests::process::{program, run};

use crate::tables::{SOON, text, unit_is_ready};

#[tokio::test]
async fn a_vehicle_is_invited_works_and_is_shut_out_when_it_is_stolen() -> Result<()> {
    let city = City::make("enrolment", 2)?;
    let door = format!("127.0.0.1:{}", ports::udp()?);
    std::fs::write(city.path().join("denied.toml"), "")?;
    city.amend("centre.toml", |centre| {
        let vehicles = centre["vehicles"].as_table_mut().expect("the city has a door for vehicles");
        vehicles.insert("enrolment".into(), door.clone().into());
        vehicles.insert("denied".into(), "denied.toml".into());
    })?;
    city.amend("agents/A02.toml", |agent| {
        agent.insert("enrolment".into(), vec![door].into());
    })?;
    let centre = city.start_centre().await?;
    let api = city.api()?;

    let invitation = api.post("/api/v1/units/A02/invitation", json!({})).await?;
    assert!(invitation["path"].as_str().is_some_and(|path| path.starts_with('M')), "{invitation}");
    let code = text(&invitation, "text")?;
    let (refused, said) = enrol(&city, &code.replace(":A02:", ":A01:"))?;
    assert!(!refused && said.contains("A01"), "an invitation is for one vehicle: {said}");
    // A centre that another authority speaks for is none, whatever it answers.
    let digit = if code.ends_with('0') { '1' } else { '0' };
    let (refused, said) = enrol(&city, &format!("{}{digit}", &code[..code.len() - 1]))?;
    assert!(!refused, "another authority: {said}");
    let (enrolled, said) = enrol(&city, code)?;
    assert!(enrolled, "{said}");
    let (again, said) = enrol(&city, code)?;
    assert!(!again && said.contains("invitation"), "a token is good once: {said}");

    let agent = city.start_agent("A02").await?;
    agent.sees("the centre", SOON, |state| state["link"]["state"] == "connected").await?;
    agent.sign_on().await?;
    unit_is_ready(&api, "A02").await?;

    std::fs::write(city.path().join("denied.toml"), "[[denied]]\nunit = 'A02'\nreason = '平板被盗'\n")?;
    let (sent, said) = run(Command::new("kill").args(["-HUP", &centre.id().to_string()]))?;
    assert!(sent.success(), "{said}");
    let begun = Instant::now();
    eventually("the stolen terminal to be gone", SOON, || async {
        let seen = api.get("/api/v1/units/A02").await?;
        if seen["link"] == "down" { Ok(Some(())) } else { bail!("{seen}") }
    })
    .await?;
    assert!(begun.elapsed() < Duration::from_secs(5), "it took {:?}", begun.elapsed());
    agent.sees("that it is refused", SOON, |state| state["link"]["state"] == "refused").await?;
    assert!(api.metric("jichi_enrolments_total").await? >= 2.0);
    Ok(())
}

/// Whether the vehicle is enrolled, and what it said.
fn enrol(city: &City, code: &str) -> Result<(bool, String)> {
    let (status, said) = run(Command::new(program("vehicle-agent")?)
        .arg("--config")
        .arg(city.path().join("agents/A02.toml"))
        .args(["--enrol", code]))?;
    Ok((status.success(), said))
}
