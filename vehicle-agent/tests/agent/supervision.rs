//! What a service manager is told, over a real socket of the kind that systemd listens on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::net::UnixDatagram;
use tokio::process::Command;
use tokio::time::timeout;

use crate::vehicle::Vehicle;

const WITHIN: Duration = Duration::from_secs(30);

async fn told(manager: &UnixDatagram) -> String {
    let mut words = [0; 256];
    let bytes = timeout(WITHIN, manager.recv(&mut words)).await.unwrap().unwrap();
    String::from_utf8(words[..bytes].to_vec()).unwrap().trim().to_owned()
}

fn configure(folder: &Path) {
    let terminal = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = format!(
        "unit = \"A12\"\ncentre = \"127.0.0.1:9\"\ncertificates = \".\"\nspool = \"spool.sqlite\"\nterminal = \"{terminal}\"\n"
    );
    std::fs::write(folder.join("look.toml"), text).unwrap();
}

#[tokio::test]
async fn it_is_told_up_turning_and_stopping() {
    let vehicle = Vehicle::new("A12").await;
    let folder = vehicle.certificates();
    configure(&folder);
    let socket = folder.join("manager");
    let manager = UnixDatagram::bind(&socket).unwrap();
    // The watchdog is meant for one process; a shell that becomes the agent knows which.
    let mut agent = Command::new("sh")
        .args(["-c", "WATCHDOG_PID=$$ exec \"$0\" --config \"$1\"", env!("CARGO_BIN_EXE_vehicle-agent")])
        .arg(folder.join("look.toml"))
        .env("NOTIFY_SOCKET", &socket)
        .env("WATCHDOG_USEC", "200000")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    assert_eq!(told(&manager).await, "READY=1");
    for _ in 0..3 {
        assert_eq!(told(&manager).await, "WATCHDOG=1");
    }
    let pid = agent.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    let mut last = told(&manager).await;
    while last == "WATCHDOG=1" {
        last = told(&manager).await;
    }
    assert_eq!(last, "STOPPING=1");
    assert!(timeout(WITHIN, agent.wait()).await.unwrap().unwrap().success());
}
