//! Decides what of a matter that another node wrote comes onto this record, as if it had been known here: with its own times and authors,
//! under a new number. What the leader decided meanwhile stays as it is; what does not fit is counted and stays aside.

use std::collections::BTreeSet;

use super::DispatchCentre;
use crate::actor::Actor;
use crate::aside::AsideMatter;
use crate::assignment::{Assignment, StageTimes};
use crate::event::{Event, Fact};
use crate::ids::{AssignmentId, CallId, IncidentId};
use crate::incident::{IncidentNumber, Offered};
use crate::refusal::Refusal;
use crate::time::UtcTime;

impl DispatchCentre {
    /// The events of a matter as they come onto the record, and after them the word that they were brought in; nothing where all of it
    /// is known.
    pub(super) fn bring_in(
        &self,
        matter: &AsideMatter,
        by: &Actor,
        now: UtcTime,
    ) -> Result<Vec<Event>, Refusal> {
        if !matches!(by, Actor::Person { .. }) {
            return Err(Refusal::NotAllowed { what: "events are brought in by a person at a seat" });
        }
        if matter.events.len() > AsideMatter::EVENTS_MAX {
            return Err(Refusal::TooMany {
                what: "events of one matter",
                count_max: AsideMatter::EVENTS_MAX,
            });
        }
        let mut entry = Entry::new(self.clone(), &matter.events, now);
        for event in &matter.events {
            entry.take(event);
        }
        Ok(entry.finish(matter.node, by))
    }
}

/// What is thought of one event.
enum Verdict {
    /// It comes onto the record, so.
    Enters(Fact),
    /// The record has it already, or it means nothing here.
    Known,
    /// It does not fit what the leader knows: a person must look at it.
    LeftOut,
}

use Verdict::{Enters, Known, LeftOut};

struct Entry {
    /// The centre as it will be.
    ahead: DispatchCentre,
    now: UtcTime,
    /// Orders that come to an end within the matter: they ask for no free unit.
    over: BTreeSet<AssignmentId>,
    calls: BTreeSet<CallId>,
    incidents: BTreeSet<IncidentId>,
    entered: Vec<Event>,
    left_out: u32,
}

impl Entry {
    fn new(ahead: DispatchCentre, events: &[Event], now: UtcTime) -> Self {
        let over = events.iter().filter_map(|event| match &event.fact {
            Fact::AssignmentEnded { assignment, .. } => Some(*assignment),
            _ => None,
        });
        Self {
            ahead,
            now,
            over: over.collect(),
            calls: BTreeSet::new(),
            incidents: BTreeSet::new(),
            entered: Vec::new(),
            left_out: 0,
        }
    }

    fn take(&mut self, event: &Event) {
        let verdict = match &event.fact {
            Fact::CallReceived { .. }
            | Fact::CallAnswered { .. }
            | Fact::LineWritten { .. }
            | Fact::CallLocated { .. }
            | Fact::CallJoined { .. }
            | Fact::CallParted { .. }
            | Fact::CallEnded { .. }
            | Fact::CallerRevealed { .. }
            | Fact::CallEnteredFromPaper { .. } => self.of_a_call(&event.fact),
            Fact::UnitAssigned { .. }
            | Fact::StageReported { .. }
            | Fact::StageCorrected { .. }
            | Fact::AssignmentEnded { .. }
            | Fact::DestinationChosen { .. }
            | Fact::PatientCharted { .. }
            | Fact::ArrivalAcknowledged { .. } => self.of_an_assignment(&event.fact),
            _ => self.of_an_incident(&event.fact),
        };
        match verdict {
            Enters(fact) => {
                let done = self.done_with(&fact);
                for fact in [Some(fact), done].into_iter().flatten() {
                    // Nothing on record lies ahead: that node's clock may have been fast.
                    let event = Event { at: event.at.min(self.now), by: event.by.clone(), fact };
                    self.ahead.apply(&event);
                    self.entered.push(event);
                }
            }
            Known => {}
            LeftOut => self.left_out += 1,
        }
    }

