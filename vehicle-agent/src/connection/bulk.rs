//! The stream of class BULK: the contents of files, one after the other, in small pieces of which few are on the way at a time, so that no
//! press and no position ever waits behind a photo. A break of it takes nothing else with it: the centre says from where on to go on.

use std::collections::BTreeSet;
use std::time::Duration;

use link::v1::{
    FileAnswer, FileOffer, FileOutcome, FilePart, FromVehicle, Hello, StreamClass, from_centre, from_vehicle,
};
use link::{FrameReader, encode_frame};
use quinn::{Connection, RecvStream, SendStream};
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::{debug, info, warn};

use super::hearing;
use crate::duty::{SharedDuty, lock};

/// Bytes of one piece: a second of a slow line.
const PIECE_BYTES: u32 = 8 * 1024;
/// Pieces on the way.
const PIECES_MAX: u32 = 1;
/// Behind everything else that this vehicle says.
const PRIORITY: i32 = -1;
/// After a stream that broke off, or was not wanted.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

/// The stream, and what it needs of its connection.
pub(super) struct BulkStream {
    pub(super) duty: SharedDuty,
    pub(super) connection: Connection,
    /// The greeting of the duty stream.
    pub(super) hello: Hello,
}

/// A stream that was welcomed.
struct Open {
    send: SendStream,
    receive: RecvStream,
    frames: FrameReader,
    /// Files that are whole at the centre, or that it does not want.
    done: BTreeSet<String>,
}

/// One file on its way.
struct OnItsWay {
    offer: FileOffer,
    bytes: u32,
    /// From here on the next piece begins.
    next: u32,
    /// Up to here the centre has it; nothing is known until it has answered the offer.
    has: Option<u32>,
}

impl BulkStream {
    /// Sends what waits for as long as the connection lives. Ends only when the vehicle does.
    pub(super) async fn run(self) -> String {
        let mut changes = lock(&self.duty).changes();
        loop {
            while lock(&self.duty).next_file(&BTreeSet::new()).is_none() {
                if changes.changed().await.is_err() {
                    return "done".into();
                }
            }
            match self.open().await {
                Ok(Some(open)) => {
                    if let Err(reason) = self.send_all(open, changes.clone()).await {
                        debug!(reason, "the stream of files broke off");
                    }
                }
                Ok(None) => warn!("the centre takes no files on this connection; they wait on disk"),
                Err(reason) => debug!(reason, "the stream of files could not be opened"),
            }
            sleep(AGAIN_AFTER).await;
        }
    }

    async fn open(&self) -> Result<Option<Open>, String> {
        let (send, receive) = self.connection.open_bi().await.map_err(|error| error.to_string())?;
        send.set_priority(PRIORITY).map_err(|error| error.to_string())?;
        let hello = Hello { stream_class: StreamClass::Bulk.into(), ..self.hello.clone() };
        let mut open = Open { send, receive, frames: FrameReader::default(), done: BTreeSet::new() };
        open.say(from_vehicle::Body::Hello(hello)).await?;
        match hearing::next(&mut open.receive, &mut open.frames).await? {
            Some(from_centre::Body::Welcome(_)) => {
                info!("stream of files open");
                Ok(Some(open))
            }
            _ => Ok(None),
        }
    }

    async fn send_all(&self, mut open: Open, mut changes: watch::Receiver<u64>) -> Result<(), String> {
        let mut sending: Option<OnItsWay> = None;
        loop {
            changes.mark_unchanged();
            if sending.is_none() {
                sending = self.begin(&mut open).await?;
            }
            if let Some(file) = &mut sending {
                self.send_pieces(&mut open, file).await?;
            }
            tokio::select! {
                heard = hearing::next(&mut open.receive, &mut open.frames) => match heard? {
                    Some(from_centre::Body::FileAnswer(answer)) => {
                        self.answered(&mut open, &mut sending, &answer)?;
                    }
                    Some(_) => debug!("a frame that does not belong on the stream of files"),
                    None => return Err("the centre finished the stream of files".into()),
                },
                news = changes.changed(), if sending.is_none() => {
                    news.map_err(|_| "done".to_owned())?;
                }
            }
        }
    }

    async fn begin(&self, open: &mut Open) -> Result<Option<OnItsWay>, String> {
        let next = lock(&self.duty).next_file(&open.done);
        let Some((offer, bytes)) = next else { return Ok(None) };
        open.say(from_vehicle::Body::FileOffer(offer.clone())).await?;
        Ok(Some(OnItsWay { offer, bytes, next: 0, has: None }))
    }

    async fn send_pieces(&self, open: &mut Open, file: &mut OnItsWay) -> Result<(), String> {
        let Some(has) = file.has else { return Ok(()) };
        while file.next < file.bytes && file.next - has < PIECES_MAX * PIECE_BYTES {
            let (file_id, offset) = (file.offer.file_id.clone(), file.next);
            let content = lock(&self.duty).file_piece(&file_id, offset, PIECE_BYTES);
            let content = content.map_err(|error| error.to_string())?;
            if content.is_empty() {
                // The next file must not wait for one that cannot be read.
                lock(&self.duty).file_is_damaged(&file_id).map_err(|error| error.to_string())?;
                return Err(format!("{file_id} is shorter on disk than its card says"));
            }
            file.next += content.len() as u32;
            open.say(from_vehicle::Body::FilePart(FilePart { file_id, offset, content })).await?;
        }
        Ok(())
    }

    fn answered(
        &self,
        open: &mut Open,
        sending: &mut Option<OnItsWay>,
        answer: &FileAnswer,
    ) -> Result<(), String> {
        let of_it = sending.as_mut().filter(|file| file.offer.file_id == answer.file_id);
        match (answer.outcome(), of_it) {
            (FileOutcome::Send, Some(file)) => {
                let expected = match file.has {
                    None => {
                        file.next = answer.offset;
                        answer.offset <= file.bytes
                    }
                    Some(has) => (has..=file.next).contains(&answer.offset),
                };
                if !expected {
                    return Err("the centre wants another piece than the next".into());
                }
                file.has = Some(answer.offset);
            }
            (FileOutcome::Whole | FileOutcome::Kept | FileOutcome::Refused, of_it) => {
                open.done.insert(answer.file_id.clone());
                if of_it.is_some() {
                    *sending = None;
                }
            }
            (FileOutcome::Send | FileOutcome::Unspecified, _) => {}
        }
        lock(&self.duty).file_answered(answer).map_err(|error| error.to_string())
    }
}

impl Open {
    async fn say(&mut self, body: from_vehicle::Body) -> Result<(), String> {
        let frame = encode_frame(&FromVehicle { body: Some(body) }).map_err(|error| error.to_string())?;
        self.send.write_all(&frame).await.map_err(|error| error.to_string())
    }
}
