//! What the tests of this crate share: a folder that goes away, and the commands of a small centre.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use dispatch_core::actor::Actor;
use dispatch_core::ids::{CallId, IncidentId};
use dispatch_core::incident::{CallSource, IncidentKind, IncidentSketch, Level, Place, Triage};
use dispatch_core::private::Private;
use dispatch_core::vehicle::{CrewRole, Station, UnitSpec};
use dispatch_core::{Action, Command};
use roads::Wgs84;
use uuid::Uuid;

use crate::clock::Clock;
use crate::districts::Districts;
use crate::journal::Journal;
use crate::running::{City, RunningCentre};

/// A folder of one test, removed with everything in it.
#[derive(Debug)]
pub(crate) struct TempFolder(PathBuf);

impl TempFolder {
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("jichi-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Polls until `done`, and fails after twenty seconds.
pub(crate) fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(20), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A centre on the journal in a folder, without a map.
pub(crate) fn start(folder: &Path, clock: Clock) -> RunningCentre {
    let opened = Journal::open(folder, |_| {}).unwrap();
    RunningCentre::start(
        opened,
        City { clock, map: None, districts: Districts::default(), head_to: None, wiring: None },
    )
    .unwrap()
}

pub(crate) fn at_desk(action: Action) -> Command {
    Command { by: Actor::Person { name: "王芳".to_owned(), seat: "03".to_owned() }, action }
}

pub(crate) fn a_call() -> Action {
    Action::ReceiveCall {
        call: CallId::new(Uuid::now_v7()),
        source: CallSource::Telephone,
        phone: Private::new("13812342290"),
        text_only: false,
        place: Place::default(),
        text: None,
    }
}

pub(crate) fn an_incident(id: IncidentId) -> Action {
    let place = Place { position: Some(here(0.02)), address: "滨江路".to_owned(), ..Place::default() };
    let sketch = IncidentSketch {
        kind: IncidentKind::Emergency,
        complaint: "胸痛".to_owned(),
        triage: Triage::level(Level::I),
        place,
        patients: Vec::new(),
        needs: dispatch_core::incident::Needs::default(),
        notes: String::new(),
        wish: None,
        text_only: false,
        test: false,
        scheduled_at: None,
    };
    Action::CreateIncident { incident: id, call: None, sketch: sketch.into() }
}

/// A station and two units with a driver each, the first one nearer.
pub(crate) fn two_units() -> Vec<Action> {
    let station =
        |id: &str, east| Station { id: id.parse().unwrap(), name: id.to_owned(), position: here(east) };
    let unit = |id: &str, station: &str| UnitSpec {
        id: id.parse().unwrap(),
        station: station.parse().unwrap(),
        skills: std::collections::BTreeSet::new(),
        plate: String::new(),
        phone: String::new(),
    };
    let sign_on = |id: &str| Action::SignOn {
        unit: id.parse().unwrap(),
        name: "李强".to_owned(),
        role: CrewRole::Driver,
    };
    vec![
        Action::RegisterStation { station: station("S01", 0.0) },
        Action::RegisterStation { station: station("S02", 0.2) },
        Action::RegisterUnit { unit: unit("A01", "S01") },
        Action::RegisterUnit { unit: unit("A02", "S02") },
        sign_on("A01"),
        sign_on("A02"),
    ]
}

fn here(east: f64) -> Wgs84 {
    Wgs84::new(114.3 + east, 30.6).unwrap()
}