    /// The end of an incident with the order that comes in as over, by the leader's own rule. That node may have said it in another matter,
    /// where it did not fit as long as this order was open here; and nobody is called to an incident that wants nothing and has nobody.
    fn done_with(&self, fact: &Fact) -> Option<Fact> {
        let Fact::AssignmentEnded { assignment, outcome, .. } = fact else { return None };
        let ending = self.ahead.record().assignment(*assignment)?;
        if self.open(ending.incident) { self.ahead.done_after(ending, *outcome) } else { None }
    }

    fn finish(mut self, node: u32, by: &Actor) -> Vec<Event> {
        if self.entered.is_empty() && self.left_out == 0 {
            return Vec::new();
        }
        let events = u32::try_from(self.entered.len()).unwrap_or(u32::MAX);
        let fact = Fact::EventsBroughtIn {
            node,
            events,
            left_out: self.left_out,
            calls: self.calls.into_iter().collect(),
            incidents: self.incidents.into_iter().collect(),
        };
        self.entered.push(Event { at: self.now, by: by.clone(), fact });
        self.entered
    }

    fn of_a_call(&mut self, fact: &Fact) -> Verdict {
        let record = self.ahead.record();
        let known = |id: &CallId| record.call(*id);
        match fact {
            Fact::CallReceived { call, .. } | Fact::CallEnteredFromPaper { call, .. } => {
                if known(call).is_some() {
                    return Known;
                }
                self.calls.insert(*call);
                Enters(fact.clone())
            }
            Fact::CallAnswered { call } => match known(call) {
                Some(it) if it.answered_at.is_none() && it.end.is_none() => Enters(fact.clone()),
                Some(_) => Known,
                None => LeftOut,
            },
            Fact::LineWritten { call, .. } | Fact::CallerRevealed { call } if known(call).is_some() => {
                Enters(fact.clone())
            }
            Fact::CallLocated { call, .. } if self.calls.contains(call) => Enters(fact.clone()),
            Fact::CallJoined { call, incident } => match known(call) {
                Some(it) if it.incident == Some(*incident) => Known,
                Some(it) if it.incident.is_none() && it.end.is_none() && self.open(*incident) => {
                    Enters(fact.clone())
                }
                _ => LeftOut,
            },
            Fact::CallParted { call, from } if self.calls.contains(call) => {
                let there = known(call).is_some_and(|it| it.incident == Some(*from));
                if there { Enters(fact.clone()) } else { LeftOut }
            }
            Fact::CallEnded { call, .. } => match known(call) {
                Some(it) if it.end.is_none() => Enters(fact.clone()),
                Some(_) => Known,
                None => LeftOut,
            },
            _ => LeftOut,
        }
    }

    fn of_an_incident(&mut self, fact: &Fact) -> Verdict {
        let ours = |id: &IncidentId| self.incidents.contains(id) && self.open(*id);
        let idle = |id: &IncidentId| self.ahead.record().open_assignments_of(*id).next().is_none();
        let fits = match fact {
            Fact::IncidentCreated { incident, .. } | Fact::IncidentEnteredFromPaper { incident, .. } => {
                if self.ahead.record().incident(*incident).is_some() {
                    return Known;
                }
                self.incidents.insert(*incident);
                return Enters(self.numbered(fact));
            }
            // What the leader knows of an incident is later than what that node changed of it.
            Fact::IncidentChanged { incident, .. }
            | Fact::IncidentHeld { incident, .. }
            | Fact::IncidentWoken { incident } => ours(incident),
            Fact::IncidentCancelled { incident, .. } | Fact::IncidentRedirected { incident, .. } => {
                ours(incident) && idle(incident)
            }
            Fact::IncidentMerged { incident, into } => ours(incident) && self.open(*into),
            Fact::IncidentSplit { incident, from } => {
                self.incidents.contains(incident) && self.incidents.contains(from)
            }
            Fact::IncidentDone { incident } => {
                let record = self.ahead.record();
                let Some(it) = record.incident(*incident).filter(|it| it.is_open()) else { return Known };
                idle(incident) && (self.incidents.contains(incident) || record.lacking(it) == 0)
            }
            Fact::HandoffOffered { about, .. }
            | Fact::HandoffAccepted { about, .. }
            | Fact::HandoffWithdrawn { about, .. } => match about {
                Offered::Call(call) => self.calls.contains(call),
                Offered::Incident(incident) => ours(incident),
            },
            // A unit kept for a run, an accident led as one: whoever leads now decides on them anew.
            _ => false,
        };
        if fits { Enters(fact.clone()) } else { LeftOut }
    }

