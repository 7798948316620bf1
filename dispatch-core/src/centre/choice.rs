//! What a person says when sending a unit: checked before it counts as a reason, and recorded with whose place the unit took.

use std::collections::BTreeSet;

use super::{DispatchCentre, check_text};
use crate::assignment::{Candidate, Choice, DispatchLevel, Grounds, Proposal};
use crate::ids::{OverrideCode, UnitId};
use crate::incident::{Incident, Skill};
use crate::refusal::Refusal;
use crate::time::UtcTime;

/// What was said, checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) words: Option<&'a str>,
    code: Option<OverrideCode>,
}

impl Said<'_> {
    /// Whether it says why.
    pub(super) fn explains(self) -> bool {
        self.words.is_some() || self.code.is_some()
    }
}

impl DispatchCentre {
    /// Refuses a code that is not on the centre's list, and one that needs words and has none.
    pub(super) fn said<'a>(&self, reason: Option<&'a str>, grounds: &Grounds) -> Result<Said<'a>, Refusal> {
        let words = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if let Some(words) = words {
            check_text("the reason", words)?;
        }
        if let Some(code) = grounds.code {
            let reasons = &self.record.rules().override_reasons;
            let reason = reasons.get(code).ok_or(Refusal::UnknownOverrideCode { code })?;
            if reason.words && words.is_none() {
                return Err(Refusal::WordsNeeded { code });
            }
        }
        Ok(Said { words, code: grounds.code })
    }

    /// What is recorded of sending `unit`. Another than the best that may go is taken only on somebody's word.
    pub(super) fn choice(
        &self,
        ranked: Option<&Proposal>,
        incident: &Incident,
        unit: UnitId,
        said: Said<'_>,
        now: UtcTime,
    ) -> Result<Option<Box<Choice>>, Refusal> {
        let (lacks, level) = self.level(incident, unit);
        let lacking = || lacks.iter().copied().collect();
        match level {
            DispatchLevel::Refuse => return Err(Refusal::Unfit { unit, lacks: lacking() }),
            DispatchLevel::Block if !said.explains() => {
                return Err(Refusal::Blocked { unit, lacks: lacking() });
            }
            DispatchLevel::Allow | DispatchLevel::Warn | DispatchLevel::Block => {}
        }
        // Whoever has a slot of several was proposed, too.
        let has_slot = |ranked: &&Proposal| ranked.team.iter().any(|slot| slot.unit == Some(unit));
        let passed_over = ranked
            .filter(|ranked| !has_slot(ranked))
            .and_then(|ranked| self.first_that_may_go(ranked, unit, now))
            .filter(|first| *first != unit);
        if passed_over.is_some() && !said.explains() {
            return Err(Refusal::ReasonNeeded { unit });
        }
        Ok(Choice { passed_over, code: said.code, replaces: None, lacks, level }.noted())
    }

    /// What a unit lacks for an incident, and what the rules say of that.
    fn level(&self, incident: &Incident, unit: UnitId) -> (BTreeSet<Skill>, DispatchLevel) {
        let unit = self.record.unit(unit);
        let lacks = unit.map(|unit| self.record.lacks_for(incident, unit)).unwrap_or_default();
        let level = self.record.rules().dispatch_levels.of(&incident.sketch.triage, &lacks);
        (lacks, level)
    }

    /// The best proposed unit that may still go. To do without a neighbour's needs no word: `sent` is passed over by none.
    fn first_that_may_go(&self, proposal: &Proposal, sent: UnitId, now: UtcTime) -> Option<UnitId> {
        let incident = proposal.inputs.incident;
        let may_go = |candidate: &&Candidate| {
            (candidate.aid.is_none() || candidate.unit == sent)
                && candidate.level.is_free()
                && self.may_still_go(candidate, incident, now)
        };
        proposal.ranked.iter().find(may_go).map(|candidate| candidate.unit)
    }
}
