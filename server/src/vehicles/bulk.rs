//! The stream of class BULK: what is in files, a file at a time, in pieces. It is slow where others are in a hurry, and a break of it
//! takes nothing else with it.

use futures_util::stream::{FuturesUnordered, StreamExt};
use link::CloseCode;
use link::file::FILE_PART_BYTES_MAX;
use link::v1::{FileAnswer, FileOffer, FileOutcome, FilePart, FromCentre, from_centre, from_vehicle};
use quinn::SendStream;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::connection::write;
use super::further::Further;
use super::speech::Speech;

impl Speech {
    /// Takes files in until the stream ends, or nothing can be taken now: the vehicle tries again later.
    pub(super) async fn hear_files(&self, stream: Further) -> Result<(), CloseCode> {
        let Further { send, receive, frames, pace, bad } = stream;
        let (answers, to_write) = mpsc::channel(ANSWERS_MAX);
        let (whole, to_watch) = mpsc::channel(ANSWERS_MAX);
        let heard = Further { send: (), receive, frames, pace, bad };
        tokio::select! {
            ended = self.hear_pieces(heard, &answers, &whole) => ended,
            () = self.tell_of_kept(to_watch, answers.clone()) => Ok(()),
            () = write_answers(send, to_write) => Ok(()),
        }
    }

    async fn hear_pieces(
        &self,
        mut stream: Further<()>,
        answers: &Sender<FileAnswer>,
        whole: &Sender<String>,
    ) -> Result<(), CloseCode> {
        let mut offered = FileOffer::default();
        while let Some(message) = self.hear_frame_of(&mut stream).await? {
            let answer = match message.body {
                Some(from_vehicle::Body::FileOffer(offer)) => {
                    offered = offer.clone();
                    self.port.file_offer(self.unit.clone(), offer).await
                }
                Some(from_vehicle::Body::FilePart(part)) if is_sound(&part, &offered) => {
                    self.port.file_part(self.unit.clone(), offered.clone(), part).await
                }
                _ => {
                    if self.note_bad("file", &stream.bad) {
                        return Err(CloseCode::Flooding);
                    }
                    continue;
                }
            };
            let Some(answer) = answer else { return Ok(()) };
            count(answer.outcome());
            if answer.outcome() == FileOutcome::Whole && whole.send(answer.file_id.clone()).await.is_err() {
                return Ok(());
            }
            if answers.send(answer).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Says of each file that was whole when it is where it lasts.
    async fn tell_of_kept(&self, mut whole: Receiver<String>, answers: Sender<FileAnswer>) {
        let mut awaited = FuturesUnordered::new();
        loop {
            tokio::select! {
                // More than a vehicle has; of what is not watched it asks again on its next stream.
                Some(file_id) = whole.recv(), if awaited.len() < AWAITED_MAX => {
                    let kept = self.port.file_kept(file_id.clone());
                    awaited.push(async move { kept.await; file_id });
                }
                Some(file_id) = awaited.next() => {
                    count(FileOutcome::Kept);
                    let kept = FileAnswer { file_id, outcome: FileOutcome::Kept.into(), ..FileAnswer::default() };
                    if answers.send(kept).await.is_err() {
                        return;
                    }
                }
                else => return,
            }
        }
    }
}

async fn write_answers(mut send: SendStream, mut answers: Receiver<FileAnswer>) {
    while let Some(answer) = answers.recv().await {
        let frame = FromCentre { body: Some(from_centre::Body::FileAnswer(answer)) };
        if write(&mut send, &frame).await.is_err() {
            return;
        }
    }
}

fn is_sound(part: &FilePart, offered: &FileOffer) -> bool {
    part.file_id == offered.file_id && (1..=FILE_PART_BYTES_MAX).contains(&part.content.len())
}

fn count(outcome: FileOutcome) {
    let word = match outcome {
        FileOutcome::Unspecified | FileOutcome::Send => "wanted",
        FileOutcome::Whole => "whole",
        FileOutcome::Kept => "kept",
        FileOutcome::Refused => "refused",
    };
    metrics::counter!("jichi_vehicles_files_total", "outcome" => word).increment(1);
}

const ANSWERS_MAX: usize = 8;
/// Files of one vehicle whose keeping is waited for.
const AWAITED_MAX: usize = 64;
