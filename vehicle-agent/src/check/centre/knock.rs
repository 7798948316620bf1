//! One knock at one address: resolve, handshake, greeting, and away again.

use std::net::SocketAddr;
use std::time::Duration;

use link::v1::{FromCentre, FromVehicle, Hello, RefusedCode, StreamClass, from_centre, from_vehicle};
use link::{CloseCode, FrameReader, decode, encode_frame};
use quinn::{ClientConfig, Connection, ConnectionError, Endpoint, VarInt};
use tokio::time::timeout;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It takes the vehicle in. No node: it serves an agent at work already.
    Leads { node: Option<u32> },
    /// It is well and does not lead.
    Follows,
    /// The name leads nowhere.
    Unresolved(String),
    /// Nobody is there, or nothing gets through.
    Silent,
    /// Somebody is there, and one of both does not believe the other.
    HandshakeFailed(String),
    /// The certificate is good, and the centre says no all the same.
    Refused(String),
}

/// Knocks once. `name`: that in the centre's certificate.
pub(super) async fn knock(
    endpoint: &Endpoint,
    client: &ClientConfig,
    address: &str,
    name: &str,
    within: Duration,
) -> Answer {
    let resolved = match timeout(within, tokio::net::lookup_host(address)).await {
        Ok(Ok(mut all)) => all.next().ok_or_else(|| "–".to_owned()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("{} s", within.as_secs())),
    };
    match resolved {
        Ok(address) => {
            timeout(within, greet(endpoint, client, address, name)).await.unwrap_or(Answer::Silent)
        }
        Err(problem) => Answer::Unresolved(problem),
    }
}

async fn greet(endpoint: &Endpoint, client: &ClientConfig, address: SocketAddr, name: &str) -> Answer {
    let connecting = match endpoint.connect_with(client.clone(), address, name) {
        Ok(connecting) => connecting,
        Err(error) => return Answer::HandshakeFailed(error.to_string()),
    };
    let connection = match connecting.await {
        Ok(connection) => connection,
        Err(ConnectionError::TimedOut) => return Answer::Silent,
        Err(error) => return Answer::HandshakeFailed(error.to_string()),
    };
    let answer = hear(&connection).await;
    let code = CloseCode::Done;
    connection.close(VarInt::from_u32(code.number()), code.word().as_bytes());
    match answer {
        Ok(from_centre::Body::Welcome(welcome)) => {
            Answer::Leads { node: welcome.epoch.map(|epoch| epoch.node) }
        }
        Ok(from_centre::Body::Refused(refused)) => match refused.code() {
            RefusedCode::NotLeader => Answer::Follows,
            RefusedCode::Superseded => Answer::Leads { node: None },
            _ => Answer::Refused(refused.text),
        },
        Ok(_) => Answer::HandshakeFailed("the first frame is no greeting".to_owned()),
        // A certificate that the centre does not believe shows here: it is looked at after ours.
        Err(problem) => Answer::HandshakeFailed(problem),
    }
}

async fn hear(connection: &Connection) -> Result<from_centre::Body, String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let (mut send, mut receive) = connection.open_bi().await.map_err(|error| said(&error))?;
    let hello = Hello {
        stream_class: StreamClass::Duty.into(),
        protocol_version: link::PROTOCOL_VERSION,
        agent: concat!("vehicle-agent check ", env!("CARGO_PKG_VERSION")).into(),
        ..Hello::default()
    };
    let hello = FromVehicle { body: Some(from_vehicle::Body::Hello(hello)) };
    let frame = encode_frame(&hello).map_err(|error| said(&error))?;
    send.write_all(&frame).await.map_err(|error| said(&error))?;
    let mut frames = FrameReader::default();
    loop {
        if let Some(body) = frames.next_frame().map_err(|error| said(&error))? {
            let first = decode::<FromCentre>(&body).map_err(|error| said(&error))?;
            return first.body.ok_or_else(|| "the first frame is empty".to_owned());
        }
        match receive.read_chunk(link::FRAME_BYTES_MAX, true).await {
            Ok(Some(chunk)) => frames.push(&chunk.bytes),
            Ok(None) => return Err("the centre ended the stream".to_owned()),
            Err(error) => {
                return Err(said(
                    &connection.close_reason().map_or(error.to_string(), |reason| reason.to_string()),
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};
    use std::sync::Arc;

    use quinn::crypto::rustls::QuicClientConfig;
    use rustls::RootCertStore;

    use super::*;

    /// Believes nobody; enough to send a first packet.
    fn client() -> ClientConfig {
        let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(
            rustls::crypto::aws_lc_rs::default_provider(),
        ))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
        tls.alpn_protocols = vec![link::ALPN.to_vec()];
        ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()))
    }

    #[tokio::test]
    async fn a_closed_port_and_a_name_that_leads_nowhere_are_told_apart() {
        let endpoint = Endpoint::client(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let soon = Duration::from_millis(300);
        assert_eq!(knock(&endpoint, &client(), &closed, "jichi-centre", soon).await, Answer::Silent);
        let nowhere = knock(&endpoint, &client(), "nobody.invalid:9120", "jichi-centre", soon).await;
        assert!(matches!(nowhere, Answer::Unresolved(_)), "{nowhere:?}");
    }
}
