//! Mutual aid: units of neighbouring centres that may be asked for, where they would be there much sooner.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::UnitId;
use crate::time::Span;

/// Whose units may be asked for, and when. Nobody's, unless a centre names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MutualAid {
    /// A neighbour's unit is offered only where it arrives this much before every unit of the centre that can do as much.
    pub gain_s: Span,
    /// The neighbours with their units.
    pub from: Vec<Neighbour>,
}

/// A centre or organisation that helps out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// Its name (江北急救中心).
    pub name: String,
    /// Those of its units that this centre sees.
    pub units: BTreeSet<UnitId>,
}

impl Default for MutualAid {
    fn default() -> Self {
        // Assumption: asking a neighbour takes a telephone call, and leaves the neighbour with less.
        Self { gain_s: Span::seconds(300), from: Vec::new() }
    }
}

impl MutualAid {
    /// The most neighbours.
    pub const NEIGHBOURS_MAX: usize = 100;

    /// Whose unit it is; `None` for a unit of the centre itself.
    #[inline]
    pub fn neighbour(&self, unit: UnitId) -> Option<&Neighbour> {
        self.from.iter().find(|neighbour| neighbour.units.contains(&unit))
    }

    /// What is wrong with the rule, if anything.
    pub fn problem(&self) -> Option<String> {
        if self.from.len() > Self::NEIGHBOURS_MAX {
            return Some(format!("there are {} neighbours at most", Self::NEIGHBOURS_MAX));
        }
        if self.gain_s < Span::ZERO {
            return Some("gain_s must be 0 or more".to_owned());
        }
        let nobody = self.from.iter().find(|it| it.name.trim().is_empty() || it.units.is_empty());
        if let Some(nobody) = nobody {
            return Some(format!("the neighbour {:?} needs a name and units", nobody.name));
        }
        let mut seen = BTreeSet::new();
        let twice = self.from.iter().flat_map(|it| &it.units).find(|unit| !seen.insert(**unit));
        twice.map(|unit| format!("{unit} is named by two neighbours"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aid(from: &[(&str, &[&str])]) -> MutualAid {
        let neighbour = |(name, units): &(&str, &[&str])| Neighbour {
            name: (*name).to_owned(),
            units: units.iter().map(|unit| unit.parse().unwrap()).collect(),
        };
        MutualAid { from: from.iter().map(neighbour).collect(), ..MutualAid::default() }
    }

    #[test]
    fn a_unit_belongs_to_one_neighbour_or_to_the_centre() {
        let two = aid(&[("江北", &["B01", "B02"]), ("矿区", &["K01"])]);
        let whose = |unit: &str| two.neighbour(unit.parse().unwrap()).map(|it| it.name.as_str());
        assert_eq!((whose("B02"), whose("K01"), whose("A01")), (Some("江北"), Some("矿区"), None));
        assert_eq!(two.problem(), None);
        for wrong in
            [aid(&[("", &["B01"])]), aid(&[("江北", &[])]), aid(&[("江北", &["B01"]), ("矿区", &["B01"])])]
        {
            assert!(wrong.problem().is_some(), "{wrong:?}");
        }
        assert!(MutualAid { gain_s: Span::seconds(-1), ..MutualAid::default() }.problem().is_some());
    }
}
