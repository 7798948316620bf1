//! Ranks hospitals on exactly the four headings of the national plan, each said in words and counted in the same coin:
//! seconds of driving.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::assignment::{Basis, skill_list, span_texts};
use crate::ids::HospitalId;
use crate::incident::{Level, Skill};
use crate::time::Span;

/// What a choice of hospital is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct DestinationInputs {
    /// How urgent it is.
    pub level: Level,
    /// What is wanted; only what a hospital can offer counts here.
    pub skills: BTreeSet<Skill>,
    /// The hospital the patient or family asks for.
    pub wish: Option<HospitalId>,
    /// The hospitals that can be reached.
    pub hospitals: Vec<DestinationInput>,
}

/// One hospital.
#[derive(Debug, Clone, PartialEq)]
pub struct DestinationInput {
    /// The hospital.
    pub hospital: HospitalId,
    /// Its name.
    pub name: String,
    /// Which critical patients it is equipped for.
    pub skills: BTreeSet<Skill>,
    /// It asks not to be sent patients.
    pub diverted: bool,
    /// Expected time on the road.
    pub travel_s: Span,
    /// How the travel time was found.
    pub basis: Basis,
}

/// One ranked hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DestinationChoice {
    /// The hospital.
    pub hospital: HospitalId,
    /// Its name.
    pub name: String,
    /// Expected time on the road.
    pub travel_s: Span,
    /// How the travel time was found.
    pub basis: Basis,
    /// The sum of the four headings in seconds of driving; higher is better, and the nearest that fits in all is 0.
    pub score: i64,
    /// The four headings, in the order of the policy.
    pub reasons: Vec<HeadingReason>,
    /// It asks not to be sent patients.
    pub diverted: bool,
}

/// What one heading says about one hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeadingReason {
    /// The heading.
    pub heading: Heading,
    /// What it adds to the score, in seconds of driving.
    pub points: i64,
    /// In words, Chinese.
    pub zh: String,
    /// In words, English.
    pub en: String,
}

/// The four principles of the national plan (2016, item 7), in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Heading {
    /// 就近.
    Nearness,
    /// 就急.
    Urgency,
    /// 满足专业需要.
    Specialty,
    /// 兼顾患者意愿.
    Wish,
}

/// Ranks the hospitals, best first. A hospital that asks not to be sent patients stands behind all others, unless the patient is
/// critical and every other is at least [`DIVERTED_NEARER_S`] farther: an emergency patient is not refused.
pub fn rank_destinations(inputs: &DestinationInputs) -> Vec<DestinationChoice> {
    let nearest = inputs.hospitals.iter().map(|it| it.travel_s).min().unwrap_or_default();
    let nearest_open = inputs.hospitals.iter().filter(|it| !it.diverted).map(|it| it.travel_s).min();
    let mut ranked: Vec<(bool, DestinationChoice)> = inputs
        .hospitals
        .iter()
        .map(|it| {
            let far_nearest =
                nearest_open.is_some_and(|open| whole_seconds(open - it.travel_s) >= DIVERTED_NEARER_S);
            let excused = it.diverted && is_critical(inputs.level) && far_nearest;
            (it.diverted && !excused, weigh(it, inputs, nearest, excused))
        })
        .collect();
    ranked.sort_by_key(|(last, choice)| (*last, -choice.score, choice.travel_s, choice.hospital));
    ranked.into_iter().map(|(_, choice)| choice).collect()
}

fn weigh(
    it: &DestinationInput,
    inputs: &DestinationInputs,
    nearest: Span,
    excused: bool,
) -> DestinationChoice {
    let later_s = whole_seconds(it.travel_s - nearest);
    let reasons = vec![
        nearness(it, later_s),
        urgency(it, inputs.level, later_s, excused),
        specialty(it, inputs),
        wish(it, inputs),
    ];
    DestinationChoice {
        hospital: it.hospital,
        name: it.name.clone(),
        travel_s: it.travel_s,
        basis: it.basis,
        score: reasons.iter().map(|reason| reason.points).sum(),
        reasons,
        diverted: it.diverted,
    }
}

