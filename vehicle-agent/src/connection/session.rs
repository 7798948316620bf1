//! One welcomed connection at work: reports, acknowledgements and pings on the duty stream, positions as datagrams.
//! Writing has its own task, so that a full path never keeps the reader from hearing or the clock from judging.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use link::v1::{FromCentre, FromVehicle, Ping, Position, PositionHistory, from_centre, from_vehicle};
use link::{CloseCode, FrameReader, decode, encode_frame};
use prost::Message;
use quinn::{Connection, RecvStream, SendStream, VarInt};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, error, warn};

use super::bulk::BulkStream;
use super::greeting::{Welcomed, hello};
use super::patients::PatientStream;
use super::pulse::{Pulse, Question};
use crate::duty::{SharedDuty, lock};
use crate::spool::SpoolError;

/// Reports sent and not yet acknowledged.
const REPORTS_IN_FLIGHT_MAX: usize = 32;
const FRAMES_QUEUED_MAX: usize = 64;

/// One connection at work. Dropping it ends its tasks and closes the connection.
#[derive(Debug)]
pub(super) struct Session {
    connection: Connection,
    pulse: Arc<Mutex<Pulse>>,
    ended: watch::Receiver<Option<String>>,
    task: tokio::task::JoinHandle<()>,
}

impl Session {
    /// Starts work on a welcomed connection.
    pub(super) fn start(duty: SharedDuty, welcomed: Welcomed) -> Self {
        let Welcomed { connection, send, receive, frames, number, .. } = welcomed;
        let pulse = Arc::new(Mutex::new(Pulse::new(Instant::now())));
        let patients = PatientStream {
            hello: hello(&duty, number),
            duty: duty.clone(),
            connection: connection.clone(),
            pulse: Arc::clone(&pulse),
        };
        let bulk =
            BulkStream { hello: hello(&duty, number), duty: duty.clone(), connection: connection.clone() };
        let (end, ended) = watch::channel(None);
        let (queue, queued) = mpsc::channel(FRAMES_QUEUED_MAX);
        let work = Work {
            duty,
            connection: connection.clone(),
            pulse: Arc::clone(&pulse),
            queue,
            frames,
            last_report: None,
            history: None,
            nonce: 0,
        };
        let task = tokio::spawn(async move {
            let reason = tokio::select! {
                reason = work.run(receive) => reason,
                reason = write_frames(send, queued) => reason,
                reason = patients.run() => reason,
                reason = bulk.run() => reason,
            };
            end.send_replace(Some(reason));
        });
        Self { connection, pulse, ended, task }
    }

    /// Until when the centre surely heard the vehicle here.
    pub(super) fn heard_us_until(&self) -> Instant {
        pulse(&self.pulse).heard_us_until()
    }

    /// Whether something is unanswered for too long.
    pub(super) fn is_silent(&self, now: Instant) -> bool {
        pulse(&self.pulse).silent_at().is_some_and(|at| at <= now)
    }

    /// Why it ended, if it did.
    pub(super) fn end_reason(&self) -> Option<String> {
        self.ended.borrow().clone()
    }

    /// Closes the connection with a reason.
    pub(super) fn close(&self, code: CloseCode) {
        self.connection.close(VarInt::from_u32(code.number()), code.word().as_bytes());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.task.abort();
        self.close(CloseCode::Done);
    }
}

pub(super) fn pulse(shared: &Arc<Mutex<Pulse>>) -> MutexGuard<'_, Pulse> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn write_frames(mut send: SendStream, mut queued: mpsc::Receiver<Vec<u8>>) -> String {
    while let Some(frame) = queued.recv().await {
        if let Err(error) = send.write_all(&frame).await {
            return error.to_string();
        }
    }
    "done".into()
}

struct Work {
    duty: SharedDuty,
    connection: Connection,
    pulse: Arc<Mutex<Pulse>>,
    queue: mpsc::Sender<Vec<u8>>,
    frames: FrameReader,
    last_report: Option<(u64, u64)>,
    history: Option<(u64, i64)>,
    nonce: u64,
}

