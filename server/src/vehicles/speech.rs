//! What one vehicle says: reports in their order, acknowledgements, pings, positions. What makes no sense is counted
//! and passed over; only a vehicle that goes on and on loses its connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use link::v1::{
    DeliveryAck, FromCentre, FromVehicle, Pong, Position, PositionHistory, PositionHistoryAck, Report,
    ReportAck, ReportOutcome, from_centre, from_vehicle,
};
use link::{CloseCode, FrameError, FrameReader, decode};
use quinn::{Connection, RecvStream};
use tokio::sync::mpsc;
use tracing::{debug, warn};

use super::centre_port::{CentrePort, ReportAnswer};
use super::pace::Pace;
use super::roster::Mail;

/// After this many bad messages on one connection, it is closed.
const BAD_MESSAGES_MAX: u32 = 100;
/// Positions taken from one vehicle in a second; a vehicle sends one.
const POSITIONS_PER_S_MAX: u32 = 20;

/// The hearing half of a connection.
pub(super) struct Speech {
    pub(super) unit: String,
    pub(super) port: Arc<dyn CentrePort>,
    pub(super) connection: Connection,
    pub(super) mail: mpsc::Sender<Mail>,
}

impl Speech {
    /// Hears the duty stream until it ends.
    pub(super) async fn hear_stream(&self, mut receive: RecvStream, mut frames: FrameReader) -> CloseCode {
        let (bad, mut pace) = (AtomicU32::new(0), Pace::default());
        loop {
            loop {
                match frames.next_frame() {
                    Ok(Some(body)) => {
                        // Meanwhile the vehicle's own line fills: it is slowed down, and nothing of what it says is lost.
                        if pace.take(body.len()).await {
                            self.port.note_flood(&self.unit, 1);
                        }
                        if let Err(code) = self.hear_frame(&body, &bad).await {
                            return code;
                        }
                    }
                    Ok(None) => break,
                    Err(error) => {
                        self.note_bad(error.word(), &bad);
                        return CloseCode::FrameTooLong;
                    }
                }
            }
            match receive.read_chunk(link::FRAME_BYTES_MAX, true).await {
                Ok(Some(chunk)) => frames.push(&chunk.bytes),
                Ok(None) | Err(_) => return CloseCode::Done,
            }
        }
    }

    /// Hears datagrams until the connection ends.
    pub(super) async fn hear_datagrams(&self) -> CloseCode {
        let bad = AtomicU32::new(0);
        let (mut second, mut taken) = (Instant::now(), 0_u32);
        while let Ok(bytes) = self.connection.read_datagram().await {
            if second.elapsed() >= Duration::from_secs(1) {
                (second, taken) = (Instant::now(), 0);
            }
            taken += 1;
            let problem = match decode::<Position>(&bytes) {
                _ if taken > POSITIONS_PER_S_MAX => Some("position_flood"),
                _ if bytes.len() > link::DATAGRAM_BYTES_MAX => Some("datagram_too_long"),
                Err(error) => Some(error.word()),
                Ok(position) => self.port.position(&self.unit, &position).err(),
            };
            match problem {
                None => {
                    metrics::counter!("jichi_vehicles_positions_total", "how" => "datagram").increment(1);
                }
                Some(reason) => {
                    if self.note_bad(reason, &bad) {
                        return CloseCode::Flooding;
                    }
                }
            }
        }
        CloseCode::Done
    }

    async fn hear_frame(&self, body: &[u8], bad: &AtomicU32) -> Result<(), CloseCode> {
        let reason = match decode::<FromVehicle>(body) {
            Ok(FromVehicle { body: Some(body) }) => match self.hear(body).await? {
                None => return Ok(()),
                Some(reason) => reason,
            },
            Ok(FromVehicle { body: None }) => "unknown_kind",
            Err(error @ (FrameError::TooLong { .. } | FrameError::Undecodable(_))) => error.word(),
        };
        if self.note_bad(reason, bad) { Err(CloseCode::Flooding) } else { Ok(()) }
    }

