//! The centre: each address resolves, answers over UDP, takes this vehicle's certificate and says whether it leads. The
//! greeting carries the lowest number of a start that there is, so that it never takes the place of an agent at work.

mod knock;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use quinn::Endpoint;

use super::finding::{About, Finding};
use super::words::{Words, words};
use crate::clock::CertificateTime;
use crate::config::Config;
use crate::connection::client_config;
use knock::{Answer, knock};

/// A finding for each address, and one for which of them leads. `time`: by which the centre's certificate is judged.
pub(super) async fn look(config: &Config, time: &CertificateTime, within: Duration) -> Vec<Finding> {
    let tried = client_config(&config.certificates, time).map_err(|error| error.to_string());
    let opened = Endpoint::client(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)))
        .or_else(|_| Endpoint::client(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))))
        .map_err(|error| error.to_string());
    let (client, endpoint) = match (tried, opened) {
        (Ok(client), Ok(endpoint)) => (client, endpoint),
        (Err(problem), _) | (_, Err(problem)) => {
            let problem = words(format!("未尝试: {problem}"), format!("not tried: {problem}"));
            return vec![Finding::bad(
                About::Centre,
                problem,
                words("先解决证书问题", "put the certificate right first"),
            )];
        }
    };
    let mut findings = Vec::new();
    let mut leaders = Vec::new();
    for address in config.centre.all() {
        let answer = knock(&endpoint, &client, address, &config.centre_name, within).await;
        if let Answer::Leads { node } = &answer {
            leaders.push((address.as_str(), *node));
        }
        findings.push(finding(address, &config.centre_name, &answer));
    }
    endpoint.close(0_u32.into(), b"done");
    findings.push(leader(&leaders));
    findings
}

fn finding(address: &str, name: &str, answer: &Answer) -> Finding {
    let (problem, remedy) = match answer {
        Answer::Leads { .. } => {
            let shown = words(
                format!("{address} 应答, 证书有效"),
                format!("{address} answers and takes the certificate"),
            );
            return Finding::good(About::Centre, shown);
        }
        Answer::Follows => {
            let shown = words(
                format!("{address} 应答, 证书有效, 为备用节点"),
                format!("{address} answers and takes the certificate; another node leads"),
            );
            return Finding::good(About::Centre, shown);
        }
        Answer::Unresolved(error) => (
            words(format!("{address} 无法解析: {error}"), format!("{address} cannot be resolved: {error}")),
            words("检查 DNS, 或在配置里写 IP 地址", "look at DNS, or write the address in numbers"),
        ),
        Answer::Silent => (
            words(format!("{address} 没有 UDP 应答"), format!("{address} gives no answer over UDP")),
            words(
                "检查网络与 SIM 卡; 请网络管理员放行该 UDP 端口; 中心是否在运行",
                "look at the network and the SIM card; have this UDP port let through; is the centre running?",
            ),
        ),
        Answer::HandshakeFailed(error) => (
            words(
                format!("{address} 握手失败: {error}"),
                format!("{address}: the handshake failed: {error}"),
            ),
            words(
                format!("核对 authority.pem 与 centre_name ({name}), 以及本机时钟; 证书可能已被中心撤销"),
                format!(
                    "compare authority.pem and centre_name ({name}) with the centre's, and look at the clock; the centre may have withdrawn the certificate"
                ),
            ),
        ),
        Answer::Refused(text) => (
            words(format!("{address} 拒绝: {text}"), format!("{address} refuses: {text}")),
            words("请中心登记本车, 或重新登记证书", "have the centre register this unit, or enrol again"),
        ),
    };
    Finding::bad(About::Centre, problem, remedy)
}

fn leader(leaders: &[(&str, Option<u32>)]) -> Finding {
    let named = |(address, node): &(&str, Option<u32>)| match node {
        Some(node) => same(format!("{address} ({node})")),
        None => same((*address).to_owned()),
    };
    match leaders {
        [one] => Finding::good(About::Leader, named(one)),
        [] => Finding::bad(
            About::Leader,
            words("没有节点可接收本车", "no node takes this vehicle in"),
            words(
                "先解决上面各行; 若备用节点应答, 请通知中心",
                "see the lines above; if only followers answer, tell the centre",
            ),
        ),
        several => {
            let all: Vec<String> = several.iter().map(|one| named(one).en).collect();
            Finding::bad(
                About::Leader,
                same(all.join(", ")),
                words("多于一个主节点, 立即通知中心", "more than one leads: tell the centre at once"),
            )
        }
    }
}

fn same(text: String) -> Words {
    words(text.clone(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_node_should_lead() {
        assert!(leader(&[("a:1", Some(1))]).is_good());
        assert!(leader(&[("a:1", None)]).is_good(), "it leads, and serves the agent at work");
        assert!(!leader(&[]).is_good());
        assert!(!leader(&[("a:1", Some(1)), ("b:1", Some(2))]).is_good());
    }

    #[test]
    fn a_follower_is_good_and_everything_else_is_not() {
        let text = String::new;
        for (answer, is_good) in [
            (Answer::Leads { node: Some(1) }, true),
            (Answer::Follows, true),
            (Answer::Unresolved(text()), false),
            (Answer::Silent, false),
            (Answer::HandshakeFailed(text()), false),
            (Answer::Refused(text()), false),
        ] {
            assert_eq!(finding("a:1", "jichi-centre", &answer).is_good(), is_good, "{answer:?}");
        }
    }
}
