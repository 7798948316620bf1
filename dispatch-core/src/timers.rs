//! The table of deadlines. Each escalation has a cause that the record shows, and a limit that the rules set: the
//! escalation is due when the cause has lasted that long, and it stands until the cause is gone.

use std::collections::{BTreeMap, BTreeSet};

use crate::assignment::Stage;
use crate::escalation::{About, EscalationKey, EscalationKind};
use crate::ids::IncidentId;
use crate::incident::CallState;
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
    by_time: BTreeSet<(UtcTime, Timer)>,
    by_timer: BTreeMap<Timer, UtcTime>,
}

impl Timers {
    /// The next time at which something happens by itself, UTC.
    pub fn next(&self) -> Option<UtcTime> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// What is due at `now`, the earliest first.
    pub fn due(&self, now: UtcTime) -> impl Iterator<Item = Timer> {
        self.by_time.iter().take_while(move |(at, _)| *at <= now).map(|(_, timer)| *timer)
    }

    /// Sets every timer about one thing as the record now says.
    pub fn rearm(&mut self, record: &Record, about: About) {
        for kind in kinds_about(about) {
            let key = EscalationKey { kind: *kind, about };
            let due = match cause_since(record, key) {
                Some(since) if !record.escalations().contains_key(&key) => Some(since + limit(record, *kind)),
                _ => None,
            };
            self.set(Timer::Escalate(key), due);
        }
        if let About::Incident(id) = about {
            let wakes =
                record.incident(id).filter(|i| i.is_open()).and_then(|i| i.hold.as_ref()).map(|h| h.until);
            self.set(Timer::Wake(id), wakes);
        }
    }

    fn set(&mut self, timer: Timer, due: Option<UtcTime>) {
        if let Some(old) = self.by_timer.remove(&timer) {
            self.by_time.remove(&(old, timer));
        }
        if let Some(due) = due {
            self.by_timer.insert(timer, due);
            self.by_time.insert((due, timer));
        }
    }
}

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
        About::Incident(id) => {
            let incident = record.incident(id).filter(|i| i.is_open() && !i.is_held())?;
            match key.kind {
                EscalationKind::NotProposed if incident.proposal.is_none() => incident.short_since,
                EscalationKind::NotAssigned => incident.short_since,
                EscalationKind::NoneFree => incident.none_free_since,
                _ => None,
            }
        }
        About::Assignment(id) => assignment_cause(record, id, key.kind),
        About::Unit(id) => {
            let unit = record.unit(id)?;
            unit.silent_since.filter(|_| !unit.assignments.is_empty())
        }
    }
}

fn assignment_cause(record: &Record, id: crate::ids::AssignmentId, kind: EscalationKind) -> Option<UtcTime> {
    let it = record.assignment(id).filter(|a| a.is_open())?;
    let ordered = it.times.at(Stage::Ordered);
    let late = EscalationKey { kind: EscalationKind::NotRolling, about: About::Assignment(id) };
    match kind {
        EscalationKind::NotDelivered if it.stage == Stage::Ordered && it.delivered_at.is_none() => ordered,
        EscalationKind::NotAcknowledged if it.stage == Stage::Ordered => ordered,
        // Amber gives way to red.
        EscalationKind::RollSlow
            if it.stage < Stage::Rolling && !record.escalations().contains_key(&late) =>
        {
            ordered
        }
        EscalationKind::NotRolling if it.stage < Stage::Rolling => ordered,
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
