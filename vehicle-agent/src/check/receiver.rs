//! The receiver: an agent at work says what it hears; without one the receiver is listened to. Two readers of one serial
//! line would take each other's bytes, so that is never done beside an agent.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::finding::{About, Finding};
use super::words::{Words, words};
use crate::gnss::{Probe, Source, probe};

/// The finding, and the satellites' time at this moment (milliseconds since 1970), if it is known.
pub(super) async fn look(
    source: Option<&Source>,
    running: Option<&Value>,
    within: Duration,
) -> (Finding, Option<i64>) {
    let Some(source) = source else {
        let problem = words(
            "配置里没有 gnss, 车辆没有位置",
            "the configuration names none: the vehicle has no position",
        );
        let remedy = words("加入 gnss = \"gpsd://127.0.0.1\"", "add gnss = \"gpsd://127.0.0.1\"");
        return (Finding::bad(About::Receiver, problem, remedy), None);
    };
    match running {
        Some(state) => (told_by_agent(source, state), time_of_agent(state)),
        None => told_by_receiver(source, &probe(source, within).await),
    }
}

fn told_by_receiver(source: &Source, found: &Probe) -> (Finding, Option<i64>) {
    match found {
        Probe::Fix(position) => {
            let shown = fix(source, u64::from(position.satellites), 0.0);
            (Finding::good(About::Receiver, shown), Some(position.fix_time_unix_ms))
        }
        Probe::NoFix => (no_fix(source, None), None),
        Probe::Silent => {
            let problem =
                words(format!("{source} 可连接但没有数据"), format!("{source} is there and says nothing"));
            let remedy = match source {
                Source::Serial { .. } => words(
                    "检查波特率 (例如 /dev/ttyUSB0:115200) 与接线",
                    "see that the speed is right (for example /dev/ttyUSB0:115200), and the wires",
                ),
                Source::Nmea { .. } | Source::Gpsd { .. } => words(
                    "检查接收机供电与接线; gpsd 用 cgps 或 gpspipe -w 核对",
                    "look at the receiver's power and cable; with gpsd try cgps or gpspipe -w",
                ),
            };
            (Finding::bad(About::Receiver, problem, remedy), None)
        }
        Probe::Unreachable(error) => {
            let problem =
                words(format!("{source} 无法连接: {error}"), format!("{source} cannot be reached: {error}"));
            let remedy = match source {
                Source::Gpsd { .. } => words(
                    "启动 gpsd: systemctl enable --now gpsd.socket, 并在 /etc/default/gpsd 写明 DEVICES",
                    "start gpsd: systemctl enable --now gpsd.socket, with DEVICES in /etc/default/gpsd",
                ),
                Source::Nmea { .. } => words("检查地址与接收机", "look at the address and the receiver"),
                Source::Serial { .. } => words(
                    "检查设备名; 代理的用户须在 dialout 组",
                    "look at the device's name; the agent's user must be in the group dialout",
                ),
            };
            (Finding::bad(About::Receiver, problem, remedy), None)
        }
    }
}

fn told_by_agent(source: &Source, state: &Value) -> Finding {
    let gnss = &state["gnss"];
    if gnss["state"] == "fix" {
        let satellites = gnss["satellites"].as_u64().unwrap_or(0);
        return Finding::good(
            About::Receiver,
            fix(source, satellites, gnss["age_s"].as_f64().unwrap_or(0.0)),
        );
    }
    no_fix(source, gnss["no_fix_for_s"].as_u64())
}

/// An agent whose clock the satellites set has their time.
fn time_of_agent(state: &Value) -> Option<i64> {
    let is_theirs = state["clock"]["source"] == "gnss" && state["clock"]["rate"].as_f64() == Some(1.0);
    let now: Timestamp = state["now"].as_str().filter(|_| is_theirs)?.parse().ok()?;
    Some(now.as_millisecond())
}

fn fix(source: &Source, satellites: u64, age_s: f64) -> Words {
    words(
        format!("{source} 已定位, {satellites} 颗卫星, {age_s:.1} 秒前"),
        format!("{source} has a fix, {satellites} satellites, {age_s:.1} s old"),
    )
}

fn no_fix(source: &Source, for_s: Option<u64>) -> Finding {
    let (zh, en) =
        for_s.map_or((String::new(), String::new()), |s| (format!(" {s} 秒"), format!(" for {s} s")));
    let problem = words(format!("{source} 未定位{zh}"), format!("{source} has had no fix{en}"));
    let remedy = words(
        "把车开到露天处, 检查天线及其接线; 冷启动可能需要数分钟",
        "bring the vehicle under the open sky, look at the antenna and its cable; a cold start may take minutes",
    );
    Finding::bad(About::Receiver, problem, remedy)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    const SOON: Duration = Duration::from_millis(400);
    const FIX: &str = "$GNGGA,130417.00,3015.0000,N,12030.0000,E,1,17,0.8,10.0,M,8.0,M,,*72\r\n\
                       $GNRMC,130417.00,A,3015.0000,N,12030.0000,E,22.5,090.0,211126,,,A*7C\r\n";
    const NO_FIX: &str = "$GNRMC,,V,,,,,,,,,,N*4D\r\n";

    /// A receiver that says this once to whoever connects.
    async fn receiver(says: &'static str) -> Source {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.write_all(says.as_bytes()).await.unwrap();
                open.push(stream);
            }
        });
        Source::Nmea { address }
    }

    #[tokio::test]
    async fn a_fix_none_silence_and_nobody_are_told_apart() {
        let (finding, time) = look(Some(&receiver(FIX).await), None, SOON).await;
        assert!(finding.is_good() && time == Some(1_795_266_257_000), "{finding:?} {time:?}");
        for (says, expected) in
            [(NO_FIX, "has had no fix"), ("", "says nothing"), ("hello\r\n", "says nothing")]
        {
            let (finding, time) = look(Some(&receiver(says).await), None, SOON).await;
            let text = format!("{finding:?}");
            assert!(!finding.is_good() && time.is_none() && text.contains(expected), "{says:?}: {text}");
        }
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
        let (finding, _) = look(Some(&Source::Gpsd { address: closed }), None, SOON).await;
        assert!(format!("{finding:?}").contains("cannot be reached"), "{finding:?}");
        assert!(!look(None, None, SOON).await.0.is_good());
    }

    #[tokio::test]
    async fn an_agent_at_work_is_asked_and_not_its_receiver() {
        let nobody = Source::Nmea { address: "127.0.0.1:1".into() };
        let mut state = json!({
            "now": "2026-11-21T13:04:17Z", "clock": {"source": "gnss", "rate": 1.0},
            "gnss": {"state": "fix", "satellites": 9, "age_s": 0.4, "no_fix_for_s": null},
        });
        let (finding, time) = look(Some(&nobody), Some(&state), SOON).await;
        assert!(finding.is_good() && time == Some(1_795_266_257_000), "{finding:?}");
        state["gnss"] = json!({"state": "lost", "no_fix_for_s": 42});
        state["clock"]["source"] = "system".into();
        let (finding, time) = look(Some(&nobody), Some(&state), SOON).await;
        assert!(format!("{finding:?}").contains("for 42 s") && time.is_none(), "{finding:?}");
    }
}
