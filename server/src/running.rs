//! The centre's threads, started in order and stopped in order: owner, journal, leadership where there are two nodes, publisher,
//! positions, proposals.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use dispatch_core::leadership::{Node, Setup, Timing};
use roads::RoadMap;
use tokio::sync::watch;

use crate::centre::{Board, CentreHandle, Inner, Outbox};
use crate::clock::Clock;
use crate::config::{PostgresConfig, StandbyConfig};
use crate::districts::Districts;
use crate::event_loop::{Control, Led, Owner, Request};
use crate::journal::writer::{Durable, Write};
use crate::journal::{DiskState, Journal, JournalError, JournalReader, Opened, writer};
use crate::leadership::{Conductor, Leadership, MustStop, PeerLink, boot_now, replied_to};
use crate::mutant::Mutant;
use crate::positions::{PositionKeeper, Positions};
use crate::postgres::shared;
use crate::proposals::{Proposer, WISHES_MAX};
use crate::publisher::Publisher;
use crate::road_weights::SharedRoads;
use crate::upkeep::Upkeep;

/// A centre at work.
#[derive(Debug)]
pub struct RunningCentre {
    handle: CentreHandle,
    /// The journal's last word, if it could not go on.
    failure: watch::Receiver<Option<Arc<JournalError>>>,
    stop_proposals: Sender<()>,
    owner: JoinHandle<()>,
    /// What came behind the word to stop.
    left: Receiver<Request>,
    threads: Vec<JoinHandle<()>>,
    /// It ends last, when nothing more can come.
    upkeep: Upkeep,
}

/// What a centre is told of its city.
#[derive(Debug)]
pub struct City {
    /// The domain clock.
    pub clock: Clock,
    /// The road map, where there is one.
    pub map: Option<Arc<RoadMap>>,
    /// The districts that decide response targets.
    pub districts: Districts,
    /// A second place for the journal's signed head.
    pub head_to: Option<PathBuf>,
    /// The other node, where the centre has two.
    pub two_nodes: Option<TwoNodes>,
}

/// What a node needs of the centre's other half.
pub struct TwoNodes {
    /// The other node.
    pub standby: StandbyConfig,
    /// The record that both share.
    pub postgres: PostgresConfig,
    /// What the network runs on.
    pub runtime: tokio::runtime::Handle,
    /// Ends the process at once: nothing more may leave it.
    pub stop: Box<dyn Fn(MustStop) + Send>,
}

impl std::fmt::Debug for TwoNodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TwoNodes").field("standby", &self.standby).finish_non_exhaustive()
    }
}

/// Why a centre could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The other node's door cannot be opened.
    #[error("{0}")]
    Peer(String),
    /// The system gives no thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

impl RunningCentre {
    /// Starts the centre on an opened journal. Effects that were not confirmed are in its outbox from the start.
    pub fn start(opened: Opened, city: City) -> Result<Self, StartError> {
        let City { clock, map, districts, head_to, two_nodes } = city;
        let Opened { journal, centre, keys, behind, newest_at } = opened;
        if let Some(at) = newest_at {
            clock.not_before(at);
        }
        let epoch = journal.epoch();
        let reader = JournalReader::open(journal.path())?;
        let (commands, requests) = bounded(COMMANDS_MAX);
        let (decided, to_journal) = bounded(DECIDED_MAX);
        let (from_journal, durable) = bounded(DURABLE_MAX);
        let (control, controlled) = bounded(CONTROLS_MAX);
        let (news, changed) = bounded(1);
        let (wish, wishes) = bounded(WISHES_MAX);
        let (stop_proposals, stop) = bounded(0);
        let (fail, failure) = watch::channel(None);

        let roads = SharedRoads::new(map, centre.record(), clock.now());
        let board = Arc::new(Board::new(centre.clone(), journal.head().epoch.max(epoch)));
        let outbox = Arc::new(Outbox::new());
        let positions = Arc::new(Positions::new(clock.now()));
        let mut threads = Vec::new();
        let disk = Arc::new(DiskState::default());
        let (leadership, durable) = match two_nodes {
            None => (None, durable),
            Some(two) => {
                let lines = Lines { durable, journal: decided.clone(), owner: control.clone() };
                let (leadership, thread, durable) = start_leadership(&journal, &reader, two, lines)?;
                threads.push(thread);
                (Some(leadership), durable)
            }
        };
        threads.push(writer::start(journal, to_journal, from_journal, Arc::clone(&disk), move |error| {
            fail.send_replace(Some(Arc::new(error)));
        })?);
        let (board_shown, outbox_told) = (Arc::clone(&board), Arc::clone(&outbox));
        let publisher =
            Publisher { durable, board: board_shown, outbox: outbox_told, clock: clock.clone(), control };
        threads.push(publisher.start(move || {
            // A full channel holds the word already.
            let _ = news.try_send(());
        })?);
        let left = requests.clone();
        let led = leadership.is_none().then(|| Led { centre, keys, epoch });
        let owner = Owner {
            led,
            halted: false,
            elsewhere: leadership.as_ref().map_or_else(|| Arc::from(""), |it| Arc::from(it.elsewhere())),
            clock: clock.clone(),
            disk: Arc::clone(&disk),
            requests,
            control: controlled,
            decided,
        }
        .start()?;
        let keeper = PositionKeeper {
            positions: Arc::clone(&positions),
            board: Arc::clone(&board),
            commands: commands.clone(),
            clock: clock.clone(),
            leadership: leadership.clone(),
        };
        threads.push(keeper.start()?);
        let proposer = Proposer {
            board: Arc::clone(&board),
            positions: Arc::clone(&positions),
            roads: roads.clone(),
            clock: clock.clone(),
            commands: commands.clone(),
            leadership: leadership.clone(),
            wishes,
            news: changed,
            stop,
        };
        threads.push(proposer.start()?);
        let upkeep = Upkeep::start(&board, &clock, &reader, behind, head_to)?;
        let inner = Inner {
            commands,
            board,
            outbox,
            positions,
            proposals: wish,
            roads,
            clock,
            reader,
            districts,
            disk,
            leadership,
        };
        let handle = CentreHandle { inner: Arc::new(inner) };
        Ok(Self { handle, failure, stop_proposals, owner, left, threads, upkeep })
    }

