//! What a person says when sending a unit: checked before it counts as a reason, and recorded with whose place the unit took.

use super::{DispatchCentre, check_text};
use crate::assignment::{Choice, Grounds, Proposal};
use crate::ids::{OverrideCode, UnitId};
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
        unit: UnitId,
        said: Said<'_>,
        now: UtcTime,
    ) -> Result<Option<Box<Choice>>, Refusal> {
        let first = ranked.and_then(|ranked| self.first_that_may_go(ranked, now));
        let passed_over = first.filter(|first| *first != unit);
        if passed_over.is_some() && !said.explains() {
            return Err(Refusal::ReasonNeeded { unit });
        }
        Ok(Choice { passed_over, code: said.code, replaces: None }.noted())
    }

    /// The best proposed unit that may still go.
    fn first_that_may_go(&self, proposal: &Proposal, now: UtcTime) -> Option<UnitId> {
        let incident = proposal.inputs.incident;
        let mut ranked = proposal.ranked.iter();
        ranked.find(|candidate| self.may_still_go(candidate, incident, now)).map(|candidate| candidate.unit)
    }
}
