//! What is said on one connection, in order: frames in, acts out, without a socket. A terminal that has not shown its code may register and show it, and
//! nothing else; one that has is heard about its own unit alone. What makes no sense is counted and answered as the standard says, and the connection
//! goes on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use dispatch_core::effect::EffectId;
use dispatch_core::fleet::Fix;

use super::codec::{
    Answered, Assembly, Bad, BatchKind, Downward, Edition, Header, Phone, Registered, Registration, Report,
    Upward,
};
use super::terminals::{Terminal, Terminals};

/// One connection's conversation.
#[derive(Debug, Default)]
pub(super) struct Session {
    known: Option<Arc<Terminal>>,
    /// How it spoke last: so it is answered.
    speaks: Option<(Phone, Edition)>,
    next_serial: u16,
    assembly: Assembly,
    refusals: u32,
    interval_s: Option<u32>,
    emergency: bool,
    said: VecDeque<(u16, EffectId)>,
}

/// What follows from a frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    /// Send this.
    Send(Vec<u8>),
    /// The terminal has shown its code: it speaks for its unit.
    Enter(Arc<Terminal>),
    /// It speaks for nobody any more.
    Leave,
    /// A sign of life without a position.
    Heard,
    /// The unit's position.
    Fix(Fix, How),
    /// All that a report says, for whoever looks at one terminal.
    Measured(Report),
    /// The crew pressed the terminal's emergency button.
    Emergency,
    /// The crew's terminal has this message.
    Delivered(EffectId),
    /// Something was passed over, for this reason.
    PassedOver(&'static str),
    /// Somebody was turned away.
    Refused(Refusal),
    /// The connection is to end.
    End(&'static str),
}

/// What a frame's body is of its message.
enum Body {
    /// All of it.
    Whole,
    /// The last of several packets; this is all of them.
    Joined(Vec<u8>),
    /// One of several, or nothing that is read.
    Awaited,
}

/// How a position came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// When it was measured.
    Live,
    /// Asked for.
    Asked,
    /// Gathered with others.
    Gathered,
    /// Kept while there was no network.
    Backfilled,
}

/// Who was turned away, in the words that it used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Why.
    pub(super) reason: &'static str,
    /// The number in its header.
    pub(super) phone: Phone,
    /// What it said of itself, if it did.
    pub(super) registration: Option<Registration>,
}

impl Session {
    /// Hears a frame.
    pub(super) fn hear(
        &mut self,
        frame: Result<Vec<u8>, Bad>,
        terminals: &Terminals,
        now: Instant,
    ) -> Vec<Act> {
        let contents = match frame {
            Ok(contents) => contents,
            Err(bad) => return vec![Act::PassedOver(bad.word())],
        };
        let (header, body) = match Header::read(&contents) {
            Ok(read) => read,
            Err(bad) => return vec![Act::PassedOver(bad.word())],
        };
        if self.known.as_ref().is_some_and(|known| known.phone != header.phone) {
            return vec![Act::PassedOver("other_terminal")];
        }
        self.speaks = Some((header.phone, header.edition));
        let mut acts = Vec::new();
        let message = match self.put_together(&header, body, now, &mut acts) {
            Body::Whole => Upward::read(&header, body),
            Body::Joined(joined) => Upward::read(&header, &joined),
            Body::Awaited => return acts,
        };
        match message {
            Ok(message) => match self.known.clone() {
                Some(terminal) => self.hear_known(&header, message, &terminal, &mut acts),
                None => self.hear_stranger(&header, message, terminals, &mut acts),
            },
            Err(bad) => {
                acts.push(Act::PassedOver(bad.word()));
                self.answer(&header, Answered::Malformed, &mut acts);
            }
        }
        acts
    }

