//! One connection of one vehicle: greeting, then frames both ways and positions as datagrams.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use link::v1::{FromCentre, FromVehicle, Hello, Position, StreamClass, Welcome, from_centre, from_vehicle};
use link::{FrameReader, decode, encode_frame};
use prost::Message;
use quinn::{ClientConfig, Connection, Endpoint, RecvStream, SendStream};
use tokio::time::timeout;

use super::CENTRE_NAME;

/// What a vehicle says of itself when it connects.
#[derive(Debug, Clone, Copy)]
pub(super) struct Boot {
    /// Grows with each start of the vehicle.
    pub(super) boot: u64,
    /// Grows with each connection of one start.
    pub(super) connection: u64,
}

/// A connection that was welcomed.
pub(super) struct Session {
    pub(super) connection: Connection,
    pub(super) send: SendStream,
    pub(super) ears: Ears,
    pub(super) welcome: Welcome,
}

/// The hearing half.
pub(super) struct Ears {
    receive: RecvStream,
    frames: FrameReader,
}

impl Session {
    /// Connects and says hello. A centre that refuses is an error.
    pub(super) async fn open(
        endpoint: &Endpoint,
        client: &ClientConfig,
        address: SocketAddr,
        boot: Boot,
    ) -> anyhow::Result<Session> {
        timeout(ANSWER_WITHIN, greet(endpoint, client, address, boot)).await.context("no answer")?
    }

    /// Sends a frame.
    pub(super) async fn say(&mut self, body: from_vehicle::Body) -> anyhow::Result<()> {
        write(&mut self.send, body).await
    }

    /// Sends a position, now or never.
    pub(super) fn show(&self, position: &Position) -> anyhow::Result<()> {
        Ok(self.connection.send_datagram(position.encode_to_vec().into())?)
    }
}

impl Ears {
    /// The next frame of the centre. Dropping the future loses nothing.
    pub(super) async fn hear(&mut self) -> anyhow::Result<from_centre::Body> {
        loop {
            if let Some(body) = self.frames.next_frame()? {
                match decode::<FromCentre>(&body)?.body {
                    Some(body) => return Ok(body),
                    // Of a kind that is not known here.
                    None => continue,
                }
            }
            match self.receive.read_chunk(link::FRAME_BYTES_MAX, true).await? {
                Some(chunk) => self.frames.push(&chunk.bytes),
                None => bail!("the centre ended the stream"),
            }
        }
    }
}

/// Writes one frame.
pub(super) async fn write(send: &mut SendStream, body: from_vehicle::Body) -> anyhow::Result<()> {
    let frame = encode_frame(&FromVehicle { body: Some(body) })?;
    Ok(send.write_all(&frame).await?)
}

async fn greet(
    endpoint: &Endpoint,
    client: &ClientConfig,
    address: SocketAddr,
    boot: Boot,
) -> anyhow::Result<Session> {
    let connection = endpoint.connect_with(client.clone(), address, CENTRE_NAME)?.await?;
    let (mut send, receive) = connection.open_bi().await?;
    let hello = Hello {
        stream_class: StreamClass::Duty.into(),
        protocol_version: link::PROTOCOL_VERSION,
        boot: boot.boot,
        connection: boot.connection,
        agent: concat!("sim ", env!("CARGO_PKG_VERSION")).to_owned(),
        ..Hello::default()
    };
    write(&mut send, from_vehicle::Body::Hello(hello)).await?;
    let mut ears = Ears { receive, frames: FrameReader::default() };
    match ears.hear().await? {
        from_centre::Body::Welcome(welcome) => Ok(Session { connection, send, ears, welcome }),
        from_centre::Body::Refused(refused) => bail!("refused: {} ({:?})", refused.text, refused.code()),
        _ => bail!("not a greeting"),
    }
}

/// As long as a vehicle's agent waits before it tries another address.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);
