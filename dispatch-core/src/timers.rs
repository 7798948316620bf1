//! The table of deadlines. Each escalation has a cause that the record shows, and a limit that the rules set: the
//! escalation is due when the cause has lasted that long, and it stands until the cause is gone.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::hash_map::Entry;

use foldhash::fast::FixedState;

use crate::assignment::{Assignment, Stage};
use crate::escalation::{About, EscalationKey, EscalationKind};
use crate::ids::IncidentId;
use crate::incident::{Call, CallState, Handoff, Incident};
use crate::record::Record;
use crate::time::{Span, UtcTime};
use crate::vehicle::Unit;

/// Something that happens by itself when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Somebody must look at something.
    Escalate(EscalationKey),
    /// An incident that was put aside comes back.
    Wake(IncidentId),
}

/// When what happens by itself: derived from the record, brought up to date after each event.
///
/// Nearly every timer is taken back before it is due. So the queue is not searched for it then: its entry stays, and is passed over
/// when it comes to the front.
#[derive(Debug, Clone, Default)]
pub struct Timers {
    /// When to look at what. What is in front is never out of date.
    queue: BinaryHeap<Reverse<(UtcTime, About)>>,
    by_thing: ByThing,
}

/// What has timers. Its order never shows: what is due is sorted, and a queue comes out by time.
#[expect(clippy::disallowed_types, reason = "hashed with a fixed seed: the same on every run and machine")]
type ByThing = std::collections::HashMap<About, Armed, FixedState>;

/// The timers about one thing. Which they are the record says, once one of them is due.
#[derive(Debug, Clone, Copy)]
struct Armed {
    /// When the earliest of them is due, UTC.
    earliest: UtcTime,
    /// The earliest time at which the queue has an entry for it; never after `earliest`.
    queued: UtcTime,
}

impl Timers {
    /// The next time at which something happens by itself, UTC.
    pub fn next(&self) -> Option<UtcTime> {
        self.queue.peek().map(|Reverse((at, _))| *at)
    }

    /// What is due at `now`, the earliest first.
    pub fn due(&self, record: &Record, now: UtcTime) -> Vec<Timer> {
        let things = self.by_thing.iter().filter(|(_, armed)| armed.earliest <= now);
        let mut due: Vec<(UtcTime, Timer)> = Vec::new();
        for (about, _) in things {
            timers(record, *about, |at, timer| due.extend((at <= now).then_some((at, timer))));
        }
        due.sort_unstable();
        due.into_iter().map(|(_, timer)| timer).collect()
    }

    /// Sets every timer about one thing as the record now says.
    pub fn rearm(&mut self, record: &Record, about: About) {
        let mut first: Option<UtcTime> = None;
        timers(record, about, |at, _| first = Some(first.map_or(at, |first| first.min(at))));
        let queued = match first {
            None if self.by_thing.remove(&about).is_none() => return,
            None => None,
            Some(earliest) => self.arm(about, earliest),
        };
        if let Some(at) = queued {
            self.queue.push(Reverse((at, about)));
            self.thin_out();
        }
        if self.queue.peek().is_some_and(|Reverse((_, front))| *front == about) {
            self.settle();
        }
    }

    /// Notes the earliest timer about one thing. At what time the queue must look at it, where it would not yet.
    fn arm(&mut self, about: About, earliest: UtcTime) -> Option<UtcTime> {
        match self.by_thing.entry(about) {
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                let queued = known.queued.min(earliest);
                let before = std::mem::replace(known, Armed { earliest, queued }).queued;
                (queued < before).then_some(queued)
            }
            Entry::Vacant(free) => {
                free.insert(Armed { earliest, queued: earliest });
                Some(earliest)
            }
        }
    }

    /// Passes over what is out of date in front of the queue.
    fn settle(&mut self) {
        while let Some(&Reverse((at, about))) = self.queue.peek() {
            let known = self.by_thing.get_mut(&about);
            if known.as_ref().is_some_and(|armed| armed.earliest == at) {
                break;
            }
            self.queue.pop();
            if let Some(armed) = known.filter(|armed| armed.queued == at) {
                armed.queued = armed.earliest;
                self.queue.push(Reverse((armed.earliest, about)));
            }
        }
    }

    /// Now and then throws away all that is out of date in the queue.
    fn thin_out(&mut self) {
        if self.queue.len() <= QUEUE_PER_THING_MAX * self.by_thing.len() + QUEUE_MIN {
            return;
        }
        let due = self.by_thing.iter_mut().map(|(about, armed)| {
            armed.queued = armed.earliest;
            Reverse((armed.earliest, *about))
        });
        self.queue = due.collect();
    }
}

/// Tells of each timer about one thing when it is due, as the record says.
fn timers(record: &Record, about: About, mut tell: impl FnMut(UtcTime, Timer)) {
    let standing = record.escalations();
    let mut escalate = |kind, since| {
        let key = EscalationKey { kind, about };
        if standing.is_empty() || !standing.contains_key(&key) {
            tell(since + limit(record, kind), Timer::Escalate(key));
        }
    };
    match about {
        About::Incident(id) => {
            let Some(it) = record.incident(id) else { return };
            incident_causes(record, it, &mut escalate);
            if let Some(hold) = it.hold.as_ref().filter(|_| it.is_open()) {
                tell(hold.until, Timer::Wake(id));
            }
        }
        About::Call(_) | About::Assignment(_) | About::Unit(_) => causes(record, about, escalate),
    }
}

