//! Files of the patients: a card is told like everything else of a patient, and what is in the file follows when the centre has the card.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;
use link::file::{FILE_BYTES_MAX, FILE_ID_PREFIX, FILES_MAX};
use link::v1::{FileAnswer, FileCard, FileKind, FileOffer, FileOutcome, patient_report};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Duty, NotTaken};
use crate::spool::{Change, FILES_BYTES_MAX, FileEnd, FileRow, SpoolError};

/// What somebody or something made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// What it shows.
    pub kind: FileKind,
    /// What it is written in, unpacked.
    pub media_type: String,
    /// It is packed.
    pub gzip: bool,
    /// What made it; may be empty.
    pub device: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// A picture is packed already; a written waveform is a third of its length when it is.
pub fn packed(
    kind: FileKind,
    media_type: String,
    device: String,
    content: Vec<u8>,
) -> Result<NewFile, NotTaken> {
    if kind == FileKind::Photo {
        return Ok(NewFile { kind, media_type, gzip: false, device, content });
    }
    let mut packing = GzEncoder::new(Vec::new(), Compression::default());
    let packed = packing.write_all(&content).and_then(|()| packing.finish());
    let content =
        packed.map_err(|error| NotTaken::BadRequest(format!("the file cannot be packed: {error}")))?;
    Ok(NewFile { kind, media_type, gzip: true, device, content })
}

/// The files on disk, and how far each has come.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// By name, which is by when they were made.
    rows: BTreeMap<String, FileRow>,
    /// Bytes that the centre has of those that are on their way.
    at_centre: BTreeMap<String, u32>,
}

impl Files {
    pub(super) fn new(stored: Vec<FileRow>) -> Self {
        let rows = stored.into_iter().map(|row| (row.file.clone(), row)).collect();
        Self { rows, at_centre: BTreeMap::new() }
    }

    /// The centre has answered a card.
    pub(super) fn carded(&mut self, card: &FileCard, taken: bool) {
        if !taken {
            self.rows.remove(&card.file_id);
        } else if let Some(row) = self.rows.get_mut(&card.file_id) {
            row.carded = true;
        }
    }

    pub(super) fn forget(&mut self, assignment: &str) {
        self.rows.retain(|_, row| !row.kept || row.assignment != assignment);
    }
}

impl Duty {
    /// Keeps a file of a patient. Returns the time recorded.
    pub fn keep_file(
        &mut self,
        wall: Instant,
        assignment: &str,
        patient: u32,
        new: NewFile,
    ) -> Result<i64, NotTaken> {
        let NewFile { kind, media_type, gzip, device, content } = new;
        let bytes = u32::try_from(content.len()).ok().filter(|bytes| *bytes <= FILE_BYTES_MAX);
        let bytes = bytes.ok_or_else(|| {
            NotTaken::BadRequest(format!("a file has at most {} MiB", FILE_BYTES_MAX >> 20))
        })?;
        let of_it = self.charted(assignment).filter(|row| row.report.patient == patient);
        let files = of_it.filter(|row| matches!(row.report.content, Some(patient_report::Content::File(_))));
        if files.count() >= FILES_MAX {
            return Err(NotTaken::BadRequest(format!("a patient has at most {FILES_MAX} files")));
        }
        let sha256 = Sha256::digest(&content).to_vec();
        if let Some(at) = self.kept_already(assignment, &sha256) {
            return Ok(at);
        }
        let on_disk: u64 = self.files.rows.values().map(|row| u64::from(row.bytes)).sum();
        if on_disk + u64::from(bytes) > FILES_BYTES_MAX {
            return Err(SpoolError::FullOfFiles.into());
        }
        let card = FileCard {
            file_id: format!("{FILE_ID_PREFIX}{}", Uuid::now_v7()),
            kind: kind.into(),
            media_type,
            gzip,
            bytes,
            sha256,
            device,
        };
        let (file, ecg) = (card.file_id.clone(), kind == FileKind::Ecg);
        let at =
            self.chart_with(wall, assignment, patient, patient_report::Content::File(card), Some(content))?;
        let (assignment, carded, kept) = (assignment.to_owned(), false, false);
        self.files.rows.insert(file.clone(), FileRow { file, assignment, ecg, bytes, carded, kept });
        Ok(at)
    }

