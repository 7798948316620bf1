//! What one run in the model will take: the pieces that the day recorded for its incident, fitted to the unit that goes now.

use super::scripts::{Script, Scripts, pace};
use crate::assignment::{CandidateInput, Outcome, UnitState};
use crate::ids::{HospitalId, IncidentId};
use crate::time::Span;

/// A point of a unit's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Acknowledge,
    Roll,
    Arrive,
    ReachPatient,
    Leave,
    ReachHospital,
    HandOver,
    BecomeFree,
    GiveBack,
}

/// What one run will take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Course {
    /// From the order.
    pub(super) acknowledge: Span,
    /// From the order to rolling.
    pub(super) mobilise: Span,
    /// From rolling to the scene.
    pub(super) travel: Span,
    /// From the scene to the patient.
    pub(super) at_patient: Option<Span>,
    /// On scene.
    pub(super) scene: Span,
    /// How it goes on from there.
    pub(super) after: After,
    /// The crew gives the order back, so long after it.
    pub(super) gives_back: Option<(Outcome, Span)>,
}

/// How a run goes on from the scene.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum After {
    /// The patient is taken along.
    Convey(Conveyance),
    /// Nobody is.
    End(Outcome),
}

/// Taking a patient to hospital.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Conveyance {
    /// Where to; `None` is the nearest.
    pub(super) hospital: Option<HospitalId>,
    /// What it took, and what the roads said then.
    recorded: Option<(Span, Option<Span>)>,
    /// Against what the roads say now.
    pace: f64,
    /// At hospital to handed over.
    pub(super) handover: Span,
    /// Handed over to free.
    pub(super) turnaround: Span,
}

impl Course {
    /// What a unit will need that goes to an incident now, after `served` others.
    pub(super) fn of(scripts: &Scripts, incident: IncidentId, sent: &CandidateInput, served: usize) -> Self {
        let runs = scripts.of(incident);
        let own = |script: &&Script| script.unit == sent.unit;
        let serving = || runs.iter().filter(|script| script.served());
        let base = serving().find(own).or_else(|| serving().nth(served)).or_else(|| serving().next_back());
        let same_unit = base.filter(own).or_else(|| runs.iter().find(own));
        let way = Way { scripts, sent, same_unit, base };
        let mobilise = way.mobilise();
        let acknowledge = base.and_then(|script| script.acknowledge).unwrap_or(scripts.medians.acknowledge);
        let after = after(scripts, base);
        Self {
            acknowledge: acknowledge.min(mobilise),
            mobilise,
            travel: way.travel(),
            at_patient: base.and_then(|script| script.at_patient),
            scene: base.and_then(|script| script.scene).unwrap_or(match after {
                After::Convey(_) => scripts.medians.scene,
                After::End(_) => scripts.medians.scene_only,
            }),
            after,
            gives_back: runs.iter().filter(own).find_map(Script::gave_back),
        }
    }
}

/// What decides how long a unit needs to the scene.
struct Way<'a> {
    scripts: &'a Scripts,
    sent: &'a CandidateInput,
    /// The run of the same unit to the same incident.
    same_unit: Option<&'a Script>,
    /// The run that this one stands in for.
    base: Option<&'a Script>,
}

impl Way<'_> {
    /// As recorded, where a unit goes from a station as one did then, or from the road as one did then. From elsewhere it takes as
    /// much longer or shorter as is expected of it.
    fn mobilise(&self) -> Span {
        let expected = self.sent.mobilisation_s;
        let run = self.same_unit.or(self.base).filter(|_| self.sent.interrupts.is_none());
        let recorded = run.and_then(|run| Some((run.mobilise?, run.expected)));
        match (recorded, run.and_then(Script::mobilisation_pace)) {
            (Some((took, None)), _) => took,
            (Some((took, Some(then))), _) if same_work(then.state, self.sent.state) => took,
            (_, Some(pace)) => scaled(expected, pace),
            // Next to nothing was expected of a unit that was driving: what a station needs comes on top of what it took.
            (Some((took, Some(then))), None) if then.mobilisation <= expected => {
                took + (expected - then.mobilisation)
            }
            _ => scaled(expected, self.scripts.medians.mobilisation_pace),
        }
    }

    /// As recorded where the same unit goes the same way, and that with the difference where its way is longer or shorter. Another
    /// unit takes as much longer than the roads say as it was then.
    fn travel(&self) -> Span {
        let expected = self.sent.travel_s;
        let usual = self.scripts.medians.travel_pace;
        let recorded = |run: &Script| Some((run.travel?, run.expected?.travel));
        match (self.same_unit.and_then(recorded), self.base.and_then(recorded)) {
            (Some((took, then)), _) if same(then, expected) => took,
            (Some((took, then)), _) => (took + scaled(expected - then, usual)).max(Span::ZERO),
            (None, Some((took, then))) => scaled(expected, pace(took, then, usual)),
            (None, None) => scaled(expected, usual),
        }
    }
}

fn after(scripts: &Scripts, base: Option<&Script>) -> After {
    let conveys = base.map_or(scripts.medians.conveys, |script| script.conveys() || script.end.is_none());
    if !conveys {
        let outcome = base.and_then(|script| script.end).map(|(outcome, _)| outcome);
        return After::End(outcome.unwrap_or(Outcome::TreatedOnScene));
    }
    After::Convey(Conveyance {
        hospital: base.and_then(|script| script.hospital),
        recorded: base.and_then(|script| Some((script.transport?, script.transport_expected))),
        pace: base
            .and_then(|script| Some((script.transport?, script.transport_expected?)))
            .map_or(scripts.medians.transport_pace, |(took, then)| {
                pace(took, then, scripts.medians.transport_pace)
            }),
        handover: base.and_then(|script| script.handover).unwrap_or(scripts.medians.handover),
        turnaround: base.and_then(|script| script.turnaround).unwrap_or(scripts.medians.turnaround),
    })
}

impl Conveyance {
    /// How long the way to hospital takes, by what the roads say now.
    pub(super) fn transport(&self, by_road: Span) -> Span {
        match self.recorded {
            Some((took, then)) if then.is_none_or(|then| same(then, by_road)) => took,
            _ => scaled(by_road, self.pace),
        }
    }
}

fn same(then: Span, now: Span) -> bool {
    (then - now).micros().abs() <= SAME_WAY.micros()
}

/// Whether both begin at a station, or neither does.
fn same_work(then: UnitState, now: UnitState) -> bool {
    let at_station = |state| matches!(state, UnitState::AtStation | UnitState::AssumedAtStation);
    at_station(then) == at_station(now)
}

fn scaled(span: Span, by: f64) -> Span {
    Span::from_secs_f64(span.as_secs_f64() * by)
}

/// Two journeys that differ by less are the same: positions scatter, and reports are seconds old.
const SAME_WAY: Span = Span::seconds(10);
