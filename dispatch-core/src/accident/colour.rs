//! The four colours of mass triage (检伤分类), and a number for each of them.

use serde::{Deserialize, Serialize};

use crate::incident::Level;

/// How a casualty was tagged, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// 红: at once.
    Red,
    /// 黄: soon.
    Yellow,
    /// 绿: can wait, mostly walks.
    Green,
    /// 黑: dead, or beyond help.
    Black,
}

/// Every colour, the most urgent first.
pub const COLOURS: [Colour; 4] = [Colour::Red, Colour::Yellow, Colour::Green, Colour::Black];

/// A number for each colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ByColour {
    /// 红.
    pub red: u16,
    /// 黄.
    pub yellow: u16,
    /// 绿.
    pub green: u16,
    /// 黑.
    pub black: u16,
}

impl Colour {
    /// Its name, Chinese and English.
    pub fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Red => ("红", "red"),
            Self::Yellow => ("黄", "yellow"),
            Self::Green => ("绿", "green"),
            Self::Black => ("黑", "black"),
        }
    }

    /// The level by which a hospital is looked for.
    pub fn level(self) -> Level {
        match self {
            Self::Red => Level::I,
            Self::Yellow => Level::II,
            Self::Green | Self::Black => Level::IV,
        }
    }

    /// Whether somebody of this colour is taken to a hospital.
    pub fn is_conveyed(self) -> bool {
        self != Self::Black
    }
}

impl ByColour {
    /// The number of one colour.
    pub fn of(&self, colour: Colour) -> u16 {
        match colour {
            Colour::Red => self.red,
            Colour::Yellow => self.yellow,
            Colour::Green => self.green,
            Colour::Black => self.black,
        }
    }

    /// The number of one colour, to change it.
    pub fn of_mut(&mut self, colour: Colour) -> &mut u16 {
        match colour {
            Colour::Red => &mut self.red,
            Colour::Yellow => &mut self.yellow,
            Colour::Green => &mut self.green,
            Colour::Black => &mut self.black,
        }
    }

    /// One more of a colour.
    pub fn add(&mut self, colour: Colour) {
        let number = self.of_mut(colour);
        *number = number.saturating_add(1);
    }

    /// All colours together.
    pub fn total(&self) -> usize {
        COLOURS.iter().map(|colour| usize::from(self.of(*colour))).sum()
    }
}
