//! Decisions about the steps of an assignment: who may report what, when a report only fills history, how it ends.

use super::{Decision, DispatchCentre, check_text};
use crate::actor::Actor;
use crate::assignment::{Assignment, Outcome, Stage, StageTimes, StampSource};
use crate::command::Action;
use crate::event::Fact;
use crate::ids::AssignmentId;
use crate::refusal::Refusal;
use crate::time::UtcTime;
use crate::vehicle::Duty;

impl DispatchCentre {
    pub(super) fn decide_step(&self, action: &Action, by: &Actor, now: UtcTime) -> Decision {
        match action {
            Action::ReportStage { assignment, stage, at, source } => {
                self.report(*assignment, *stage, *at, *source, by, now)
            }
            Action::CorrectStage { assignment, stage, at, reason } => {
                check_text("the reason", reason)?;
                self.correct(*assignment, *stage, *at, reason, now)
            }
            Action::EndAssignment { assignment, outcome, at, reason, source } => {
                self.end(*assignment, *outcome, *at, reason, *source, by, now)
            }
            Action::ChooseDestination { assignment, hospital, reason } => {
                let it = self.open_assignment(*assignment)?;
                check_crew(it, by)?;
                self.hospital(*hospital)?;
                if it.stage >= Stage::HandedOver {
                    return Err(Refusal::NotAllowed { what: "the patient has been handed over already" });
                }
                if it.destination.as_ref().is_some_and(|d| d.hospital == *hospital) {
                    return Ok(Vec::new());
                }
                let chosen = Fact::DestinationChosen {
                    assignment: *assignment,
                    hospital: *hospital,
                    reason: reason.clone(),
                };
                Ok(vec![chosen])
            }
            Action::AcknowledgeArrival { assignment } => self.acknowledge_arrival(*assignment, by),
            _ => unreachable!("only actions about steps are sent here"),
        }
    }

    /// A step that follows moves the assignment on. One already passed only fills history (law 8): a press made in a
    /// tunnel arrives late, the motion proves what was pressed before. A repeat changes nothing.
    fn report(
        &self,
        id: AssignmentId,
        stage: Stage,
        at: UtcTime,
        source: StampSource,
        by: &Actor,
        now: UtcTime,
    ) -> Decision {
        let it = self.record.assignment(id).ok_or(Refusal::UnknownAssignment { assignment: id })?;
        check_crew(it, by)?;
        let at = true_time(it, at, source, now)?;
        let known = it.times.by(stage, source).is_some();
        let from_vehicle = matches!(source, StampSource::Terminal | StampSource::Motion);
        if !stage.may_follow(it.stage) || !it.is_open() {
            let passed = stage <= it.stage && stage != Stage::Ordered;
            return match (passed, known) {
                // The vehicle repeats itself until it is heard: no harm.
                (_, true) if from_vehicle => Ok(Vec::new()),
                (true, false) if it.times.len() < StageTimes::STAMPS_MAX => {
                    Ok(vec![Fact::StageReported { assignment: id, stage, at, source, advances: false }])
                }
                _ if !it.is_open() => Err(Refusal::AssignmentEnded { assignment: id }),
                _ => Err(Refusal::StageOrder { from: it.stage, to: stage }),
            };
        }
        let reported = Fact::StageReported { assignment: id, stage, at, source, advances: true };
        if stage != Stage::Available {
            return Ok(vec![reported]);
        }
        let mut facts = Vec::with_capacity(FACTS_AT_THE_END);
        let outcome = if it.stage >= Stage::LeftScene { Outcome::Conveyed } else { Outcome::TreatedOnScene };
        let ended = Fact::AssignmentEnded { assignment: id, outcome, at, reason: String::new(), source };
        facts.extend([reported, ended]);
        facts.extend(self.done_after(it, outcome));
        self.move_up_after(it, now, &mut facts);
        Ok(facts)
    }

