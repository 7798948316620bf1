//! Files of a patient: the journal knows that there is one, what it is and by which key it opens. What is in it lies elsewhere, sealed
//! with that key, and is gone for good when the key is erased.

use serde::{Deserialize, Serialize};

use crate::ids::FileId;
use crate::private::Private;

/// Files of one patient.
pub const FILES_MAX: usize = 40;

/// A file of a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCard {
    /// Made on the vehicle.
    pub id: FileId,
    /// What it shows.
    pub kind: FileKind,
    /// What it is written in, unpacked: `application/xml`, `image/jpeg`.
    pub media_type: String,
    /// It is packed (gzip).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gzip: bool,
    /// Bytes, as it came.
    pub bytes: u32,
    /// SHA-256 of them, in hexadecimal digits.
    pub sha256: String,
    /// What made it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub device: String,
    /// What its contents are sealed with, in hexadecimal digits. Whoever erases it erases them.
    #[serde(with = "crate::private::journal")]
    pub key: Private,
}

/// What a file shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// An electrocardiogram.
    Ecg,
    /// A picture.
    Photo,
}
