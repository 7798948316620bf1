//! Where sheets lie: the newest under one name, and those of the last hour.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use dispatch_core::UtcTime;

use super::PaperError;

/// A folder of sheets.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the folder if need be.
    pub fn open(path: PathBuf) -> Result<Self, PaperError> {
        fs::create_dir_all(&path).map_err(|source| PaperError::Disk { path: path.clone(), source })?;
        Ok(Self(path))
    }

    /// Keeps a sheet under its time, then makes it the newest, and throws away those older than an hour. A power cut leaves the
    /// sheet before it or this one, never half of one.
    pub(super) fn put(&self, at: UtcTime, sheet: &str) -> Result<PathBuf, PaperError> {
        // By the minute: 2026-11-22T16:05 → 20261122-1605.
        let minute: String = at.to_string().chars().take(16).filter(char::is_ascii_digit).collect();
        let (day, time) = minute.split_at(minute.len().min(8));
        let kept = self.0.join(format!("{PREFIX}{day}-{time}Z.html"));
        let newest = self.0.join(NEWEST);
        for path in [&kept, &newest] {
            self.replace(path, sheet).map_err(|source| PaperError::Disk { path: path.clone(), source })?;
        }
        let old = self.forget_old();
        old.map_err(|source| PaperError::Disk { path: self.0.clone(), source })?;
        Ok(newest)
    }

    fn replace(&self, path: &Path, sheet: &str) -> std::io::Result<()> {
        let draft = self.0.join(DRAFT);
        let mut file = File::create(&draft)?;
        file.write_all(sheet.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        File::open(&self.0)?.sync_all()
    }

    fn forget_old(&self) -> std::io::Result<()> {
        let names = fs::read_dir(&self.0)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut sheets: Vec<String> = names.filter(|name| name.starts_with(PREFIX)).collect();
        sheets.sort();
        let surplus = sheets.len().saturating_sub(SHEETS_MAX);
        sheets.iter().take(surplus).try_for_each(|name| fs::remove_file(self.0.join(name)))
    }
}

/// The newest sheet.
const NEWEST: &str = "paper.html";
const DRAFT: &str = ".paper.draft";
const PREFIX: &str = "paper-";
/// Sheets that are kept beside the newest one.
const SHEETS_MAX: usize = 60;