    /// `Some`: why the message makes no sense.
    async fn hear(&self, body: from_vehicle::Body) -> Result<Option<&'static str>, CloseCode> {
        match body {
            from_vehicle::Body::Report(report) => self.hear_report(report).await,
            from_vehicle::Body::DeliveryAck(ack) => self.hear_ack(ack).await,
            from_vehicle::Body::Ping(ping) => {
                self.port.note_link(&self.unit, true);
                let centre_time_unix_ms = self.port.now_unix_ms();
                let answer = Pong { nonce: ping.nonce, centre_time_unix_ms };
                self.answer(from_centre::Body::Pong(answer)).await.map(|()| None)
            }
            from_vehicle::Body::PositionHistory(history) => self.hear_history(history).await,
            from_vehicle::Body::Hello(_) => Ok(Some("second_hello")),
            from_vehicle::Body::PatientReport(_)
            | from_vehicle::Body::FileOffer(_)
            | from_vehicle::Body::FilePart(_) => Ok(Some("wrong_stream")),
        }
    }

    async fn hear_report(&self, report: Report) -> Result<Option<&'static str>, CloseCode> {
        let (boot, seq) = (report.boot, report.seq);
        let answer = self.port.report(self.unit.clone(), report).await;
        let (outcome, text, word) = match answer {
            ReportAnswer::Accepted => (ReportOutcome::Accepted, String::new(), "accepted"),
            ReportAnswer::Refused(text) => (ReportOutcome::Refused, text, "refused"),
            ReportAnswer::Malformed(text) => (ReportOutcome::Malformed, text, "malformed"),
            ReportAnswer::Unavailable => {
                metrics::counter!("jichi_vehicles_reports_total", "outcome" => "unavailable").increment(1);
                return Err(CloseCode::Unavailable);
            }
        };
        metrics::counter!("jichi_vehicles_reports_total", "outcome" => word).increment(1);
        let ack = ReportAck { boot, seq, outcome: outcome.into(), text };
        self.answer(from_centre::Body::ReportAck(ack)).await?;
        Ok((outcome == ReportOutcome::Malformed).then_some("report"))
    }

    async fn hear_ack(&self, ack: DeliveryAck) -> Result<Option<&'static str>, CloseCode> {
        if ack.effect_id.is_empty() || ack.effect_id.len() > link::EFFECT_ID_BYTES_MAX {
            return Ok(Some("delivery_ack"));
        }
        let outcome = ack.outcome().as_str_name();
        metrics::counter!("jichi_vehicles_deliveries_total", "outcome" => outcome).increment(1);
        if self.port.delivered(self.unit.clone(), ack).await { Ok(None) } else { Err(CloseCode::Unavailable) }
    }

    async fn hear_history(&self, history: PositionHistory) -> Result<Option<&'static str>, CloseCode> {
        if history.positions.len() > link::BACKFILL_POSITIONS_MAX {
            return Ok(Some("history_too_long"));
        }
        let count = history.positions.len() as u64;
        metrics::counter!("jichi_vehicles_positions_total", "how" => "history").increment(count);
        self.port.history(&self.unit, &history.positions);
        let ack = PositionHistoryAck { batch: history.batch };
        self.answer(from_centre::Body::PositionHistoryAck(ack)).await.map(|()| None)
    }

    async fn answer(&self, body: from_centre::Body) -> Result<(), CloseCode> {
        let mail = Mail::Frame(Box::new(FromCentre { body: Some(body) }));
        self.mail.send(mail).await.map_err(|_| CloseCode::Done)
    }

    /// Counts a bad message. `true`: that was one too many.
    pub(super) fn note_bad(&self, reason: &'static str, bad: &AtomicU32) -> bool {
        metrics::counter!("jichi_vehicles_bad_messages_total", "reason" => reason).increment(1);
        debug!(unit = self.unit, reason, "a message passed over");
        let many = bad.fetch_add(1, Ordering::Relaxed) + 1 >= BAD_MESSAGES_MAX;
        if many {
            self.port.note_flood(&self.unit, u64::from(BAD_MESSAGES_MAX));
            warn!(unit = self.unit, reason, "too many bad messages: connection closed");
        }
        many
    }
}
