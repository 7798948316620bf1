//! Why another unit than the first proposed is sent: a short list of codes that each centre makes its own, so that it can be
//! counted why its people know better than its proposals.

use serde::{Deserialize, Serialize};

use crate::ids::OverrideCode;

/// One reason of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverrideReason {
    /// What is recorded and counted.
    pub code: OverrideCode,
    /// What a dispatcher reads, Chinese.
    pub zh: String,
    /// What a dispatcher reads, English.
    pub en: String,
    /// Whether the code says nothing without words beside it.
    #[serde(default)]
    pub words: bool,
}

/// The list, in the order in which it is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OverrideReasons(pub Vec<OverrideReason>);

impl OverrideReasons {
    /// The most reasons in a list: one digit picks one.
    pub const COUNT_MAX: usize = 9;
    /// The longest label, in characters.
    pub const LABEL_CHARS_MAX: usize = 40;

    /// The reason of a code.
    pub fn get(&self, code: OverrideCode) -> Option<&OverrideReason> {
        self.0.iter().find(|reason| reason.code == code)
    }

    /// What is wrong with the list, if anything.
    pub fn problem(&self) -> Option<String> {
        let labelled =
            |label: &str| !label.trim().is_empty() && label.chars().count() <= Self::LABEL_CHARS_MAX;
        if self.0.len() > Self::COUNT_MAX {
            return Some(format!("a digit picks a reason, so there are {} at most", Self::COUNT_MAX));
        }
        for (place, reason) in self.0.iter().enumerate() {
            if self.0[..place].iter().any(|other| other.code == reason.code) {
                return Some(format!("the code {} is listed twice", reason.code));
            }
            if !labelled(&reason.zh) || !labelled(&reason.en) {
                return Some(format!(
                    "{} needs a label in zh and one in en, of {} characters at most",
                    reason.code,
                    Self::LABEL_CHARS_MAX
                ));
            }
        }
        None
    }
}

impl Default for OverrideReasons {
    fn default() -> Self {
        let reason = |&(code, zh, en): &(&str, &str, &str)| OverrideReason {
            code: code.parse().expect("invariant: the codes below are short and plain"),
            zh: zh.to_owned(),
            en: en.to_owned(),
            words: code == "other",
        };
        Self(USUAL.iter().map(reason).collect())
    }
}

/// What dispatchers say most, before a centre writes its own list.
const USUAL: [(&str, &str, &str); 9] = [
    ("closer", "实际更近", "closer, as we know the place"),
    ("road", "路况原因", "the road there is worse"),
    ("equipment", "人员或设备更合适", "crew or equipment suits better"),
    ("unit_fault", "首选车组报告故障", "first unit reports a fault"),
    ("unreachable", "首选联系不上", "first unit cannot be reached"),
    ("wish", "患者或呼救者要求", "patient or caller asks for it"),
    ("second_opinion", "采纳第二意见", "second opinion followed"),
    ("training", "带教安排", "training"),
    ("other", "其他（请说明）", "other (say what)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_list_is_sound_and_each_mistake_is_named() {
        let usual = OverrideReasons::default();
        assert_eq!(usual.problem(), None);
        assert!(usual.get("other".parse().unwrap()).is_some_and(|other| other.words));
        let with = |change: fn(&mut Vec<OverrideReason>)| {
            let mut list = usual.clone();
            change(&mut list.0);
            list.problem().unwrap_or_default()
        };
        assert!(with(|list| list[1].code = list[0].code).contains("closer is listed twice"));
        assert!(with(|list| list[2].en = " ".to_owned()).contains("equipment needs a label"));
        let long = with(|list| {
            let more =
                (0..2).map(|n| OverrideReason { code: format!("c{n}").parse().unwrap(), ..list[0].clone() });
            list.extend(more.collect::<Vec<_>>());
        });
        assert!(long.contains("9 at most"), "{long}");
    }
}
