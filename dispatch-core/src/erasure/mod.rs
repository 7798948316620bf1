//! Personal data that can be erased: names, telephone numbers, addresses and free words about callers and patients.
//!
//! The journal keeps them sealed under a key of their subject. Whoever throws the key away makes them unreadable for good, while
//! every stored byte, every hash and every figure stays what it was. What the seal is made of is the shell's affair; here is what it
//! covers ([`texts`]), whose it is ([`subject`]), and which subjects belong to an incident ([`Trace`]).
//!
//! Positions, times, levels, sex and age stay: proposals are made again from them, and figures rest on them.

mod texts;
mod trace;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{AccidentId, BadId, CallId, IncidentId};

pub(crate) use texts::{of_call, of_findings, of_note, of_sketch};
pub use texts::{subject, texts};
pub use trace::{Sought, Trace};

/// Whose personal data, and under whose key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A call: the caller's number, the address, what was written.
    Call(CallId),
    /// An incident: the patients' names, the address, the complaint and the notes.
    Incident(IncidentId),
    /// An accident: the casualties' names and injuries.
    Accident(AccidentId),
}

impl Subject {
    /// The incident, if it is one.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::Incident(id) => Some(*id),
            Self::Call(_) | Self::Accident(_) => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(id) => id.fmt(f),
            Self::Incident(id) => id.fmt(f),
            Self::Accident(id) => id.fmt(f),
        }
    }
}

impl FromStr for Subject {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let call = text.parse().map(Self::Call);
        call.or_else(|_| text.parse().map(Self::Incident)).or_else(|_| text.parse().map(Self::Accident))
    }
}

/// What stands where personal data was.
pub const ERASED: &str = "已删除 / erased";
/// What stands where personal data is that its key does not open: the key was damaged.
pub const UNREADABLE: &str = "无法读取 / unreadable";
/// The most subjects of one erasure: an accident with every scene and all that called about it.
pub const SUBJECTS_MAX: usize = 5000;

/// Puts one text in the place of every one that is there. What was empty stays empty: nothing was known.
pub(crate) fn blot(with: &str) -> impl FnMut(&mut String) + '_ {
    move |text| {
        if !text.is_empty() {
            with.clone_into(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_subject_is_written_as_its_id() {
        let id = Uuid::from_u128(7);
        let subjects = [
            Subject::Call(CallId::new(id)),
            Subject::Incident(IncidentId::new(id)),
            Subject::Accident(AccidentId::new(id)),
        ];
        for subject in subjects {
            assert_eq!(subject.to_string().parse::<Subject>().unwrap(), subject);
        }
        assert!("unit_7".parse::<Subject>().is_err());
    }
}
