//! What is costly to make of a case, kept between runs: its network with the times of every mode, and what its stations cover.
//!
//! It lies in the user's cache folder, under a name made of every byte of the case's folder and of the program that made it; so what
//! is found there is what would be made, and whoever deletes it loses a second.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{CaseError, Folder};

/// Where what was made of one case is kept.
#[derive(Debug, Clone)]
pub struct Keep {
    folder: PathBuf,
    name: String,
}

impl Keep {
    /// The place of a case in the user's cache folder; `None` where there is no such folder, and where the case's own folder holds so
    /// much that looking at all of it would take longer than to make anew what is made of some.
    pub fn of(folder: &Folder) -> Result<Option<Self>, CaseError> {
        let cache = cache_folder().filter(|_| folder.size_bytes() <= SOURCE_BYTES_MAX);
        cache.map(|cache| Self::within(cache.join("jichi").join("cases"), folder)).transpose()
    }

    /// The place of a case in a folder.
    pub fn within(cache: PathBuf, folder: &Folder) -> Result<Self, CaseError> {
        let mut hash = Sha256::new();
        hash.update(build().as_bytes());
        folder.each_file(|path, bytes| {
            hash.update(path.as_bytes());
            hash.update([0]);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        })?;
        let bytes: Vec<u8> = hash.finalize().iter().copied().take(NAME_BYTES).collect();
        let name = bytes.iter().fold(String::new(), |name, byte| name + &format!("{byte:02x}"));
        Ok(Self { folder: cache, name })
    }

    /// What was kept, or else what is made now, which is kept. That it cannot be kept harms nobody.
    pub fn or_make<T: Serialize + DeserializeOwned, E>(
        &self,
        what: &str,
        anew: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let path = self.folder.join(format!("{}.{what}", self.name));
        if let Some(kept) = read(&path) {
            return Ok(kept);
        }
        let made = anew()?;
        // A full disk or a folder of somebody else's: it is made again the next time.
        let _ = self.write(&path, &made);
        Ok(made)
    }

    fn write<T: Serialize>(&self, path: &Path, made: &T) -> std::io::Result<()> {
        let bytes = postcard::to_stdvec(made).map_err(std::io::Error::other)?;
        fs::create_dir_all(&self.folder)?;
        self.make_room()?;
        // Under a name of its own first: whoever reads meanwhile finds the whole or nothing.
        let draft = path.with_extension(format!("draft-{}", std::process::id()));
        let mut file = fs::File::create(&draft)?;
        file.write_all(&crc32fast::hash(&bytes).to_le_bytes())?;
        file.write_all(&bytes)?;
        drop(file);
        fs::rename(&draft, path)
    }

    /// Deletes the oldest files, so that there are never more than so many.
    fn make_room(&self) -> std::io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            files.push((entry.metadata()?.modified()?, entry.path()));
        }
        files.sort();
        let surplus = (files.len() + 1).saturating_sub(FILES_MAX);
        files.iter().take(surplus).try_for_each(|(_, path)| fs::remove_file(path))
    }
}

/// What a file holds; `None` where it is not there or not whole.
fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let bytes = fs::read(path).ok()?;
    let (sum, bytes) = bytes.split_first_chunk()?;
    if crc32fast::hash(bytes) != u32::from_le_bytes(*sum) {
        return None;
    }
    postcard::from_bytes(bytes).ok()
}

/// Which build of the program this is: another one may make other things of the same files.
fn build() -> String {
    let file = std::env::current_exe().and_then(fs::metadata).ok();
    let made_at = file.as_ref().and_then(|file| file.modified().ok()?.duration_since(UNIX_EPOCH).ok());
    format!("{} {:?} {:?}", env!("CARGO_PKG_VERSION"), file.map(|file| file.len()), made_at)
}

fn cache_folder() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")))
}

/// So much of a hash tells any two cases apart.
const NAME_BYTES: usize = 16;
const SOURCE_BYTES_MAX: u64 = 256 << 20;
/// Two files a case: some hundred megabytes at most.
const FILES_MAX: usize = 12;
