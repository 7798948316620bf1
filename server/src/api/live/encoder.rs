//! Writes the frames: one task for all readers. It takes events as they become durable, looks at the record once for as many
//! as came together, and once a second at where the units are.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dispatch_core::ids::UnitId;
use dispatch_core::{Fact, Record};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::changed::Touched;
use super::fact::described;
use super::frame::{
    FloodView, Frame, LiveChanged, LiveEvent, LiveFrame, LivePosition, LivePositions, LiveStart, LiveTick,
};
use crate::api::Api;
use crate::api::estimate::Etas;
use crate::api::scene::Scene;
use crate::api::views::{ProposalView, UnitPositionView};
use crate::centre::{FeedError, Journalled, LiveItem, Snapshot, Subscription};
use crate::journal::words;

/// The writer of frames.
pub(crate) struct Encoder {
    api: Api,
    feed: Subscription,
    /// The record of the last frame.
    before: Arc<Record>,
    positions: BTreeMap<UnitId, LivePosition>,
    etas: Arc<Etas>,
}

impl Encoder {
    /// Begins after the events in `snapshot`.
    pub(crate) fn new(api: Api, feed: Subscription, snapshot: &Snapshot) -> Self {
        let etas = api.etas();
        Self { api, feed, before: Arc::clone(&snapshot.record), positions: BTreeMap::new(), etas }
    }

    /// Writes what is in the journal already, up to the event `seq`.
    pub(crate) async fn catch_up(&mut self, seq: u64) -> Result<(), FeedError> {
        while self.api.live().seq() < seq {
            let item = self.feed.next().await?;
            self.take(item).await?;
        }
        Ok(())
    }

