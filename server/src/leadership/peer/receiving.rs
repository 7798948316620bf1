//! Receiving: letters of the other node, and of nobody else. Whatever is not one is counted and passed over.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::TrySendError;
use quinn::{Connection, Endpoint, Incoming};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::super::conductor::Input;
use super::{AsideLetter, Inputs, LETTER_BYTES_MAX, Letter, PositionsLetter, tls};

/// Runs until the endpoint closes.
pub(super) async fn receive(endpoint: Endpoint, inputs: Inputs) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Some(incoming) = endpoint.accept().await {
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            incoming.refuse();
            continue;
        };
        let inputs = inputs.clone();
        tokio::spawn(async move {
            if let Some(connection) = admit(incoming).await {
                hear(&connection, &inputs).await;
            }
            drop(place);
        });
    }
}

async fn admit(incoming: Incoming) -> Option<Connection> {
    let connection = timeout(HANDSHAKE_MAX, async { incoming.accept().ok()?.await.ok() }).await.ok()??;
    if tls::is_node(&connection) {
        return Some(connection);
    }
    count_bad("not_a_node");
    connection.close(1_u32.into(), b"not a node");
    None
}

async fn hear(connection: &Connection, inputs: &Inputs) {
    while let Ok(mut stream) = connection.accept_uni().await {
        // One at a time: a tail is large, and the order of letters does not matter.
        let Ok(Ok(bytes)) = timeout(LETTER_MAX, stream.read_to_end(LETTER_BYTES_MAX)).await else {
            count_bad("broken_off");
            continue;
        };
        let Some(input) = input(&bytes) else {
            count_bad("malformed");
            continue;
        };
        match inputs.try_send(input) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => count_bad("too_many"),
            Err(TrySendError::Disconnected(_)) => return,
        }
    }
}

/// Letters of leading first: they are many, and the others few.
pub(super) fn input(bytes: &[u8]) -> Option<Input> {
    if let Ok(letter) = serde_json::from_slice::<Letter>(bytes) {
        return Some(Input::Heard(Box::new(letter)));
    }
    if let Ok(letter) = serde_json::from_slice::<PositionsLetter>(bytes) {
        return Some(Input::HeardPositions(letter));
    }
    serde_json::from_slice::<AsideLetter>(bytes).ok().map(|letter| Input::HeardAside(Box::new(letter)))
}

fn count_bad(why: &'static str) {
    metrics::counter!("jichi_peer_bad_messages_total", "reason" => why).increment(1);
}

/// The other node has one; a second one while it connects anew.
const CONNECTIONS_MAX: usize = 4;
const HANDSHAKE_MAX: Duration = Duration::from_secs(2);
const LETTER_MAX: Duration = Duration::from_secs(5);
