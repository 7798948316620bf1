//! Rows that are old are put away case by case, and come back when something is still said of them: a ledger that goes on for years stays
//! as small as its newest days.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Ledger, MERGES_MAX};
use crate::event::{Event, Fact};
use crate::ids::{AssignmentId, CallId, IncidentId};
use crate::incident::Offered;
use crate::reports::run::{CallRow, IncidentRow, Run};
use crate::time::UtcTime;

/// All the rows that stand or fall together: incidents merged into one, the calls about them, their runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Case {
    calls: Vec<CallRow>,
    incidents: Vec<(IncidentId, IncidentRow)>,
    runs: Vec<Run>,
}

impl Case {
    /// The first and the last moment by which a report may ask for it, UTC: when its calls rang and its incidents were created.
    pub fn span(&self) -> Option<(UtcTime, UtcTime)> {
        let rang = self.calls.iter().map(|call| call.rang_at);
        let moments = rang.chain(self.incidents.iter().map(|(_, row)| row.created_at));
        moments.fold(None, |span, at| {
            let (first, last) = span.unwrap_or((at, at));
            Some((first.min(at), last.max(at)))
        })
    }

    /// The ids of its calls, incidents and assignments.
    pub fn ids(&self) -> impl Iterator<Item = Uuid> + '_ {
        let calls = self.calls.iter().map(|call| call.call.uuid());
        let incidents = self.incidents.iter().map(|(incident, _)| incident.uuid());
        calls.chain(incidents).chain(self.runs.iter().map(|run| run.assignment.uuid()))
    }

    /// Nothing of it is younger, and nobody is under way for it.
    fn is_over(&self, before: UtcTime) -> bool {
        self.span().is_none_or(|(_, last)| last < before) && self.runs.iter().all(|run| run.outcome.is_some())
    }
}

impl Ledger {
    /// Takes out every case that lies wholly before a moment and whose runs have ended.
    pub fn take_before(&mut self, before: UtcTime) -> Vec<Case> {
        // What is put back was here before: all of it in the same order.
        let (over, kept): (Vec<_>, Vec<_>) =
            self.take_apart().into_values().partition(|case| case.is_over(before));
        for case in kept {
            self.put_back(case);
        }
        over
    }

    /// Puts a case back.
    pub fn put_back(&mut self, case: Case) {
        self.calls.extend(case.calls.into_iter().map(|row| (row.call, row)));
        self.incidents.extend(case.incidents);
        self.runs.extend(case.runs.into_iter().map(|run| (run.assignment, run)));
    }

    /// What an event speaks of and has no row here: it was put away, or never was.
    pub fn lacks(&self, event: &Event) -> Vec<Uuid> {
        let fact = &event.fact;
        let call = call_of(fact).filter(|id| !self.calls.contains_key(id)).map(CallId::uuid);
        let incidents = incidents_of(fact).into_iter().flatten();
        let incidents = incidents.filter(|id| !self.incidents.contains_key(id)).map(IncidentId::uuid);
        let run = run_of(fact).filter(|id| !self.runs.contains_key(id)).map(AssignmentId::uuid);
        call.into_iter().chain(incidents).chain(run).collect()
    }

    /// All rows, sorted into cases.
    fn take_apart(&mut self) -> BTreeMap<Uuid, Case> {
        let mut cases: BTreeMap<Uuid, Case> = BTreeMap::new();
        for (id, row) in std::mem::take(&mut self.calls) {
            let about = row.incident.map_or(id.uuid(), |incident| self.case_of(incident));
            cases.entry(about).or_default().calls.push(row);
        }
        for (id, run) in std::mem::take(&mut self.runs) {
            debug_assert_eq!(id, run.assignment);
            cases.entry(self.case_of(run.incident)).or_default().runs.push(run);
        }
        let names: Vec<_> = self.incidents.keys().map(|&id| self.case_of(id)).collect();
        for (name, incident) in names.into_iter().zip(std::mem::take(&mut self.incidents)) {
            cases.entry(name).or_default().incidents.push(incident);
        }
        cases
    }

    /// The incident at the end of the merges.
    fn case_of(&self, incident: IncidentId) -> Uuid {
        let mut id = incident;
        for _ in 0..MERGES_MAX {
            match self.incidents.get(&id).and_then(|row| row.merged_into) {
                Some(into) => id = into,
                None => break,
            }
        }
        id.uuid()
    }
}

