//! One terminal's connection from its first byte to its end, in one task. Whoever sends more than is taken waits: the network holds it back.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::{debug, info, trace, warn};

use super::codec::{Deframer, Report};
use super::gateway::Door;
use super::places::{Seat, Word};
use super::session::{Act, How, Session};
use super::terminals::Terminal;

/// Serves one connection to its end.
pub(super) async fn serve(mut stream: TcpStream, from: SocketAddr, door: Arc<Door>) {
    let mut seat = Seat::new();
    let mut ended = seat.ended.clone();
    let mut talk = Talk {
        door: Arc::clone(&door),
        from,
        session: Session::default(),
        place: None,
        begun: Instant::now(),
        heard: Instant::now(),
        budget: Budget::default(),
    };
    let reason = tokio::select! {
        reason = talk.go_on(&mut stream, &mut seat) => reason,
        Ok(word) = ended.wait_for(Option::is_some) => word.unwrap_or("ended"),
    };
    talk.leave();
    debug!(%from, reason, "a terminal's connection ended");
    metrics::counter!("jichi_jt808_ended_total", "reason" => reason).increment(1);
}

/// A connection at work.
struct Talk {
    door: Arc<Door>,
    from: SocketAddr,
    session: Session,
    place: Option<(Arc<Terminal>, u64)>,
    begun: Instant,
    heard: Instant,
    budget: Budget,
}

impl Talk {
    async fn go_on(&mut self, stream: &mut TcpStream, seat: &mut Seat) -> &'static str {
        let (mut reader, mut writer) = stream.split();
        let mut deframer = Deframer::default();
        let mut bytes = vec![0; READ_BYTES];
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let mut acts = Vec::new();
            tokio::select! {
                read = reader.read(&mut bytes) => {
                    let count = match read {
                        Ok(0) | Err(_) => return "gone",
                        Ok(count) => count,
                    };
                    self.heard = Instant::now();
                    for byte in &bytes[..count] {
                        if let Some(frame) = deframer.push(*byte) {
                            let terminals = self.door.terminals.load();
                            acts.extend(self.session.hear(frame, &terminals, self.heard));
                            self.budget.frames += 1;
                        }
                    }
                }
                Some(word) = seat.words.recv() => acts = match word {
                    Word::Pace(interval_s) => self.session.pace(interval_s),
                    Word::Say(effect, text) => self.session.say(effect, &text),
                },
                _ = look.tick() => {}
            }
            let (out, ends) = self.carry_out(acts, seat).await;
            match timeout(WRITE_WITHIN, writer.write_all(&out)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return "gone",
                Err(_) => return "slow_reader",
            }
            if let Some(reason) = ends.or_else(|| self.overdue()) {
                return reason;
            }
            self.budget.wait().await;
        }
    }

    /// What to send, and why to end if that is so.
    async fn carry_out(&mut self, acts: Vec<Act>, seat: &Seat) -> (Vec<u8>, Option<&'static str>) {
        let (mut out, mut ends) = (Vec::new(), None);
        for act in acts {
            match act {
                Act::Send(frame) => out.extend(frame),
                Act::Enter(terminal) => ends = self.enter(terminal, seat).or(ends),
                Act::Leave => self.leave(),
                Act::Heard => {
                    if let Some((terminal, _)) = &self.place {
                        self.door.centre.note_tracker(terminal.unit, true);
                    }
                }
                Act::Measured(report) => self.measured(&report),
                Act::Emergency => {
                    let unit = self.place.as_ref().map(|(terminal, _)| terminal.unit.to_string());
                    warn!(unit, "the emergency button of a terminal was pressed: speak to the crew");
                    metrics::counter!("jichi_jt808_emergencies_total").increment(1);
                }
                Act::Fix(fix, how) => {
                    self.budget.positions += 1;
                    metrics::counter!("jichi_jt808_positions_total", "how" => word(how)).increment(1);
                    if let Some((terminal, _)) = &self.place {
                        self.door.centre.observe(terminal.unit, fix);
                    }
                }
                Act::Delivered(effect) => {
                    metrics::counter!("jichi_jt808_texts_total", "outcome" => "delivered").increment(1);
                    if let Some((terminal, _)) = &self.place
                        && let Err(error) = self.door.centre.confirm(terminal.unit, effect).await
                    {
                        // It was confirmed before, or stays undelivered until somebody takes care of it.
                        debug!(unit = %terminal.unit, %error, "a delivery is not on record");
                    }
                }
                Act::PassedOver(reason) => {
                    metrics::counter!("jichi_jt808_bad_messages_total", "reason" => reason).increment(1);
                    let unit = self.place.as_ref().map(|(terminal, _)| terminal.unit.to_string());
                    debug!(from = %self.from, unit, reason, "a message passed over");
                }
                Act::Refused(refusal) => self.door.alarm.refused(&refusal, self.from),
                Act::End(reason) => ends = Some(reason),
            }
        }
        (out, ends)
    }

    /// What is of no use to dispatching is of use to whoever fits a terminal: `RUST_LOG=server::jt808=trace`.
    fn measured(&self, report: &Report) {
        if report.place.is_none() {
            metrics::counter!("jichi_jt808_positions_total", "how" => "no_fix").increment(1);
        }
        let unit = self.place.as_ref().map(|(terminal, _)| terminal.unit.to_string());
        trace!(
            unit,
            alarm = format_args!("{:08x}", report.alarm),
            altitude_m = report.place.map(|place| place.altitude_m),
            mileage_km = report.items.mileage_km,
            instrument_speed_kmh = report.items.instrument_speed_kmh,
            satellites = report.items.satellites,
            signal = report.items.signal,
            "measured"
        );
    }

    /// Why it must end again, if it was taken off the list meanwhile: who changes the list ends those who have a place, and this one may have come to its
    /// place a moment later.
    fn enter(&mut self, terminal: Arc<Terminal>, seat: &Seat) -> Option<&'static str> {
        info!(unit = %terminal.unit, phone = %terminal.phone, from = %self.from, "terminal connected");
        let number = self.door.places.enter(&terminal, seat);
        self.door.centre.note_tracker(terminal.unit, true);
        let listed = self.door.terminals.load().get(terminal.phone) == Some(&terminal);
        self.place = Some((terminal, number));
        (!listed).then_some("enrolment_ended")
    }

    /// A newer connection of the same unit stays when this one goes.
    fn leave(&mut self) {
        if let Some((terminal, number)) = self.place.take()
            && self.door.places.leave(terminal.unit, number)
        {
            info!(unit = %terminal.unit, "terminal gone");
            self.door.centre.note_tracker(terminal.unit, false);
        }
    }

    fn overdue(&self) -> Option<&'static str> {
        if self.place.is_none() && self.begun.elapsed() > CODE_WITHIN {
            return Some("no_code");
        }
        (self.heard.elapsed() > self.door.idle).then_some("idle")
    }
}

