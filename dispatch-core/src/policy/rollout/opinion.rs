//! What a rollout says: what each contender comes to, how sure that is, and in words.

use serde::{Deserialize, Serialize};

use crate::assignment::span_texts;
use crate::ids::UnitId;
use crate::time::Span;

/// What the futures came to, contender by contender.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecondOpinion {
    /// What chance was drawn from.
    pub seed: u64,
    /// How many futures were lived through with each contender.
    pub scenarios: u16,
    /// How long calls came in, in each of them.
    pub horizon_s: Span,
    /// The contenders, the first proposed first.
    pub outlooks: Vec<Outlook>,
    /// What it comes to.
    pub verdict: Verdict,
}

/// What comes of sending one contender, on average over the futures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// The unit.
    pub unit: UnitId,
    /// Until it is there.
    pub arrival_s: Span,
    /// What all waits cost.
    pub penalty: f64,
    /// By how much that is less than with the first proposed.
    pub gain: f64,
    /// The gain lies within this of the truth, with 95 % confidence for all contenders together.
    pub half_width: f64,
    /// How long the others wait, all together.
    pub others_wait_s: Span,
    /// How many of the others wait longer than their goal.
    pub others_late: f64,
}

/// What a rollout comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// The first proposed is the best of all, clearly.
    Agrees,
    /// Chance could have made the difference, or it is not worth a word.
    NoClearDifference,
    /// Another is better, clearly.
    Prefers {
        /// Which.
        unit: UnitId,
    },
}

impl SecondOpinion {
    pub(super) fn new(seed: u64, horizon_s: Span, scenarios: u16, outlooks: Vec<Outlook>) -> Self {
        let verdict = verdict(&outlooks);
        Self { seed, scenarios, horizon_s, outlooks, verdict }
    }

    /// The unit that it would send: the first proposed, unless another is clearly better.
    pub fn unit(&self) -> Option<UnitId> {
        match self.verdict {
            Verdict::Prefers { unit } => Some(unit),
            Verdict::Agrees | Verdict::NoClearDifference => self.outlooks.first().map(|first| first.unit),
        }
    }

    /// What comes of sending a unit.
    pub fn outlook(&self, unit: UnitId) -> Option<&Outlook> {
        self.outlooks.iter().find(|outlook| outlook.unit == unit)
    }

    /// The opinion in words, Chinese and English.
    pub fn texts(&self) -> (String, String) {
        let minutes = (self.horizon_s.as_secs_f64() / 60.0).round();
        let Some(first) = self.outlooks.first() else { return (String::new(), String::new()) };
        match self.verdict {
            Verdict::Agrees => {
                let unit = first.unit;
                (format!("同样首选 {unit}"), format!("{unit}, too"))
            }
            Verdict::NoClearDifference => (
                format!("未来{minutes}分钟内无明显差别"),
                format!("no clear difference over the next {minutes} min"),
            ),
            Verdict::Prefers { unit } => {
                let Some(other) = self.outlook(unit) else { return (String::new(), String::new()) };
                let (gain, half_width) = (other.gain, other.half_width);
                let (because_zh, because_en) = because(first, other);
                let zh = format!(
                    "{unit}：未来{minutes}分钟的平均等待代价低 {gain:.2}±{half_width:.2}；{because_zh}"
                );
                let en = format!(
                    "{unit}: mean penalty over the next {minutes} min lower by {gain:.2} ± {half_width:.2}; {because_en}"
                );
                (zh, en)
            }
        }
    }
}

/// What is lost and won for whom.
fn because(first: &Outlook, other: &Outlook) -> (String, String) {
    let own = Trade::of(other.arrival_s - first.arrival_s);
    let others = Trade::of(other.others_wait_s - first.others_wait_s);
    let late = first.others_late - other.others_late;
    let (late_zh, late_en) = if late.abs() < LATE_SAID_MIN {
        (String::new(), String::new())
    } else if late > 0.0 {
        (format!("，超时少{late:.2}例"), format!(", {late:.2} fewer of them late"))
    } else {
        (format!("，超时多{:.2}例", -late), format!(", {:.2} more of them late", -late))
    };
    let zh = format!("因为本患者{}，其他患者合计{}{late_zh}", own.zh, others.zh);
    let en = format!("because this patient waits {} and the others {} in all{late_en}", own.en, others.en);
    (zh, en)
}

struct Trade {
    zh: String,
    en: String,
}

impl Trade {
    fn of(longer: Span) -> Self {
        let shorter = longer < Span::ZERO;
        let (zh, en) = span_texts(if shorter { Span::ZERO - longer } else { longer });
        match longer.micros().abs() {
            // Less than half a second is none.
            0..500_000 => Self { zh: "等待相同".to_owned(), en: "as long".to_owned() },
            _ if shorter => Self { zh: format!("少等{zh}"), en: format!("{en} less") },
            _ => Self { zh: format!("多等{zh}"), en: format!("{en} longer") },
        }
    }
}

