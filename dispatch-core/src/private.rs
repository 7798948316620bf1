//! Names and telephone numbers: types that cannot be printed or serialized by accident.
//!
//! `Private` has no `Serialize` and its `Debug` shows nothing. The journal names it explicitly with
//! `#[serde(with = "crate::private::journal")]`; a screen gets it through [`Private::reveal`] where somebody may see
//! it, or masked (张*, 138****2290).

use std::fmt;

use crate::erasure::{ERASED, UNREADABLE};

/// A text that only some may see: a caller's telephone number, a patient's name.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Private(String);

impl Private {
    /// Wraps a text that must not leak.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Every caller of this is a place where somebody is shown it: keep them few.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The text itself, to be taken out or blotted out.
    pub(crate) fn text_mut(&mut self) -> &mut String {
        &mut self.0
    }

    /// Nothing of somebody is left that could be hidden.
    fn is_gone(&self) -> bool {
        self.0 == ERASED || self.0 == UNREADABLE
    }

    /// Whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A telephone number with its middle hidden: `138****2290`.
    pub fn masked_phone(&self) -> String {
        if self.is_gone() {
            return self.0.clone();
        }
        let digits: Vec<char> = self.0.chars().collect();
        if digits.len() < 8 {
            return "*".repeat(digits.len().min(4));
        }
        let head: String = digits[..3].iter().collect();
        let tail: String = digits[digits.len() - 4..].iter().collect();
        format!("{head}****{tail}")
    }

    /// A name with only the family name left: `张*`, `欧阳**`.
    pub fn masked_name(&self) -> String {
        if self.is_gone() {
            return self.0.clone();
        }
        let name: Vec<char> = self.0.chars().filter(|c| !c.is_whitespace()).collect();
        let family = match name.as_slice() {
            [] => return String::new(),
            [a, b, _, ..]
                if COMPOUND_FAMILY_NAMES.contains(&[*a, *b].iter().collect::<String>().as_str()) =>
            {
                2
            }
            _ => 1,
        };
        let hidden = name.len().saturating_sub(family).clamp(1, 2);
        name[..family].iter().collect::<String>() + &"*".repeat(hidden)
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(…)")
    }
}

const COMPOUND_FAMILY_NAMES: [&str; 12] =
    ["欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯"];

/// The one door through which private text is written and read: the journal's own format.
pub mod journal {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Private;

    /// Writes the full text. For the journal only.
    pub fn serialize<S: Serializer>(private: &Private, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(private.reveal())
    }

    /// Reads the full text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Private, D::Error> {
        String::deserialize(deserializer).map(Private)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_masked() {
        for (name, masked) in
            [("张伟", "张*"), ("欧阳修文", "欧阳**"), ("李小明", "李**"), ("王", "王*"), ("", "")]
        {
            assert_eq!(Private::new(name).masked_name(), masked);
        }
        assert_eq!(Private::new("13812342290").masked_phone(), "138****2290");
        assert_eq!(Private::new("110").masked_phone(), "***");
        assert_eq!(
            (Private::new(ERASED).masked_phone(), Private::new(ERASED).masked_name()),
            (ERASED.into(), ERASED.into())
        );
        assert_eq!(format!("{:?}", Private::new("张伟")), "Private(…)");
    }
}
