//! Which terminals there are: the centre's own list, in a file of its own because it holds secrets. Whoever is not on it is refused. It is read again with
//! the configuration, and a terminal that was taken off, or whose code was changed, loses its connection at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use dispatch_core::ids::UnitId;
use serde::Deserialize;
use thiserror::Error;

use super::codec::Phone;

/// The terminals of a centre.
#[derive(Debug, Clone, Default)]
pub struct Terminals {
    by_phone: BTreeMap<Phone, Arc<Terminal>>,
}

/// One terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// In which vehicle it sits.
    pub(crate) unit: UnitId,
    /// The number of its card, which it says in each message.
    pub(crate) phone: Phone,
    /// Its maker's number. Whoever registers with it is given the code; without it the code has to be put into the terminal by hand.
    pub(crate) makers_id: Option<String>,
    /// What it shows when it connects.
    pub(crate) code: Code,
    /// Whether the crew can read or hear what is sent to it.
    pub(crate) text: bool,
}

/// A secret between the centre and a terminal.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Code(String);

/// What is wrong with the list, in one line.
#[derive(Debug, Error)]
pub enum TerminalsError {
    /// It cannot be read.
    #[error("cannot read the terminals {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Anybody on the machine can read the secrets in it.
    #[error("{path} holds secrets and everybody may read it: chmod 600 {path}")]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// Not TOML, or a key that is not known. The text itself is not shown: it holds secrets.
    #[error("{path}, line {line}: {problem}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A row that makes no sense.
    #[error("{path}: terminals of {unit}: {problem}")]
    Row {
        /// The file.
        path: PathBuf,
        /// Whose row.
        unit: String,
        /// What is wrong.
        problem: String,
    },
}

impl Terminals {
    /// Reads the list; each terminal must sit in one of `units`.
    pub fn load(path: &Path, units: &BTreeSet<UnitId>) -> Result<Self, TerminalsError> {
        let read = |source| TerminalsError::Read { path: path.to_owned(), source };
        let mode = std::fs::metadata(path).map_err(read)?.permissions().mode();
        if mode & 0o004 != 0 {
            return Err(TerminalsError::Open { path: path.to_owned() });
        }
        Self::parse(path, &std::fs::read_to_string(path).map_err(read)?, units)
    }

    /// Reads the text of a list; `path` is what errors name.
    pub(crate) fn parse(path: &Path, text: &str, units: &BTreeSet<UnitId>) -> Result<Self, TerminalsError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.get(..at).map_or(1, |before| 1 + before.matches('\n').count());
            TerminalsError::Syntax { path: path.to_owned(), line, problem: one_line(error.message()) }
        })?;
        let mut all = Self::default();
        let mut seen = BTreeSet::new();
        for row in file.terminals {
            let unit = row.unit;
            let refuse = |problem: String| {
                Err(TerminalsError::Row { path: path.to_owned(), unit: unit.to_string(), problem })
            };
            if !units.contains(&unit) {
                return refuse("it is not among the units of the configuration".to_owned());
            }
            if !seen.insert(unit) {
                return refuse("a unit has one terminal, and this is its second".to_owned());
            }
            let Some(phone) = Phone::parse(row.phone.trim()) else {
                return refuse("phone must be 1 to 20 digits, as the terminal sends it".to_owned());
            };
            let graphic = row.code.bytes().all(|byte| byte.is_ascii_graphic());
            if !graphic || !(CODE_BYTES_MIN..=CODE_BYTES_MAX).contains(&row.code.len()) {
                return refuse(format!(
                    "code must be {CODE_BYTES_MIN} to {CODE_BYTES_MAX} letters, digits or signs without spaces"
                ));
            }
            let makers_id = row.terminal_id.map(|id| id.trim().to_owned());
            if makers_id.as_ref().is_some_and(String::is_empty) {
                return refuse("terminal_id is empty: leave it out".to_owned());
            }
            let terminal = Terminal { unit, phone, makers_id, code: Code(row.code), text: row.text };
            if all.by_phone.insert(phone, Arc::new(terminal)).is_some() {
                return refuse(format!("another terminal has the number {phone}"));
            }
        }
        Ok(all)
    }

    /// The terminal with this number.
    pub(crate) fn get(&self, phone: Phone) -> Option<&Arc<Terminal>> {
        self.by_phone.get(&phone)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_phone.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_phone.is_empty()
    }
}

