//! A crew is flagged down. It has begun already, perhaps where nobody heard it: the centre puts on record what is so.

use std::sync::Arc;

use super::{Decision, DispatchCentre, check_text};
use crate::actor::Actor;
use crate::assignment::{Stage, StampSource};
use crate::event::Fact;
use crate::ids::{AssignmentId, IncidentId, UnitId};
use crate::incident::{IncidentNumber, IncidentSketch};
use crate::refusal::Refusal;
use crate::time::UtcTime;

impl DispatchCentre {
    /// An incident with the unit on scene. Nobody called, so that it enters no figure of answering or response. Where the unit was sent
    /// elsewhere meanwhile it stays there, and the incident waits like any other, with word of who is there. `at` may be before the order,
    /// which is of now: the crew was there first.
    pub(super) fn open_roadside(
        &self,
        (assignment, incident, unit): (AssignmentId, IncidentId, UnitId),
        sketch: &Arc<IncidentSketch>,
        at: UtcTime,
        by: &Actor,
        now: UtcTime,
    ) -> Decision {
        if *by != (Actor::Crew { unit }) {
            return Err(Refusal::NotAllowed { what: "a crew opens a task for its own unit only" });
        }
        if self.record.assignment(assignment).is_some() {
            return Ok(Vec::new());
        }
        check_text("the complaint", &sketch.complaint)?;
        let vehicle = self.unit(unit)?;
        let number = IncidentNumber::next(self.record.last_number(), now, self.record.rules().utc_offset_s);
        let created = |sketch| Fact::IncidentCreated { incident, number, call: None, sketch };
        if !vehicle.assignments.is_empty() {
            let mut sketch = IncidentSketch::clone(sketch);
            let there = format!("车组 {unit} 路遇, 已在现场 · {unit} was flagged down and is there");
            sketch.notes = format!("{there} {}", sketch.notes);
            return Ok(vec![created(sketch.into())]);
        }
        let mut facts = vec![created(Arc::clone(sketch))];
        let reason = Some("路遇 · flagged down".to_owned());
        facts.push(Fact::UnitAssigned { assignment, incident, unit, proposal: None, reason, choice: None });
        let (stage, source) = (Stage::OnScene, StampSource::Terminal);
        let at = at.min(now);
        facts.push(Fact::StageReported { assignment, stage, at, source, advances: true });
        Ok(facts)
    }
}
