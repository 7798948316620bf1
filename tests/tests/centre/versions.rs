//! The link between versions: today's agent with tomorrow's centre, and tomorrow's vehicle with today's centre. What one says that the other
//! does not know is answered or passed over, and orders and presses go through.

use anyhow::{Context, Result};
use serde_json::json;
use system_tests::agent::Agent;
use system_tests::api::Api;
use system_tests::city::City;
use system_tests::process::Process;

use crate::other_client::python_vehicle;
use crate::tables::{SOON, crewed, place_near, stage_is, text, unit_is_ready};

#[tokio::test]
async fn an_agent_of_this_version_works_with_a_centre_of_the_next() -> Result<()> {
    let city = City::make("next-centre", 2)?;
    let _centre = city.start_centre_of("dispatchd-next").await?;
    let api = city.api()?;
    let agent = crewed(&city, &api, "A01").await?;
    let assignment = send(&city, &api).await?;
    works(&api, &agent, &assignment).await?;
    let told = api.text("/metrics").await?;
    assert!(told.contains("DELIVERY_OUTCOME_UNSUPPORTED"), "the agent says what it does not know:\n{told}");
    Ok(())
}

#[tokio::test]
async fn a_vehicle_of_the_next_version_works_with_a_centre_of_this() -> Result<()> {
    let city = City::make("next-vehicle", 2)?;
    let _centre = city.start_centre().await?;
    let api = city.api()?;
    let mut command = python_vehicle(&city, "A01")?;
    command.args(["--next", "--sign-on", "李强", "--orders", "1", "--stages", "acknowledged,rolling"]);
    let mut client = Process::start("vehicle_client.py", &mut command, &city.path().join("python.log"))?;
    unit_is_ready(&api, "A01").await.with_context(|| client.log_end())?;
    let assignment = send(&city, &api).await?;
    stage_is(&api, &assignment, "rolling").await.with_context(|| client.log_end())?;
    assert!(client.wait(SOON)?.success(), "the client is content: {}", client.log_end());
    let said = std::fs::read_to_string(city.path().join("python.log"))?;
    assert!(said.contains("\"spoken\": 1"), "the lower of the two is spoken: {said}");
    Ok(())
}

async fn send(city: &City, api: &Api) -> Result<String> {
    let incident = api.incident("胸痛", &place_near(city, "A01")?).await?;
    let path = format!("/api/v1/incidents/{}/assignments", text(&incident, "id")?);
    let assignment = api.post(&path, json!({"unit": "A01", "proposal": null, "reason": "试"})).await?;
    Ok(text(&assignment, "id")?.to_owned())
}

async fn works(api: &Api, agent: &Agent, assignment: &str) -> Result<()> {
    agent.sees("the order", SOON, |state| state["orders"][0]["assignment"] == assignment).await?;
    agent.press(assignment, "acknowledged").await?;
    stage_is(api, assignment, "acknowledged").await?;
    Ok(())
}