    fn put_together(&mut self, header: &Header, body: &[u8], now: Instant, acts: &mut Vec<Act>) -> Body {
        if header.packet.is_none() {
            return Body::Whole;
        }
        // What a stranger may say is short.
        if self.known.is_none() {
            acts.push(Act::PassedOver(BEFORE_CODE));
            self.answer(header, Answered::Failed, acts);
            return Body::Awaited;
        }
        match self.assembly.take(header, body, now) {
            Ok(fitted) => {
                acts.extend((0..fitted.let_go).map(|_| Act::PassedOver("incomplete")));
                if let Some(joined) = fitted.whole {
                    return Body::Joined(joined);
                }
                acts.push(Act::Heard);
                self.answer(header, Answered::Done, acts);
            }
            Err(bad) => {
                acts.push(Act::PassedOver(bad.word()));
                self.answer(header, Answered::Malformed, acts);
            }
        }
        Body::Awaited
    }

    fn hear_stranger(
        &mut self,
        header: &Header,
        message: Upward,
        terminals: &Terminals,
        acts: &mut Vec<Act>,
    ) {
        match message {
            Upward::Register(registration) => self.register(header, registration, terminals, acts),
            Upward::Authenticate { code } => {
                let terminal = terminals.get(header.phone);
                if let Some(terminal) = terminal.filter(|terminal| terminal.code.is(&code)) {
                    self.known = Some(Arc::clone(terminal));
                    self.refusals = 0;
                    self.interval_s = None;
                    acts.push(Act::Enter(Arc::clone(terminal)));
                    self.answer(header, Answered::Done, acts);
                    // Its next report may be a long way off.
                    self.send(&Downward::LocateNow, acts);
                } else {
                    let reason = if terminal.is_none() { UNKNOWN } else { "wrong_code" };
                    self.answer(header, Answered::Failed, acts);
                    self.refuse(Refusal { reason, phone: header.phone, registration: None }, acts);
                }
            }
            Upward::Answer { .. } => acts.push(Act::PassedOver(BEFORE_CODE)),
            Upward::Heartbeat
            | Upward::Unregister
            | Upward::Position(_)
            | Upward::Located(_)
            | Upward::Batch { .. }
            | Upward::Unknown => {
                acts.push(Act::PassedOver(BEFORE_CODE));
                self.answer(header, Answered::Failed, acts);
            }
        }
    }

    fn register(
        &mut self,
        header: &Header,
        registration: Registration,
        terminals: &Terminals,
        acts: &mut Vec<Act>,
    ) {
        let terminal = terminals.get(header.phone);
        let expected = terminal.map(|terminal| terminal.makers_id.as_ref());
        let reason = match expected {
            None => UNKNOWN,
            Some(None) => "registration_closed",
            Some(Some(id)) if !id.eq_ignore_ascii_case(&registration.terminal_id) => "other_terminal_id",
            Some(Some(_)) => "",
        };
        let registered = match terminal {
            Some(terminal) if reason.is_empty() => {
                Registered::Known { code: terminal.code.reveal().to_vec() }
            }
            _ => Registered::NoSuchTerminal,
        };
        self.send(&Downward::Registered { serial: header.serial, registered }, acts);
        if !reason.is_empty() {
            self.refuse(Refusal { reason, phone: header.phone, registration: Some(registration) }, acts);
        }
    }

    fn refuse(&mut self, refusal: Refusal, acts: &mut Vec<Act>) {
        acts.push(Act::Refused(refusal));
        self.refusals += 1;
        if self.refusals >= REFUSALS_MAX {
            acts.push(Act::End("refused"));
        }
    }

    fn hear_known(
        &mut self,
        header: &Header,
        message: Upward,
        terminal: &Arc<Terminal>,
        acts: &mut Vec<Act>,
    ) {
        let answered = match message {
            Upward::Answer { serial, id, answered } => {
                acts.push(Act::Heard);
                self.hear_answer(serial, id, answered, acts);
                return;
            }
            Upward::Heartbeat => {
                acts.push(Act::Heard);
                Answered::Done
            }
            Upward::Position(report) => {
                // Terminals repeat it until somebody ends it at the vehicle: it is said once.
                let before = std::mem::replace(&mut self.emergency, report.is_emergency());
                if report.is_emergency() && !before {
                    acts.push(Act::Emergency);
                }
                take(&report, How::Live, acts);
                Answered::Done
            }
            Upward::Located(report) => {
                take(&report, How::Asked, acts);
                Answered::Done
            }
            Upward::Batch { kind, reports, bad } => {
                acts.extend(bad.iter().map(|bad| Act::PassedOver(bad.word())));
                let how = match kind {
                    BatchKind::Gathered => How::Gathered,
                    BatchKind::Backfilled => How::Backfilled,
                };
                for report in &reports {
                    take(report, how, acts);
                }
                // Those that could not be read would be no better the next time.
                Answered::Done
            }
            Upward::Authenticate { code } if terminal.code.is(&code) => Answered::Done,
            Upward::Authenticate { .. } => Answered::Failed,
            Upward::Unregister => {
                self.known = None;
                acts.push(Act::Leave);
                Answered::Done
            }
            // It stands in its place already, and needs no code.
            Upward::Register(_) | Upward::Unknown => {
                acts.extend([Act::PassedOver("unknown_kind"), Act::Heard]);
                Answered::Unsupported
            }
        };
        self.answer(header, answered, acts);
    }