impl Code {
    /// Whether this is it; says so in the same time whatever was shown.
    pub(crate) fn is(&self, shown: &[u8]) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), shown).is_ok()
    }

    /// For the terminal that may have it.
    pub(crate) fn reveal(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

fn one_line(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join(" ")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    terminals: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    unit: UnitId,
    phone: String,
    terminal_id: Option<String>,
    code: String,
    #[serde(default)]
    text: bool,
}

/// Shorter codes can be guessed.
const CODE_BYTES_MIN: usize = 8;
/// Longer ones do not fit into every terminal.
const CODE_BYTES_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TempFolder;

    fn parse(text: &str) -> Result<Terminals, TerminalsError> {
        let units = ["A01", "A02"].map(|unit| unit.parse().unwrap()).into();
        Terminals::parse(Path::new("/etc/jichi/terminals.toml"), text, &units)
    }

    const GOOD: &str = "[[terminals]]\nunit = 'A01'\nphone = '013800138000'\ncode = 'correct-horse'\n";

    #[test]
    fn a_terminal_is_known_by_its_number_and_its_code_is_never_shown() {
        let all = parse(&format!("{GOOD}terminal_id = ' 1234567 '\ntext = true")).unwrap();
        let terminal = all.get(Phone::parse("13800138000").unwrap()).unwrap();
        assert_eq!((terminal.unit.as_str(), terminal.makers_id.as_deref()), ("A01", Some("1234567")));
        assert!(terminal.text && terminal.code.is(b"correct-horse"));
        assert!(
            !terminal.code.is(b"correct-hors")
                && !terminal.code.is(b"")
                && !terminal.code.is(b"Correct-horse")
        );
        assert!(!format!("{all:?}").contains("horse"));
        assert!(all.get(Phone::parse("13800138001").unwrap()).is_none());
    }

    #[test]
    fn each_mistake_gets_one_line_without_the_secret() {
        let second = |row: &str| format!("{GOOD}[[terminals]]\n{row}");
        for (text, says) in [
            (
                "[[terminals]]\nunit = 'A07'\nphone = '1'\ncode = 'correct-horse'".to_owned(),
                "not among the units",
            ),
            (second("unit = 'A01'\nphone = '2'\ncode = 'correct-horse'"), "its second"),
            (second("unit = 'A02'\nphone = '13800138000'\ncode = 'correct-horse'"), "another terminal"),
            (second("unit = 'A02'\nphone = '+86138'\ncode = 'correct-horse'"), "digits"),
            (second("unit = 'A02'\nphone = '2'\ncode = 'horse'"), "8 to 32"),
            (second("unit = 'A02'\nphone = '2'\ncode = 'correct horse'"), "8 to 32"),
            (second("unit = 'A02'\nphone = '2'\ncode = 'correct-horse'\nterminal_id = ' '"), "terminal_id"),
            (second("unit = 'A02'\nphone = '2'\ncode = 'correct-horse'\nsecret = 1"), "line 9"),
            (second("unit = 'A02'\nphone = '2'"), "code"),
        ] {
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.contains(says), "{text:?} gave {error:?}");
            assert!(!error.contains('\n') && !error.contains("horse"), "{error:?}");
        }
    }

    #[test]
    fn secrets_that_everybody_may_read_are_refused() {
        let folder = TempFolder::new("terminals");
        let path = folder.path().join("terminals.toml");
        std::fs::write(&path, GOOD).unwrap();
        let units = BTreeSet::from(["A01".parse().unwrap()]);
        let set = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        set(0o644);
        let error = Terminals::load(&path, &units).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
        set(0o640);
        assert_eq!(Terminals::load(&path, &units).unwrap().len(), 1);
    }
}
