//! A unit becomes free near somebody who still waits for another: it may relieve that one, which is farther away.

use super::{CandidateInput, Reach, Scene, inputs, scene};
use crate::assignment::{Assignment, Interrupted, ProposalInputs, Relieved, Stage};
use crate::ids::UnitId;
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
    let mut best: Option<Gain<'_>> = None;
    for held in on_the_way {
        let Ok(scene) = scene(record, held.incident, now) else { continue };
        let Some(gain) = weigh(scene, reach, unit, held) else { continue };
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
    fn rank(&self) -> (crate::incident::Level, Span) {
        (self.scene.level(), Span::ZERO - self.by)
    }
}

fn weigh<'a>(
    scene: Scene<'a>,
    reach: &mut impl Reach,
    unit: &Unit,
    held: &'a Assignment,
) -> Option<Gain<'a>> {
    let holder = scene.record.unit(held.unit)?;
    scene.may_go(unit).ok()?;
    if scene.lacks(unit) > scene.lacks(holder) {
        return None;
    }
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
