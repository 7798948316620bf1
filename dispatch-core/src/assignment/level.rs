//! Dispatch levels: whether a unit that lacks something may go all the same. Written by each centre, and enforced.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::incident::{Level, Skill, Triage, suits};

/// What the rules say of sending a unit, from the mildest to the sternest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DispatchLevel {
    /// It may go.
    #[default]
    Allow,
    /// It may go; whoever sends it is told what it lacks.
    Warn,
    /// It goes only on somebody's word: a reason.
    Block,
    /// It does not go.
    Refuse,
}

/// What the rules say of one lack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelRow {
    /// What the unit lacks.
    pub lacks: Skill,
    /// How a determinant begins for which this holds (`9-E`); none: any, and none at all.
    #[serde(default)]
    pub determinant: Option<String>,
    /// For which levels of triage; none listed: every.
    #[serde(default)]
    pub levels: BTreeSet<Level>,
    /// What then.
    pub then: DispatchLevel,
}

/// The table. The first row that suits a lack holds; a lack that no row names is a warning.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DispatchLevels(pub Vec<LevelRow>);

impl DispatchLevel {
    /// Whether a unit goes without a word from anybody.
    pub fn is_free(self) -> bool {
        self <= Self::Warn
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(crate) fn is_allow(&self) -> bool {
        *self == Self::Allow
    }
}

impl DispatchLevels {
    /// The most rows.
    pub const COUNT_MAX: usize = 500;

    /// What holds for a unit with these lacks: the sternest of what holds for each.
    pub fn of<'a>(&self, triage: &Triage, lacks: impl IntoIterator<Item = &'a Skill>) -> DispatchLevel {
        let level = |lack: &Skill| {
            let row = |row: &&LevelRow| {
                row.lacks == *lack && suits(triage, row.determinant.as_deref(), &row.levels)
            };
            self.0.iter().find(row).map_or(DispatchLevel::Warn, |row| row.then)
        };
        lacks.into_iter().map(level).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_of_each_lack_and_the_sternest_of_all() {
        use DispatchLevel::{Allow, Block, Refuse, Warn};
        let row = |lacks, determinant: Option<&str>, levels: &[Level], then| LevelRow {
            lacks,
            determinant: determinant.map(str::to_owned),
            levels: levels.iter().copied().collect(),
            then,
        };
        let table = DispatchLevels(vec![
            row(Skill::NegativePressure, Some("36"), &[], Refuse),
            row(Skill::Als, None, &[Level::I], Block),
            row(Skill::Als, None, &[], Allow),
        ]);
        let level = |level, determinant: Option<&str>, lacks: &[Skill]| {
            table.of(&Triage { determinant: determinant.map(str::to_owned), ..Triage::level(level) }, lacks)
        };
        assert_eq!(level(Level::I, None, &[]), Allow);
        assert_eq!(level(Level::I, None, &[Skill::Als]), Block);
        assert_eq!(level(Level::II, None, &[Skill::Als]), Allow);
        assert_eq!(level(Level::II, None, &[Skill::Stroke]), Warn, "no row names it");
        assert_eq!(level(Level::I, None, &[Skill::Als, Skill::Stroke]), Block);
        assert_eq!(level(Level::IV, Some("36-A-1"), &[Skill::NegativePressure]), Refuse);
        assert_eq!(level(Level::IV, Some("3"), &[Skill::NegativePressure]), Warn);
    }
}
