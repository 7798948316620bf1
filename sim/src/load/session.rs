//! One connection of one vehicle: greeting, then frames both ways and positions as datagrams.

use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::bail;
use link::attempts::{ANSWER_WITHIN, Failure};
use link::v1::{
    FromCentre, FromVehicle, Hello, Position, RefusedCode, StreamClass, Welcome, from_centre, from_vehicle,
};
use link::{FrameReader, decode, encode_frame};
use prost::Message;
use quinn::{ClientConfig, Connecting, Connection, Endpoint, RecvStream, SendStream};
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

/// Why there is no session, as far as it matters for the next attempt.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub(super) struct NoSession {
    why: String,
    pub(super) failure: Failure,
    /// The centre's own word for when it may be asked again.
    pub(super) retry_after: Duration,
}

impl NoSession {
    fn because(failure: Failure, why: &dyn Display) -> Self {
        Self { why: why.to_string(), failure, retry_after: Duration::ZERO }
    }
}

/// The hearing half.
pub(super) struct Ears {
    receive: RecvStream,
    frames: FrameReader,
}

impl Session {
    /// Connects and says hello, as a vehicle's agent does. A centre that refuses is an error.
    pub(super) async fn open(
        endpoint: &Endpoint,
        client: &ClientConfig,
        address: SocketAddr,
        boot: Boot,
    ) -> Result<Session, NoSession> {
        let answered = |why: &dyn Display| NoSession::because(Failure::Answer, why);
        let mut connecting =
            endpoint.connect_with(client.clone(), address, CENTRE_NAME).map_err(|error| answered(&error))?;
        let first_word = timeout(ANSWER_WITHIN, connecting.handshake_data()).await;
        first_word
            .map_err(|_| NoSession::because(Failure::Silence, &"no answer"))?
            .map_err(|error| answered(&error))?;
        match timeout(ANSWER_WITHIN, greet(connecting, boot)).await {
            Ok(Ok((session, from_centre::Body::Welcome(welcome)))) => Ok(Session { welcome, ..session }),
            Ok(Ok((_, from_centre::Body::Refused(refused)))) => {
                let elsewhere = refused.code() == RefusedCode::NotLeader;
                Err(NoSession {
                    why: format!("refused: {} ({:?})", refused.text, refused.code()),
                    failure: if elsewhere { Failure::Elsewhere } else { Failure::Answer },
                    retry_after: Duration::from_millis(u64::from(refused.retry_after_ms)),
                })
            }
            Ok(Ok(_)) => Err(answered(&"not a greeting")),
            Ok(Err(error)) => Err(answered(&error)),
            Err(_) => Err(answered(&"no greeting in time")),
        }
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

/// Says hello; the session without its welcome, and what the centre said first.
async fn greet(connecting: Connecting, boot: Boot) -> anyhow::Result<(Session, from_centre::Body)> {
    let connection = connecting.await?;
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
    let first = ears.hear().await?;
    Ok((Session { connection, send, ears, welcome: Welcome::default() }, first))
}
