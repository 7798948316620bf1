//! What becomes of a file that a vehicle offers: its card must be on record, for an assignment of that vehicle.

use std::sync::Arc;

use dispatch_core::Record;
use dispatch_core::ids::{AssignmentId, FileId, IncidentId};
use dispatch_core::patient::FileCard;
use link::v1::{FileAnswer, FileOffer, FileOutcome, FilePart};
use tracing::warn;

use crate::centre::{CentreHandle, Snapshot};
use crate::files::{FileError, Progress};

/// How much of an offered file is here.
pub(super) async fn offered(centre: CentreHandle, unit: String, offer: FileOffer) -> Option<FileAnswer> {
    let snapshot = centre.snapshot();
    let Some((card, under)) = card_of(&snapshot, &unit, &offer) else {
        return Some(refused(offer.file_id, "no such file of an assignment of this vehicle is on record"));
    };
    let (card, under) = (card.clone(), under);
    answered(offer.file_id, centre.files().offered(&card, under).await)
}

/// A piece of it.
pub(super) async fn part(
    centre: CentreHandle,
    unit: String,
    offer: FileOffer,
    part: FilePart,
) -> Option<FileAnswer> {
    let snapshot = centre.snapshot();
    let card = card_of(&snapshot, &unit, &offer).map(|(card, _)| card.clone());
    let Some(card) = card else { return Some(refused(part.file_id, "the file was not offered")) };
    answered(part.file_id, centre.files().take(&card, part.offset, part.content).await)
}

/// Comes back when the file is where it lasts.
pub(super) async fn kept(centre: CentreHandle, file_id: String) {
    let Ok(file) = file_id.parse::<FileId>() else { return std::future::pending().await };
    let mut news = centre.files().news();
    loop {
        news.mark_unchanged();
        if centre.files().is_kept(file).await.is_ok_and(|kept| kept) {
            return;
        }
        if news.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

fn card_of<'a>(
    snapshot: &'a Arc<Snapshot>,
    unit: &str,
    offer: &FileOffer,
) -> Option<(&'a FileCard, IncidentId)> {
    let assignment = offer.assignment_id.parse().ok()?;
    let of_unit = snapshot.record.assignment(assignment).is_some_and(|it| it.unit.as_str() == unit);
    if !of_unit {
        return None;
    }
    find(&snapshot.record, assignment, offer.file_id.parse().ok()?)
}

/// A file's card, with the incident under whose key the journal keeps it.
pub(crate) fn find(
    record: &Record,
    assignment: AssignmentId,
    file: FileId,
) -> Option<(&FileCard, IncidentId)> {
    let charts = record.assignment(assignment)?.charts.iter();
    let mut files = charts.flat_map(|chart| &chart.files);
    files.find(|(_, it)| it.it.id == file).map(|(under, it)| (&it.it, *under))
}

fn answered(file_id: String, progress: Result<Progress, FileError>) -> Option<FileAnswer> {
    let answer = |outcome: FileOutcome, offset| {
        Some(FileAnswer { file_id: file_id.clone(), outcome: outcome.into(), offset, text: String::new() })
    };
    match progress {
        Ok(Progress::Send(offset)) => answer(FileOutcome::Send, offset),
        Ok(Progress::Whole) => answer(FileOutcome::Whole, 0),
        Ok(Progress::Kept) => answer(FileOutcome::Kept, 0),
        Ok(Progress::Spoilt) => Some(refused(file_id, "its contents are not what its card says")),
        Ok(Progress::Erased) => Some(refused(file_id, "what belongs to its incident was erased")),
        Err(error) => {
            warn!("a vehicle's file cannot be taken now: {error}");
            None
        }
    }
}

fn refused(file_id: String, text: &str) -> FileAnswer {
    FileAnswer { file_id, outcome: FileOutcome::Refused.into(), offset: 0, text: text.to_owned() }
}
