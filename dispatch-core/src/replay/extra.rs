//! More calls than the day had: some are repeated at another time of the same day, which ones and when decided by a seed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::agenda::Happening;
use super::past::{Drills, Past};
use super::world::{REPLAY, World, numbered};
use crate::actor::Actor;
use crate::command::Action;
use crate::event::Fact;
use crate::ids::{CallId, IncidentId};
use crate::incident::{CallSource, IncidentKind, IncidentSketch, Offered};
use crate::private::Private;
use crate::time::{Span, UtcTime};

/// A call that the day did not have.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Extra {
    /// The incident that it repeats.
    pub(super) original: IncidentId,
    /// When it rings, UTC.
    pub(super) rings_at: UtcTime,
    /// From ringing to the incident.
    pub(super) intake: Span,
    /// From the incident to its being called off.
    pub(super) called_off: Option<Span>,
    /// What is known of it, as it was known of the original in the end.
    pub(super) sketch: Arc<IncidentSketch>,
}

/// An incident of the day as it is to be repeated.
struct Original {
    rang_at: UtcTime,
    created_at: UtcTime,
    cancelled_at: Option<UtcTime>,
    sketch: IncidentSketch,
}

/// The calls to add so that there are `times` as many.
pub(super) fn extras(past: &Past, drills: &Drills, times: f64, seed: u64) -> Vec<Extra> {
    let mut extras = Vec::new();
    let more = (times - 1.0).max(0.0);
    for (number, (incident, original)) in originals(past, drills).into_iter().enumerate() {
        let copies = more.floor() as u64 + u64::from(share(seed, number as u64, 0) < more.fract());
        for copy in 1..=copies {
            // Up to an hour earlier or later: the day keeps its busy hours.
            let shift = (share(seed, number as u64, copy) * 2.0 - 1.0) * SHIFT_S_MAX;
            let shifted = original.rang_at + Span::from_secs_f64(shift.round());
            let inside = past.begins() <= shifted && shifted < past.period().to;
            let rings_at =
                if inside { shifted } else { original.rang_at - Span::from_secs_f64(shift.round()) };
            let called_off = original.cancelled_at.map(|at| at.since(original.created_at));
            let intake = original.created_at.since(original.rang_at);
            let sketch = Arc::new(original.sketch.clone());
            extras.push(Extra { original: incident, rings_at, intake, called_off, sketch });
        }
    }
    extras
}

fn originals(past: &Past, drills: &Drills) -> BTreeMap<IncidentId, Original> {
    let mut rang: BTreeMap<CallId, UtcTime> = BTreeMap::new();
    let mut originals: BTreeMap<IncidentId, Original> = BTreeMap::new();
    // What was merged, in case it is split again.
    let mut merged: BTreeMap<IncidentId, Original> = BTreeMap::new();
    for event in past.events().iter().filter(|event| !drills.has(&event.fact)) {
        match &event.fact {
            Fact::CallReceived { call, .. } => {
                rang.insert(*call, event.at);
            }
            Fact::IncidentCreated { incident, call, sketch, .. }
                if sketch.kind == IncidentKind::Emergency =>
            {
                let rang_at = call.and_then(|call| rang.get(&call).copied()).unwrap_or(event.at);
                if past.period().contains(rang_at) {
                    let (created_at, sketch) = (event.at, IncidentSketch::clone(sketch));
                    let original = Original { rang_at, created_at, cancelled_at: None, sketch };
                    originals.insert(*incident, original);
                }
            }
            Fact::IncidentChanged { incident, change } => {
                if let Some(original) = originals.get_mut(incident) {
                    original.sketch = original.sketch.clone().changed(change);
                }
            }
            Fact::IncidentCancelled { incident, .. }
            | Fact::IncidentRedirected { incident, .. }
            | Fact::HandoffAccepted { about: Offered::Incident(incident), .. } => {
                if let Some(original) = originals.get_mut(incident) {
                    original.cancelled_at = Some(event.at);
                }
            }
            Fact::IncidentMerged { incident, .. } => {
                merged.extend(originals.remove_entry(incident));
            }
            Fact::IncidentSplit { incident, .. } => originals.extend(merged.remove_entry(incident)),
            _ => {}
        }
    }
    originals
}

impl World<'_> {
    /// Notes when the calls ring that the plan adds.
    pub(super) fn expect_extras(&mut self) {
        for number in 0..self.extras.len() {
            self.agenda.note(self.extras[number].0.rings_at, Happening::ExtraRings(number));
        }
    }

    /// A call that the plan adds rings, and is answered at once: how long that took is in the time until its incident.
    pub(super) fn extra_rings(&mut self, number: usize) {
        let (extra, _) = &self.extras[number];
        let place = extra.sketch.place.clone();
        let (source, phone, text_only) = (CallSource::Telephone, Private::new(""), extra.sketch.text_only);
        self.agenda.note(self.now + extra.intake, Happening::ExtraCreated(number));
        let call = extra_call(number);
        let received = Action::ReceiveCall { call, source, phone, text_only, place, text: None };
        self.ask_again(Actor::Caller, received);
        self.ask_again(Actor::rule(REPLAY), Action::AnswerCall { call });
    }

    /// It has become an incident.
    pub(super) fn extra_created(&mut self, number: usize) {
        let incident = IncidentId::new(self.id());
        let (extra, known_as) = &mut self.extras[number];
        *known_as = Some(incident);
        let (original, sketch, called_off) = (extra.original, Arc::clone(&extra.sketch), extra.called_off);
        self.originals.insert(incident, original);
        if let Some(after) = called_off {
            self.agenda.note(self.now + after, Happening::ExtraCancelled(number));
        }
        let call = Some(extra_call(number));
        self.ask_again(Actor::rule(REPLAY), Action::CreateIncident { incident, call, sketch });
    }

    /// It is called off.
    pub(super) fn extra_cancelled(&mut self, number: usize) {
        if let (_, Some(incident)) = self.extras[number] {
            let reason = "重演 · replay".to_owned();
            self.ask_again(Actor::rule(REPLAY), Action::CancelIncident { incident, reason });
        }
    }
}

fn extra_call(number: usize) -> CallId {
    CallId::new(numbered(number as u64 + 1))
}

/// A share from 0 to 1, always the same for the same three numbers.
fn share(seed: u64, number: u64, copy: u64) -> f64 {
    let mixed = mix(mix(mix(seed).wrapping_add(number)).wrapping_add(copy));
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

/// One step of the generator known as splitmix64.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// How much earlier or later a call is repeated, at most.
const SHIFT_S_MAX: f64 = 3600.0;
