//! The table of deadlines. Each escalation has a cause that the record shows, and a limit that the rules set: the
//! escalation is due when the cause has lasted that long, and it stands until the cause is gone.

use std::collections::{BTreeMap, BTreeSet};

use crate::assignment::{Assignment, Stage};
use crate::escalation::{About, EscalationKey, EscalationKind};
use crate::ids::IncidentId;
use crate::incident::{CallState, Incident};
use crate::record::Record;
use crate::time::{Span, UtcTime};

/// Something that happens by itself when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Somebody must look at something.
    Escalate(EscalationKey),
    /// An incident that was put aside comes back.
    Wake(IncidentId),
}

/// When what happens by itself: derived from the record, brought up to date after each event.
#[derive(Debug, Clone, Default)]
pub struct Timers {
    /// Each thing with a timer, by the earliest of its timers: most are never due, so only that one is kept in order.
    by_time: BTreeSet<(UtcTime, About)>,
    by_thing: BTreeMap<About, Armed>,
}

/// When each timer about one thing is due: one for each kind of escalation that it can have, then the one that wakes it.
type Armed = [Option<UtcTime>; TIMERS_EACH];

impl Timers {
    /// The next time at which something happens by itself, UTC.
    pub fn next(&self) -> Option<UtcTime> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// What is due at `now`, the earliest first.
    pub fn due(&self, now: UtcTime) -> Vec<Timer> {
        let things = self.by_time.iter().take_while(|(at, _)| *at <= now);
        let mut due: Vec<(UtcTime, Timer)> = Vec::new();
        for (_, about) in things {
            let armed = self.by_thing.get(about).into_iter().flatten().enumerate();
            due.extend(armed.filter_map(|(place, at)| Some(((*at)?, timer(*about, place)))));
        }
        due.retain(|(at, _)| *at <= now);
        due.sort_unstable();
        due.into_iter().map(|(_, timer)| timer).collect()
    }

    /// Sets every timer about one thing as the record now says.
    pub fn rearm(&mut self, record: &Record, about: About) {
        let armed = armed(record, about);
        let earliest = armed.iter().flatten().min().copied();
        let before = match (self.by_thing.get_mut(&about), earliest) {
            (None, None) => return,
            (Some(before), Some(_)) => std::mem::replace(before, armed),
            (Some(_), None) => self.by_thing.remove(&about).unwrap_or_default(),
            (None, Some(_)) => self.by_thing.insert(about, armed).unwrap_or_default(),
        };
        let earliest_before = before.iter().flatten().min().copied();
        if earliest != earliest_before {
            if let Some(before) = earliest_before {
                self.by_time.remove(&(before, about));
            }
            self.by_time.extend(earliest.map(|at| (at, about)));
        }
    }
}

/// When each timer about one thing is due, as the record says.
fn armed(record: &Record, about: About) -> Armed {
    let mut armed = Armed::default();
    let cause = |kind: EscalationKind| match about {
        About::Assignment(_) | About::Incident(_) => None,
        About::Call(_) | About::Unit(_) => cause_since(record, EscalationKey { kind, about }),
    };
    let assignment = if let About::Assignment(id) = about { record.assignment(id) } else { None };
    let incident = if let About::Incident(id) = about { record.incident(id) } else { None };
    for (due, kind) in armed.iter_mut().zip(kinds_about(about)) {
        let since = match (assignment, incident) {
            (Some(it), _) => assignment_cause(record, it, *kind),
            (_, Some(it)) => incident_cause(it, *kind),
            _ => cause(*kind),
        };
        let key = EscalationKey { kind: *kind, about };
        let since = since.filter(|_| !record.escalations().contains_key(&key));
        *due = since.map(|since| since + limit(record, *kind));
    }
    let held = incident.filter(|i| i.is_open()).and_then(|i| i.hold.as_ref());
    if let Some(hold) = held {
        armed[TIMERS_EACH - 1] = Some(hold.until);
    }
    armed
}

/// The timer at one place of [`Armed`].
fn timer(about: About, place: usize) -> Timer {
    match (kinds_about(about).get(place), about) {
        (None, About::Incident(id)) => Timer::Wake(id),
        (Some(kind), about) => Timer::Escalate(EscalationKey { kind: *kind, about }),
        (None, _) => unreachable!("only incidents have a timer beyond those of their escalations"),
    }
}

