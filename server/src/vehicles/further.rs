//! What a vehicle says beside its duty: further streams of the same connection, one for each class, so that what is told of a patient
//! never holds up an order, nor an order the patient.

use std::sync::atomic::AtomicU32;

use futures_util::stream::{FuturesUnordered, StreamExt};
use link::v1::{
    FromCentre, FromVehicle, Hello, PatientAck, PatientReport, Refused, RefusedCode, ReportOutcome,
    StreamClass, Welcome, from_centre, from_vehicle,
};
use link::{CloseCode, FrameReader, decode};
use quinn::{RecvStream, SendStream};
use tokio::time::timeout;
use tracing::debug;

use super::centre_port::ReportAnswer;
use super::connection::{GREETING_WITHIN, write};
use super::pace::Pace;
use super::speech::Speech;

/// One further stream.
pub(super) struct Further<S = SendStream> {
    pub(super) send: S,
    pub(super) receive: RecvStream,
    pub(super) frames: FrameReader,
    pub(super) pace: Pace,
    pub(super) bad: AtomicU32,
}

impl Speech {
    /// Hears every further stream until the connection ends. How many there are the transport bounds.
    pub(super) async fn hear_further_streams(&self) -> CloseCode {
        let mut streams = FuturesUnordered::new();
        loop {
            tokio::select! {
                opened = self.connection.accept_bi() => match opened {
                    Ok((send, receive)) => {
                        let (frames, pace, bad) = Default::default();
                        streams.push(self.hear_further(Further { send, receive, frames, pace, bad }));
                    }
                    Err(_) => return CloseCode::Done,
                },
                Some(ended) = streams.next() => if let Err(code) = ended { return code },
            }
        }
    }

    /// A stream that goes silent or breaks off takes nothing else with it; one that misbehaves does.
    async fn hear_further(&self, mut stream: Further) -> Result<(), CloseCode> {
        let hello = match timeout(GREETING_WITHIN, self.hear_frame_of(&mut stream)).await {
            Ok(Ok(Some(FromVehicle { body: Some(from_vehicle::Body::Hello(hello)) }))) => hello,
            Ok(Err(code)) => return Err(code),
            Ok(Ok(_)) | Err(_) => {
                debug!(unit = self.unit, "a further stream without a greeting");
                return Ok(());
            }
        };
        let first = self.answer_hello(&hello);
        let welcome = matches!(first, from_centre::Body::Welcome(_));
        if write(&mut stream.send, &FromCentre { body: Some(first) }).await.is_err() || !welcome {
            return Ok(());
        }
        if hello.stream_class() == StreamClass::Bulk {
            stream.pace = Pace::of_bulk();
            return self.hear_files(stream).await;
        }
        while let Some(message) = self.hear_frame_of(&mut stream).await? {
            let Some(from_vehicle::Body::PatientReport(report)) = message.body else {
                if self.note_bad("unknown_kind", &stream.bad) {
                    return Err(CloseCode::Flooding);
                }
                continue;
            };
            let ack = self.hear_patient(report, &stream.bad).await?;
            let answer = FromCentre { body: Some(from_centre::Body::PatientAck(ack)) };
            if write(&mut stream.send, &answer).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn answer_hello(&self, hello: &Hello) -> from_centre::Body {
        let greeting = self.port.greet(&self.unit, hello);
        match greeting {
            Some(greeting) if matches!(hello.stream_class(), StreamClass::Patient | StreamClass::Bulk) => {
                from_centre::Body::Welcome(Welcome {
                    epoch: Some(greeting.epoch),
                    centre_time_unix_ms: greeting.now_unix_ms,
                    protocol_version: hello.protocol_version.min(link::PROTOCOL_VERSION),
                    unit: self.unit.clone(),
                    unit_label: greeting.label,
                    settings: None,
                })
            }
            _ => from_centre::Body::Refused(Refused {
                code: RefusedCode::StreamClass.into(),
                text: "streams of this class are not offered here beside the duty stream".into(),
                retry_after_ms: 0,
            }),
        }
    }

    /// The next message; none when the stream has ended.
    pub(super) async fn hear_frame_of<S>(
        &self,
        stream: &mut Further<S>,
    ) -> Result<Option<FromVehicle>, CloseCode> {
        loop {
            match stream.frames.next_frame() {
                Ok(Some(body)) => {
                    if stream.pace.take(body.len()).await {
                        self.port.note_flood(&self.unit, 1);
                    }
                    match decode::<FromVehicle>(&body) {
                        Ok(message) => return Ok(Some(message)),
                        Err(error) if self.note_bad(error.word(), &stream.bad) => {
                            return Err(CloseCode::Flooding);
                        }
                        Err(_) => {}
                    }
                }
                Ok(None) => match stream.receive.read_chunk(link::FRAME_BYTES_MAX, true).await {
                    Ok(Some(chunk)) => stream.frames.push(&chunk.bytes),
                    Ok(None) | Err(_) => return Ok(None),
                },
                Err(error) => {
                    self.note_bad(error.word(), &stream.bad);
                    return Err(CloseCode::FrameTooLong);
                }
            }
        }
    }

    async fn hear_patient(&self, report: PatientReport, bad: &AtomicU32) -> Result<PatientAck, CloseCode> {
        let (boot, seq) = (report.boot, report.seq);
        let (outcome, text, word) = match self.port.patient_report(self.unit.clone(), report).await {
            ReportAnswer::Accepted => (ReportOutcome::Accepted, String::new(), "accepted"),
            ReportAnswer::Refused(text) => (ReportOutcome::Refused, text, "refused"),
            ReportAnswer::Malformed(text) => (ReportOutcome::Malformed, text, "malformed"),
            ReportAnswer::Unavailable => {
                count("unavailable");
                return Err(CloseCode::Unavailable);
            }
        };
        count(word);
        if outcome == ReportOutcome::Malformed && self.note_bad("patient_report", bad) {
            return Err(CloseCode::Flooding);
        }
        Ok(PatientAck { boot, seq, outcome: outcome.into(), text })
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("jichi_vehicles_patient_reports_total", "outcome" => outcome).increment(1);
}
