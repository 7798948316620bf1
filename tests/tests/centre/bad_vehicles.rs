//! Bad input at the vehicles' door: noise, and an agent whose certificate another authority signed. Both are counted,
//! and a vehicle of ours goes on undisturbed.

use std::net::UdpSocket;

use anyhow::{Result, bail};
use system_tests::city::City;
use system_tests::deadline::eventually;

use crate::tables::{SOON, crewed, unit_is_ready};

#[tokio::test]
async fn noise_and_strangers_disturb_no_vehicle() -> Result<()> {
    let city = City::make("bad-vehicles", 2)?;
    let mut centre = city.start_centre().await?;
    let api = city.api()?;
    let agent = crewed(&city, &api, "A01").await?;

    let socket = UdpSocket::bind("127.0.0.1:0")?;
    for size in (1..1400_u16).step_by(7) {
        let noise: Vec<u8> =
            (0..size).map(|index| (index.wrapping_mul(31).wrapping_add(size) >> 2) as u8).collect();
        socket.send_to(&noise, ("127.0.0.1", city.link_port()))?;
    }

    // The stranger's certificate is in order, but of another centre's authority.
    let elsewhere = City::make("stranger", 2)?;
    elsewhere.certificate("A02")?;
    let ours = elsewhere.table("agents/A02.toml")?;
    let folder = elsewhere.path().join("certificates").join("A02");
    city.certificate("A02")?;
    for file in ["unit.pem", "unit.key"] {
        std::fs::copy(folder.join(file), city.path().join("certificates").join("A02").join(file))?;
    }
    assert!(ours.contains_key("certificates"));
    let mut stranger = city.start_agent("A02").await?;
    eventually("the stranger to be refused and counted", SOON, || async {
        let refused = api.metric("jichi_vehicles_refused_total").await?;
        if refused >= 1.0 { Ok(Some(())) } else { bail!("refused {refused}") }
    })
    .await?;
    assert_ne!(api.get("/api/v1/units/A02").await?["link"], "up", "a stranger is never a unit of ours");

    assert!(stranger.process.is_running(), "an agent that is refused keeps trying");
    unit_is_ready(&api, "A01").await?;
    assert_eq!(agent.state().await?["link"]["state"], "connected");
    assert!(centre.is_running());
    Ok(())
}