/// What a connection has taken of the present second.
#[derive(Debug)]
struct Budget {
    since: Instant,
    frames: u32,
    positions: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { since: Instant::now(), frames: 0, positions: 0 }
    }
}

impl Budget {
    /// Comes back in the next second when this one's share is used up: what a terminal sends meanwhile waits in the network.
    async fn wait(&mut self) {
        let elapsed = self.since.elapsed();
        if elapsed < SECOND {
            if self.frames < FRAMES_PER_S_MAX && self.positions < POSITIONS_PER_S_MAX {
                return;
            }
            metrics::counter!("jichi_jt808_held_back_total").increment(1);
            tokio::time::sleep(SECOND.saturating_sub(elapsed)).await;
        }
        *self = Self::default();
    }
}

fn word(how: How) -> &'static str {
    match how {
        How::Live => "live",
        How::Asked => "asked",
        How::Gathered => "gathered",
        How::Backfilled => "backfilled",
    }
}

const READ_BYTES: usize = 2_048;
const SECOND: Duration = Duration::from_secs(1);
/// A connection is looked at this often when nothing comes.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A terminal that takes no bytes for this long has lost its connection.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// A stranger who has not shown a code by then is turned away.
const CODE_WITHIN: Duration = Duration::from_mins(1);
/// Frames of one terminal that are taken in a second.
const FRAMES_PER_S_MAX: u32 = 50;
/// Positions of one terminal that are taken in a second.
const POSITIONS_PER_S_MAX: u32 = 500;
