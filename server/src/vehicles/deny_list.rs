//! Whose certificates are believed no longer, though our authority signed them: terminals that were stolen or lost. The list is a file that is read
//! again with the configuration; what it takes effect on are new connections and those that are open.

use std::path::{Path, PathBuf};

use dispatch_core::ids::UnitId;
use jiff::Timestamp;
use serde::Deserialize;
use thiserror::Error;

use super::identity::Identity;

/// Certificates that are believed no longer.
#[derive(Debug, Clone, Default)]
pub struct DenyList {
    denied: Vec<Row>,
}

/// What is wrong with the list, in one line.
#[derive(Debug, Error)]
pub enum DenyListError {
    /// It cannot be read.
    #[error("cannot read the denied certificates {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Not TOML, or a key or value that is not known.
    #[error("{path}: {problem}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl DenyList {
    /// Reads a list.
    pub fn load(path: &Path) -> Result<Self, DenyListError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| DenyListError::Read { path: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    /// Reads the text of a list; `path` is what errors name.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, DenyListError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.get(..at).map_or(1, |before| 1 + before.matches('\n').count());
            let problem = error.message().lines().collect::<Vec<_>>().join(" ");
            DenyListError::Syntax { path: path.to_owned(), problem: format!("line {line}: {problem}") }
        })?;
        Ok(Self { denied: file.denied })
    }

    /// Why a certificate is believed no longer.
    pub(super) fn reason(&self, identity: &Identity) -> Option<&str> {
        let denied = self.denied.iter().find(|row| {
            row.unit.as_str() == identity.unit
                && row.issued_before.is_none_or(|before| identity.valid_from_unix_s < before.as_second())
        });
        denied.map(|row| row.reason.as_str())
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.denied.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.denied.is_empty()
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    denied: Vec<Row>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    unit: UnitId,
    /// Certificates that are valid from this moment on are believed again; without it none of the unit's is.
    issued_before: Option<Timestamp>,
    reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<DenyList, DenyListError> {
        DenyList::parse(Path::new("denied.toml"), text)
    }

    #[test]
    fn a_certificate_is_denied_by_its_unit_and_its_age() {
        let list = parse(
            "[[denied]]\nunit = 'A07'\nissued_before = '2026-11-22T10:00:00Z'\nreason = '平板被盗'\n\
             [[denied]]\nunit = 'A08'\nreason = '停用'",
        )
        .unwrap();
        let at: i64 = "2026-11-22T10:00:00Z".parse::<Timestamp>().unwrap().as_second();
        for (unit, valid_from_unix_s, denied) in [
            ("A07", at - 1, Some("平板被盗")),
            ("A07", at, None),
            ("A08", at + 1_000_000, Some("停用")),
            ("A09", 0, None),
        ] {
            let identity = Identity { unit: unit.to_owned(), valid_from_unix_s };
            assert_eq!(list.reason(&identity), denied, "{identity:?}");
        }
    }

    #[test]
    fn a_list_with_a_mistake_is_refused_with_its_line() {
        for (text, says) in [
            ("[[denied]]\nunit = 'A07'", "reason"),
            ("[[denied]]\nunit = 'A 7'\nreason = 'x'", "line 2"),
            ("[[denied]]\nunit = 'A07'\nreason = 'x'\nissued_before = 'yesterday'", "line 4"),
            ("[[denied]]\nunit = 'A07'\nreason = 'x'\nissued_after = '2026-11-22T10:00:00Z'", "issued_after"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains('\n'), "{text:?} gave {error:?}");
        }
        assert!(parse("").unwrap().is_empty());
    }
}
