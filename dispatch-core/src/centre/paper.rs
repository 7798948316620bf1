//! Decides on a form of the paper hours: whether its times can be, whether its units are known and were not elsewhere by the record.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::calls::PHONE_CHARS_MAX;
use super::{Decision, DispatchCentre, check_text};
use crate::actor::Actor;
use crate::assignment::{Outcome, Stage};
use crate::event::Fact;
use crate::ids::{CallId, IncidentId};
use crate::incident::IncidentNumber;
use crate::paper::{PaperForm, PaperIncident, PaperMoment, PaperRun};
use crate::refusal::Refusal;
use crate::time::{Span, UtcTime};

impl DispatchCentre {
    pub(super) fn decide_paper(
        &self,
        call: CallId,
        incident: IncidentId,
        form: &PaperForm,
        by: &Actor,
        now: UtcTime,
    ) -> Decision {
        if !matches!(by, Actor::Person { .. }) {
            return Err(Refusal::NotAllowed { what: "a paper form is entered by a person at a seat" });
        }
        self.check_ids(call, incident, &form.incident.runs)?;
        check_texts(form)?;
        self.check_names(form)?;
        check_times(form, now)?;
        check_ends(&form.incident)?;
        self.check_nobody_was_elsewhere(form, now)?;
        let mut sketch = Arc::clone(&form.sketch);
        let changed = Arc::make_mut(&mut sketch);
        // What was wanted is what went: nobody waits for more.
        changed.needs.units = u8::try_from(form.incident.runs.len().max(1)).unwrap_or(u8::MAX);
        changed.text_only |= form.call.text_only;
        let number = IncidentNumber::next(self.record.last_number(), now, self.record.rules().utc_offset_s);
        let paper = Box::new(form.incident.clone());
        Ok(vec![
            Fact::CallEnteredFromPaper { call, paper: Box::new(form.call.clone()) },
            Fact::IncidentEnteredFromPaper { incident, number, call, sketch, paper },
        ])
    }

    fn check_ids(&self, call: CallId, incident: IncidentId, runs: &[PaperRun]) -> Result<(), Refusal> {
        if runs.len() > PaperForm::RUNS_MAX {
            return Err(Refusal::TooMany { what: "units of one form", count_max: PaperForm::RUNS_MAX });
        }
        if self.record.call(call).is_some() {
            return Err(Refusal::IdInUse { id: call.to_string() });
        }
        if self.record.incident(incident).is_some() {
            return Err(Refusal::IdInUse { id: incident.to_string() });
        }
        let mut seen = BTreeSet::new();
        let taken = |run: &&PaperRun| {
            let known = self.record.assignment(run.assignment).is_some();
            known || !seen.insert(run.assignment)
        };
        match runs.iter().find(taken) {
            Some(run) => Err(Refusal::IdInUse { id: run.assignment.to_string() }),
            None => Ok(()),
        }
    }

    fn check_names(&self, form: &PaperForm) -> Result<(), Refusal> {
        if let Some(hospital) = form.sketch.wish {
            self.hospital(hospital)?;
        }
        for run in &form.incident.runs {
            if self.record.unit(run.unit).is_none() {
                return Err(Refusal::UnknownUnit { unit: run.unit });
            }
            if let Some(hospital) = run.hospital {
                self.hospital(hospital)?;
            }
        }
        Ok(())
    }

    /// A unit is on one order at a time. Where the record says otherwise of the paper hours one of the two is wrong, unless a person
    /// says why both are right.
    fn check_nobody_was_elsewhere(&self, form: &PaperForm, now: UtcTime) -> Result<(), Refusal> {
        let runs = &form.incident.runs;
        for (place, run) in runs.iter().enumerate() {
            if runs[..place].iter().any(|other| other.unit == run.unit && overlap(run, other.span())) {
                return Err(Refusal::NotAllowed { what: "one unit stands on the form twice at one time" });
            }
        }
        if let Some(reason) = &form.incident.overlap_reason {
            return check_text("the reason", reason);
        }
        // A drill of the same hours is not real, and the other way round.
        let same_world = self
            .record
            .assignments()
            .values()
            .filter(|held| self.record.is_test(held.incident) == form.sketch.test);
        for held in same_world {
            let from = held.times.at(Stage::Ordered).unwrap_or(now);
            let to = held.end.as_ref().map_or(now, |end| end.at);
            let mut of_the_unit = runs.iter().filter(|run| run.unit == held.unit);
            if let Some(run) = of_the_unit.find(|run| overlap(run, (from, to)))
                && let Some(incident) = self.record.incident(held.incident)
            {
                return Err(Refusal::PaperOverlap { unit: run.unit, number: incident.number, from, to });
            }
        }
        Ok(())
    }
}

