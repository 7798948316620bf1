//! The terminal's port: free, served by an agent at work, or taken by something else. An agent at work tells the rest.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::finding::{About, Finding};
use super::words::words;

const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// How the port stands, and the state of the agent that serves it, if one does.
pub(super) async fn look(address: SocketAddr, within: Duration) -> (Finding, Option<Value>) {
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
        let agent = state["agent"].as_str().unwrap_or_default();
        let unit = state["unit"]["id"].as_str().unwrap_or_default();
        let shown = words(
            format!("{address} 由运行中的 {agent} ({unit}) 提供"),
            format!("{address} is served by {agent} for {unit}"),
        );
        return (Finding::good(About::Terminal, shown), Some(state));
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

/// The state of an agent, if that is what answers.
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
    state["agent"].as_str()?.starts_with("vehicle-agent").then_some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(300);

    #[tokio::test]
    async fn a_port_is_free_taken_or_not_ours() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let (finding, running) = look(address, SOON).await;
        assert!(!finding.is_good() && running.is_none(), "somebody who says nothing: {finding:?}");
        drop(taken);
        let (finding, running) = look(address, SOON).await;
        assert!(finding.is_good() && running.is_none(), "{finding:?}");
        // An address of the block kept for documentation is nobody's.
        let (finding, _) = look("192.0.2.1:8201".parse().unwrap(), SOON).await;
        assert!(!finding.is_good(), "{finding:?}");
    }
}
