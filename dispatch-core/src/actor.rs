//! Who did it: every command and every event names a person and a seat, a crew, a caller, or the rule that acted.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::ids::{HospitalId, UnitId};

/// Who asked for something or made it happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A person at a seat of the centre (王芳, 03).
    Person {
        /// The person's own name, as signed in.
        name: String,
        /// The seat the person works at.
        seat: String,
    },
    /// The crew of a unit, by its terminal.
    Crew {
        /// The unit whose terminal spoke.
        unit: UnitId,
    },
    /// A nurse or doctor of a hospital, at its arrival board.
    Hospital {
        /// The hospital.
        hospital: HospitalId,
        /// The person's own name, as entered.
        name: String,
    },
    /// The caller, through a text call.
    Caller,
    /// A rule of the centre, without a person: a deadline, automatic dispatch, start-up.
    Rule {
        /// Which rule.
        name: Cow<'static, str>,
    },
}

impl Actor {
    /// A rule acting by its name.
    pub const fn rule(name: &'static str) -> Self {
        Self::Rule { name: Cow::Borrowed(name) }
    }

    /// Whether the names in it are filled in and short enough to show.
    pub fn is_named(&self) -> bool {
        let short = |text: &str| text.len() <= NAME_CHARS_MAX || text.chars().count() <= NAME_CHARS_MAX;
        let good = |text: &str| !text.trim_start().is_empty() && short(text);
        match self {
            Self::Person { name, seat } => good(name) && good(seat),
            Self::Hospital { name, .. } => good(name),
            Self::Rule { name } => good(name),
            Self::Crew { .. } | Self::Caller => true,
        }
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person { name, seat } => write!(f, "{name} ({seat})"),
            Self::Crew { unit } => write!(f, "{unit}"),
            Self::Hospital { hospital, name } => write!(f, "{name} ({hospital})"),
            Self::Caller => f.write_str("caller"),
            Self::Rule { name } => write!(f, "rule {name}"),
        }
    }
}

const NAME_CHARS_MAX: usize = 40;
