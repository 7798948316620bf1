//! One attempt: connect, open the duty stream, say hello, hear the welcome.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use link::attempts::ANSWER_WITHIN;
use link::v1::{
    FromCentre, FromVehicle, Hello, RefusedCode, StreamClass, Welcome, from_centre, from_vehicle,
};
use link::{CloseCode, FrameReader, decode, encode_frame};
use quinn::{ClientConfig, Connecting, Connection, Endpoint, RecvStream, SendStream, VarInt};
use thiserror::Error;
use tokio::time::timeout;

use crate::duty::{SharedDuty, lock};

/// Why there is no link.
#[derive(Debug, Error)]
pub(super) enum NoLink {
    #[error("{0} cannot be resolved")]
    Unresolved(String),
    #[error("no answer within {} s", ANSWER_WITHIN.as_secs())]
    NoAnswer,
    #[error("no greeting within {} s of a centre that is heard", ANSWER_WITHIN.as_secs())]
    TooSlow,
    #[error("{0}")]
    Connection(String),
    #[error("the centre refuses: {text}")]
    Refused { text: String, retry_after: Duration, elsewhere: bool },
    #[error("the centre's first frame is not a greeting")]
    NoGreeting,
}

/// A connection that was welcomed.
#[derive(Debug)]
pub(super) struct Welcomed {
    pub(super) connection: Connection,
    pub(super) send: SendStream,
    pub(super) receive: RecvStream,
    pub(super) frames: FrameReader,
    pub(super) welcome: Welcome,
    /// The connection's number within this boot.
    pub(super) number: u64,
}

/// Where and how to connect.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) endpoint: Endpoint,
    pub(super) client: ClientConfig,
    pub(super) address: String,
    pub(super) name: String,
}

impl Door {
    /// Tries once. `number`: of this connection within this boot. `heard` becomes true when the centre says its first word.
    pub(super) async fn knock(
        &self,
        duty: &SharedDuty,
        number: u64,
        heard: &AtomicBool,
    ) -> Result<Welcomed, NoLink> {
        let resolved = timeout(ANSWER_WITHIN, resolve(&self.address)).await;
        let address = resolved.unwrap_or_else(|_| Err(NoLink::Unresolved(self.address.clone())))?;
        let mut connecting = self
            .endpoint
            .connect_with(self.client.clone(), address, &self.name)
            .map_err(|error| NoLink::Connection(error.to_string()))?;
        let first_word = timeout(ANSWER_WITHIN, connecting.handshake_data());
        first_word
            .await
            .map_err(|_| NoLink::NoAnswer)?
            .map_err(|error| NoLink::Connection(error.to_string()))?;
        heard.store(true, Ordering::Relaxed);
        timeout(ANSWER_WITHIN, greet(connecting, duty, number)).await.unwrap_or(Err(NoLink::TooSlow))
    }
}

async fn greet(connecting: Connecting, duty: &SharedDuty, number: u64) -> Result<Welcomed, NoLink> {
    let connection = connecting.await.map_err(|error| NoLink::Connection(error.to_string()))?;
    let (mut send, mut receive) =
        connection.open_bi().await.map_err(|error| NoLink::Connection(error.to_string()))?;
    let hello = FromVehicle { body: Some(from_vehicle::Body::Hello(hello(duty, number))) };
    let frame = encode_frame(&hello).map_err(|error| NoLink::Connection(error.to_string()))?;
    send.write_all(&frame).await.map_err(|error| NoLink::Connection(error.to_string()))?;
    let mut frames = FrameReader::default();
    let body = loop {
        if let Some(body) = frames.next_frame().map_err(|_| NoLink::NoGreeting)? {
            break body;
        }
        match receive.read_chunk(link::FRAME_BYTES_MAX, true).await {
            Ok(Some(chunk)) => frames.push(&chunk.bytes),
            Ok(None) => return Err(NoLink::NoGreeting),
            Err(error) => return Err(NoLink::Connection(error.to_string())),
        }
    };
    match decode::<FromCentre>(&body).map_err(|_| NoLink::NoGreeting)?.body {
        Some(from_centre::Body::Welcome(welcome)) => {
            Ok(Welcomed { connection, send, receive, frames, welcome, number })
        }
        Some(from_centre::Body::Refused(refused)) => {
            let code = CloseCode::Done;
            connection.close(VarInt::from_u32(code.number()), code.word().as_bytes());
            let retry_after = Duration::from_millis(u64::from(refused.retry_after_ms));
            let text = format!("{} ({:?})", refused.text, refused.code());
            let elsewhere = refused.code() == RefusedCode::NotLeader;
            Err(NoLink::Refused { text, retry_after, elsewhere })
        }
        _ => Err(NoLink::NoGreeting),
    }
}

/// What is said first on the duty stream.
pub(super) fn hello(duty: &SharedDuty, connection: u64) -> Hello {
    let duty = lock(duty);
    Hello {
        stream_class: StreamClass::Duty.into(),
        protocol_version: link::PROTOCOL_VERSION,
        boot: duty.boot(),
        connection,
        highest_epoch: duty.highest_epoch(),
        orders_held: duty.orders_held(),
        agent: concat!("vehicle-agent ", env!("CARGO_PKG_VERSION")).into(),
    }
}

async fn resolve(address: &str) -> Result<SocketAddr, NoLink> {
    let unresolved = || NoLink::Unresolved(address.to_owned());
    tokio::net::lookup_host(address).await.map_err(|_| unresolved())?.next().ok_or_else(unresolved)
}
