//! How bad it is: the level of a named scheme, never a bare number.

use serde::{Deserialize, Serialize};

/// Level I to IV of the 2018 emergency triage consensus, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// 濒危, red: at once.
    I,
    /// 危重, orange.
    II,
    /// 急症, yellow.
    III,
    /// 非急症, green.
    IV,
}

/// The triage of an incident with the scheme it was made by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triage {
    /// The scheme's name and version.
    #[serde(default = "Triage::consensus_2018")]
    pub scheme: String,
    /// The level.
    pub level: Level,
    /// The determinant of a licensed protocol, if the centre uses one (`9-E-1`). Free text here.
    #[serde(default)]
    pub determinant: Option<String>,
}

impl Triage {
    /// A level by the 2018 consensus without a determinant.
    pub fn level(level: Level) -> Self {
        Self { scheme: Self::consensus_2018(), level, determinant: None }
    }

    fn consensus_2018() -> String {
        "cn-consensus-2018".to_owned()
    }
}
