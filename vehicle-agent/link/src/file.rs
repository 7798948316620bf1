//! What a file of a patient may be: its card goes with what is told of the patient, its contents on the stream of class BULK.

use crate::patient::{PATIENT_NAME_CHARS_MAX, PatientProblem, short};
use crate::v1::{FileCard, FileKind};

/// Bytes of a file as it is sent: an ECG has a tenth of a megabyte, a photo from a terminal less than one.
pub const FILE_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Bytes of a packed file when it is unpacked.
pub const FILE_UNPACKED_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Bytes of one piece.
pub const FILE_PART_BYTES_MAX: usize = 16 * 1024;
/// Files of one patient.
pub const FILES_MAX: usize = 40;
/// What stands before a file's UUID.
pub const FILE_ID_PREFIX: &str = "file_";

const SHA256_BYTES: usize = 32;
const UUID_CHARS: usize = 36;

/// The media types of a kind.
pub fn media_types(kind: FileKind) -> &'static [&'static str] {
    match kind {
        FileKind::Unspecified => &[],
        FileKind::Ecg => &["application/xml", "application/pdf", "application/dicom"],
        FileKind::Photo => &["image/jpeg", "image/png", "image/webp"],
    }
}

/// Whether a card may be sent, and taken.
pub fn check(card: &FileCard) -> Result<(), PatientProblem> {
    if card.kind() == FileKind::Unspecified {
        return Err(PatientProblem::Missing("kind"));
    }
    if !media_types(card.kind()).contains(&card.media_type.as_str()) {
        return Err(PatientProblem::Value("media_type"));
    }
    let id = card.file_id.strip_prefix(FILE_ID_PREFIX).filter(|uuid| {
        uuid.len() == UUID_CHARS && uuid.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
    });
    if id.is_none() {
        return Err(PatientProblem::Value("file_id"));
    }
    if !(1..=FILE_BYTES_MAX).contains(&card.bytes) {
        return Err(PatientProblem::Value("bytes"));
    }
    if card.sha256.len() != SHA256_BYTES {
        return Err(PatientProblem::Value("sha256"));
    }
    short("device", &card.device, PATIENT_NAME_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Spoil = fn(&mut FileCard);

    #[test]
    fn a_card_says_what_the_file_is_and_nothing_else() {
        let good = FileCard {
            file_id: "file_0192f000-0000-7000-8000-000000000003".into(),
            kind: FileKind::Ecg.into(),
            media_type: "application/xml".into(),
            gzip: true,
            bytes: 80_000,
            sha256: vec![7; 32],
            device: "M1".into(),
        };
        assert_eq!(check(&good), Ok(()));
        let bad: [(&str, Spoil); 8] = [
            ("kind", |card| card.kind = 9),
            ("no type of an ECG", |card| card.media_type = "image/png".into()),
            ("a page with a program in it", |card| card.media_type = "text/html".into()),
            ("a path", |card| card.file_id = "file_../../0000-0000-7000-8000-000000000003".into()),
            ("no id", |card| card.file_id = "0192f000-0000-7000-8000-000000000003".into()),
            ("empty", |card| card.bytes = 0),
            ("too large", |card| card.bytes = FILE_BYTES_MAX + 1),
            ("no hash", |card| card.sha256.clear()),
        ];
        for (what, spoil) in bad {
            let mut card = good.clone();
            spoil(&mut card);
            assert!(check(&card).is_err(), "{what}");
        }
        let long = FileCard { device: "字".repeat(41), ..good };
        assert_eq!(check(&long), Err(PatientProblem::TooLong("device")));
    }
}
