//! The terminal's port: free, served by this vehicle's agent at work, or taken by something else. An agent at work tells the rest.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::finding::{About, Finding};
use super::words::words;
use crate::terminal::PROGRAM;

const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// How the port stands, and the state of this unit's agent, if it serves it.
pub(super) async fn look(address: SocketAddr, unit: &str, within: Duration) -> (Finding, Option<Value>) {
    let Err(problem) = TcpListener::bind(address).await else {
        let shown = words(format!("{address} 空闲, 代理未运行"), format!("{address} is free; no agent runs"));
        return (Finding::good(About::Terminal, shown), None);
    };
    if problem.kind() != ErrorKind::AddrInUse {
        let remedy = words(
            "在配置里改 terminal; 该地址须属于本机",
            "change `terminal` in the configuration; the address must be this computer's",
        );
        let problem = format!("{address}: {problem}");
        return (Finding::bad(About::Terminal, words(problem.clone(), problem), remedy), None);
    }
    if let Some(state) = timeout(within, ask(address)).await.ok().flatten() {
        let served = state["unit"]["id"].as_str().unwrap_or("–").to_owned();
        return if served == unit {
            at_work(address, state)
        } else {
            (of_another(address, unit, &served), None)
        };
    }
    let (port, problem) = (
        address.port(),
        words(format!("{address} 被其他程序占用"), format!("{address} is taken by another program")),
    );
    let remedy = words(
        format!("用 ss -ltnp 'sport = :{port}' 查出并停掉它, 或在配置里改 terminal"),
        format!("find it with: ss -ltnp 'sport = :{port}'; stop it, or change `terminal`"),
    );
    (Finding::bad(About::Terminal, problem, remedy), None)
}

fn at_work(address: SocketAddr, state: Value) -> (Finding, Option<Value>) {
    let version = state["program"]["version"].as_str().unwrap_or_default();
    let unit = state["unit"]["id"].as_str().unwrap_or_default();
    let shown = words(
        format!("{address} 由运行中的 vehicle-agent {version} ({unit}) 提供"),
        format!("{address} is served by vehicle-agent {version} for {unit}"),
    );
    (Finding::good(About::Terminal, shown), Some(state))
}

fn of_another(address: SocketAddr, unit: &str, served: &str) -> Finding {
    let problem = words(
        format!("{address} 由 {served} 的 vehicle-agent 占用, 配置写的是 {unit}"),
        format!("{address} is served by the agent of {served}, and the configuration says {unit}"),
    );
    let remedy = words(
        "停掉那个代理, 或在配置里改 unit 或 terminal",
        "stop that agent, or change `unit` or `terminal` in the configuration",
    );
    Finding::bad(About::Terminal, problem, remedy)
}

/// The state of an agent of ours, if that is what answers.
async fn ask(address: SocketAddr) -> Option<Value> {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    let mut stream = TcpStream::connect((ip, address.port())).await.ok()?;
    let request =
        format!("GET /api/state HTTP/1.1\r\nhost: localhost:{}\r\nconnection: close\r\n\r\n", address.port());
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await.ok()?;
    let text = String::from_utf8(answer).ok()?;
    let (_, body) = text.split_once("\r\n\r\n")?;
    let state: Value = serde_json::from_str(body).ok()?;
    (state["program"]["name"] == PROGRAM).then_some(state)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SOON: Duration = Duration::from_millis(300);

    /// Whatever serves a state at a port of its own.
    async fn somebody(state: Value) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = [0; 1024];
                let _ = stream.read(&mut asked).await.unwrap();
                stream.write_all(format!("HTTP/1.1 200 OK\r\n\r\n{state}").as_bytes()).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn ours_is_told_from_others_and_from_another_vehicles() {
        let ours = json!({ "program": { "name": PROGRAM, "version": "0.1.0" }, "unit": { "id": "A12" } });
        for (state, unit, expected) in [
            (ours.clone(), "A12", "is served by vehicle-agent 0.1.0 for A12"),
            (ours, "B7", "is served by the agent of A12, and the configuration says B7"),
            (
                json!({ "agent": "vehicle-agent 0.1.0", "unit": { "id": "A12" } }),
                "A12",
                "is taken by another",
            ),
            (
                json!({ "program": { "name": "vehicle-agent" }, "unit": { "id": "A12" } }),
                "A12",
                "is taken by",
            ),
            (json!("jichi-vehicle-agent"), "A12", "is taken by another program"),
        ] {
            let (finding, running) = look(somebody(state.clone()).await, unit, SOON).await;
            let text = format!("{finding:?}");
            assert!(text.contains(expected), "{state}: {text}");
            let at_work = expected.starts_with("is served by vehicle-agent");
            assert_eq!((finding.is_good(), running.is_some()), (at_work, at_work), "{state}");
        }
    }

    #[tokio::test]
    async fn a_port_is_free_taken_or_not_ours() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let (finding, running) = look(address, "A12", SOON).await;
        assert!(!finding.is_good() && running.is_none(), "somebody who says nothing: {finding:?}");
        drop(taken);
        let (finding, running) = look(address, "A12", SOON).await;
        assert!(finding.is_good() && running.is_none(), "{finding:?}");
        // An address of the block kept for documentation is nobody's.
        let (finding, _) = look("192.0.2.1:8201".parse().unwrap(), "A12", SOON).await;
        assert!(!finding.is_good(), "{finding:?}");
    }
}
