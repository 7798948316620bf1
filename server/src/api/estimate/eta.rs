//! When each ambulance on its way is expected: the road time from where it is to where it goes, as a range.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use dispatch_core::assignment::{Assignment, Stage};
use dispatch_core::fleet::Fix;
use dispatch_core::ids::{AssignmentId, HospitalId};
use dispatch_core::{Record, Span, UtcTime};
use roads::{SearchSpace, Wgs84};

use super::times_to;
use crate::api::views::{EtaView, seconds};
use crate::centre::CentreHandle;

/// What is expected when, for every assignment on its way.
#[derive(Debug, Default)]
pub(crate) struct Etas(BTreeMap<AssignmentId, (Leg, EtaView)>);

/// The part of an assignment that an expectation is for: it holds for no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Leg {
    stage: Stage,
    hospital: Option<HospitalId>,
}

/// The thread that keeps the expectations.
pub(crate) struct EtaKeeper {
    pub(crate) centre: CentreHandle,
    pub(crate) etas: Arc<ArcSwap<Etas>>,
    /// Closed when the thread is to end.
    pub(crate) stop: Receiver<()>,
}

impl Etas {
    /// When it is expected; `None` when it is not on its way or its position is not known.
    pub(crate) fn of(&self, assignment: &Assignment) -> Option<EtaView> {
        let (leg, eta) = self.0.get(&assignment.id)?;
        (*leg == Leg::of(assignment)).then_some(*eta)
    }

    /// The assignments whose expectation is not the same in `older`.
    pub(crate) fn changed_since(&self, older: &Self) -> Vec<AssignmentId> {
        let new = self.0.iter().filter(|(id, eta)| older.0.get(*id) != Some(*eta));
        new.map(|(id, _)| *id).collect()
    }
}

impl Leg {
    fn of(assignment: &Assignment) -> Self {
        let hospital = assignment.destination.as_ref().map(|destination| destination.hospital);
        Self { stage: assignment.stage, hospital }
    }
}

/// A place, and who is on the way there with where each is.
type Bound<'a> = (Wgs84, Vec<(&'a Assignment, Fix)>);

impl EtaKeeper {
    pub(crate) fn start(self) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("expected-arrivals".to_owned()).spawn(move || self.run())
    }

    fn run(self) {
        let mut space = SearchSpace::new();
        let pause =
            Duration::from_secs_f64(RENEW_EVERY_S / self.centre.clock().rate()).clamp(PAUSE_MIN, PAUSE_MAX);
        while matches!(self.stop.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
            self.etas.store(Arc::new(self.renewed(&mut space)));
        }
    }

    fn renewed(&self, space: &mut SearchSpace) -> Etas {
        let (snapshot, picture, roads) = (self.centre.snapshot(), self.centre.picture(), self.centre.roads());
        let hour = snapshot.record.rules().speeds_at(snapshot.at);
        // One search answers for everybody who goes to the same place.
        let mut by_target: BTreeMap<[i64; 2], Bound<'_>> = BTreeMap::new();
        for (assignment, target) in on_their_way(&snapshot.record).take(ETAS_MAX) {
            if let Some(unit) = picture.unit(assignment.unit) {
                let bound = by_target.entry(key(target)).or_insert_with(|| (target, Vec::new()));
                bound.1.push((assignment, unit.fix));
            }
        }
        let mut etas = BTreeMap::new();
        for (target, coming) in by_target.into_values() {
            let from = coming.iter().map(|(_, fix)| fix.position);
            let times = times_to(roads.as_deref(), &hour, space, target, from);
            for ((assignment, fix), (time, basis)) in coming.into_iter().zip(times) {
                let eta = expected(fix.at.min(snapshot.at), time, basis.into());
                etas.insert(assignment.id, (Leg::of(assignment), eta));
            }
        }
        Etas(etas)
    }
}

/// Counted from when the vehicle was where it was seen, so that an old position makes an old expectation.
fn expected(at: UtcTime, time: Span, basis: crate::api::views::BasisWord) -> EtaView {
    let whole = |factor: f64| (seconds(time) * factor).round();
    EtaView { at: at.into(), earliest_s: whole(EARLIEST), latest_s: whole(LATEST), basis }
}

/// Assignments whose vehicle drives to the incident or the hospital, with where that is.
fn on_their_way(record: &Record) -> impl Iterator<Item = (&Assignment, Wgs84)> {
    record.open_incidents().flat_map(move |incident| {
        record.open_assignments_of(incident.id).filter_map(move |assignment| {
            let target = match assignment.stage {
                Stage::Rolling => incident.sketch.place.position?,
                Stage::LeftScene => {
                    let hospital = assignment.destination.as_ref()?.hospital;
                    record.hospitals().get(&hospital)?.spec.position
                }
                _ => return None,
            };
            Some((assignment, target))
        })
    })
}

fn key(place: Wgs84) -> [i64; 2] {
    [(place.longitude() * 1e7) as i64, (place.latitude() * 1e7) as i64]
}

/// How often expectations are renewed, in domain seconds.
const RENEW_EVERY_S: f64 = 5.0;
/// However fast the domain clock runs, the machine rests this long between two renewals.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// However slow it runs, the end of the process is not waited for longer than this.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// The range around the road time. Assumption until measured: lights seldom save more than a tenth, traffic may cost a quarter.
const EARLIEST: f64 = 0.9;
/// The far end of the range.
const LATEST: f64 = 1.25;
/// Expectations kept at a time: a province at its busiest.
const ETAS_MAX: usize = 2000;
