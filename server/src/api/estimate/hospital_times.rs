//! The way from one place to every hospital, kept for a while: the same list is asked for by every screen.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use dispatch_core::assignment::Basis;
use dispatch_core::ids::HospitalId;
use dispatch_core::{Record, Span, UtcTime};
use roads::{SearchSpace, SpeedFactors, Wgs84};

use super::times_to;
use crate::road_weights::RoadsNow;

/// The way to one hospital.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HospitalTime {
    pub(crate) hospital: HospitalId,
    pub(crate) travel: Span,
    pub(crate) basis: Basis,
}

/// Finds and keeps the ways to all hospitals.
#[derive(Default)]
pub(crate) struct HospitalTimes {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// The weights, the hour's speeds and the number of hospitals that everything kept is for.
    made_for: Option<(String, SpeedFactors, usize)>,
    known: BTreeMap<[i64; 2], Arc<Vec<HospitalTime>>>,
    space: SearchSpace,
}

impl HospitalTimes {
    /// The ways from a place. Some milliseconds of searching the first time: call it where waiting harms nobody.
    pub(crate) fn from(
        &self,
        record: &Record,
        roads: Option<&RoadsNow>,
        now: UtcTime,
        place: Wgs84,
    ) -> Arc<Vec<HospitalTime>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let weights = roads.map_or("", |roads| roads.weights.id());
        let hour = record.rules().speeds_at(now);
        let made_for = Some((weights.to_owned(), hour, record.hospitals().len()));
        if inner.made_for != made_for || inner.known.len() >= PLACES_MAX {
            inner.known.clear();
            inner.made_for = made_for;
        }
        let cell =
            [place.longitude(), place.latitude()].map(|degrees| (degrees * CELLS_PER_DEGREE).floor() as i64);
        if let Some(times) = inner.known.get(&cell) {
            return Arc::clone(times);
        }
        let space = &mut inner.space;
        let times = record.hospitals().values().map(|hospital| {
            let to = hospital.spec.position;
            let time = times_to(roads, &hour, space, to, std::iter::once(place)).pop();
            let (travel, basis) = time.expect("invariant: one place in, one time out");
            HospitalTime { hospital: hospital.spec.id, travel, basis }
        });
        let times: Arc<Vec<HospitalTime>> = Arc::new(times.collect());
        inner.known.insert(cell, Arc::clone(&times));
        times
    }
}

/// Places within some 50 m of each other share their list.
const CELLS_PER_DEGREE: f64 = 2000.0;
/// Lists kept before all are made anew.
const PLACES_MAX: usize = 1000;