    /// With the number of the day it is brought in, so that none is given twice, and with the call only where that is free.
    fn numbered(&self, fact: &Fact) -> Fact {
        let record = self.ahead.record();
        let next = IncidentNumber::next(record.last_number(), self.now, record.rules().utc_offset_s);
        let mut fact = fact.clone();
        match &mut fact {
            Fact::IncidentCreated { number, call, .. } => {
                *number = next;
                *call = call.filter(|id| record.call(*id).is_some_and(|it| it.incident.is_none()));
            }
            Fact::IncidentEnteredFromPaper { number, .. } => *number = next,
            _ => {}
        }
        fact
    }

    fn of_an_assignment(&self, fact: &Fact) -> Verdict {
        let record = self.ahead.record();
        let open = |id: &AssignmentId| record.assignment(*id).filter(|it| it.is_open());
        match fact {
            Fact::UnitAssigned { assignment, incident, unit, reason, choice, .. } => {
                if let Some(known) = record.assignment(*assignment) {
                    return self.told_of_before(known, *incident);
                }
                let Some(vehicle) = record.unit(*unit) else { return LeftOut };
                let may = self.over.contains(assignment) || vehicle.assignments.is_empty();
                if !may || !self.open(*incident) {
                    return LeftOut;
                }
                let (assignment, incident, unit) = (*assignment, *incident, *unit);
                let (reason, choice) = (reason.clone(), choice.clone());
                // The proposal was that node's, from what it saw.
                Enters(Fact::UnitAssigned { assignment, incident, unit, proposal: None, reason, choice })
            }
            Fact::StageReported { assignment, stage, at, source, .. } => {
                let Some(it) = record.assignment(*assignment) else { return LeftOut };
                let advances = it.is_open() && stage.may_follow(it.stage);
                if !advances
                    && (it.times.by(*stage, *source).is_some() || it.times.len() >= StageTimes::STAMPS_MAX)
                {
                    return Known;
                }
                let (assignment, stage, at, source) = (*assignment, *stage, *at, *source);
                Enters(Fact::StageReported { assignment, stage, at, source, advances })
            }
            Fact::StageCorrected { assignment, stage, .. } => {
                let it = record.assignment(*assignment);
                let fits = it.is_some_and(|it| {
                    it.times.at(*stage).is_some() && it.times.len() < StageTimes::STAMPS_MAX
                });
                if fits { Enters(fact.clone()) } else { LeftOut }
            }
            Fact::AssignmentEnded { assignment, .. } => match open(assignment) {
                Some(_) => Enters(fact.clone()),
                None if record.assignment(*assignment).is_some() => Known,
                None => LeftOut,
            },
            Fact::DestinationChosen { assignment, hospital, .. } => {
                let fits = open(assignment).is_some() && record.hospitals().contains_key(hospital);
                if fits { Enters(fact.clone()) } else { LeftOut }
            }
            Fact::PatientCharted { assignment, patient, at, entry, .. } => {
                match record.assignment(*assignment) {
                    Some(it) if it.chart(*patient).is_some_and(|chart| chart.has(*at, entry)) => Known,
                    Some(_) => Enters(fact.clone()),
                    None => LeftOut,
                }
            }
            Fact::ArrivalAcknowledged { assignment } => {
                let fits = open(assignment).is_some_and(|it| it.destination.is_some());
                if fits { Enters(fact.clone()) } else { LeftOut }
            }
            _ => LeftOut,
        }
    }

    /// The vehicle itself may have told of the order before: what was made of that was this incident all along.
    fn told_of_before(&self, known: &Assignment, into: IncidentId) -> Verdict {
        let made_of_it = self.ahead.record().incident(known.incident).filter(|it| {
            it.id != into && it.is_open() && it.calls.is_empty() && it.assignments == [known.id]
        });
        match made_of_it {
            Some(it) if self.incidents.contains(&into) && self.open(into) => {
                Enters(Fact::IncidentMerged { incident: it.id, into })
            }
            _ => Known,
        }
    }

    fn open(&self, incident: IncidentId) -> bool {
        self.ahead.record().incident(incident).is_some_and(crate::incident::Incident::is_open)
    }
}