    /// When the very same was taken: a monitor that says its ECG again, a finger that slipped.
    fn kept_already(&self, assignment: &str, sha256: &[u8]) -> Option<i64> {
        let known = self.charted(assignment).filter(|row| row.refused.is_none()).find(|row| {
            matches!(&row.report.content, Some(patient_report::Content::File(card)) if card.sha256 == sha256)
        });
        known.map(|row| row.report.happened_at_unix_ms)
    }

    /// The next file for the centre, and its bytes: ECGs first, then by when they were made.
    pub fn next_file(&self, but: &BTreeSet<String>) -> Option<(FileOffer, u32)> {
        let waiting =
            self.files.rows.values().filter(|row| row.carded && !row.kept && !but.contains(&row.file));
        let row = waiting.min_by_key(|row| !row.ecg)?;
        let offer = FileOffer { file_id: row.file.clone(), assignment_id: row.assignment.clone() };
        Some((offer, row.bytes))
    }

    /// A piece of a file.
    pub fn file_piece(&self, file: &str, offset: u32, bytes: u32) -> Result<Vec<u8>, SpoolError> {
        self.spool.file_piece(file, offset, bytes)
    }

    /// What is in a file, with its card, as long as its order is on the screen.
    pub fn file(&self, file: &str) -> Result<Option<(FileCard, Vec<u8>)>, SpoolError> {
        let Some(row) = self.files.rows.get(file) else { return Ok(None) };
        let card = self.charted(&row.assignment).find_map(|row| match &row.report.content {
            Some(patient_report::Content::File(card)) if card.file_id == file => Some(card.clone()),
            _ => None,
        });
        let Some(card) = card else { return Ok(None) };
        Ok(Some((card, self.spool.file_piece(file, 0, FILE_BYTES_MAX)?)))
    }

    /// Bytes of a file that the centre has; all of them when it keeps it.
    pub fn file_at_centre(&self, file: &str) -> u32 {
        match self.files.rows.get(file) {
            Some(row) if row.kept => row.bytes,
            _ => self.files.at_centre.get(file).copied().unwrap_or(0),
        }
    }

    /// A file is not on disk as its card says: nobody will ever have it, and the crew may take it again.
    pub fn file_is_damaged(&mut self, file: &str) -> Result<(), SpoolError> {
        let end = Some(FileEnd::Refused(file.to_owned()));
        self.spool.apply(&Change { file_end: end, ..Change::default() })?;
        if self.files.rows.remove(file).is_some() {
            self.notice(
                "一个文件在车载盘上损坏, 请重新采集",
                "A file was damaged on the vehicle's disk: take it again",
            );
            self.touch();
        }
        Ok(())
    }

    /// The centre's word on a file.
    pub fn file_answered(&mut self, answer: &FileAnswer) -> Result<(), SpoolError> {
        let Some(row) = self.files.rows.get(&answer.file_id).filter(|row| !row.kept) else { return Ok(()) };
        let (file, bytes, assignment) = (row.file.clone(), row.bytes, row.assignment.clone());
        let end = match answer.outcome() {
            FileOutcome::Unspecified => return Ok(()),
            FileOutcome::Send | FileOutcome::Whole => {
                let whole = answer.outcome() == FileOutcome::Whole;
                self.files.at_centre.insert(file, if whole { bytes } else { answer.offset });
                self.touch();
                return Ok(());
            }
            FileOutcome::Kept => FileEnd::Kept(file.clone()),
            FileOutcome::Refused => FileEnd::Refused(file.clone()),
        };
        self.spool.apply(&Change { file_end: Some(end.clone()), ..Change::default() })?;
        self.files.at_centre.remove(&file);
        let on_screen = self.orders.iter().any(|held| held.order().assignment_id == assignment);
        match self.files.rows.get_mut(&file) {
            Some(row) if on_screen && matches!(end, FileEnd::Kept(_)) => row.kept = true,
            _ => drop(self.files.rows.remove(&file)),
        }
        if matches!(end, FileEnd::Refused(_)) {
            let zh = format!("文件未被中心接受: {}", answer.text);
            self.notice(&zh, &format!("A file was not accepted by the centre: {}", answer.text));
        }
        self.touch();
        Ok(())
    }
}
