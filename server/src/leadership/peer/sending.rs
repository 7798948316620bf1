//! Sending: keeps one connection to the other node. While there is none, what is said is lost.

use std::net::SocketAddr;
use std::time::Duration;

use quinn::{Connection, Endpoint};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::tls;
use crate::vehicles::certificates::NODE_NAME;

/// Runs until nobody says anything any more.
pub(super) async fn send(endpoint: Endpoint, peer: SocketAddr, mut waiting: mpsc::Receiver<Vec<u8>>) {
    loop {
        if let Some(connection) = connect(&endpoint, peer).await {
            tracing::info!(%peer, "the other node is connected");
            if deliver(&connection, &mut waiting).await {
                return;
            }
            connection.close(0_u32.into(), b"lost");
            tracing::warn!(%peer, "the other node is lost");
        }
        // What was said meanwhile is old, and is said again.
        while waiting.try_recv().is_ok() {}
        if waiting.is_closed() {
            return;
        }
        sleep(TRY_AGAIN).await;
    }
}

async fn connect(endpoint: &Endpoint, peer: SocketAddr) -> Option<Connection> {
    let connecting = endpoint.connect(peer, NODE_NAME).ok()?;
    let connection = timeout(CONNECT_MAX, connecting).await.ok()?.ok()?;
    // The name was checked; what a certificate is for is not in it.
    tls::is_node(&connection).then_some(connection)
}

/// Delivers until the connection fails (`false`) or nobody says anything any more (`true`).
async fn deliver(connection: &Connection, waiting: &mut mpsc::Receiver<Vec<u8>>) -> bool {
    loop {
        let bytes = tokio::select! {
            bytes = waiting.recv() => bytes,
            _ = connection.closed() => return false,
        };
        let Some(bytes) = bytes else { return true };
        let delivered = async {
            let mut stream = connection.open_uni().await?;
            stream.write_all(&bytes).await?;
            stream.finish()?;
            Ok::<(), anyhow::Error>(())
        };
        if !matches!(timeout(DELIVER_MAX, delivered).await, Ok(Ok(()))) {
            return false;
        }
    }
}

const CONNECT_MAX: Duration = Duration::from_secs(1);
/// A letter that takes longer is of no use to a lease.
const DELIVER_MAX: Duration = Duration::from_secs(1);
const TRY_AGAIN: Duration = Duration::from_millis(100);
