//! The folder of a case: finds its files by their names, wherever the configuration says they once were, and opens what is packed.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;

use super::{CaseError, Tables};

/// The folder of a case, and the files in it.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
    /// Every file, as parts of its path within the folder; those that lie nearer to the root first.
    files: Vec<Vec<String>>,
}

impl Folder {
    /// The folder, which must hold the configuration of a case.
    pub fn open(path: &Path) -> Result<Self, CaseError> {
        let shown = path.display().to_string();
        if !path.is_dir() {
            let problem = if path.exists() { "is a file: name the case's folder" } else { "is not there" };
            return Err(CaseError::new(shown, problem));
        }
        let mut files = Vec::new();
        list(path, &mut Vec::new(), &mut files).map_err(|error| CaseError::new(&shown, error.to_string()))?;
        files.sort_by(|a: &Vec<String>, b| (place(a), a.len(), a).cmp(&(place(b), b.len(), b)));
        let folder = Self { root: path.to_owned(), files };
        folder.sim_config()?;
        Ok(folder)
    }

    /// The name of the file that says which files make up the case: `sim_config.xml`, or the only one whose name begins so.
    pub fn sim_config(&self) -> Result<&str, CaseError> {
        if self.find(SIM_CONFIG).is_some() {
            return Ok(SIM_CONFIG);
        }
        let shown = self.root.display().to_string();
        let alike = self.files.iter().filter(|parts| has_ending(parts, ".xml"));
        let names = alike.filter_map(|parts| parts.last());
        let alike: Vec<&String> = names.filter(|name| name.starts_with("sim_config")).collect();
        match alike.as_slice() {
            [name] => Ok(name),
            [] => Err(CaseError::new(shown, "is no case: it has no config/sim_config.xml")),
            [first, second, ..] => {
                let problem =
                    format!("has {first} and {second}: keep one of them, or call it sim_config.xml");
                Err(CaseError::new(shown, problem))
            }
        }
    }

    /// Shows every file, by its path within the folder, in one order on any machine.
    pub fn each_file(&self, mut show: impl FnMut(&str, &[u8])) -> Result<(), CaseError> {
        self.files.iter().try_for_each(|parts| {
            show(&parts.join("/"), &self.read(parts)?);
            Ok(())
        })
    }

