//! Cover kept where time allows: for the less urgent levels, of the units that arrive hardly later than the first the one whose
//! leaving costs the least cover goes. The most urgent always get whoever arrives first.

use crate::assignment::{Candidate, ProposalInputs};
use crate::incident::Level;
use crate::time::Span;

/// The policy with its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounded {
    slack: Span,
}

impl Bounded {
    /// With the time that a less urgent patient may wait longer, whole seconds up to [`SLACK_MAX`].
    pub fn new(slack: Span) -> Option<Self> {
        (Span::ZERO..=SLACK_MAX).contains(&slack).then_some(Self { slack })
    }

    /// The time that a less urgent patient may wait longer.
    pub fn slack(self) -> Span {
        self.slack
    }

    /// Moves to the front, of the candidates in order, the one that costs the least cover within the bound. Nobody is made late for
    /// it who would be in time, and no order is interrupted for it.
    pub(super) fn rank(self, inputs: &ProposalInputs, candidates: &mut [Candidate]) {
        let Some(first) = candidates.first().filter(|_| inputs.level >= Level::III) else { return };
        let (lacking, soonest) = (first.lacks.len(), first.arrival_s);
        let left = inputs.goal_s - inputs.waited_s;
        let latest = if soonest <= left { left.min(soonest + self.slack) } else { soonest };
        let within = |candidate: &Candidate| {
            candidate.interrupts.is_none()
                && candidate.lacks.len() == lacking
                && candidate.arrival_s <= latest
        };
        let loss = |candidate: &Candidate| candidate.cover_loss.unwrap_or(f64::INFINITY);
        let better =
            |place: &usize| within(&candidates[*place]) && loss(&candidates[*place]) < loss(&candidates[0]);
        // Of equals the one that arrives first.
        let best = (1..candidates.len())
            .filter(better)
            .min_by(|a, b| loss(&candidates[*a]).total_cmp(&loss(&candidates[*b])).then(a.cmp(b)));
        if let Some(best) = best {
            candidates[..=best].rotate_right(1);
        }
    }
}

/// The most that anybody may be made to wait longer.
pub const SLACK_MAX: Span = Span::seconds(600);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assignment::{Basis, CandidateInput, Proposal, UnitState, propose};
    use crate::ids::{IncidentId, ProposalId};
    use crate::time::UtcTime;
    use roads::Wgs84;

    /// Units by travel time and the cover that they cost, for an incident with a goal of ten minutes.
    fn proposal(level: Level, waited_s: i64, units: &[(i64, f64)]) -> Proposal {
        let candidate = |(number, (travel, loss)): (usize, &(i64, f64))| CandidateInput {
            unit: format!("U{number}").parse().unwrap(),
            state: UnitState::AtStation,
            position: Wgs84::new(114.0, 30.0).unwrap(),
            position_age_s: Span::ZERO,
            mobilisation_s: Span::ZERO,
            travel_s: Span::seconds(*travel),
            basis: Basis::Road,
            skills: [].into(),
            interrupts: None,
            cover_loss: Some(*loss),
            duty_left_s: None,
            freeing: None,
            own_area: false,
            aid: None,
            level: crate::assignment::DispatchLevel::Allow,
        };
        let inputs = ProposalInputs {
            at: UtcTime::from_micros(0),
            incident: IncidentId::new(uuid::Uuid::nil()),
            target: Wgs84::new(114.0, 30.0).unwrap(),
            level,
            units_short: 1,
            skills: [].into(),
            policy: "closest+bounded:180".to_owned(),
            candidates_max: 10,
            road_weights: String::new(),
            candidates: units.iter().enumerate().map(candidate).collect(),
            left_out: Vec::new(),
            relieves: None,
            waited_s: Span::seconds(waited_s),
            goal_s: Span::seconds(600),
            rivals: Vec::new(),
            demand_per_day: None,
            traffic: None,
            area_later_max_s: None,
            about_to_be_free: Vec::new(),
            slots: Vec::new(),
        };
        propose(ProposalId::new(uuid::Uuid::nil()), inputs)
    }

    fn order(proposal: &Proposal) -> Vec<&str> {
        proposal.ranked.iter().map(|candidate| candidate.unit.as_str()).collect()
    }

    #[test]
    fn the_most_urgent_get_whoever_arrives_first() {
        let units = [(100, 9.0), (120, 1.0)];
        assert_eq!(order(&proposal(Level::I, 0, &units)), ["U0", "U1"]);
        assert_eq!(order(&proposal(Level::II, 0, &units)), ["U0", "U1"]);
        assert_eq!(order(&proposal(Level::III, 0, &units)), ["U1", "U0"]);
    }

    #[test]
    fn nobody_waits_longer_than_the_bound_or_is_made_late() {
        let units = [(100, 9.0), (200, 5.0), (290, 1.0)];
        assert_eq!(order(&proposal(Level::III, 0, &units)), ["U1", "U0", "U2"], "190 s later is too much");
        assert_eq!(order(&proposal(Level::III, 420, &units)), ["U0", "U1", "U2"], "180 s are left");
        assert_eq!(order(&proposal(Level::III, 900, &units)), ["U0", "U1", "U2"], "it is late already");
        assert_eq!(order(&proposal(Level::III, 0, &[(100, 1.0), (150, 1.0)])), ["U0", "U1"], "no gain");
    }
}
