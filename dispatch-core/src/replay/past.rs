//! The past as the journal tells it: the centre as it stood when the day began, and what happened from there on.

use std::collections::{BTreeMap, BTreeSet};

use super::whereabouts::Whereabouts;
use crate::centre::DispatchCentre;
use crate::event::{Event, Fact};
use crate::fleet::Demand;
use crate::ids::{CallId, IncidentId};
use crate::incident::IncidentKind;
use crate::number::local_date;
use crate::record::Record;
use crate::reports::{BadPeriod, Ledger, Period};
use crate::rules::Rules;
use crate::time::{Span, UtcTime};

/// A day of the journal, with everything before it taken in.
#[derive(Debug, Clone)]
pub struct Past {
    date: String,
    period: Period,
    dawn: DispatchCentre,
    whereabouts: Whereabouts,
    ledger: Ledger,
    demand: Demand,
    first_at: Option<UtcTime>,
    events: Vec<Event>,
}

/// Whether more of the journal is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The next event, please.
    More,
    /// The day is over, and what belongs to it.
    Enough,
}

/// Everything about drills: it enters nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Drills {
    pub(super) incidents: BTreeSet<IncidentId>,
    pub(super) calls: BTreeSet<CallId>,
}

impl Past {
    /// Nothing yet of a day, `2026-11-21` by the city's clocks.
    pub fn of_day(date: &str) -> Result<Self, BadPeriod> {
        let dawn = DispatchCentre::new();
        let period = Period::day(date, dawn.record().rules().utc_offset_s)?;
        Ok(Self {
            date: date.to_owned(),
            period,
            dawn,
            whereabouts: Whereabouts::default(),
            ledger: Ledger::default(),
            demand: Demand::default(),
            first_at: None,
            events: Vec::new(),
        })
    }

    /// Takes in the next event of the journal, from its first.
    pub fn take(&mut self, event: &Event) -> Wanted {
        // A journal that was begun on the day itself registers everything before the first call.
        let begins = matches!(event.fact, Fact::CallReceived { .. } | Fact::IncidentCreated { .. });
        if self.events.is_empty() && (event.at < self.period.from || !begins) && event.at < self.period.to {
            self.first_at.get_or_insert(event.at);
            self.dawn.apply(event);
            self.whereabouts.follow(event, self.dawn.record());
            self.ledger.apply(event);
            self.demand.apply(event);
            if let Fact::RulesAdopted { rules } = &event.fact
                && let Ok(period) = Period::day(&self.date, rules.utc_offset_s)
            {
                self.period = period;
            }
            return Wanted::More;
        }
        if event.at >= self.period.to + AFTERWARDS {
            return Wanted::Enough;
        }
        self.events.push(event.clone());
        Wanted::More
    }

    /// The day, `2026-11-21`.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// The day from midnight to midnight by the city's clocks.
    pub fn period(&self) -> &Period {
        &self.period
    }

    /// The record as it stood when the day began.
    pub fn dawn(&self) -> &Record {
        self.dawn.record()
    }

    /// The policy in force when the day began.
    pub fn policy(&self) -> &str {
        &self.dawn().rules().policy
    }

    pub(super) fn centre(&self) -> &DispatchCentre {
        &self.dawn
    }

    pub(super) fn whereabouts(&self) -> &Whereabouts {
        &self.whereabouts
    }

    /// The figures' rows of everything before the day.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What happened on the day and in the hours after it, in which its incidents come to their end.
    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }

    /// When the last of it happened, UTC.
    pub(super) fn until(&self) -> UtcTime {
        self.events.last().map_or(self.period.from, |event| event.at)
    }

    /// Whether there is anything to live again.
    pub(super) fn is_empty(&self) -> bool {
        let created = |event: &&Event| matches!(event.fact, Fact::IncidentCreated { .. });
        !self.events.iter().filter(created).any(|event| self.period.contains(event.at))
    }

    /// When the first of it happened, UTC.
    pub(super) fn begins(&self) -> UtcTime {
        self.events.first().map_or(self.period.from, |event| event.at)
    }

    /// Where help was wanted before the day.
    pub(super) fn demand(&self) -> &Demand {
        &self.demand
    }

    /// How long the journal had been kept when the day began, in days; at least one.
    pub(super) fn days_before(&self) -> f64 {
        let first_at = self.first_at.unwrap_or(self.period.from);
        (self.period.from.since(first_at).as_secs_f64() / 86_400.0).max(1.0)
    }

    /// Which incidents and calls are drills; what was merged with one is one.
    pub(super) fn drills(&self) -> Drills {
        let mut drills = Drills::default();
        for incident in self.dawn().incidents().values().filter(|it| it.sketch.test) {
            drills.incidents.insert(incident.id);
            drills.calls.extend(&incident.calls);
        }
        for event in &self.events {
            match &event.fact {
                Fact::IncidentCreated { incident, sketch, call, .. } if sketch.test => {
                    drills.incidents.insert(*incident);
                    drills.calls.extend(call);
                }
                Fact::IncidentEnteredFromPaper { incident, sketch, call, .. } if sketch.test => {
                    drills.incidents.insert(*incident);
                    drills.calls.insert(*call);
                }
                Fact::CallJoined { call, incident } if drills.incidents.contains(incident) => {
                    drills.calls.insert(*call);
                }
                Fact::IncidentMerged { incident, into } if drills.incidents.contains(incident) => {
                    drills.incidents.insert(*into);
                }
                _ => {}
            }
        }
        drills
    }
}

/// How many emergencies each day of a journal has, by the city's clocks; drills are not among them.
#[derive(Debug, Clone, Default)]
pub struct Days {
    /// What the city's clocks show beside UTC; none adopted yet is what a centre begins with.
    utc_offset: Option<Span>,
    emergencies: BTreeMap<u32, u64>,
}

impl Days {
    /// Takes in the next event of the journal.
    pub fn take(&mut self, event: &Event) {
        match &event.fact {
            Fact::RulesAdopted { rules } => self.utc_offset = Some(rules.utc_offset_s),
            Fact::IncidentCreated { sketch, .. }
                if !sketch.test && sketch.kind == IncidentKind::Emergency =>
            {
                self.count(event.at);
            }
            Fact::IncidentEnteredFromPaper { sketch, paper, .. }
                if !sketch.test && sketch.kind == IncidentKind::Emergency =>
            {
                self.count(paper.created_at);
            }
            _ => {}
        }
    }

    fn count(&mut self, at: UtcTime) {
        let offset = self.utc_offset.unwrap_or_else(|| Rules::default().utc_offset_s);
        *self.emergencies.entry(local_date(at, offset)).or_default() += 1;
    }

    /// Every day with an emergency, `2026-11-21`, the oldest first, with how many.
    pub fn list(&self) -> Vec<(String, u64)> {
        let name = |date: u32| format!("{:04}-{:02}-{:02}", date / 10_000, date / 100 % 100, date % 100);
        self.emergencies.iter().map(|(date, count)| (name(*date), *count)).collect()
    }
}

/// How long after the end of the day its last incidents are followed.
pub(super) const AFTERWARDS: Span = Span::seconds(4 * 3600);
