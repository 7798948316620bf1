//! An order that a vehicle holds and this record lacks: it was given by a centre whose events did not come here. It becomes an incident in
//! front of a dispatcher, with the vehicle on it, before anybody can propose that vehicle for something else.

use std::sync::Arc;

use super::{Decision, DispatchCentre};
use crate::actor::Actor;
use crate::assignment::{Stage, StampSource};
use crate::escalation::{About, EscalationKey, EscalationKind};
use crate::event::Fact;
use crate::ids::{AssignmentId, IncidentId, UnitId};
use crate::incident::{IncidentKind, IncidentNumber, IncidentSketch, Level, Needs, Place, Triage};
use crate::refusal::Refusal;
use crate::time::UtcTime;

/// An order as the vehicle that holds it tells of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HeldOrder {
    /// The order.
    pub assignment: AssignmentId,
    /// The vehicle's unit.
    pub unit: UnitId,
    /// The incident's number as it stands on the crew's terminal.
    pub number: String,
    /// The last step that the crew pressed; none when it has not acknowledged yet.
    pub stage: Option<Stage>,
}

impl DispatchCentre {
    /// Nothing where the order is known, whatever became of it: what the crew must be told is told by what is undelivered.
    pub(super) fn take_in_held(
        &self,
        held: &HeldOrder,
        incident: IncidentId,
        by: &Actor,
        now: UtcTime,
    ) -> Decision {
        if *by != (Actor::Crew { unit: held.unit }) {
            return Err(Refusal::NotAllowed { what: "a vehicle tells of its own orders only" });
        }
        if self.record.assignment(held.assignment).is_some() {
            return Ok(Vec::new());
        }
        let unit = self.unit(held.unit)?;
        let assignment = held.assignment;
        let sketch = Arc::new(unknown(held));
        let number = IncidentNumber::next(self.record.last_number(), now, self.record.rules().utc_offset_s);
        let created = Fact::IncidentCreated { incident, number, call: None, sketch };
        let key = EscalationKey { kind: EscalationKind::OrderUnknown, about: About::Incident(incident) };
        let mut facts = vec![created, Fact::EscalationRaised { escalation: key }];
        // A unit that was sent elsewhere meanwhile stays there: a dispatcher decides which of the two it serves.
        if unit.assignments.is_empty() {
            let reason = Some("车上已持有此任务 · the vehicle holds this order".to_owned());
            let (unit, proposal, choice) = (held.unit, None, None);
            facts.push(Fact::UnitAssigned { assignment, incident, unit, proposal, reason, choice });
            // When it was pressed is told by the vehicle's own reports, which still come.
            let pressed = held.stage.filter(|stage| (Stage::Acknowledged..Stage::Available).contains(stage));
            let source = StampSource::Centre;
            facts.extend(pressed.map(|stage| Fact::StageReported {
                assignment,
                stage,
                at: now,
                source,
                advances: true,
            }));
        }
        Ok(facts)
    }
}

/// What is known of it: nearly nothing, so that it counts as the worst.
fn unknown(held: &HeldOrder) -> IncidentSketch {
    let HeldOrder { unit, number, .. } = held;
    IncidentSketch {
        kind: IncidentKind::Emergency,
        complaint: format!("车组 {unit} 持有本中心未知的任务 · {unit} holds an order that is unknown here"),
        triage: Triage::level(Level::I),
        place: Place::default(),
        patients: Vec::new(),
        needs: Needs::default(),
        notes: format!(
            "车载终端上的编号 {number}。请联系车组核实地点与病情 · number on its terminal {number}: ask the crew where and what"
        ),
        wish: None,
        text_only: false,
        test: false,
        scheduled_at: None,
    }
}
