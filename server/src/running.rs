//! The centre's threads, started in order and stopped in order: owner, journal, leadership where there are two nodes, publisher,
//! positions, proposals.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use roads::RoadMap;
use tokio::sync::watch;

use crate::centre::{Board, CentreHandle, Inner, Outbox};
use crate::clock::Clock;
use crate::districts::Districts;
use crate::event_loop::{Led, Owner, Request};
use crate::files::Files;
use crate::floods::Floods;
use crate::journal::{DiskState, JournalError, JournalReader, Opened, writer};
use crate::leadership::{Lines, NodeWiring, start_node};
use crate::positions::{PositionKeeper, Positions};
use crate::proposals::{ProposalWish, Proposer, WISHES_MAX};
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
    /// The record in PostgreSQL and the other node, where what is acknowledged is there, too.
    pub wiring: Option<NodeWiring>,
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
        let City { clock, map, districts, head_to, wiring } = city;
        let Opened { journal, centre, keys, behind, newest_at } = opened;
        if let Some(at) = newest_at {
            clock.not_before(at);
        }
        let (epoch, reader) = (journal.epoch(), JournalReader::open(journal.path())?);
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
        let (outbox, disk) = (Arc::new(Outbox::new()), Arc::new(DiskState::default()));
        let positions = Arc::new(Positions::new(clock.now()));
        let heard = Arc::clone(&positions);
        let lines = Lines { durable, journal: decided.clone(), owner: control.clone(), positions: heard };
        let (leadership, durable, conductor) = start_node(&journal, &reader, wiring, lines)?;
        let mut threads: Vec<JoinHandle<()>> = conductor.into_iter().collect();
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
        let owner = Owner {
            led: leadership.is_none().then_some(Led { centre, keys, epoch }),
            halted: false,
            elsewhere: leadership.as_ref().map_or_else(|| Arc::from(""), |it| Arc::from(it.elsewhere())),
            clock: clock.clone(),
            disk: Arc::clone(&disk),
            requests,
            control: controlled,
            decided,
        }
        .start()?;
        let inner = Inner {
            files: Files::start(reader.path().parent().unwrap_or(Path::new(".")))?,
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
            floods: Floods::default(),
        };
        threads.push(start_keeper(&inner)?);
        threads.push(start_proposer(&inner, wishes, changed, stop)?);
        let upkeep = Upkeep::start(&inner.board, &inner.clock, &inner.reader, behind, head_to)?;
        Ok(Self {
            handle: CentreHandle { inner: Arc::new(inner) },
            failure,
            stop_proposals,
            owner,
            left,
            threads,
            upkeep,
        })
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

fn start_keeper(inner: &Inner) -> std::io::Result<JoinHandle<()>> {
    let keeper = PositionKeeper {
        positions: Arc::clone(&inner.positions),
        board: Arc::clone(&inner.board),
        commands: inner.commands.clone(),
        clock: inner.clock.clone(),
        leadership: inner.leadership.clone(),
    };
    keeper.start()
}

fn start_proposer(
    inner: &Inner,
    wishes: Receiver<ProposalWish>,
    news: Receiver<()>,
    stop: Receiver<()>,
) -> std::io::Result<JoinHandle<()>> {
    let proposer = Proposer {
        board: Arc::clone(&inner.board),
        positions: Arc::clone(&inner.positions),
        roads: inner.roads.clone(),
        clock: inner.clock.clone(),
        commands: inner.commands.clone(),
        leadership: inner.leadership.clone(),
        wishes,
        news,
        stop,
    };
    proposer.start()
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
/// Batches that may wait to be shown.
const DURABLE_MAX: usize = 64;
