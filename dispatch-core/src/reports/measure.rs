//! What is measured: one row each, with the definition that the report prints, the target and where it comes from.

use serde::Serialize;

use crate::incident::AreaClass;
use crate::time::Span;

/// One figure of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Ring to answer, by voice.
    Answer,
    /// The same for calls in writing.
    AnswerText,
    /// Answer to the first order.
    Dispatch,
    /// Order to rolling: the policy's three minutes.
    Departure,
    /// The same, by the crew's press alone.
    DeparturePressed,
    /// The same, by the vehicle's motion alone.
    DepartureMoved,
    /// From the crew's acknowledgement to rolling.
    DepartureFromAcknowledged,
    /// Call received to first unit on scene.
    Response,
    /// Answer to first unit on scene.
    ResponseFromAnswer,
    /// Call received to first unit on scene, where the arrival was entered at the desk or from paper.
    ResponseDesk,
    /// On scene to left.
    Scene,
    /// Left scene to hospital.
    Transport,
    /// At hospital to handed over.
    Handover,
}

/// What the report says of a measure.
#[derive(Debug)]
pub struct MeasureRow {
    /// The measure.
    pub measure: Measure,
    /// Its Chinese name.
    pub zh: &'static str,
    /// Its English name.
    pub en: &'static str,
    /// What exactly is measured, Chinese.
    pub definition_zh: &'static str,
    /// What exactly is measured, English.
    pub definition_en: &'static str,
    /// Where the limits of the bins lie, in seconds; each limit belongs to its bin.
    pub bins_s: &'static [i64],
    /// The share that should be in target, by the national guidance of 2020; none set for the others.
    pub share_wanted: Option<f64>,
}

macro_rules! rows {
    ($($measure:ident: $zh:literal, $en:literal, $definition_zh:literal, $definition_en:literal, $bins:expr, $wanted:expr;)*) => {
        [$(MeasureRow {
            measure: Measure::$measure,
            zh: $zh,
            en: $en,
            definition_zh: $definition_zh,
            definition_en: $definition_en,
            bins_s: &$bins,
            share_wanted: $wanted,
        },)*]
    };
}

/// Every measure, in the order of the report.
pub const MEASURES: [MeasureRow; 13] = rows! {
    Answer: "接听时间", "answer time",
        "来电振铃至摘机；语音来电；未接来电另计；目标10秒以内（含）",
        "ring to answer; voice calls; unanswered calls counted apart; target 10 s or less",
        [10, 30, 60], Some(0.95);
    AnswerText: "文字呼救接听时间", "answer time, text calls",
        "文字呼救到达至受理；与语音同一目标，单独列出；目标10秒以内（含）",
        "text call received to taken; the same target as for voice, listed apart; target 10 s or less",
        [10, 30, 60], Some(0.95);
    Dispatch: "派车时间", "dispatch time",
        "首个来电摘机至首次派车；无来电的事件自建立时起",
        "first call answered to first order; from its creation for an incident without a call",
        [60, 120, 300], None;
    Departure: "出车时间", "departure time",
        "派车至出车（车轮转动）；每车次一条；时间以更正、车组按键、席位代录或纸质补录、车辆移动为序取第一个；目标3分钟以内（含）：看均值，也看达标率",
        "order to rolling; one per run; of a correction, the crew's press, the entry at the desk or from paper and the motion the first that exists counts; target 3 min or less: the mean, and the share",
        [120, 180, 300], Some(0.95);
    DeparturePressed: "出车时间（按键）", "departure time, pressed",
        "派车至车组按下出车；有按键的车次",
        "order to the crew's press of rolling; runs with a press",
        [120, 180, 300], None;
    DepartureMoved: "出车时间（车辆移动）", "departure time, moved",
        "派车至车辆移动证明的出车；有移动证据的车次",
        "order to rolling as the vehicle's motion proves it; runs with that proof",
        [120, 180, 300], None;
    DepartureFromAcknowledged: "出车时间（自接令）", "departure time from acknowledgement",
        "接令至出车；两个时间都有的车次",
        "acknowledgement to rolling; runs with both times",
        [120, 180, 300], None;
    Response: "急救反应时间", "response time",
        "首个来电振铃至首车到达现场；每事件一条；到达以车组按键或车辆移动为准，席位代录、更正和纸质补录的另列；目标：设区市城区15分钟，县城区10分钟；均值须少于目标，达标率含等于",
        "first call received to first unit on scene; one per incident; arrivals pressed by the crew or proved by motion, those entered or corrected at the desk or from paper listed apart; target 15 min in a city's core, 10 min in a county's; the mean must be under it, the share counts up to it",
        [600, 720, 900, 1200], None;
    ResponseFromAnswer: "急救反应时间（自摘机）", "response time from answer",
        "首个来电摘机至首车到达现场；其余同上",
        "first call answered to first unit on scene; otherwise as above",
        [600, 720, 900, 1200], None;
    ResponseDesk: "急救反应时间（席位代录）", "response time, desk arrivals",
        "首个来电振铃至首车到达现场；到达由席位代录、更正或纸质补录；不计入急救反应时间",
        "first call received to first unit on scene; the arrival was entered or corrected at the desk or from paper; not in the response time",
        [600, 720, 900, 1200], None;
    Scene: "现场时间", "scene time",
        "到达现场至离开现场；每车次一条",
        "on scene to left scene; one per run",
        [600, 1200, 1800], None;
    Transport: "运送时间", "transport time",
        "离开现场至到达医院；每车次一条",
        "left scene to at hospital; one per run",
        [600, 1200, 1800], None;
    Handover: "交接时间", "handover time",
        "到达医院至交接完成；每车次一条",
        "at hospital to handed over; one per run",
        [900, 1800, 3600], None;
};

impl Measure {
    /// Its row of the table.
    pub fn row(self) -> &'static MeasureRow {
        &MEASURES[self as usize]
    }

    /// The target in an area, where the policy sets one.
    pub fn target(self, area: AreaClass) -> Option<Span> {
        match self {
            Self::Answer | Self::AnswerText => Some(Span::seconds(10)),
            Self::Departure
            | Self::DeparturePressed
            | Self::DepartureMoved
            | Self::DepartureFromAcknowledged => Some(Span::seconds(180)),
            Self::Response | Self::ResponseFromAnswer | Self::ResponseDesk => match area {
                AreaClass::CityCore => Some(Span::seconds(900)),
                AreaClass::CountyCore => Some(Span::seconds(600)),
                AreaClass::Rural => None,
            },
            Self::Dispatch | Self::Scene | Self::Transport | Self::Handover => None,
        }
    }

    /// Whether a mean meets the target: at most three minutes to depart, under the target to respond (浙卫发〔2020〕21号). For
    /// the others the policy sets a share, not a mean.
    pub fn mean_meets(self, mean: Span, target: Span) -> Option<bool> {
        match self {
            Self::Departure
            | Self::DeparturePressed
            | Self::DepartureMoved
            | Self::DepartureFromAcknowledged => Some(mean <= target),
            Self::Response | Self::ResponseFromAnswer | Self::ResponseDesk => Some(mean < target),
            Self::Answer
            | Self::AnswerText
            | Self::Dispatch
            | Self::Scene
            | Self::Transport
            | Self::Handover => None,
        }
    }

    /// Whether it is counted by area.
    pub fn by_area(self) -> bool {
        !matches!(self, Self::Answer | Self::AnswerText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_measures() {
        for (place, row) in MEASURES.iter().enumerate() {
            assert_eq!(row.measure as usize, place, "{row:?}");
            assert!(row.bins_s.is_sorted());
        }
    }
}
