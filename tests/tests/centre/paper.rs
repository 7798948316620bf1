//! The paper fallback of a real centre: what goes on is on the sheet, the caller's number is put on record as read, and a centre
//! that is gone leaves the last sheet as it was.

use anyhow::{Context, Result};
use serde_json::json;
use system_tests::city::City;

#[tokio::test]
async fn the_sheet_holds_what_goes_on_and_outlives_the_centre() -> Result<()> {
    let city = City::make("paper", 2)?;
    let mut centre = city.start_centre().await?;
    let api = city.api()?;
    let place = json!({"position": null, "address": "滨江路 88 号 <东门>", "waiting_place": ""});
    let call = json!({"source": "telephone", "phone": "13812342290", "text_only": false, "place": place, "text": null});
    let call = api.post("/api/v1/calls", call).await?;
    let call = call["id"].as_str().context("a call has an id")?;
    api.post(&format!("/api/v1/calls/{call}/answer"), json!({})).await?;
    let sketch = json!({"call": call, "complaint": "胸痛", "triage": {"level": "I"}, "place": place});
    let incident = api.post("/api/v1/incidents", sketch).await?;
    let number = incident["number"].as_str().context("an incident has a number")?;

    let folder = city.path().join("seat-03");
    let to = folder.to_str().context("the scratch folder has a plain name")?;
    let plain = ["paper", "--to", to, "--centre", api.base(), "--once"];
    let (status, said) = city.dispatchd(&plain)?;
    assert!(status.success(), "{said}");
    let sheet = || std::fs::read_to_string(folder.join("paper.html")).context("there is no sheet");
    let masked = sheet()?;
    for wanted in [number, "胸痛", "滨江路 88 号 &lt;东门&gt;", "138****2290"] {
        assert!(masked.contains(wanted), "{wanted}: {masked}");
    }
    assert!(!masked.contains("13812342290"), "nobody signed for the whole number: {masked}");

    let signed = [&plain[..], &["--person", "王芳", "--seat", "03"]].concat();
    for _ in 0..2 {
        let (status, said) = city.dispatchd(&signed)?;
        assert!(status.success(), "{said}");
    }
    let whole = sheet()?;
    assert!(whole.contains("13812342290"), "{whole}");
    let (_, journal) = city.dispatchd(&["journal", "export", "--config", "centre.toml"])?;
    let reveals = journal.lines().filter(|line| line.contains("caller_revealed")).count();
    assert_eq!(reveals, 1, "read twice, on record once, by name");

    centre.kill()?;
    let (status, said) = city.dispatchd(&signed)?;
    assert!(!status.success() && said.contains("the centre does not answer"), "{said}");
    assert_eq!(sheet()?, whole, "the last sheet stays as it was");
    Ok(())
}
