//! A unit becomes free near somebody who still waits for another: it may relieve that one, which is farther away.

use super::{CandidateInput, Reach, Scene, inputs, scene};
use crate::assignment::{Assignment, Interrupted, ProposalInputs, Relieved, Stage};
use crate::ids::UnitId;
use crate::incident::Level;
use crate::policy::relief::GAIN_MIN;
use crate::record::Record;
use crate::time::{Span, UtcTime};
use crate::vehicle::Unit;

/// Looks at everybody who waits for a unit on its way, and gathers what is needed to say whether the unit that has become free
/// should go instead: for the most urgent incident that gains by it, and of equally urgent ones for the one that gains most.
/// `None` where nobody gains, or the policy relieves nobody.
pub fn relief_within(
    record: &Record,
    reach: &mut impl Reach,
    freed: UnitId,
    now: UtcTime,
) -> Option<ProposalInputs> {
    let unit = record.unit(freed).filter(|unit| unit.is_free() && record.policy().relieves)?;
    // A drill waits for the unit it has.
    let waits = record.open_incidents().filter(|incident| !incident.is_held() && !incident.sketch.test);
    let on_the_way = waits.flat_map(|incident| {
        record.open_assignments_of(incident.id).filter(|held| held.stage < Stage::OnScene)
    });
    let may_gain = on_the_way.filter_map(|held| {
        let scene = scene(record, held.incident, now).ok()?;
        let holder = record.unit(held.unit)?;
        scene.may_go(unit).ok()?;
        (scene.lacks(unit) <= scene.lacks(holder)).then_some(Wait { scene, held, holder })
    });
    let mut waits: Vec<Wait<'_>> = may_gain.collect();
    if waits.len() > LOOKED_AT_MAX {
        // Where half a city waits, the ways of those are found who should gain most by the straight distances.
        waits.sort_by_cached_key(|wait| wait.promise(reach, unit));
        waits.truncate(LOOKED_AT_MAX);
    }
    let mut best: Option<Gain<'_>> = None;
    for wait in waits {
        let Some(gain) = wait.gain(reach, unit) else { continue };
        if best.as_ref().is_none_or(|best| gain.rank() < best.rank()) {
            best = Some(gain);
        }
    }
    let Gain { scene, sooner, holds, held, .. } = best?;
    let relieves = Some(Relieved { assignment: held.id, unit: held.unit });
    Some(ProposalInputs { relieves, ..inputs(&scene, reach, vec![sooner, holds], Vec::new()) })
}

/// What an incident would gain.
struct Gain<'a> {
    scene: Scene<'a>,
    sooner: CandidateInput,
    holds: CandidateInput,
    held: &'a Assignment,
    by: Span,
}

impl Gain<'_> {
    /// The least is the best.
    fn rank(&self) -> (Level, Span) {
        (self.scene.level(), Span::ZERO - self.by)
    }
}

/// An incident whose unit is on its way.
struct Wait<'a> {
    scene: Scene<'a>,
    held: &'a Assignment,
    holder: &'a Unit,
}

impl<'a> Wait<'a> {
    /// What it should gain, by times that no way is shorter than; the least is the best.
    fn promise(&self, reach: &mut impl Reach, unit: &Unit) -> (Level, Span) {
        let mut least = |unit| reach.least(&self.scene, unit);
        let gain = least(self.holder).zip(least(unit)).map_or(Span::ZERO, |(holds, comes)| holds - comes);
        (self.scene.level(), Span::ZERO - gain)
    }

    fn gain(self, reach: &mut impl Reach, unit: &Unit) -> Option<Gain<'a>> {
        let Self { scene, held, holder } = self;
        let order = Interrupted { assignment: held.id, incident: held.incident, level: scene.level() };
        let holds = reach.arrival_of(&scene, holder, Some(order))?;
        if holds.arrival() < GAIN_MIN {
            return None;
        }
        let sooner = reach.arrival_of(&scene, unit, None)?;
        let by = holds.arrival() - sooner.arrival();
        (by >= GAIN_MIN).then_some(Gain {
            scene,
            sooner,
            holds: CandidateInput { interrupts: None, ..holds },
            held,
            by,
        })
    }
}

/// Incidents for which ways are found when a unit becomes free: two each, and a new call may wait behind them.
const LOOKED_AT_MAX: usize = 32;