    /// Writes until the centre stops.
    pub(crate) async fn run(mut self) -> FeedError {
        let every = |period: Duration| {
            let mut ticks = interval_at(Instant::now() + period, period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            ticks
        };
        let (mut move_on, mut tick) = (every(POSITIONS_EVERY), every(TICK_EVERY));
        loop {
            tokio::select! {
                item = self.feed.next() => match item {
                    Ok(item) => {
                        if let Err(error) = self.take(item).await {
                            return error;
                        }
                    }
                    Err(error) => return error,
                },
                _ = move_on.tick() => self.signs(),
                _ = tick.tick() => self.tick(),
            }
        }
    }

    async fn take(&mut self, first: LiveItem) -> Result<(), FeedError> {
        let mut batch = Vec::new();
        let mut next = Some(first);
        // What came together is written together: the record is looked at once, not once for each event.
        while let Some(item) = next.take() {
            match item {
                LiveItem::Event(event) => batch.push(event),
                LiveItem::Reset { .. } => {
                    self.restart();
                    return Ok(());
                }
            }
            if batch.len() < BATCH_MAX {
                next = match tokio::time::timeout(Duration::ZERO, self.feed.next()).await {
                    Ok(item) => Some(item?),
                    Err(_) => None,
                };
            }
        }
        let (api, before) = (self.api.clone(), Arc::clone(&self.before));
        let scene = self.api.scene();
        self.before = Arc::clone(&scene.snapshot.record);
        // Away from the async threads: a new proposal's destinations are searched over the roads.
        let written = tokio::task::spawn_blocking(move || write_events(&api, &before, &scene, &batch)).await;
        if written.is_err() {
            tracing::error!("writing live frames panicked: readers load anew");
            self.restart();
        }
        // Gives the next events time to gather.
        tokio::time::sleep(GATHER).await;
        Ok(())
    }

    fn restart(&mut self) {
        let snapshot = self.api.centre().snapshot();
        self.before = Arc::clone(&snapshot.record);
        self.api.live().restart(start_frame("reset", &snapshot, snapshot.seq).written());
    }

    /// What has moved since the last time, and what is expected anew.
    fn signs(&mut self) {
        let scene = self.api.scene();
        let now = positions(&scene);
        let moved = now.iter().filter(|(unit, position)| self.positions.get(*unit) != Some(*position));
        let items: Vec<LivePosition> = moved.map(|(_, position)| position.clone()).collect();
        self.positions = now;
        if !items.is_empty() {
            self.api
                .live()
                .sign(self.framed("positions", &scene.snapshot, LivePositions { items }).written());
        }
        let etas = self.api.etas();
        let renewed = etas.changed_since(&self.etas);
        self.etas = etas;
        let assignments: Vec<_> = renewed.into_iter().filter_map(|id| scene.assignment(id).ok()).collect();
        if !assignments.is_empty() {
            let changed = LiveChanged { assignments, ..LiveChanged::default() };
            let data = LiveEvent { by: None, about: Vec::new(), changed, escalations: None };
            self.api.live().sign(self.framed("etas", &scene.snapshot, data).written());
        }
    }

    fn tick(&self) {
        let snapshot = self.api.centre().snapshot();
        let floods = self.api.centre().floods().standing().into_iter().map(FloodView::from).collect();
        let data = LiveTick { now: snapshot.at.into(), rate: self.api.centre().clock().rate(), floods };
        self.api.live().sign(self.framed("tick", &snapshot, data).written());
    }

    /// A frame without a number of its own carries the last that has a frame.
    fn framed<D>(&self, kind: &str, snapshot: &Snapshot, data: D) -> LiveFrame<D> {
        let seq = self.api.live().seq();
        LiveFrame { seq, epoch: words(snapshot.epoch), at: snapshot.at.into(), kind: kind.to_owned(), data }
    }
}

/// The frame that says where a reader starts.
pub(super) fn start_frame(kind: &str, snapshot: &Snapshot, seq: u64) -> LiveFrame<LiveStart> {
    let (epoch, at) = (words(snapshot.epoch), snapshot.at.into());
    LiveFrame { seq, epoch, at, kind: kind.to_owned(), data: LiveStart { seq } }
}

/// Where every unit is, for a reader who starts.
pub(super) fn positions_frame(scene: &Scene, seq: u64) -> LiveFrame<LivePositions> {
    let items = positions(scene).into_values().collect();
    let (epoch, at) = (words(scene.snapshot.epoch), scene.snapshot.at.into());
    LiveFrame { seq, epoch, at, kind: "positions".to_owned(), data: LivePositions { items } }
}

/// The frame of a proposal on which there is a second opinion now.
pub(crate) fn opinion_frame(scene: &Scene, seq: u64, proposal: ProposalView) -> Frame {
    let (epoch, at) = (words(scene.snapshot.epoch), scene.snapshot.at.into());
    let changed = LiveChanged { proposals: vec![proposal], ..LiveChanged::default() };
    let data = LiveEvent { by: None, about: Vec::new(), changed, escalations: None };
    LiveFrame { seq, epoch, at, kind: "second_opinion".to_owned(), data }.written()
}

/// One frame for each event; the last shows everything that followed from all of them.
fn write_events(api: &Api, before: &Record, scene: &Scene, batch: &[Arc<Journalled>]) {
    let mut followed = Touched::between(before, scene.record());
    let standing = (before.escalations() != scene.record().escalations()).then(|| scene.escalations());
    for (number, journalled) in batch.iter().enumerate() {
        let (kind, named) = described(&journalled.event.fact);
        let about = named.names();
        let is_last = number + 1 == batch.len();
        let mut touched = named;
        if is_last {
            touched.join(std::mem::take(&mut followed));
        }
        let data = LiveEvent {
            by: Some(journalled.event.by.to_string()),
            about,
            changed: touched.shown(scene),
            escalations: standing.clone().filter(|_| is_last),
        };
        let (seq, epoch, at) = (journalled.seq, words(journalled.epoch), journalled.event.at.into());
        if let Fact::PersonalDataErased { .. } = journalled.event.fact {
            api.live().forget_past();
        }
        api.live().event(LiveFrame { seq, epoch, at, kind: kind.to_owned(), data }.written());
        if let Fact::ProposalMade { proposal } = &journalled.event.fact {
            api.second_opinions().wish(proposal.id);
        }
    }
}

fn positions(scene: &Scene) -> BTreeMap<UnitId, LivePosition> {
    let units = scene.picture.units().iter();
    let shown = units.map(|heard| {
        let (unit, position) = (heard.unit.to_string(), UnitPositionView::from(heard));
        (heard.unit, LivePosition { unit, position, link: scene.link(heard.unit) })
    });
    shown.collect()
}

/// How often positions are sent.
const POSITIONS_EVERY: Duration = Duration::from_secs(1);
/// How often the domain clock is told.
const TICK_EVERY: Duration = Duration::from_secs(5);
/// Events written from one look at the record.
const BATCH_MAX: usize = 256;
/// Nobody sees a twentieth of a second; the record is copied that much less often.
const GATHER: Duration = Duration::from_millis(50);
