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
    /// When to look at what. What is in front is never out of date once [`Timers::settle`] has run.
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
        let Some(earliest) = first else {
            self.by_thing.remove(&about);
            return;
        };
        let queued = match self.by_thing.entry(about) {
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
        };
        self.queue.extend(queued.map(|at| Reverse((at, about))));
    }

    /// Passes over what is out of date in front of the queue, and now and then throws away the rest of it.
    pub fn settle(&mut self) {
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
        if self.queue.len() > QUEUE_PER_THING_MAX * self.by_thing.len() + QUEUE_MIN {
            let due = self.by_thing.iter_mut().map(|(about, armed)| {
                armed.queued = armed.earliest;
                Reverse((armed.earliest, *about))
            });
            self.queue = due.collect();
        }
    }
}

/// Tells of each timer about one thing when it is due, as the record says.
fn timers(record: &Record, about: About, mut tell: impl FnMut(UtcTime, Timer)) {
    let standing = record.escalations();
    let mut escalate = |kind: EscalationKind, since: Option<UtcTime>| {
        let Some(since) = since else { return };
        let key = EscalationKey { kind, about };
        if standing.is_empty() || !standing.contains_key(&key) {
            tell(since + limit(record, kind), Timer::Escalate(key));
        }
    };
    match about {
        About::Assignment(id) => {
            let Some(it) = record.assignment(id).filter(|it| it.is_open()) else { return };
            for kind in kinds_about(about) {
                escalate(*kind, assignment_cause(record, it, *kind));
            }
        }
        About::Incident(id) => {
            let Some(it) = record.incident(id).filter(|it| it.is_open()) else { return };
            for kind in kinds_about(about) {
                escalate(*kind, incident_cause(it, *kind));
            }
            if let Some(hold) = &it.hold {
                tell(hold.until, Timer::Wake(id));
            }
        }
        About::Call(id) => {
            let Some(it) = record.call(id) else { return };
            for kind in kinds_about(about) {
                escalate(*kind, call_cause(it, *kind));
            }
        }
        About::Unit(id) => {
            let Some(it) = record.unit(id) else { return };
            for kind in kinds_about(about) {
                escalate(*kind, unit_cause(it));
            }
        }
    }
}

/// Entries of the queue that are out of date are thrown away when there are more than so many for each thing with a timer,
const QUEUE_PER_THING_MAX: usize = 2;
/// and these.
const QUEUE_MIN: usize = 256;

/// The escalations that one kind of thing can have.
fn kinds_about(about: About) -> &'static [EscalationKind] {
    use EscalationKind as K;
    match about {
        About::Call(_) => &[K::CallUnanswered, K::CallUnowned, K::HandoffUnaccepted],
        About::Incident(_) => &[K::NotProposed, K::NotAssigned, K::NoneFree, K::HandoffUnaccepted],
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
    match key.about {
        About::Call(id) => call_cause(record.call(id)?, key.kind),
        About::Incident(id) => incident_cause(record.incident(id)?, key.kind),
        About::Assignment(id) => assignment_cause(record, record.assignment(id)?, key.kind),
        About::Unit(id) => unit_cause(record.unit(id)?),
    }
}

fn call_cause(it: &Call, kind: EscalationKind) -> Option<UtcTime> {
    match (kind, it.state()) {
        (EscalationKind::CallUnanswered, CallState::Ringing) => Some(it.rang_at),
        (EscalationKind::CallUnowned, CallState::Answered) => it.answered_at,
        (EscalationKind::HandoffUnaccepted, CallState::Ringing | CallState::Answered) => {
            offered_since(it.handoff.as_ref())
        }
        _ => None,
    }
}

fn unit_cause(it: &Unit) -> Option<UtcTime> {
    it.silent_since.filter(|_| !it.assignments.is_empty())
}

fn offered_since(handoff: Option<&Handoff>) -> Option<UtcTime> {
    handoff.filter(|handoff| handoff.is_pending()).map(|handoff| handoff.offered_at)
}

fn incident_cause(it: &Incident, kind: EscalationKind) -> Option<UtcTime> {
    if !it.is_open() {
        return None;
    }
    // What is put aside here may still be waited for there.
    if kind == EscalationKind::HandoffUnaccepted {
        return offered_since(it.handoff.as_ref());
    }
    // It is known once somebody has entered where it is.
    if kind == EscalationKind::OrderUnknown {
        return it.sketch.place.position.is_none().then_some(it.created_at);
    }
    if it.is_held() {
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
