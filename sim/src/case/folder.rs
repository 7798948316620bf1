//! The folder of a case: finds its files by their names, wherever the configuration says they once were, and opens what is packed.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::{CaseError, Tables};

/// The folder of a case.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder, which must be there.
    pub fn open(path: &Path) -> Result<Self, CaseError> {
        if path.join("config").is_dir() {
            return Ok(Self(path.to_owned()));
        }
        Err(CaseError::new(path.display().to_string(), "is no case: a case has a folder `config` in it"))
    }

    /// The bytes of a file named in a configuration. Only the last part of the name counts: `$jemssDir/data/x.csv` is `x.csv`
    /// in the case.
    pub fn bytes(&self, named: &str) -> Result<Vec<u8>, CaseError> {
        let name = named.rsplit(['/', '\\']).next().unwrap_or(named);
        let found = PLACES.iter().map(|place| self.0.join(place).join(name)).find(|path| path.is_file());
        if let Some(path) = found {
            let shown = path.display().to_string();
            return std::fs::read(&path).map_err(|error| CaseError::new(shown, error.to_string()));
        }
        self.packed(name)?.ok_or_else(|| {
            let looked = "not in its config, network or data folder, nor in network/roads.zip";
            CaseError::new(self.0.join(name).display().to_string(), looked)
        })
    }

    /// A file of tables named in a configuration.
    pub fn tables(&self, named: &str) -> Result<Tables, CaseError> {
        Tables::read(named.rsplit(['/', '\\']).next().unwrap_or(named), &self.bytes(named)?)
    }

    /// The text of a file named in a configuration.
    pub fn text(&self, named: &str) -> Result<String, CaseError> {
        String::from_utf8(self.bytes(named)?).map_err(|_| CaseError::new(named, "is not UTF-8 text"))
    }

    fn packed(&self, name: &str) -> Result<Option<Vec<u8>>, CaseError> {
        let path = self.0.join("network").join("roads.zip");
        let Ok(file) = std::fs::File::open(&path) else { return Ok(None) };
        let shown = path.display().to_string();
        let bad = |error: &dyn std::fmt::Display| CaseError::new(shown.clone(), error.to_string());
        let mut archive = zip::ZipArchive::new(std::io::BufReader::new(file)).map_err(|e| bad(&e))?;
        let inside = |entry: &str| entry == name || entry.ends_with(&format!("/{name}"));
        let entry = {
            let mut names = archive.file_names().filter_map(Result::ok);
            names.find(|entry| inside(entry)).map(std::borrow::Cow::into_owned)
        };
        let Some(entry) = entry else { return Ok(None) };
        let entry = archive.by_name(&entry).map_err(|e| bad(&e))?;
        unpack(entry).map(Some).map_err(|e| bad(&e))
    }
}

/// Everything that comes out of a packed file, up to [`UNPACKED_BYTES_MAX`].
pub(super) fn unpack(packed: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    packed.take(UNPACKED_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > UNPACKED_BYTES_MAX {
        return Err(std::io::Error::other("is larger than 4 GiB unpacked"));
    }
    Ok(bytes)
}

/// Where the files of a case lie.
const PLACES: [&str; 4] = ["config", "network", ".", "data"];
/// A packed file may not fill the machine.
const UNPACKED_BYTES_MAX: u64 = 4 << 30;