impl Work {
    async fn run(mut self, mut receive: RecvStream) -> String {
        let (mut changes, mut positions, mut ping_every) = {
            let duty = lock(&self.duty);
            (duty.changes(), duty.due_positions(), duty.settings.ping_interval_ms)
        };
        positions.mark_unchanged();
        let mut ping = interval(Duration::from_millis(u64::from(ping_every.max(100))));
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if let Err(reason) = self.take_frames() {
                return reason;
            }
            self.send_waiting();
            let wanted = lock(&self.duty).settings.ping_interval_ms;
            if wanted != ping_every {
                ping_every = wanted;
                ping = interval(Duration::from_millis(u64::from(ping_every.max(100))));
                ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
            }
            tokio::select! {
                chunk = receive.read_chunk(link::FRAME_BYTES_MAX, true) => match chunk {
                    Ok(Some(chunk)) => self.frames.push(&chunk.bytes),
                    Ok(None) => return "the centre finished the stream".into(),
                    Err(error) => return error.to_string(),
                },
                news = changes.changed() => if news.is_err() { return "done".into() },
                due = positions.changed() => {
                    if due.is_err() { return "done".into() }
                    let position = *positions.borrow_and_update();
                    self.send_position(position);
                },
                _ = ping.tick() => {
                    self.nonce += 1;
                    let body = from_vehicle::Body::Ping(Ping { nonce: self.nonce });
                    self.ask(Question::Ping(self.nonce), body);
                },
            }
        }
    }

    fn take_frames(&mut self) -> Result<(), String> {
        loop {
            let body = match self.frames.next_frame() {
                Ok(Some(body)) => body,
                Ok(None) => return Ok(()),
                Err(error) => return Err(error.to_string()),
            };
            match decode::<FromCentre>(&body) {
                Ok(FromCentre { body: Some(body) }) => {
                    self.take(body).map_err(|error| error.to_string())?;
                }
                Ok(FromCentre { body: None }) => debug!("a frame of a kind unknown here"),
                Err(error) => warn!(%error, "a frame passed over"),
            }
        }
    }

    fn take(&mut self, body: from_centre::Body) -> Result<(), SpoolError> {
        let now = Instant::now();
        pulse(&self.pulse).hear(now);
        match body {
            from_centre::Body::Delivery(delivery) => {
                let ack = lock(&self.duty).deliver(now, delivery)?;
                self.send(&FromVehicle { body: Some(from_vehicle::Body::DeliveryAck(ack)) });
            }
            from_centre::Body::ReportAck(ack) => {
                pulse(&self.pulse).answer(Question::Report { boot: ack.boot, seq: ack.seq }, now);
                lock(&self.duty).report_acknowledged(&ack)?;
            }
            from_centre::Body::Pong(pong) => {
                pulse(&self.pulse).answer(Question::Ping(pong.nonce), now);
            }
            from_centre::Body::Settings(settings) => lock(&self.duty).set_settings(settings),
            from_centre::Body::PositionHistoryAck(ack) => {
                pulse(&self.pulse).answer(Question::History(ack.batch), now);
                if let Some((batch, upto)) = self.history
                    && batch == ack.batch
                {
                    lock(&self.duty).history_acknowledged(upto)?;
                    self.history = None;
                }
            }
            from_centre::Body::Welcome(_) | from_centre::Body::Refused(_) => {
                warn!("a greeting in the middle of the stream");
            }
            from_centre::Body::PatientAck(_) | from_centre::Body::FileAnswer(_) => {
                debug!("a frame that does not belong on the duty stream");
            }
        }
        Ok(())
    }

    /// Reports first and in order; history only when no report waits.
    fn send_waiting(&mut self) {
        let in_flight = pulse(&self.pulse).is_asking(|question| matches!(question, Question::Report { .. }));
        let room = REPORTS_IN_FLIGHT_MAX.saturating_sub(in_flight).min(self.queue.capacity());
        let reports = lock(&self.duty).waiting_after(self.last_report, room);
        for report in reports {
            let key = (report.boot, report.seq);
            let question = Question::Report { boot: report.boot, seq: report.seq };
            if !self.ask(question, from_vehicle::Body::Report(report)) {
                return;
            }
            self.last_report = Some(key);
        }
        let idle = pulse(&self.pulse).is_asking(|question| !matches!(question, Question::Ping(_))) == 0;
        if !idle || self.history.is_some() || self.queue.capacity() == 0 {
            return;
        }
        let history = lock(&self.duty).history(link::BACKFILL_POSITIONS_MAX);
        match history {
            Ok(Some((upto, positions))) => {
                self.nonce += 1;
                let batch = self.nonce;
                let body = from_vehicle::Body::PositionHistory(PositionHistory { batch, positions });
                if self.ask(Question::History(batch), body) {
                    self.history = Some((batch, upto));
                }
            }
            Ok(None) => {}
            Err(error) => error!(%error, "positions on disk cannot be read"),
        }
    }

    fn send_position(&self, position: Option<Position>) {
        let Some(position) = position else { return };
        if let Err(error) = self.connection.send_datagram(position.encode_to_vec().into()) {
            debug!(%error, "a position was not sent");
        }
    }

    fn ask(&self, question: Question, body: from_vehicle::Body) -> bool {
        let sent = self.send(&FromVehicle { body: Some(body) });
        // A ping that found no room is asked all the same: a queue that does not move is silence.
        if sent || matches!(question, Question::Ping(_)) {
            pulse(&self.pulse).ask(question, Instant::now());
        }
        sent
    }

    fn send(&self, message: &FromVehicle) -> bool {
        match encode_frame(message) {
            Ok(frame) => self.queue.try_send(frame).is_ok(),
            Err(error) => {
                error!(%error, "a message that cannot be sent");
                false
            }
        }
    }
}
