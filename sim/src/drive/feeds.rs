//! The receivers on the roofs: each offers its position over TCP, one fix for each second of the wall, in domain time.

use std::rc::Rc;
use std::time::Duration;

use anyhow::Context;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::nmea;
use super::world::World;

/// Opens the port of a unit's feed.
pub async fn open(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot offer a position feed on {address}"))
}

/// Serves whoever connects, for ever.
pub async fn serve(world: Rc<World>, unit: String, listener: TcpListener) {
    let mut readers: Vec<TcpStream> = Vec::new();
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let (Ok((stream, _)), true) = (accepted, readers.len() < READERS_MAX) {
                    let _ = stream.set_nodelay(true);
                    readers.push(stream);
                }
            }
            _ = seconds.tick() => {
                let now = world.clock.now();
                let Some(motion) = world.vehicles.borrow().get(&unit).map(|vehicle| vehicle.motion(now)) else { return };
                let text = nmea::sentences(&motion, now);
                let mut kept = Vec::with_capacity(readers.len());
                for mut reader in readers.drain(..) {
                    // One that does not read is cut off, as a serial line would lose its bytes.
                    let written = timeout(WRITE_MAX, reader.write_all(text.as_bytes())).await;
                    if matches!(written, Ok(Ok(()))) {
                        kept.push(reader);
                    }
                }
                readers = kept;
            }
        }
    }
}

const READERS_MAX: usize = 4;
const WRITE_MAX: Duration = Duration::from_millis(200);
