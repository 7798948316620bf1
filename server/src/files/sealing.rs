//! How the contents are sealed: AES-256-GCM with the file's own key, each piece bound to its file and its place.

use aws_lc_rs::digest::{SHA256, digest};
use dispatch_core::ids::FileId;
use dispatch_core::patient::FileCard;

use crate::journal::{KEY_BYTES, hex, open_with, random, seal_with};

/// A file's key.
#[derive(Clone, Copy)]
pub(super) struct FileKey([u8; KEY_BYTES]);

/// A new key, as a card holds it.
pub(crate) fn new_key() -> String {
    hex(&random::<KEY_BYTES>())
}

impl FileKey {
    /// The key of a card; `None` when it was erased.
    pub(super) fn of(card: &FileCard) -> Option<Self> {
        let digits = card.key.reveal().as_bytes();
        let mut bytes =
            digits.chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        let mut key = [0; KEY_BYTES];
        for place in &mut key {
            *place = bytes.next()??;
        }
        bytes.next().is_none().then_some(Self(key))
    }

    /// What names it and tells nothing of it.
    pub(super) fn print(self) -> Vec<u8> {
        digest(&SHA256, &self.0).as_ref().to_vec()
    }

    pub(super) fn seal(self, file: FileId, start: u32, content: &[u8]) -> Vec<u8> {
        seal_with(&self.0, &bound(file, start), content.to_vec())
    }

    /// `None`: it was sealed with another key, or as another piece.
    pub(super) fn open(self, file: FileId, start: u32, sealed: &[u8]) -> Option<Vec<u8>> {
        open_with(&self.0, &bound(file, start), sealed)
    }
}

fn bound(file: FileId, start: u32) -> Vec<u8> {
    format!("{file} {start}").into_bytes()
}