fn call_of(fact: &Fact) -> Option<CallId> {
    match fact {
        Fact::CallAnswered { call }
        | Fact::CallEnded { call, .. }
        | Fact::CallJoined { call, .. }
        | Fact::CallParted { call, .. }
        | Fact::HandoffAccepted { about: Offered::Call(call), .. }
        | Fact::IncidentCreated { call: Some(call), .. } => Some(*call),
        _ => None,
    }
}

fn incidents_of(fact: &Fact) -> [Option<IncidentId>; 2] {
    match fact {
        Fact::IncidentMerged { incident, into: other } | Fact::IncidentSplit { incident, from: other } => {
            [Some(*incident), Some(*other)]
        }
        Fact::CallJoined { incident, .. }
        | Fact::CallParted { from: incident, .. }
        | Fact::IncidentChanged { incident, .. }
        | Fact::IncidentCancelled { incident, .. }
        | Fact::IncidentRedirected { incident, .. }
        | Fact::UnitAssigned { incident, .. }
        | Fact::HandoffAccepted { about: Offered::Incident(incident), .. } => [Some(*incident), None],
        _ => [None, None],
    }
}

fn run_of(fact: &Fact) -> Option<AssignmentId> {
    match fact {
        Fact::StageReported { assignment, .. }
        | Fact::StageCorrected { assignment, .. }
        | Fact::AssignmentEnded { assignment, .. }
        | Fact::DestinationChosen { assignment, .. } => Some(*assignment),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::actor::Actor;
    use crate::assignment::Stage;
    use crate::incident::CallEnd;
    use crate::reports::tests::whole_day;
    use crate::time::Span;

    /// What a keeper of old rows does around a ledger.
    fn kept_small(events: &[Event], every: usize, behind: Span) -> (Ledger, Vec<Case>) {
        let (mut ledger, mut away) = (Ledger::default(), Vec::<Case>::new());
        for (index, event) in events.iter().enumerate() {
            for id in ledger.lacks(event) {
                if let Some(place) = away.iter().position(|case| case.ids().any(|it| it == id)) {
                    ledger.put_back(away.swap_remove(place));
                }
            }
            ledger.apply(event);
            if index % every == 0 {
                away.extend(ledger.take_before(event.at - behind));
            }
        }
        (ledger, away)
    }

    /// The made-up day, and at its end a word about every call, incident and run that is long over.
    fn day_with_late_words() -> Vec<Event> {
        let mut events = whole_day().events;
        let end = events.last().unwrap().at;
        let reason = || "补录".to_owned();
        let late: Vec<Fact> =
            events.iter().filter_map(|event| late_word(&event.fact, event.at, reason())).collect();
        let words = late.into_iter().zip(1..);
        events.extend(words.map(|(fact, second)| Event {
            at: end + Span::seconds(second),
            by: Actor::rule("test"),
            fact,
        }));
        events
    }

    fn late_word(fact: &Fact, at: UtcTime, reason: String) -> Option<Fact> {
        match fact {
            Fact::AssignmentEnded { assignment, .. } => {
                Some(Fact::StageCorrected { assignment: *assignment, stage: Stage::Rolling, at, reason })
            }
            Fact::IncidentCreated { incident, .. } => {
                Some(Fact::IncidentCancelled { incident: *incident, reason })
            }
            Fact::CallReceived { call, .. } => Some(Fact::CallEnded { call: *call, how: CallEnd::Advice }),
            _ => None,
        }
    }

    proptest! {
        #[test]
        fn what_is_put_away_and_brought_back_is_the_same_ledger(every in 1_usize..20, behind_s in 0_i64..7200) {
            let events = day_with_late_words();
            let (mut ledger, away) = kept_small(&events, every, Span::seconds(behind_s));
            for case in away {
                let case = serde_json::from_str(&serde_json::to_string(&case).unwrap()).unwrap();
                ledger.put_back(case);
            }
            prop_assert_eq!(ledger, Ledger::of(&events));
        }
    }

    #[test]
    fn a_ledger_keeps_its_newest_rows_alone() {
        let day = whole_day();
        let whole = Ledger::of(&day.events);
        let (mut ledger, away) = kept_small(&day.events, 1, Span::ZERO);
        assert!(!away.is_empty() && ledger.runs().count() < whole.runs().count());
        let end = day.events.last().unwrap().at + Span::seconds(1);
        let last = ledger.take_before(end);
        assert!(ledger.runs().all(|run| run.outcome.is_none()), "nobody under way is put away");
        assert!(away.iter().chain(&last).all(|case| case.span().is_none_or(|(first, last)| first <= last)));
    }
}