fn nearness(it: &DestinationInput, later_s: i64) -> HeadingReason {
    let (zh, en) = span_texts(it.travel_s);
    let (later_zh, later_en) = span_texts(Span::seconds(later_s));
    let (mut zh, mut en) = if later_s == 0 {
        (format!("最近，{zh}"), format!("nearest, {en}"))
    } else {
        (format!("{zh}，比最近者多{later_zh}"), format!("{en}, {later_en} more than the nearest"))
    };
    if it.basis == Basis::StraightLine {
        zh.push_str("（直线估算）");
        en.push_str(" (straight-line estimate)");
    }
    HeadingReason { heading: Heading::Nearness, points: -later_s, zh, en }
}

fn urgency(it: &DestinationInput, level: Level, later_s: i64, excused: bool) -> HeadingReason {
    let weight = urgency_weight(level);
    let words = match (weight, later_s) {
        (0, _) => ("病情允许，不加权", "condition allows it, not weighed"),
        (_, 0) => ("危重，最快到达", "critical, reached first"),
        (_, _) => ("危重，路上时间加权", "critical, time on the road weighs more"),
    };
    let (mut zh, mut en) = (words.0.to_owned(), words.1.to_owned());
    if excused {
        zh.push_str("；已请求分流，但其他医院远得多，急危重症不得拒诊");
        en.push_str("; on diversion, but every other is much farther: an emergency is not refused");
    } else if it.diverted {
        zh.push_str("；已请求分流，排在最后");
        en.push_str("; on diversion, listed last");
    }
    HeadingReason { heading: Heading::Urgency, points: -later_s * weight, zh, en }
}

fn specialty(it: &DestinationInput, inputs: &DestinationInputs) -> HeadingReason {
    let needed: BTreeSet<Skill> =
        inputs.skills.iter().copied().filter(|&skill| is_specialty(skill)).collect();
    let lacking: BTreeSet<Skill> = needed.difference(&it.skills).copied().collect();
    let (zh, en) = if needed.is_empty() {
        ("无专科要求".to_owned(), "no specialty needed".to_owned())
    } else if lacking.is_empty() {
        let (zh, en) = skill_list(&needed);
        (format!("具备：{zh}"), format!("equipped for: {en}"))
    } else {
        let (zh, en) = skill_list(&lacking);
        (format!("不具备：{zh}"), format!("not equipped for: {en}"))
    };
    // Worth the same extra drive at every level, whose seconds weigh more when it is urgent.
    let each = SPECIALTY_WORTH_S * (1 + urgency_weight(inputs.level));
    HeadingReason { heading: Heading::Specialty, points: -each * lacking.len() as i64, zh, en }
}

fn wish(it: &DestinationInput, inputs: &DestinationInputs) -> HeadingReason {
    let (points, zh, en) = match inputs.wish {
        None => (0, "未提出意愿", "no wish expressed"),
        Some(wished) if wished != it.hospital => (0, "非患者所选", "not the patient's wish"),
        Some(_) => match wish_worth_s(inputs.level) {
            0 => (0, "患者意愿；病情危急，以救命为先", "the patient's wish, which yields to saving life"),
            worth => (worth, "患者意愿", "the patient's wish"),
        },
    };
    HeadingReason { heading: Heading::Wish, points, zh: zh.to_owned(), en: en.to_owned() }
}

fn is_critical(level: Level) -> bool {
    matches!(level, Level::I | Level::II)
}

/// How many times more a second counts when it is urgent.
fn urgency_weight(level: Level) -> i64 {
    match level {
        Level::I => 2,
        Level::II => 1,
        Level::III | Level::IV => 0,
    }
}

/// How long a drive past the nearest the wish is worth.
fn wish_worth_s(level: Level) -> i64 {
    match level {
        Level::I => 0,
        Level::II => 180,
        Level::III => 600,
        Level::IV => 900,
    }
}

/// What a hospital can offer; the others are asked of the vehicle alone.
fn is_specialty(skill: Skill) -> bool {
    match skill {
        Skill::ChestPain
        | Skill::Stroke
        | Skill::Trauma
        | Skill::Maternal
        | Skill::Newborn
        | Skill::NegativePressure => true,
        Skill::Als | Skill::Bariatric => false,
    }
}

fn whole_seconds(span: Span) -> i64 {
    span.micros().div_euclid(1_000_000)
}

/// A hospital equipped for the patient is worth this much more driving than one that is not. Assumption, for the centre's doctors
/// to set.
const SPECIALTY_WORTH_S: i64 = 1200;
/// A hospital on diversion is considered for a critical patient when every other is this much farther. Assumption, as above.
const DIVERTED_NEARER_S: i64 = 600;

#[cfg(test)]
mod tests;
