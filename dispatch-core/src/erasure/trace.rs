//! Which subjects an incident or an accident leads to: the calls about it, and what was merged into it.

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use crate::accident::AccidentNumber;
use crate::event::{Event, Fact};
use crate::ids::{CallId, IncidentId};
use crate::incident::IncidentNumber;

/// What is to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// An incident by its number.
    Incident(IncidentNumber),
    /// An accident by its number: what is known of its casualties. Its scenes are incidents of their own.
    Accident(AccidentNumber),
}

/// Follows the journal and knows in the end whose data belong to what is sought.
#[derive(Debug, Clone)]
pub struct Trace {
    sought: Sought,
    found: Option<Subject>,
    /// To which incident each call belongs.
    calls: BTreeMap<CallId, IncidentId>,
    /// Into which incident another was merged.
    merged: BTreeMap<IncidentId, IncidentId>,
}

impl Trace {
    /// The facts that [`Self::take`] looks at, by the words that the journal has for them: whoever reads a long journal may leave
    /// out every other.
    pub const FACTS: [&'static str; 7] = [
        "incident_created",
        "incident_entered_from_paper",
        "call_joined",
        "call_parted",
        "incident_merged",
        "incident_split",
        "accident_declared",
    ];

    /// Nothing read yet.
    pub fn new(sought: Sought) -> Self {
        Self { sought, found: None, calls: BTreeMap::new(), merged: BTreeMap::new() }
    }

    /// Takes in the next event.
    pub fn take(&mut self, event: &Event) {
        match &event.fact {
            Fact::IncidentCreated { incident, number, call, .. } => {
                if self.sought == Sought::Incident(*number) {
                    self.found = Some(Subject::Incident(*incident));
                }
                self.calls.extend(call.map(|call| (call, *incident)));
            }
            Fact::IncidentEnteredFromPaper { incident, number, call, .. } => {
                if self.sought == Sought::Incident(*number) {
                    self.found = Some(Subject::Incident(*incident));
                }
                self.calls.insert(*call, *incident);
            }
            Fact::CallJoined { call, incident } => {
                self.calls.insert(*call, *incident);
            }
            Fact::CallParted { call, .. } => {
                self.calls.remove(call);
            }
            Fact::IncidentMerged { incident, into } => {
                self.merged.insert(*incident, *into);
            }
            Fact::IncidentSplit { incident, .. } => {
                self.merged.remove(incident);
            }
            Fact::AccidentDeclared { accident, number, .. } if self.sought == Sought::Accident(*number) => {
                self.found = Some(Subject::Accident(*accident));
            }
            _ => {}
        }
    }

    /// Everybody whose data belong to it, itself first; empty when there is no such thing.
    pub fn subjects(&self) -> Vec<Subject> {
        let incident = match self.found {
            None => return Vec::new(),
            Some(Subject::Incident(incident)) => incident,
            Some(other) => return vec![other],
        };
        let mut incidents = BTreeSet::from([incident]);
        // What was merged into something that was merged: as many rounds as it was passed on.
        loop {
            let more: Vec<IncidentId> = (self.merged.iter())
                .filter(|(from, into)| incidents.contains(into) && !incidents.contains(from))
                .map(|(from, _)| *from)
                .collect();
            if more.is_empty() {
                break;
            }
            incidents.extend(more);
        }
        let calls = self.calls.iter().filter(|(_, of)| incidents.contains(of));
        let calls = calls.map(|(call, _)| Subject::Call(*call));
        let others = incidents.iter().filter(|other| **other != incident).map(|id| Subject::Incident(*id));
        std::iter::once(Subject::Incident(incident)).chain(others).chain(calls).collect()
    }
}