impl PaperRun {
    fn span(&self) -> (UtcTime, UtcTime) {
        (self.ordered_at, self.ended_at)
    }
}

/// Whether a run shares some time with a span; one that begins when the other ends does not.
fn overlap(run: &PaperRun, (from, to): (UtcTime, UtcTime)) -> bool {
    run.ordered_at < to && from < run.ended_at
}

fn check_texts(form: &PaperForm) -> Result<(), Refusal> {
    form.sketch.check(true)?;
    form.call.place.check()?;
    if form.call.phone.reveal().chars().count() > PHONE_CHARS_MAX {
        return Err(Refusal::TooLong { chars_max: PHONE_CHARS_MAX });
    }
    if form.incident.form_number.chars().count() > PaperForm::NUMBER_CHARS_MAX {
        return Err(Refusal::TooLong { chars_max: PaperForm::NUMBER_CHARS_MAX });
    }
    if let Some(called_off) = &form.incident.called_off {
        check_text("the reason", &called_off.reason)?;
    }
    for run in &form.incident.runs {
        if !run.reason.is_empty() || matches!(run.outcome, Outcome::Aborted | Outcome::RefusedOrder) {
            check_text("the reason", &run.reason)?;
        }
    }
    Ok(())
}

/// Every time follows the one before it, none is yet to come, and none is of long ago.
fn check_times(form: &PaperForm, now: UtcTime) -> Result<(), Refusal> {
    let (call, incident) = (&form.call, &form.incident);
    if call.received_at + Span::seconds(PaperForm::DAYS_MAX * 86_400) < now {
        return Err(Refusal::NotAllowed { what: "a paper form is entered within 31 days of its call" });
    }
    let begun = call.answered_at.unwrap_or(call.received_at);
    if incident.created_at != begun {
        return Err(Refusal::NotAllowed { what: "a paper form begins when its call was taken" });
    }
    let answered = (PaperMoment::Answered, begun);
    in_order(None, &[(PaperMoment::Received, call.received_at), answered], now)?;
    if let Some(called_off) = &incident.called_off {
        in_order(None, &[answered, (PaperMoment::CalledOff, called_off.at)], now)?;
    }
    for run in &incident.runs {
        let mut before = Stage::Ordered;
        for stage in run.times.keys() {
            if *stage == Stage::Available || !stage.may_follow(before) {
                return Err(Refusal::StageOrder { from: before, to: *stage });
            }
            before = *stage;
        }
        let steps = run.steps().filter(|(stage, _)| *stage != Stage::Available);
        let steps = steps.map(|(stage, at)| (PaperMoment::Step(stage), at));
        let ended = (PaperMoment::Ended, run.ended_at);
        let moments: Vec<_> = std::iter::once(answered).chain(steps).chain([ended]).collect();
        in_order(Some(run), &moments, now)?;
    }
    Ok(())
}

fn in_order(run: Option<&PaperRun>, moments: &[(PaperMoment, UtcTime)], now: UtcTime) -> Result<(), Refusal> {
    for pair in moments.windows(2) {
        let [(earlier, then), (later, at)] = pair else { continue };
        if at < then {
            let unit = run.map(|run| run.unit);
            return Err(Refusal::PaperOrder { unit, earlier: *earlier, later: *later });
        }
    }
    match moments.last() {
        Some((_, last)) if *last > now => {
            Err(Refusal::BadTime { problem: format!("in the future: it is {now} now") })
        }
        _ => Ok(()),
    }
}

/// Every run ends in a way that its last step allows, and what no unit served was called off.
fn check_ends(incident: &PaperIncident) -> Result<(), Refusal> {
    if incident.runs.iter().any(|run| !run.outcome.allowed_from(run.furthest())) {
        return Err(Refusal::NotAllowed { what: "an order cannot end in this way at this step" });
    }
    if incident.called_off.is_none() && incident.served() == 0 {
        return Err(Refusal::NotAllowed {
            what: "what no unit served was called off on the form, or goes on: enter what goes on as a new incident",
        });
    }
    Ok(())
}