/// Entries of the queue that are out of date are thrown away when there are more than so many for each thing with a timer,
const QUEUE_PER_THING_MAX: usize = 2;
/// and these.
const QUEUE_MIN: usize = 256;

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
        EscalationKind::HandoffUnaccepted => rules.handoff_within_s,
        EscalationKind::ArrivalUnacknowledged => rules.hospital_acknowledge_within_s,
        EscalationKind::NoneFree
        | EscalationKind::MotionDisagrees
        | EscalationKind::UnitSilent
        | EscalationKind::OrderUnknown => Span::ZERO,
    }
}

/// Since when the cause of an escalation lasts, UTC; `None` when there is no cause.
pub fn cause_since(record: &Record, key: EscalationKey) -> Option<UtcTime> {
    let mut lasts = None;
    causes(record, key.about, |kind, since| {
        if kind == key.kind {
            lasts = Some(since);
        }
    });
    lasts
}

/// Tells of each cause of an escalation about one thing since when it lasts, UTC.
fn causes(record: &Record, about: About, tell: impl FnMut(EscalationKind, UtcTime)) {
    match about {
        About::Call(id) => record.call(id).map(|it| call_causes(it, tell)),
        About::Incident(id) => record.incident(id).map(|it| incident_causes(record, it, tell)),
        About::Assignment(id) => record.assignment(id).map(|it| assignment_causes(record, it, tell)),
        About::Unit(id) => record.unit(id).map(|it| unit_causes(it, tell)),
    };
}

fn call_causes(it: &Call, mut tell: impl FnMut(EscalationKind, UtcTime)) {
    match it.state() {
        CallState::Ringing => tell(EscalationKind::CallUnanswered, it.rang_at),
        CallState::Answered => {
            if let Some(since) = it.answered_at {
                tell(EscalationKind::CallUnowned, since);
            }
        }
        CallState::Taken | CallState::Ended => return,
    }
    if let Some(since) = offered_since(it.handoff.as_ref()) {
        tell(EscalationKind::HandoffUnaccepted, since);
    }
}

fn unit_causes(it: &Unit, mut tell: impl FnMut(EscalationKind, UtcTime)) {
    if let Some(since) = it.silent_since.filter(|_| !it.assignments.is_empty()) {
        tell(EscalationKind::UnitSilent, since);
    }
}

fn offered_since(handoff: Option<&Handoff>) -> Option<UtcTime> {
    handoff.filter(|handoff| handoff.is_pending()).map(|handoff| handoff.offered_at)
}

fn incident_causes(record: &Record, it: &Incident, mut tell: impl FnMut(EscalationKind, UtcTime)) {
    if !it.is_open() {
        return;
    }
    // What is put aside here may still be waited for there.
    if let Some(since) = offered_since(it.handoff.as_ref()) {
        tell(EscalationKind::HandoffUnaccepted, since);
    }
    // Raised by what a vehicle told; it is known once somebody has entered where it is.
    let unknown = EscalationKey { kind: EscalationKind::OrderUnknown, about: About::Incident(it.id) };
    if it.sketch.place.position.is_none() && record.escalations().contains_key(&unknown) {
        tell(EscalationKind::OrderUnknown, it.created_at);
    }
    if it.is_held() {
        return;
    }
    if let Some(since) = it.short_since {
        tell(EscalationKind::NotAssigned, since);
        if it.proposal.is_none() {
            tell(EscalationKind::NotProposed, since);
        }
    }
    if let Some(since) = it.none_free_since {
        tell(EscalationKind::NoneFree, since);
    }
}

fn assignment_causes(record: &Record, it: &Assignment, mut tell: impl FnMut(EscalationKind, UtcTime)) {
    if !it.is_open() {
        return;
    }
    if it.stage < Stage::Rolling
        && let Some(ordered) = it.times.at(Stage::Ordered)
    {
        tell(EscalationKind::NotRolling, ordered);
        // Amber gives way to red.
        let late = EscalationKey { kind: EscalationKind::NotRolling, about: About::Assignment(it.id) };
        if !record.escalations().contains_key(&late) {
            tell(EscalationKind::RollSlow, ordered);
        }
        if it.stage == Stage::Ordered {
            tell(EscalationKind::NotAcknowledged, ordered);
            if it.delivered_at.is_none() {
                tell(EscalationKind::NotDelivered, ordered);
            }
        }
    }
    if let Some(apart) = it.times.disagreement(Stage::Rolling)
        && apart.micros().abs() > record.rules().motion_disagreement_s.micros()
        && let Some(counted) = it.times.counted(Stage::Rolling)
    {
        tell(EscalationKind::MotionDisagrees, counted.entered_at);
    }
    if it.is_inbound()
        && let Some(destination) = it.destination.as_ref().filter(|it| it.acknowledged.is_none())
    {
        tell(EscalationKind::ArrivalUnacknowledged, destination.chosen_at);
    }
}
