//! Starting a node: its door to the other one, its way to PostgreSQL, and the thread that steps it.

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};
use dispatch_core::leadership::{Node, Setup, Timing};

use super::{Conductor, Leadership, MustStop, PeerLink, boot_now, replied_to};
use crate::config::{PostgresConfig, StandbyConfig};
use crate::event_loop::Control;
use crate::journal::writer::{Durable, Write};
use crate::journal::{Journal, JournalReader};
use crate::mutant::Mutant;
use crate::positions::Positions;
use crate::postgres::shared;
use crate::running::StartError;

/// What a node needs whose events are acknowledged in PostgreSQL, too.
pub struct NodeWiring {
    /// Who it is, and the other node.
    pub standby: StandbyConfig,
    /// Where the record is.
    pub postgres: PostgresConfig,
    /// What the network runs on.
    pub runtime: tokio::runtime::Handle,
    /// Ends the process at once: nothing more may leave it.
    pub stop: Box<dyn Fn(MustStop) + Send>,
}

impl std::fmt::Debug for NodeWiring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeWiring").field("standby", &self.standby).finish_non_exhaustive()
    }
}

/// The conductor's lines to the other threads.
pub(crate) struct Lines {
    /// What the journal has made durable.
    pub(crate) durable: Receiver<Durable>,
    /// The way to the journal.
    pub(crate) journal: Sender<Write>,
    /// The way to the owner.
    pub(crate) owner: Sender<Control>,
    /// Where positions go that the leader tells of.
    pub(crate) positions: Arc<Positions>,
}

/// A node at work: the way to it, what may be shown, and its thread. A centre whose journal is the whole record has neither way nor thread,
/// and what is durable may be shown.
type Started = (Option<Arc<Leadership>>, Receiver<Durable>, Option<JoinHandle<()>>);

/// Starts the node, where the record is shared: a follower, whatever it was before.
pub(crate) fn start_node(
    journal: &Journal,
    reader: &JournalReader,
    wiring: Option<NodeWiring>,
    lines: Lines,
) -> Result<Started, StartError> {
    let Some(NodeWiring { standby, postgres, runtime, stop }) = wiring else {
        return Ok((None, lines.durable, None));
    };
    let _on_the_runtime = runtime.enter();
    let (input, inputs) = bounded(INPUTS_MAX);
    let (publisher, shown) = bounded(DURABLE_MAX);
    let open = |other| PeerLink::open(other, input.clone());
    let peer = standby.other.as_ref().map(open).transpose();
    let peer = peer.map_err(|error| StartError::Peer(error.to_string()))?;
    let replied = input.clone();
    let record =
        shared::start(postgres, standby.node, reader.clone(), move |reply| replied_to(&replied, reply));
    let mut timing = Timing::default();
    if Mutant::EndlessGrant.lives() {
        timing.grant_us = ENDLESS_US;
    }
    let setup = Setup { node: standby.node, has_peer: peer.is_some(), timing };
    let (node, first) = Node::start(setup, journal.disk()?, boot_now());
    let leadership = Arc::new(Leadership::new(node, input, standby.other, lines.positions));
    let conductor = Conductor {
        leadership: Arc::clone(&leadership),
        inputs,
        durable: lines.durable,
        journal: lines.journal,
        publisher,
        owner: lines.owner,
        reader: reader.clone(),
        record,
        peer,
        stop,
    };
    let thread = conductor.start(first)?;
    Ok((Some(leadership), shown, Some(thread)))
}

/// Messages and answers that may wait for the conductor; the other node says everything again.
const INPUTS_MAX: usize = 256;
/// Batches that may wait to be shown.
const DURABLE_MAX: usize = 64;
/// A century, for the mutant.
const ENDLESS_US: u64 = 100 * 365 * 24 * 3_600 * 1_000_000;
