//! `vehicle-agent check` beside a real centre, a real receiver and an agent at work: right when all is right, and for each
//! thing that is wrong a line that says so.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

use crate::EPOCH;
use crate::centre::Centre;
use crate::vehicle::Vehicle;

const WITHIN: Duration = Duration::from_secs(30);

/// How the program ended, and its lines.
async fn check(file: &Path, language: &str) -> (bool, String) {
    let told = Command::new(env!("CARGO_BIN_EXE_vehicle-agent"))
        .args(["check", "--language", language, "--config"])
        .arg(file)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let told = timeout(WITHIN, told).await.unwrap().unwrap();
    let text = String::from_utf8(told.stdout).unwrap() + &String::from_utf8(told.stderr).unwrap();
    (told.status.success(), text)
}

/// A receiver that says to whoever connects where it is, by the time of this machine.
async fn receiver() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let now = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
            let (time, date) = (now.strftime("%H%M%S.00").to_string(), now.strftime("%d%m%y").to_string());
            let place = "3015.0000,N,12030.0000,E";
            let gga = with_checksum(&format!("GNGGA,{time},{place},1,12,0.8,10.0,M,8.0,M,,"));
            let rmc = with_checksum(&format!("GNRMC,{time},A,{place},0.0,,{date},,,A"));
            stream.write_all(format!("{gga}{rmc}").as_bytes()).await.unwrap();
            open.push(stream);
        }
    });
    format!("tcp://{address}")
}

fn with_checksum(body: &str) -> String {
    let sum = body.bytes().fold(0_u8, |sum, byte| sum ^ byte);
    format!("${body}*{sum:02X}\r\n")
}

/// A configuration in a vehicle's folder.
fn configure(folder: &Path, certificates: &Path, centre: u16, gnss: &str, spool: &str) -> PathBuf {
    let terminal = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let file = folder.join("look.toml");
    let text = format!(
        "unit = \"A12\"\ncentre = \"127.0.0.1:{centre}\"\ncertificates = \"{}\"\nspool = \"{spool}\"\n\
         gnss = \"{gnss}\"\nterminal = \"{terminal}\"\n",
        certificates.display()
    );
    std::fs::write(&file, text).unwrap();
    file
}

#[tokio::test]
async fn where_all_is_well_every_line_says_so() {
    let vehicle = Vehicle::new("A12").await;
    let folder = vehicle.certificates();
    let mut centre = Centre::open(&folder, 0).await;
    let file = configure(&folder, &folder, centre.port(), &receiver().await, "spool.sqlite");
    let ((is_well, told), hello) = tokio::join!(check(&file, "en"), centre.welcome(EPOCH));
    assert!(is_well && told.lines().count() == 8, "{told}");
    assert!(told.lines().all(|line| line.starts_with("✔ ")), "{told}");
    for expected in
        ["12 satellites", "s of the satellites' time", "goes with its key", "is free; no agent runs"]
    {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    assert!(told.contains(&format!("leader: 127.0.0.1:{} ({})", centre.port(), EPOCH.node)), "{told}");
    assert_eq!((hello.boot, hello.connection), (0, 0), "no agent at work loses its place to it");
}

#[tokio::test]
async fn an_agent_at_work_is_asked_and_left_at_work() {
    let mut vehicle = Vehicle::new("A12").await;
    let folder = vehicle.certificates();
    let mut centre = Centre::open(&folder, 0).await;
    vehicle.start(centre.port()).await;
    assert!(centre.welcome(EPOCH).await.boot > 0);
    vehicle.feed(&[(0.0, 120.5), (0.0, 120.5), (0.0, 120.5), (0.0, 120.5)]).await;
    vehicle.until(|state| state["clock"]["source"] == "gnss").await;
    let file = folder.join("vehicle.toml");
    let looked = async {
        loop {
            let hello = centre.welcome_another(EPOCH).await;
            // The agent, whom nobody answers meanwhile, may come first.
            if hello.boot == 0 {
                break;
            }
        }
    };
    let ((is_well, told), ()) = tokio::join!(check(&file, "en"), looked);
    assert!(told.contains("is served by vehicle-agent") && told.contains("has a fix"), "{told}");
    // Its receiver lives in another hour than this machine, which only a look at the agent's clock can tell.
    assert!(!is_well && told.contains("the satellites' time ->"), "{told}");
    let state = crate::terminal::get_state(vehicle.terminal()).await;
    assert_eq!(state["gnss"]["state"], "fix", "its receiver is still its own");
    vehicle.stop().await;
}

#[tokio::test]
async fn each_thing_that_is_wrong_has_its_line() {
    let vehicle = Vehicle::new("A12").await;
    let folder = vehicle.certificates();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let missing = folder.join("missing");
    let gnss = format!("gpsd://127.0.0.1:{closed}");
    let file = configure(&folder, &missing, closed, &gnss, "nowhere/spool.sqlite");
    let (is_well, told) = check(&file, "zh").await;
    assert!(!is_well, "{told}");
    for about in ["证书", "存储", "定位接收机", "中心"] {
        assert!(told.contains(&format!("✘ {about}: ")), "{about}: {told}");
    }
    assert!(told.lines().filter(|line| line.starts_with('✘')).all(|line| line.contains(" → ")), "{told}");

    let file = configure(&folder, &folder, closed, &receiver().await, "spool.sqlite");
    let (is_well, told) = check(&file, "en").await;
    assert!(!is_well && told.contains("gives no answer over UDP"), "{told}");
    assert!(told.contains("✘ leader: no node takes this vehicle in"), "{told}");

    std::fs::write(&file, "unit = \"A12\"\nspoool = \"x\"\n").unwrap();
    let (is_well, told) = check(&file, "en").await;
    assert!(!is_well && told.starts_with("✘ configuration: ") && told.lines().count() == 1, "{told}");
    let (is_well, _) = check(&folder.join("none.toml"), "en").await;
    assert!(!is_well);
}

#[tokio::test]
async fn a_centre_of_another_authority_is_not_believed() {
    let (vehicle, other) = (Vehicle::new("A12").await, Vehicle::new("A12").await);
    let mut centre = Centre::open(&other.certificates(), 0).await;
    let folder = vehicle.certificates();
    let file = configure(&folder, &folder, centre.port(), &receiver().await, "spool.sqlite");
    let (is_well, told) = tokio::select! {
        told = check(&file, "en") => told,
        _ = centre.welcome(EPOCH) => panic!("a stranger is let in"),
    };
    assert!(!is_well && told.contains("the handshake failed"), "{told}");
}