fn verdict(outlooks: &[Outlook]) -> Verdict {
    let clear = |outlook: &Outlook| outlook.gain.abs() > outlook.half_width;
    // The first of equals.
    let best = outlooks.iter().min_by(|a, b| a.penalty.total_cmp(&b.penalty));
    let (Some(best), Some((first, others))) = (best, outlooks.split_first()) else {
        return Verdict::NoClearDifference;
    };
    if best.unit == first.unit {
        return if others.iter().all(clear) { Verdict::Agrees } else { Verdict::NoClearDifference };
    }
    if clear(best) && best.gain >= GAIN_MIN {
        Verdict::Prefers { unit: best.unit }
    } else {
        Verdict::NoClearDifference
    }
}

/// A gain smaller than this is not worth passing over the first proposed: some seconds of a wait of the second level. Assumption.
const GAIN_MIN: f64 = 0.1;
/// Fewer patients late than this, on average, are not worth a word.
const LATE_SAID_MIN: f64 = 0.005;

#[cfg(test)]
mod tests {
    use super::*;

    fn outlook(code: &str, arrival_s: i64, gain: f64, half_width: f64, others: (i64, f64)) -> Outlook {
        let unit = code.parse().unwrap();
        let (arrival_s, others_wait_s) = (Span::seconds(arrival_s), Span::seconds(others.0));
        Outlook {
            unit,
            arrival_s,
            penalty: 50.0 - gain,
            gain,
            half_width,
            others_wait_s,
            others_late: others.1,
        }
    }

    fn opinion(outlooks: Vec<Outlook>) -> SecondOpinion {
        SecondOpinion::new(7, Span::seconds(5_400), 200, outlooks)
    }

    #[test]
    fn another_is_preferred_only_where_chance_did_not_make_the_difference() {
        let first = outlook("A01", 300, 0.0, 0.0, (9_000, 2.0));
        let b = "A02".parse().unwrap();
        for (gain, half_width, verdict) in [
            (3.2, 1.1, Verdict::Prefers { unit: b }),
            (3.2, 3.3, Verdict::NoClearDifference),
            (0.09, 0.01, Verdict::NoClearDifference),
            (-3.2, 1.1, Verdict::Agrees),
            (-3.2, 3.3, Verdict::NoClearDifference),
            (0.0, 0.0, Verdict::NoClearDifference),
        ] {
            let said = opinion(vec![first, outlook("A02", 340, gain, half_width, (8_800, 1.5))]);
            assert_eq!(said.verdict, verdict, "{gain} ± {half_width}");
        }
    }

    #[test]
    fn of_equals_the_one_that_stands_first_is_preferred() {
        let first = outlook("A01", 300, 0.0, 0.0, (9_000, 2.0));
        let same = |code: &str| outlook(code, 340, 3.2, 1.1, (8_800, 1.5));
        assert_eq!(opinion(vec![first, same("A03"), same("A02")]).unit(), Some("A03".parse().unwrap()));
    }

    #[test]
    fn it_is_said_in_both_languages() {
        let first = outlook("A01", 300, 0.0, 0.0, (9_000, 2.0));
        let said = |other: Outlook| {
            let (zh, en) = opinion(vec![first, other]).texts();
            format!("{zh} | {en}")
        };
        let lines = [
            said(outlook("A02", 340, 3.2, 1.1, (8_800, 1.5))),
            said(outlook("A02", 300, 3.2, 1.1, (8_800, 2.25))),
            said(outlook("A02", 340, -3.2, 1.1, (9_800, 2.5))),
            said(outlook("A02", 340, 3.2, 4.1, (8_800, 1.5))),
        ];
        expect_test::expect![[r"
            A02：未来90分钟的平均等待代价低 3.20±1.10；因为本患者多等40秒，其他患者合计少等3分20秒，超时少0.50例 | A02: mean penalty over the next 90 min lower by 3.20 ± 1.10; because this patient waits 0:40 longer and the others 3:20 less in all, 0.50 fewer of them late
            A02：未来90分钟的平均等待代价低 3.20±1.10；因为本患者等待相同，其他患者合计少等3分20秒，超时多0.25例 | A02: mean penalty over the next 90 min lower by 3.20 ± 1.10; because this patient waits as long and the others 3:20 less in all, 0.25 more of them late
            同样首选 A01 | A01, too
            未来90分钟内无明显差别 | no clear difference over the next 90 min"]]
        .assert_eq(&lines.join("\n"));
    }
}