/// The most kinds of escalation that one thing can have, and one more.
const TIMERS_EACH: usize = 7;

/// The escalations that one kind of thing can have.
fn kinds_about(about: About) -> &'static [EscalationKind] {
    use EscalationKind as K;
    match about {
        About::Call(_) => &[K::CallUnanswered, K::CallUnowned],
        About::Incident(_) => &[K::NotProposed, K::NotAssigned, K::NoneFree],
        About::Assignment(_) => &[
            K::NotDelivered,
            K::NotAcknowledged,
            K::RollSlow,
            K::NotRolling,
            K::MotionDisagrees,
            K::ArrivalUnacknowledged,
        ],
        About::Unit(_) => &[K::UnitSilent],
    }
}

/// How long a cause may last before somebody must look at it.
fn limit(record: &Record, kind: EscalationKind) -> Span {
    let rules = record.rules();
    match kind {
        EscalationKind::CallUnanswered => rules.answer_within_s,
        EscalationKind::CallUnowned => rules.take_within_s,
        EscalationKind::NotProposed => rules.propose_within_s,
        EscalationKind::NotAssigned => rules.assign_within_s,
        EscalationKind::NotDelivered => rules.deliver_within_s,
        EscalationKind::NotAcknowledged => rules.acknowledge_within_s,
        EscalationKind::RollSlow => rules.roll_warn_s,
        EscalationKind::NotRolling => rules.roll_within_s,
        EscalationKind::ArrivalUnacknowledged => rules.hospital_acknowledge_within_s,
        EscalationKind::NoneFree | EscalationKind::MotionDisagrees | EscalationKind::UnitSilent => Span::ZERO,
    }
}

/// Since when the cause of an escalation lasts, UTC; `None` when there is no cause.
pub fn cause_since(record: &Record, key: EscalationKey) -> Option<UtcTime> {
    match key.about {
        About::Call(id) => {
            let call = record.call(id)?;
            match (key.kind, call.state()) {
                (EscalationKind::CallUnanswered, CallState::Ringing) => Some(call.rang_at),
                (EscalationKind::CallUnowned, CallState::Answered) => call.answered_at,
                _ => None,
            }
        }
        About::Incident(id) => incident_cause(record.incident(id)?, key.kind),
        About::Assignment(id) => assignment_cause(record, record.assignment(id)?, key.kind),
        About::Unit(id) => {
            let unit = record.unit(id)?;
            unit.silent_since.filter(|_| !unit.assignments.is_empty())
        }
    }
}

fn incident_cause(it: &Incident, kind: EscalationKind) -> Option<UtcTime> {
    if !it.is_open() || it.is_held() {
        return None;
    }
    match kind {
        EscalationKind::NotProposed if it.proposal.is_none() => it.short_since,
        EscalationKind::NotAssigned => it.short_since,
        EscalationKind::NoneFree => it.none_free_since,
        _ => None,
    }
}

fn assignment_cause(record: &Record, it: &Assignment, kind: EscalationKind) -> Option<UtcTime> {
    if !it.is_open() {
        return None;
    }
    let ordered = || it.times.at(Stage::Ordered);
    let late = EscalationKey { kind: EscalationKind::NotRolling, about: About::Assignment(it.id) };
    match kind {
        EscalationKind::NotDelivered if it.stage == Stage::Ordered && it.delivered_at.is_none() => ordered(),
        EscalationKind::NotAcknowledged if it.stage == Stage::Ordered => ordered(),
        // Amber gives way to red.
        EscalationKind::RollSlow
            if it.stage < Stage::Rolling && !record.escalations().contains_key(&late) =>
        {
            ordered()
        }
        EscalationKind::NotRolling if it.stage < Stage::Rolling => ordered(),
        EscalationKind::MotionDisagrees => {
            let apart = it.times.disagreement(Stage::Rolling)?;
            let beyond = apart.micros().abs() > record.rules().motion_disagreement_s.micros();
            it.times.counted(Stage::Rolling).filter(|_| beyond).map(|stamp| stamp.entered_at)
        }
        EscalationKind::ArrivalUnacknowledged if it.is_inbound() => {
            it.destination.as_ref().filter(|d| d.acknowledged.is_none()).map(|d| d.chosen_at)
        }
        _ => None,
    }
}
