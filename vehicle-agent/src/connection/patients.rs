//! The stream of patients beside the duty stream, opened when there is something to say on it. A centre that does not offer it is not asked
//! again on this connection: what is known of the patients waits on disk.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use link::v1::{FromVehicle, Hello, PatientAck, StreamClass, from_centre, from_vehicle};
use link::{FrameReader, encode_frame};
use quinn::{Connection, RecvStream, SendStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::{debug, error, info, warn};

use super::hearing;
use super::pulse::{Pulse, Question};
use super::session::pulse;
use crate::duty::{SharedDuty, lock};

/// Reports sent and not yet answered.
const IN_FLIGHT_MAX: usize = 32;
/// A centre that does not know this class of stream says nothing at all.
const GREETED_WITHIN: Duration = Duration::from_secs(10);

/// The stream, and what it needs of its connection.
pub(super) struct PatientStream {
    pub(super) duty: SharedDuty,
    pub(super) connection: Connection,
    pub(super) pulse: Arc<Mutex<Pulse>>,
    /// The greeting of the duty stream.
    pub(super) hello: Hello,
}

/// A stream that was welcomed.
struct Open {
    send: SendStream,
    receive: RecvStream,
    frames: FrameReader,
    in_flight: usize,
    last: Option<(u64, u64)>,
}

impl PatientStream {
    /// Sends what waits for as long as the connection lives. Ends only with a reason to end the connection.
    pub(super) async fn run(self) -> String {
        let mut changes = lock(&self.duty).changes();
        while lock(&self.duty).unsent_of_patients() == 0 {
            if changes.changed().await.is_err() {
                return "done".into();
            }
        }
        let mut opening = pin!(self.open());
        let opened = if let Ok(opened) = timeout(GREETED_WITHIN, &mut opening).await {
            opened
        } else {
            // The answer may be in a tunnel, and comes when the line is back, if this connection lives so long.
            warn!("the centre says nothing to the patients' stream; what is known of patients waits on disk");
            opening.await
        };
        match opened {
            Ok(Some(open)) => self.send_all(open, changes).await,
            Ok(None) => {
                warn!("the centre takes nothing of patients on this connection; it waits on disk");
                std::future::pending().await
            }
            Err(reason) => reason,
        }
    }

    async fn open(&self) -> Result<Option<Open>, String> {
        let (mut send, receive) = self.connection.open_bi().await.map_err(|error| error.to_string())?;
        let hello = Hello { stream_class: StreamClass::Patient.into(), ..self.hello.clone() };
        let hello = FromVehicle { body: Some(from_vehicle::Body::Hello(hello)) };
        let frame = encode_frame(&hello).map_err(|error| error.to_string())?;
        send.write_all(&frame).await.map_err(|error| error.to_string())?;
        let mut open = Open { send, receive, frames: FrameReader::default(), in_flight: 0, last: None };
        match open.hear().await? {
            Some(from_centre::Body::Welcome(_)) => {
                info!("patients' stream open");
                Ok(Some(open))
            }
            Some(from_centre::Body::Refused(refused)) => {
                debug!(text = refused.text, "patients' stream refused");
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    async fn send_all(&self, mut open: Open, mut changes: watch::Receiver<u64>) -> String {
        loop {
            changes.mark_unchanged();
            if let Err(reason) = self.send_waiting(&mut open).await {
                return reason;
            }
            tokio::select! {
                heard = open.hear() => match heard {
                    Ok(Some(from_centre::Body::PatientAck(ack))) => {
                        if let Err(reason) = self.answered(&mut open, &ack) {
                            return reason;
                        }
                    }
                    Ok(Some(_)) => debug!("a frame that does not belong on the patients' stream"),
                    Ok(None) => return "the centre finished the patients' stream".into(),
                    Err(reason) => return reason,
                },
                news = changes.changed() => if news.is_err() { return "done".into() },
            }
        }
    }

    /// In order, and no more than the centre should have to answer at once.
    async fn send_waiting(&self, open: &mut Open) -> Result<(), String> {
        let room = IN_FLIGHT_MAX.saturating_sub(open.in_flight);
        let reports = lock(&self.duty).patient_reports_after(open.last, room);
        for report in reports {
            let (boot, seq) = (report.boot, report.seq);
            let message = FromVehicle { body: Some(from_vehicle::Body::PatientReport(report)) };
            match encode_frame(&message) {
                Ok(frame) => {
                    pulse(&self.pulse).ask(Question::Patient { boot, seq }, Instant::now());
                    open.send.write_all(&frame).await.map_err(|error| error.to_string())?;
                    open.in_flight += 1;
                }
                Err(error) => error!(%error, "what cannot be sent stays on disk"),
            }
            open.last = Some((boot, seq));
        }
        Ok(())
    }

    fn answered(&self, open: &mut Open, ack: &PatientAck) -> Result<(), String> {
        let question = Question::Patient { boot: ack.boot, seq: ack.seq };
        if pulse(&self.pulse).answer(question, Instant::now()) {
            open.in_flight = open.in_flight.saturating_sub(1);
        }
        lock(&self.duty).patient_answered(ack).map_err(|error| error.to_string())
    }
}

impl Open {
    async fn hear(&mut self) -> Result<Option<from_centre::Body>, String> {
        hearing::next(&mut self.receive, &mut self.frames).await
    }
}