    /// How much it holds, bytes.
    pub fn size_bytes(&self) -> u64 {
        let size = |parts: &Vec<String>| std::fs::metadata(self.path(parts)).map_or(0, |file| file.len());
        self.files.iter().map(size).sum()
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a file named in a configuration is there, packed or not.
    pub fn has(&self, named: &str) -> bool {
        let here = self.find(named).or_else(|| self.find(&format!("{named}.gz")));
        here.is_some() || self.bytes(named).is_ok()
    }

    /// Whether a file is there whose path ends just so.
    pub fn has_exactly(&self, named: &str) -> bool {
        let wanted: Vec<&str> = named.split('/').collect();
        self.files
            .iter()
            .any(|parts| parts.len() >= wanted.len() && parts[parts.len() - wanted.len()..] == wanted)
    }

    /// Whether there is a file whose name ends so.
    pub fn any_ends_with(&self, ending: &str) -> bool {
        self.files.iter().any(|parts| has_ending(parts, ending))
    }

    /// The bytes of a file named in a configuration. `$jemssDir/data/x.csv` is the `x.csv` of the case; of several with one name, that
    /// which shares most of the named path's end.
    pub fn bytes(&self, named: &str) -> Result<Vec<u8>, CaseError> {
        if let Some(parts) = self.find(named) {
            return self.read(parts);
        }
        if let Some(parts) = self.find(&format!("{named}.gz")) {
            let packed = self.read(parts)?;
            return unpack(GzDecoder::new(packed.as_slice()))
                .map_err(|error| CaseError::new(self.shown(parts), error.to_string()));
        }
        let name = base_name(named);
        for archive in self.files.iter().filter(|parts| has_ending(parts, ".zip")) {
            if let Some(bytes) = self.packed(archive, name)? {
                return Ok(bytes);
            }
        }
        let looked = "is in no folder of the case and in none of its zip files";
        Err(CaseError::new(self.root.join(name).display().to_string(), looked))
    }

    /// A file of tables named in a configuration.
    pub fn tables(&self, named: &str) -> Result<Tables, CaseError> {
        Tables::read(base_name(named), &self.bytes(named)?)
    }

    /// The text of a file named in a configuration.
    pub fn text(&self, named: &str) -> Result<String, CaseError> {
        let bytes = self.bytes(named)?;
        let plain = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
        String::from_utf8(plain.to_vec()).map_err(|_| CaseError::new(base_name(named), "is not UTF-8 text"))
    }

    fn find(&self, named: &str) -> Option<&Vec<String>> {
        let wanted: Vec<&str> =
            named.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | "..")).collect();
        let same_end = |parts: &&Vec<String>| {
            parts.iter().rev().zip(wanted.iter().rev()).take_while(|(a, b)| a == b).count()
        };
        let named_so = self.files.iter().filter(|parts| same_end(parts) > 0);
        // The first of equals: that nearest to where files usually lie.
        named_so.rev().max_by_key(same_end)
    }

    fn read(&self, parts: &[String]) -> Result<Vec<u8>, CaseError> {
        let path = self.path(parts);
        std::fs::read(&path).map_err(|error| CaseError::new(path.display().to_string(), error.to_string()))
    }

    fn packed(&self, archive: &[String], name: &str) -> Result<Option<Vec<u8>>, CaseError> {
        let shown = self.shown(archive);
        let bad = |error: &dyn std::fmt::Display| CaseError::new(shown.clone(), error.to_string());
        let path = self.path(archive);
        let file = std::fs::File::open(path).map_err(|error| bad(&error))?;
        let mut archive = zip::ZipArchive::new(std::io::BufReader::new(file))
            .map_err(|error| bad(&format!("cannot be unpacked: {error}")))?;
        let inside = |entry: &str| entry == name || entry.ends_with(&format!("/{name}"));
        let entry = {
            let mut names = archive.file_names().filter_map(Result::ok);
            names.find(|entry| inside(entry)).map(std::borrow::Cow::into_owned)
        };
        let Some(entry) = entry else { return Ok(None) };
        let entry = archive.by_name(&entry).map_err(|error| bad(&error))?;
        unpack(entry).map(Some).map_err(|error| bad(&format!("cannot be unpacked: {error}")))
    }

    fn path(&self, parts: &[String]) -> PathBuf {
        self.root.join(parts.iter().collect::<PathBuf>())
    }

    fn shown(&self, parts: &[String]) -> String {
        self.path(parts).display().to_string()
    }
}

/// The last part of a path, whichever way its slashes lean.
pub(super) fn base_name(named: &str) -> &str {
    named.rsplit(['/', '\\']).next().unwrap_or(named)
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

fn list(folder: &Path, above: &mut Vec<String>, files: &mut Vec<Vec<String>>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(Component::Normal(name)) = path.components().next_back() else { continue };
        let Some(name) = name.to_str() else { continue };
        above.push(name.to_owned());
        if path.is_file() {
            files.push(above.clone());
        } else if path.is_dir() && above.len() < DEPTH_MAX {
            list(&path, above, files)?;
        }
        above.pop();
        if files.len() > FILES_MAX {
            return Err(std::io::Error::other("holds more than 20,000 files: name the case's own folder"));
        }
    }
    Ok(())
}

/// Where files usually lie, the first the likeliest.
fn place(parts: &[String]) -> usize {
    let folder = if parts.len() == 2 { parts[0].as_str() } else { "" };
    PLACES.iter().position(|place| *place == folder && parts.len() <= 2).unwrap_or(PLACES.len())
}

fn has_ending(parts: &[String], ending: &str) -> bool {
    parts.last().is_some_and(|name| name.to_ascii_lowercase().ends_with(ending))
}

/// The file that says which files make up the case.
const SIM_CONFIG: &str = "sim_config.xml";
const PLACES: [&str; 4] = ["config", "network", "", "data"];
/// Folders inside one another.
const DEPTH_MAX: usize = 12;
const FILES_MAX: usize = 20_000;
const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
/// A packed file may not fill the machine.
const UNPACKED_BYTES_MAX: u64 = 4 << 30;
