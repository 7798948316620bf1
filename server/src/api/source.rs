//! Where a request comes from, for those limits that hold for one source: the network address of whoever connects, or, behind a proxy on this
//! machine, the address that the proxy saw.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::Api;

/// A source. An IPv6 network of 64 bits is one: its owner may use any address in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Source(IpAddr);

/// The source of a request; `None` when this process asks itself.
pub(crate) struct MaybeSource(pub(crate) Option<Source>);

impl Source {
    /// The source of a connection from `peer` with these headers. Only a proxy on this machine is believed what it says of others.
    fn of(peer: IpAddr, headers: &HeaderMap) -> Self {
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
        let last = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        Self::at(last.filter(|_| peer.to_canonical().is_loopback()).unwrap_or(peer))
    }

    /// The source that an address belongs to.
    pub(crate) fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
            address @ IpAddr::V4(_) => Self(address),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(formatter),
            IpAddr::V6(network) => write!(formatter, "{network}/64"),
        }
    }
}

impl FromRequestParts<Api> for MaybeSource {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        Ok(Self(peer.map(|peer| Source::of(peer, &parts.headers))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_of_this_machine_is_believed_and_nobody_else() {
        for (peer, forwarded, expected) in [
            ("10.0.0.7", None, "10.0.0.7"),
            ("10.0.0.7", Some("10.9.9.9"), "10.0.0.7"),
            ("127.0.0.1", None, "127.0.0.1"),
            ("127.0.0.1", Some("6.6.6.6, 10.0.0.8"), "10.0.0.8"),
            ("127.0.0.1", Some("nonsense"), "127.0.0.1"),
            ("::ffff:127.0.0.1", Some("10.0.0.9"), "10.0.0.9"),
            ("::1", Some("2001:db8:1:2:3::4"), "2001:db8:1:2::/64"),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(forwarded) = forwarded {
                headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            }
            assert_eq!(
                Source::of(peer.parse().unwrap(), &headers).to_string(),
                expected,
                "{peer} {forwarded:?}"
            );
        }
    }
}
