//! One of two nodes: the shell around `dispatch_core::leadership::Node`. It brings the node its inputs (the own clock, PostgreSQL's answers,
//! the other node's messages, what the journal made durable) and carries out what the node wants. It decides nothing.

mod aside;
mod boot_clock;
mod conductor;
mod gate;
mod peer;
mod start;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Sender, TrySendError};
use dispatch_core::fleet::Fix;
use dispatch_core::ids::{AssignmentId, UnitId};
use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{Declined, Node, Order, Orders, Quarantined, State, Stop};
use thiserror::Error;
use tokio::sync::{oneshot, watch};

pub use aside::{BringInError, BroughtIn, bring_in};
pub use start::NodeWiring;
pub(crate) use start::{Lines, start_node};

use boot_clock::boot_now;
use conductor::{Conductor, Input, replied_to};
use peer::{PeerLink, PositionsLetter};

use crate::config::OtherNode;
use crate::positions::Positions;

/// How a node stands, for screens and probes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What it is to the centre.
    pub state: State,
    /// Whether orders may leave it.
    pub orders: Orders,
    /// The epoch it leads under.
    pub epoch: Option<Epoch>,
    /// The highest epoch it knows of.
    pub highest: Epoch,
    /// Stretches of its own events that wait aside for a person.
    pub aside: Vec<Quarantined>,
}

/// Why an order to a node was not followed.
#[derive(Debug, Clone, Copy, Error)]
pub enum OrderError {
    /// The node says no.
    #[error(transparent)]
    Declined(#[from] Declined),
    /// More wait than may.
    #[error("the node has more to do than it takes: try again in a second")]
    Busy,
    /// It ends.
    #[error("the node is stopping")]
    Stopping,
}

/// The way to a node for everybody but its conductor.
#[derive(Debug)]
pub struct Leadership {
    node: Mutex<Node>,
    standing: watch::Sender<Standing>,
    inputs: Sender<Input>,
    /// Orders that a dispatcher let out of an island.
    let_out: Mutex<HashSet<AssignmentId>>,
    has_peer: bool,
    elsewhere: Arc<str>,
    /// Under which epoch the configuration was brought in line.
    begun: Mutex<Option<Epoch>>,
    /// Events that wait aside at the other node.
    aside_there: aside::Elsewhere,
    /// Where positions go that the leader tells of.
    positions: Arc<Positions>,
}

impl Leadership {
    pub(crate) fn new(
        node: Node,
        inputs: Sender<Input>,
        other: Option<OtherNode>,
        positions: Arc<Positions>,
    ) -> Self {
        let standing = watch::Sender::new(standing(&node));
        let (has_peer, elsewhere) = (other.is_some(), other.map(|other| other.elsewhere).unwrap_or_default());
        Self {
            node: Mutex::new(node),
            standing,
            inputs,
            let_out: Mutex::default(),
            has_peer,
            elsewhere: elsewhere.into(),
            begun: Mutex::default(),
            aside_there: aside::Elsewhere::default(),
            positions,
        }
    }

    /// How it stands, and whenever that changes.
    pub fn follow(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// Whether the centre has a second node.
    pub fn has_peer(&self) -> bool {
        self.has_peer
    }

    /// Where the other node's interface is; empty where the configuration does not say.
    pub fn elsewhere(&self) -> &str {
        &self.elsewhere
    }

    /// Whether an order may leave now. Asked of the node itself at this moment: the process may just have been suspended.
    pub(crate) fn may_go(&self, order: Option<AssignmentId>) -> bool {
        let orders = self.node().orders(boot_now());
        match orders {
            Orders::Freely => true,
            Orders::AfterConfirmation => order.is_some_and(|order| self.let_out().contains(&order)),
            Orders::No => false,
        }
    }

    /// Whether the node leads.
    pub(crate) fn leads(&self) -> bool {
        self.node().epoch().is_some()
    }

    /// Whether it leads and its stations and units are on record: vehicles are let in.
    pub(crate) fn serves(&self) -> bool {
        let epoch = self.node().epoch();
        epoch.is_some() && *self.begun() == epoch
    }

    /// The configuration was brought in line under this epoch, as far as it could be.
    pub(crate) fn begin(&self, epoch: Epoch) {
        *self.begun() = Some(epoch);
        self.standing.send_modify(|_| {});
    }

    /// A dispatcher lets one order out although another centre may be leading. False when no order waits for that.
    pub(crate) fn let_out_one(&self, assignment: AssignmentId) -> bool {
        if self.node().orders(boot_now()) != Orders::AfterConfirmation {
            return false;
        }
        let mut let_out = self.let_out();
        if let_out.len() >= LET_OUT_MAX {
            let_out.clear();
        }
        let_out.insert(assignment);
        drop(let_out);
        self.standing.send_modify(|_| {});
        true
    }

    /// A person orders. Comes back when the node has done it, which takes a hand-over two seconds at most, or has said no.
    pub async fn order(&self, order: Order) -> Result<(), OrderError> {
        let (reply, said) = oneshot::channel();
        match self.inputs.try_send(Input::Ordered { order, reply }) {
            Ok(()) => said.await.map_err(|_| OrderError::Stopping)?.map_err(OrderError::from),
            Err(TrySendError::Full(_)) => Err(OrderError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(OrderError::Stopping),
        }
    }

    /// Tells the other node where units are. What it cannot be told now it is told in a second.
    pub(crate) fn tell_positions(&self, positions: Vec<(UnitId, Fix)>) {
        let _ = self.inputs.try_send(Input::SayPositions(PositionsLetter { positions }));
    }

    fn take_positions(&self, positions: Vec<(UnitId, Fix)>) {
        for (unit, fix) in positions {
            self.positions.observe(unit, fix);
        }
    }

    fn node(&self) -> MutexGuard<'_, Node> {
        // The conductor is a vital thread: when it breaks, the process ends.
        self.node.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begun(&self) -> MutexGuard<'_, Option<Epoch>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn let_out(&self) -> MutexGuard<'_, HashSet<AssignmentId>> {
        self.let_out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn standing(node: &Node) -> Standing {
    Standing {
        state: node.state(),
        orders: node.orders(boot_now()),
        epoch: node.epoch(),
        highest: node.highest(),
        aside: node.quarantine().waiting().to_vec(),
    }
}

/// Why a process must end at once and be started again.
#[derive(Debug, Clone, Copy, Error)]
pub enum MustStop {
    /// The node says so.
    #[error(transparent)]
    Node(#[from] Stop),
    /// What is in memory is of another history than the journal.
    #[error(
        "events of this node that the leader lacks were moved aside (they are kept, and wait for a person): the node starts again from its journal"
    )]
    SetAside,
}

/// Orders let out of one island: more than a dispatcher can confirm in a night.
const LET_OUT_MAX: usize = 10_000;