    fn hear_answer(&mut self, serial: u16, id: u16, answered: Answered, acts: &mut Vec<Act>) {
        let said =
            self.said.iter().find(|(said, _)| *said == serial && id == TEXT).map(|(_, effect)| *effect);
        match (answered, said) {
            (Answered::Done, Some(effect)) => acts.push(Act::Delivered(effect)),
            (Answered::Done, None) => {}
            (Answered::Failed | Answered::Malformed | Answered::Unsupported, _) => {
                acts.push(Act::PassedOver("terminal_declined"));
            }
        }
    }

    /// The terminal should report this often from now on.
    pub(super) fn pace(&mut self, interval_s: u32) -> Vec<Act> {
        let mut acts = Vec::new();
        let before = self.interval_s.replace(interval_s);
        if self.known.is_some() && before != Some(interval_s) {
            self.send(&Downward::ReportEvery { interval_s }, &mut acts);
            // An order has come: where it is now matters more than where it was.
            if before.is_some_and(|before| before > interval_s) {
                self.send(&Downward::LocateNow, &mut acts);
            }
        }
        acts
    }

    /// Tells the crew something, once on this connection.
    pub(super) fn say(&mut self, effect: EffectId, text: &str) -> Vec<Act> {
        let mut acts = Vec::new();
        if self.known.is_some() && self.said.iter().all(|(_, said)| *said != effect) {
            if self.said.len() == SAID_MAX {
                self.said.pop_front();
            }
            self.said.push_back((self.next_serial, effect));
            self.send(&Downward::Text(text.to_owned()), &mut acts);
        }
        acts
    }

    fn answer(&mut self, header: &Header, answered: Answered, acts: &mut Vec<Act>) {
        self.send(&Downward::Answer { serial: header.serial, id: header.id, answered }, acts);
    }

    fn send(&mut self, message: &Downward, acts: &mut Vec<Act>) {
        if let Some((phone, edition)) = self.speaks {
            acts.push(Act::Send(message.frame(phone, edition, self.next_serial)));
            self.next_serial = self.next_serial.wrapping_add(1);
        }
    }
}

fn take(report: &Report, how: How, acts: &mut Vec<Act>) {
    acts.push(Act::Measured(*report));
    if report.items_broken {
        acts.push(Act::PassedOver("items"));
    }
    let Some(place) = report.place else { return acts.push(Act::Heard) };
    let fix = Fix {
        // Terminals do not count their starts, and their messages' numbers begin anew every 65,536: it is the time that orders them. A vehicle's own
        // agent counts from 1, so that it goes before its tracker, which takes over when the agent was silent for a minute.
        boot: 0,
        seq: place.at.micros().max(0) as u64 / 1_000_000,
        at: place.at,
        position: place.position,
        speed_kmh: place.speed_kmh,
        heading_deg: place.heading_deg,
        accuracy_m: None,
    };
    acts.push(Act::Fix(fix, how));
}

const BEFORE_CODE: &str = "before_code";
const UNKNOWN: &str = "unknown_terminal";
/// The kind "text".
const TEXT: u16 = 0x8300;
/// Refusals before a connection ends: guessing a code takes a new connection every so often.
const REFUSALS_MAX: u32 = 5;
/// Messages to a crew whose answers are waited for, and which are not said twice.
const SAID_MAX: usize = 16;