    /// The way to it.
    pub fn handle(&self) -> &CentreHandle {
        &self.handle
    }

    /// Tells when the journal could not go on: the process must end, and start again from the journal.
    pub fn failure(&self) -> watch::Receiver<Option<Arc<JournalError>>> {
        self.failure.clone()
    }

    /// Takes nothing more, works off and makes durable what was taken, and ends the threads. Blocking.
    pub fn stop(self) {
        let Self { handle, stop_proposals, owner, left, threads, upkeep, .. } = self;
        drop(stop_proposals);
        handle.inner.positions.stop();
        handle.inner.disk.give_up();
        // Blocks while the queue is full; the owner works it off.
        let _ = handle.inner.commands.send(Request::Stop);
        join(owner);
        for thread in threads {
            // What came behind the word to stop lies in the queue as long as somebody may send: whoever waits for its answer, as a
            // thread that proposes does, would wait for ever.
            while !thread.is_finished() {
                left.try_iter().for_each(drop);
                std::thread::sleep(LET_GO_EVERY);
            }
            join(thread);
        }
        upkeep.end();
    }
}

/// The conductor's lines to the other threads.
struct Lines {
    durable: Receiver<Durable>,
    journal: Sender<Write>,
    owner: Sender<Control>,
}

/// Starts the node: a follower, whatever it was before. Comes back with what may be shown.
fn start_leadership(
    journal: &Journal,
    reader: &JournalReader,
    two: TwoNodes,
    lines: Lines,
) -> Result<(Arc<Leadership>, JoinHandle<()>, Receiver<Durable>), StartError> {
    let TwoNodes { standby, postgres, runtime, stop } = two;
    let _on_the_runtime = runtime.enter();
    let (input, inputs) = bounded(INPUTS_MAX);
    let (publisher, shown) = bounded(DURABLE_MAX);
    let peer =
        PeerLink::open(&standby, input.clone()).map_err(|error| StartError::Peer(error.to_string()))?;
    let replied = input.clone();
    let record =
        shared::start(postgres, standby.node, reader.clone(), move |reply| replied_to(&replied, reply));
    let mut timing = Timing::default();
    if Mutant::EndlessGrant.lives() {
        timing.grant_us = ENDLESS_US;
    }
    let setup = Setup { node: standby.node, has_peer: true, timing };
    let (node, first) = Node::start(setup, journal.disk()?, boot_now());
    let leadership = Arc::new(Leadership::new(node, input, standby.elsewhere.into()));
    let conductor = Conductor {
        leadership: Arc::clone(&leadership),
        inputs,
        durable: lines.durable,
        journal: lines.journal,
        publisher,
        owner: lines.owner,
        reader: reader.clone(),
        record,
        peer: Some(peer),
        stop,
    };
    let thread = conductor.start(first)?;
    Ok((leadership, thread, shown))
}

pub(crate) fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a thread of the centre panicked");
    }
}

/// Does the work of a thread whose state is derived, and begins anew when it panics: a mistake there must not stop
/// dispatching. The owner, the journal and the publisher are not run like this; when one of them breaks, the process ends.
pub(crate) fn again_after_panic(thread: &'static str, work: impl Fn()) {
    while catch_unwind(AssertUnwindSafe(&work)).is_err() {
        metrics::counter!("jichi_centre_panics_total", "thread" => thread).increment(1);
        tracing::error!(thread, "it panicked and begins anew");
        std::thread::sleep(PANIC_PAUSE);
    }
}

/// The threads without which there is no centre.
pub(crate) const VITAL_THREADS: [&str; 4] = ["owner", "journal", "leadership", "publisher"];
/// How often those are let go who ask while the centre stops.
const LET_GO_EVERY: Duration = Duration::from_millis(5);
const PANIC_PAUSE: Duration = Duration::from_millis(500);
/// Commands that may wait for the owner: ten seconds of the largest province at its busiest.
const COMMANDS_MAX: usize = 4096;
/// Decisions that may wait for the journal.
const DECIDED_MAX: usize = 2048;
/// Words of leading that may wait for the owner: they come seconds apart.
const CONTROLS_MAX: usize = 16;
/// A century, for the mutant.
const ENDLESS_US: u64 = 100 * 365 * 24 * 3_600 * 1_000_000;
/// Messages and answers that may wait for the conductor; the other node says everything again.
const INPUTS_MAX: usize = 256;
/// Batches that may wait to be shown.
const DURABLE_MAX: usize = 64;
