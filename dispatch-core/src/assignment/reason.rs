//! Why a unit stands where it stands in a proposal, or is not in it: values for the record, words for people.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::DispatchLevel;
use crate::incident::{Level, Skill};
use crate::time::Span;

/// Why a unit stands where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// It arrives before every other.
    FirstToArrive,
    /// It arrives this much after the first.
    LaterBy { later_s: Span },
    /// It is already moving: no time is lost until its wheels roll.
    AlreadyDriving,
    /// It lacks what is wanted.
    Lacks { skills: BTreeSet<Skill> },
    /// Its position is older than it should be.
    PositionOld { age_s: Span },
    /// It has never reported a position, and is taken to be at its station.
    AssumedAtStation,
    /// The travel time is a straight-line estimate.
    StraightLine,
    /// It is on its way to an incident of this level, which would have to wait.
    Interrupts { level: Level },
    /// It is on its way there already; the others would relieve it.
    OnItsWay,
    /// Another incident gains more by it.
    KeptForAnother,
    /// The rules let it go only on somebody's word, or not at all.
    Blocked { level: DispatchLevel },
    /// Its shift ends soon.
    ShiftEnds { in_s: Span },
    /// It is at this hospital, expected to be free in this time, and not to be sent before.
    AboutToBeFree { in_s: Span, hospital: String },
    /// It would be there this much before anybody who can go now.
    SoonerBy { sooner_s: Span },
    /// Its time on the road is by the speeds of these hours: on main roads so many percent of the usual.
    Traffic { name: String, percent: u32 },
    /// It is of the station in whose area the incident is, which goes first.
    OwnArea,
    /// It is this neighbour's, who must be asked for it.
    MutualAid { from: String },
    /// Sending it costs this share of all demand that free units cover, in millionths.
    LosesCover { loss_ppm: u32 },
}

/// Why a unit was not considered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOutReason {
    /// It is on an order.
    Taken,
    /// Nobody is signed on.
    NoCrew,
    /// Out of service on purpose.
    Paused,
    /// It should be heard and is not.
    Silent,
    /// Nobody knows where it is.
    NoPosition,
    /// No way leads from it to the place.
    NoWay,
    /// It was already on this incident and gave the order back.
    GaveBack,
    /// A booked run keeps it for itself.
    Reserved,
    /// Its shift has ended or not begun.
    OffDuty,
    /// It is a neighbour's, and would not be there enough sooner.
    MutualAid,
}

impl Reason {
    /// The reason in words, Chinese and English.
    pub fn texts(&self) -> (String, String) {
        let fixed = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
        match self {
            Self::FirstToArrive => fixed("最先到达", "arrives first"),
            Self::LaterBy { later_s } => {
                let (zh, en) = span_texts(*later_s);
                (format!("比最快者晚{zh}"), format!("{en} after the first"))
            }
            Self::AlreadyDriving => fixed("行驶中，可立即前往", "already driving, goes at once"),
            Self::Lacks { skills } => {
                let (zh, en) = skill_list(skills);
                (format!("缺：{zh}"), format!("lacks: {en}"))
            }
            Self::PositionOld { age_s } => {
                let (zh, en) = span_texts(*age_s);
                (format!("位置为{zh}前"), format!("position is {en} old"))
            }
            Self::AssumedAtStation => {
                fixed("尚无位置，按在站估算", "no position yet, taken to be at its station")
            }
            Self::StraightLine => fixed("直线估算，未按道路", "straight-line estimate, not by road"),
            Self::OnItsWay => fixed("正前往该现场", "is on its way there"),
            Self::KeptForAnother => fixed("留给更急的另一事件", "better kept for another incident"),
            Self::Blocked { level: DispatchLevel::Refuse } => {
                fixed("规则禁止派出", "the rules do not let it go")
            }
            Self::Blocked { .. } => fixed("须说明原因方可派出", "goes only with a reason"),
            Self::ShiftEnds { in_s } => {
                let (zh, en) = span_texts(*in_s);
                (format!("{zh}后下班"), format!("off duty in {en}"))
            }
            Self::LosesCover { loss_ppm } => {
                let tenths = (loss_ppm + 500) / 1_000;
                let (whole, tenth) = (tenths / 10, tenths % 10);
                (format!("覆盖减少 {whole}.{tenth}%"), format!("cover falls by {whole}.{tenth} %"))
            }
            Self::AboutToBeFree { in_s, hospital } => {
                let (zh, en) = about(*in_s);
                (
                    format!("约{zh}后在{hospital}空出，此前不能派"),
                    format!("free in about {en} at {hospital}, not before"),
                )
            }
            Self::SoonerBy { sooner_s } => {
                let (zh, en) = span_texts(*sooner_s);
                (format!("比现在能派的最快者早{zh}"), format!("{en} before anybody who can go now"))
            }
            Self::Traffic { name, percent } => {
                (format!("按{name}车速（{percent}%）"), format!("at the speeds of {name} ({percent} %)"))
            }
            Self::OwnArea => fixed("本辖区车组优先", "of this area, goes first"),
            Self::MutualAid { from } => {
                (format!("外援，须先与{from}联系"), format!("mutual aid: ask {from} first"))
            }
            Self::Interrupts { level } => {
                (format!("需改派：正前往{level:?}级事件"), format!("leaves an incident of level {level:?}"))
            }
        }
    }
}

