//! How long a centre takes to start on a journal of a million events: from its snapshot, and event by event without it.

use std::path::Path;
use std::time::Instant;

use dispatch_core::actor::Actor;
use dispatch_core::ids::CallId;
use dispatch_core::incident::{CallEnd, CallSource, Place};
use dispatch_core::private::Private;
use dispatch_core::{Action, Command};
use server::centre::{CentreHandle, Submission};
use server::clock::{Anchor, Clock, wall_now};
use server::districts::Districts;
use server::journal::Journal;
use server::running::{City, RunningCentre};
use uuid::Uuid;

/// What was measured.
pub(crate) struct Starts {
    pub(crate) events: u64,
    pub(crate) from_snapshot_s: f64,
    pub(crate) event_by_event_s: f64,
}

/// Fills a journal, stops in order, and starts on it twice.
pub(crate) async fn starts() -> anyhow::Result<Starts> {
    let folder = std::env::temp_dir().join(format!("jichi-bench-start-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let running = open(&folder)?;
    let workers = (0..CLIENTS).map(|_| tokio::spawn(calls(running.handle().clone())));
    for worker in workers.collect::<Vec<_>>() {
        worker.await??;
    }
    let events = running.handle().snapshot().seq;
    tokio::task::spawn_blocking(move || running.stop()).await?;
    let from_snapshot_s = started_s(&folder).await?;
    for file in std::fs::read_dir(&folder)? {
        let path = file?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().contains("snapshot")) {
            std::fs::remove_file(path)?;
        }
    }
    let event_by_event_s = started_s(&folder).await?;
    std::fs::remove_dir_all(&folder)?;
    Ok(Starts { events, from_snapshot_s, event_by_event_s })
}

/// A hundred thousand times as fast as life, so that what ended leaves the record as it does over weeks.
fn open(folder: &Path) -> anyhow::Result<RunningCentre> {
    let opened = Journal::open(folder, |_| {})?;
    let wall = wall_now();
    let domain = opened.newest_at.unwrap_or(wall);
    let clock = Clock::anchored(Anchor { wall, domain, rate: RATE });
    Ok(RunningCentre::start(
        opened,
        City { clock, map: None, districts: Districts::default(), head_to: None, wiring: None },
    )?)
}

async fn started_s(folder: &Path) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let running = open(folder)?;
    let took_s = begun.elapsed().as_secs_f64();
    tokio::task::spawn_blocking(move || running.stop()).await?;
    Ok(took_s)
}

/// Calls that are advised and end, until there are events enough.
async fn calls(centre: CentreHandle) -> anyhow::Result<()> {
    let by = Actor::Person { name: "王芳".to_owned(), seat: "03".to_owned() };
    while centre.snapshot().seq < EVENTS {
        let call = CallId::new(Uuid::now_v7());
        let place = Place { address: "滨江路 88 号 3 单元 1204 室".to_owned(), ..Place::default() };
        let received = Action::ReceiveCall {
            call,
            source: CallSource::Telephone,
            phone: Private::new("13812342290"),
            text_only: false,
            place,
            text: None,
        };
        for action in [received, Action::AnswerCall { call }, Action::EndCall { call, how: CallEnd::Advice }]
        {
            centre.submit(Submission::new(Command { by: by.clone(), action })).await?;
        }
    }
    Ok(())
}

const EVENTS: u64 = 1_000_000;
const CLIENTS: usize = 64;
const RATE: f64 = 100_000.0;