    fn correct(&self, id: AssignmentId, stage: Stage, at: UtcTime, reason: &str, now: UtcTime) -> Decision {
        let it = self.record.assignment(id).ok_or(Refusal::UnknownAssignment { assignment: id })?;
        // An order that was telephoned was written down by hand.
        let by_the_centre = it.times.counted(stage).is_some_and(|stamp| stamp.source == StampSource::Centre);
        if stage == Stage::Ordered && by_the_centre {
            return Err(Refusal::NotAllowed { what: "when the order was given is the centre's own act" });
        }
        if it.times.at(stage).is_none() {
            return Err(Refusal::StageEmpty { stage });
        }
        if it.times.len() >= StageTimes::STAMPS_MAX {
            return Err(Refusal::TooMany { what: "recorded times", count_max: StageTimes::STAMPS_MAX });
        }
        let at = true_time(it, at, StampSource::Correction, now)?;
        Ok(vec![Fact::StageCorrected { assignment: id, stage, at, reason: reason.to_owned() }])
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one action")]
    fn end(
        &self,
        id: AssignmentId,
        outcome: Outcome,
        at: UtcTime,
        reason: &str,
        source: StampSource,
        by: &Actor,
        now: UtcTime,
    ) -> Decision {
        let it = self.record.assignment(id).ok_or(Refusal::UnknownAssignment { assignment: id })?;
        check_crew(it, by)?;
        if let Some(end) = &it.end {
            let repeated = end.outcome == outcome && source == StampSource::Terminal;
            return if repeated { Ok(Vec::new()) } else { Err(Refusal::AssignmentEnded { assignment: id }) };
        }
        if outcome.is_recall() {
            return Err(Refusal::NotAllowed { what: "an order is taken back by recalling the unit" });
        }
        if !outcome.allowed_from(it.stage) {
            return Err(Refusal::NotAllowed { what: "an order cannot end in this way at this step" });
        }
        if matches!(outcome, Outcome::Aborted | Outcome::RefusedOrder) {
            check_text("the reason", reason)?;
        }
        let at = true_time(it, at, source, now)?;
        let ended = Fact::AssignmentEnded { assignment: id, outcome, at, reason: reason.to_owned(), source };
        let mut facts = vec![ended];
        facts.extend(self.done_after(it, outcome));
        self.move_up_after(it, now, &mut facts);
        Ok(facts)
    }

    /// A unit becomes free and nobody waits for one: where should it stand by? Advice, and where units are sent without a person
    /// the posting itself.
    fn move_up_after(&self, ending: &Assignment, now: UtcTime, facts: &mut Vec<Fact>) {
        let Some(policy) = self.record.policy().move_up else { return };
        let waiting = self.record.waiting_incidents().next().is_some();
        let stays_in_service = self.record.unit(ending.unit).is_some_and(|unit| {
            let on_duty = !matches!(self.record.duty(ending.unit, now), Duty::Off(_));
            let own = !self.record.is_of_a_neighbour(ending.unit);
            own && unit.assignments == [ending.id] && unit.pause.is_none() && !unit.crew.is_empty() && on_duty
        });
        if waiting || !stays_in_service {
            return;
        }
        let Some(zones) = self.record.cover() else { return };
        let Some(advice) = policy.advise(&self.record, zones, ending.unit) else { return };
        let gain_min = self.record.rules().move_up_gain_min;
        if gain_min > 0.0 && f64::from(zones.gain_ppm(&advice)) < gain_min * 1e6 {
            return;
        }
        let (unit, station) = (advice.unit, advice.to);
        facts.push(Fact::MoveUpAdvised { advice });
        if self.record.rules().automatic_dispatch {
            facts.push(Fact::UnitPosted { unit, station });
        }
    }

    fn acknowledge_arrival(&self, id: AssignmentId, by: &Actor) -> Decision {
        let it = self.open_assignment(id)?;
        let Some(destination) = &it.destination else { return Err(Refusal::NoDestination) };
        if let Actor::Hospital { hospital, .. } = by
            && *hospital != destination.hospital
        {
            return Err(Refusal::NotAllowed { what: "this ambulance goes to another hospital" });
        }
        let known = destination.acknowledged.is_some();
        Ok((!known).then_some(Fact::ArrivalAcknowledged { assignment: id }).into_iter().collect())
    }
}

/// A crew acts on its own orders only.
pub(super) fn check_crew(assignment: &Assignment, by: &Actor) -> Result<(), Refusal> {
    match by {
        Actor::Crew { unit } if *unit != assignment.unit => Err(Refusal::NotYours { unit: *unit }),
        _ => Ok(()),
    }
}

/// The time that is recorded. A person at the desk is told when a time cannot be; a vehicle with a wrong clock is not
/// made to lose its press: its time is brought between the order and now, and the record shows when it was entered.
pub(super) fn true_time(
    assignment: &Assignment,
    at: UtcTime,
    source: StampSource,
    now: UtcTime,
) -> Result<UtcTime, Refusal> {
    let ordered = assignment.times.at(Stage::Ordered).unwrap_or(at);
    if matches!(source, StampSource::Terminal | StampSource::Motion) {
        return Ok(at.clamp(ordered.min(now), now));
    }
    if at > now {
        return Err(Refusal::BadTime { problem: format!("in the future: it is {now} now") });
    }
    if at < ordered {
        return Err(Refusal::BadTime { problem: format!("before the order of {ordered}") });
    }
    Ok(at)
}

/// The step, the end, the incident done, the advice and the posting.
const FACTS_AT_THE_END: usize = 5;