impl LeftOutReason {
    /// The reason in words, Chinese and English.
    pub fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Taken => ("执行任务中", "on an order"),
            Self::NoCrew => ("无人签到", "nobody signed on"),
            Self::Paused => ("暂停调用", "paused"),
            Self::Silent => ("失联", "silent"),
            Self::NoPosition => ("位置不明", "position unknown"),
            Self::NoWay => ("无路可达", "no way leads there"),
            Self::OffDuty => ("不当班", "off duty"),
            Self::MutualAid => ("外援，早到不足", "a neighbour's, not enough sooner"),
            Self::GaveBack => ("曾退回本任务", "gave this order back"),
            Self::Reserved => ("已预留", "reserved"),
        }
    }
}

/// Skills in words, Chinese and English, in their fixed order.
pub(crate) fn skill_list(skills: &BTreeSet<Skill>) -> (String, String) {
    let words: Vec<_> = skills.iter().map(|&skill| skill_texts(skill)).collect();
    let zh: Vec<_> = words.iter().map(|(zh, _)| *zh).collect();
    let en: Vec<_> = words.iter().map(|(_, en)| *en).collect();
    (zh.join("、"), en.join(", "))
}

fn skill_texts(skill: Skill) -> (&'static str, &'static str) {
    match skill {
        Skill::Als => ("高级生命支持", "advanced life support"),
        Skill::ChestPain => ("胸痛", "chest pain"),
        Skill::Stroke => ("卒中", "stroke"),
        Skill::Trauma => ("创伤", "trauma"),
        Skill::Maternal => ("危重孕产妇", "maternal"),
        Skill::Newborn => ("危重儿童和新生儿", "children and newborn"),
        Skill::NegativePressure => ("负压", "negative pressure"),
        Skill::Bariatric => ("重型担架", "bariatric"),
    }
}

/// An expectation in words, to the minute: `6分钟` and `6 min`.
fn about(span: Span) -> (String, String) {
    let minutes = ((span.micros() + 30_000_000) / 60_000_000).max(1);
    (format!("{minutes}分钟"), format!("{minutes} min"))
}

/// A span in words: `1分20秒` and `1:20`, rounded to the nearest second.
pub(crate) fn span_texts(span: Span) -> (String, String) {
    let seconds = (span.micros().max(0) + 500_000) / 1_000_000;
    let (minutes, rest) = (seconds / 60, seconds % 60);
    let zh = match (minutes, rest) {
        (0, rest) => format!("{rest}秒"),
        (minutes, 0) => format!("{minutes}分钟"),
        (minutes, rest) => format!("{minutes}分{rest}秒"),
    };
    (zh, format!("{minutes}:{rest:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_said_in_both_languages() {
        let reasons = [
            Reason::FirstToArrive,
            Reason::LaterBy { later_s: Span::seconds(80) },
            Reason::LaterBy { later_s: Span::from_micros(400_000) },
            Reason::Lacks { skills: [Skill::Stroke, Skill::Als].into() },
            Reason::PositionOld { age_s: Span::seconds(180) },
            Reason::Interrupts { level: Level::III },
            Reason::LosesCover { loss_ppm: 23_460 },
            Reason::ShiftEnds { in_s: Span::seconds(600) },
            Reason::AboutToBeFree { in_s: Span::seconds(350), hospital: "市一医院".to_owned() },
            Reason::Traffic { name: "早高峰".to_owned(), percent: 60 },
            Reason::SoonerBy { sooner_s: Span::seconds(190) },
        ];
        let said: Vec<_> = reasons.iter().map(Reason::texts).map(|(zh, en)| format!("{zh} | {en}")).collect();
        expect_test::expect![[r"
            最先到达 | arrives first
            比最快者晚1分20秒 | 1:20 after the first
            比最快者晚0秒 | 0:00 after the first
            缺：高级生命支持、卒中 | lacks: advanced life support, stroke
            位置为3分钟前 | position is 3:00 old
            需改派：正前往III级事件 | leaves an incident of level III
            覆盖减少 2.3% | cover falls by 2.3 %
            10分钟后下班 | off duty in 10:00
            约6分钟后在市一医院空出，此前不能派 | free in about 6 min at 市一医院, not before
            按早高峰车速（60%） | at the speeds of 早高峰 (60 %)
            比现在能派的最快者早3分10秒 | 3:10 before anybody who can go now"]]
        .assert_eq(&said.join("\n"));
    }
}
