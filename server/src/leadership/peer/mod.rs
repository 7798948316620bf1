//! The way to the other node: one message on one QUIC stream, with mutual TLS. A message that cannot go out at once is dropped, for the
//! node says everything again; nothing here waits for the other node, and nothing queues up behind it.

mod receiving;
mod sending;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;

use dispatch_core::fleet::Fix;
use dispatch_core::ids::UnitId;
use dispatch_core::leadership::{Message, Quarantined};
use quinn::Endpoint;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::sync::mpsc;

use super::conductor::Inputs;
use crate::config::OtherNode;
use crate::journal::Portion;
use crate::next_version;
use crate::vehicles::GatewayError;

/// A message with the rows that it speaks of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Letter {
    /// What the node says.
    pub(crate) message: Message,
    /// The rows of a tail; empty for everything else.
    #[serde(default)]
    pub(crate) portion: Portion,
}

/// What nodes say of events that were moved aside: word of them, and the events themselves for whoever leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "aside", rename_all = "snake_case")]
pub(crate) enum AsideLetter {
    /// These wait here. Said again and again by a node that does not lead.
    Waits {
        /// The stretches, oldest first.
        stretches: Vec<Quarantined>,
    },
    /// Let me have a page of it.
    Send {
        /// Of which stretch.
        stretch: Quarantined,
        /// The events after this one.
        after_seq: u64,
    },
    /// Here it is.
    Page {
        /// Of which stretch.
        stretch: Quarantined,
        /// The events after this one.
        after_seq: u64,
        /// The events; none at the end.
        portion: Portion,
    },
    /// What fits of it is on the leader's record.
    BroughtIn {
        /// Which stretch.
        stretch: Quarantined,
    },
}

/// Where units are, from the leader: what the other node would have to wait for when it takes over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PositionsLetter {
    /// The newest of each unit that was heard since the last letter.
    pub(crate) positions: Vec<(UnitId, Fix)>,
}

/// Why the door to the other node cannot be opened, in one line.
#[derive(Debug, Error)]
pub(crate) enum PeerError {
    /// The node's certificates.
    #[error("[standby] certificates: {0}")]
    Certificates(#[from] GatewayError),
    /// They do not go together.
    #[error("[standby] certificates in {folder}: {problem}")]
    Unfit {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The port.
    #[error("[standby] listen {listen} (UDP): {source}")]
    Listen {
        /// Where.
        listen: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
}

/// The way to the other node. When it is dropped the door closes.
#[derive(Debug)]
pub(crate) struct PeerLink {
    outgoing: mpsc::Sender<Vec<u8>>,
    endpoint: Endpoint,
}

impl PeerLink {
    /// Opens the door and keeps a connection to the other node. Runs on the runtime that this is called on.
    pub(crate) fn open(config: &OtherNode, inputs: Inputs) -> Result<Self, PeerError> {
        let (server, client) = tls::configs(&config.certificates)?;
        let listen = config.listen;
        let mut endpoint =
            Endpoint::server(server, listen).map_err(|source| PeerError::Listen { listen, source })?;
        endpoint.set_default_client_config(client);
        let (outgoing, waiting) = mpsc::channel(OUTGOING_MAX);
        tokio::spawn(receiving::receive(endpoint.clone(), inputs));
        tokio::spawn(sending::send(endpoint.clone(), config.peer, waiting));
        Ok(Self { outgoing, endpoint })
    }

    /// Says something. Never waits: what cannot be taken is lost, and counted.
    pub(crate) fn say(&self, letter: &impl Serialize) {
        let bytes =
            serde_json::to_vec(letter).expect("invariant: a letter is texts, numbers and maps of texts");
        if self.outgoing.try_send(next_version::letter(bytes)).is_err() {
            metrics::counter!("jichi_peer_lost_messages_total").increment(1);
        }
    }
}

impl Drop for PeerLink {
    fn drop(&mut self) {
        self.endpoint.close(0_u32.into(), b"stopping");
    }
}

/// Messages that may wait to go out: more are said again anyway.
const OUTGOING_MAX: usize = 16;
/// A whole batch of the largest events, and what belongs to them.
const LETTER_BYTES_MAX: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests;
