//! Debian's own gpsd between a receiver and an ambulance: fixes of three constellations, a sky that is lost and how long
//! ago, a daemon that dies and comes back. The receiver is the one that `gpsfake` is made of, on a line of its own.

use std::fmt::Write;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use system_tests::city::City;
use system_tests::deadline::eventually;
use system_tests::ports;
use system_tests::process::{Process, program};

use crate::tables::SOON;

/// Plays a log to gpsd through a line, so many seconds for each sentence, once.
const GPSFAKE: &str = "
import sys, time, gps.fake as fake
port, log, pace = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
session = fake.TestSession(prefix='', port=port, options='-n', timeout=600)
session.spawn()
def go(line, receiver):
    time.sleep(pace)
    return line < len(receiver.testload.sentences)
session.gps_add(log, speed=38400, pred=go)
session.run()
";
/// Sentences of one second; with the pace below they take that long.
const SENTENCES: usize = 8;
const PACE: &str = "0.12";

#[tokio::test]
async fn an_ambulance_hears_gpsd_says_how_long_it_has_not_and_hears_it_again() -> Result<()> {
    let city = City::make("gpsd", 2)?;
    let _centre = city.start_centre().await?;
    let api = city.api()?;
    let place = city.station_of("A01")?;
    let (gpsd_port, terminal) = (ports::tcp()?, ports::tcp()?);
    let gpsd = Gpsd::start(&city, gpsd_port, place, 6)?;
    let _agent = start_agent(&city, gpsd_port, terminal)?;

    // Four of GPS, two of GLONASS, three of BeiDou.
    let seen =
        shows(terminal, "a fix of nine satellites", |gnss| gnss["state"] == "fix" && gnss["satellites"] == 9)
            .await?;
    assert_eq!(seen["clock"]["source"], "gnss", "{seen}");
    assert!(
        seen["gnss"]["no_fix_for_s"].is_null() && near(&seen["gnss"]["position"], "_deg", place),
        "{seen}"
    );
    eventually("the centre to see A01 at its station", SOON, || async {
        let seen = api.get("/api/v1/units/A01").await?;
        if near(&seen["position"], "", place) { Ok(Some(())) } else { bail!("{seen}") }
    })
    .await?;

    let lost = shows(terminal, "a lost fix and its age", |gnss| {
        gnss["state"] == "lost" && gnss["no_fix_for_s"].as_u64() >= Some(2)
    })
    .await?;
    assert!(near(&lost["gnss"]["position"], "_deg", place), "the last place is still shown: {lost}");

    drop(gpsd);
    let _gpsd = Gpsd::start(&city, gpsd_port, place, 60)?;
    shows(terminal, "a fix again", |gnss| gnss["state"] == "fix").await?;
    Ok(())
}

/// A running gpsd and its receiver. Asked to end, the harness ends its daemon, too; killed, it would leave it behind.
struct Gpsd(Process);

impl Gpsd {
    /// With a receiver that has a fix for so many seconds, then none.
    fn start(city: &City, port: u16, place: (f64, f64), fix_s: i64) -> Result<Gpsd> {
        let log = city.path().join("receiver.nmea");
        std::fs::write(&log, sentences(place, fix_s))?;
        // Daemons are not on everybody's path.
        let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-c", GPSFAKE, &port.to_string()]).arg(&log).arg(PACE).env("PATH", path);
        Ok(Gpsd(Process::start("gpsd", &mut command, &city.path().join("gpsd.log"))?))
    }
}

impl Drop for Gpsd {
    fn drop(&mut self) {
        if let Err(error) = self.0.terminate(Duration::from_secs(10)) {
            eprintln!("{error:#}");
        }
    }
}

fn start_agent(city: &City, gpsd: u16, terminal: u16) -> Result<Process> {
    city.certificate("A01")?;
    city.amend("agents/A01.toml", |agent| {
        agent.insert("centre".into(), format!("127.0.0.1:{}", city.link_port()).into());
        agent.insert("terminal".into(), format!("127.0.0.1:{terminal}").into());
        agent.insert("gnss".into(), format!("gpsd://127.0.0.1:{gpsd}").into());
    })?;
    let mut command = Command::new(program("vehicle-agent")?);
    command.arg("--config").arg(city.path().join("agents/A01.toml"));
    Process::start("A01", &mut command, &city.path().join("A01.log"))
}

/// Waits until the terminal's receiver is as `seen` wants it; the whole state.
async fn shows(terminal: u16, what: &str, seen: impl Fn(&Value) -> bool) -> Result<Value> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
    let url = format!("http://127.0.0.1:{terminal}/api/state");
    eventually(&format!("the terminal to show {what}"), SOON, || async {
        let state: Value = client.get(&url).send().await?.json().await?;
        if seen(&state["gnss"]) { Ok(Some(state)) } else { bail!("{}", state["gnss"]) }
    })
    .await
}

fn near(position: &Value, unit: &str, (longitude, latitude): (f64, f64)) -> bool {
    let off = |name: &str, there: f64| {
        position[format!("{name}{unit}").as_str()].as_f64().is_some_and(|here| (here - there).abs() < 1e-4)
    };
    off("longitude", longitude) && off("latitude", latitude)
}

/// A minute and more of a receiver from now on.
fn sentences((longitude, latitude): (f64, f64), fix_s: i64) -> String {
    let start = Timestamp::now().as_second() + 1;
    let place = format!("{},{}", degrees(latitude, 2, "N"), degrees(longitude, 3, "E"));
    let mut log = String::new();
    for second in 0..90 {
        let now =
            Timestamp::from_second(start + second).expect("invariant: now is a time").to_zoned(TimeZone::UTC);
        let (time, date) = (now.strftime("%H%M%S.00").to_string(), now.strftime("%d%m%y").to_string());
        let bodies = if second < fix_s {
            [
                format!("GNRMC,{time},A,{place},0.0,,{date},,,A"),
                format!("GNGGA,{time},{place},1,09,0.8,10.0,M,8.0,M,,"),
                "GNGSA,A,3,02,05,12,25,,,,,,,,,1.6,0.8,1.4".to_owned(),
                "GNGSA,A,3,65,72,,,,,,,,,,,1.6,0.8,1.4".to_owned(),
                "BDGSA,A,3,201,203,206,,,,,,,,,,1.6,0.8,1.4".to_owned(),
                "GPGSV,1,1,04,02,45,060,40,05,45,150,40,12,45,000,40,25,45,030,40".to_owned(),
                "GLGSV,1,1,02,65,45,150,40,72,45,000,40".to_owned(),
                "BDGSV,1,1,03,01,45,030,40,03,45,090,40,06,45,180,40".to_owned(),
            ]
        } else {
            let mut none = [(); SENTENCES].map(|()| "GNGSA,A,1,,,,,,,,,,,,,99.9,99.9,99.9".to_owned());
            none[0] = format!("GNRMC,{time},V,,,,,,,{date},,,N");
            none[1] = format!("GNGGA,{time},,,,,0,00,99.9,,,,,,");
            none
        };
        for body in bodies {
            let sum = body.bytes().fold(0_u8, |sum, byte| sum ^ byte);
            write!(log, "${body}*{sum:02X}\r\n").expect("invariant: a string takes everything");
        }
    }
    log
}

/// Degrees and minutes as NMEA writes them.
fn degrees(value: f64, digits: usize, positive: &str) -> String {
    let (whole, minutes) = (value.trunc(), value.fract() * 60.0);
    format!("{whole:0digits$.0}{minutes:07.4},{positive}")
}
