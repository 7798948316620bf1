//! What people call for: chief complaints with their share, levels and needs. Shares are an assumption in the order that city centres
//! publish (injuries, circulation, brain, breathing, then the rest); nothing here is clinical advice.

use dispatch_core::incident::{Level, Skill};

use crate::chance::Chance;

/// A chief complaint.
#[derive(Debug)]
pub struct Kind {
    /// In the caller's words.
    pub complaint: &'static str,
    /// How often, in relation to the others.
    pub share: f64,
    /// How often each level, I to IV.
    pub levels: [f64; 4],
    /// What must come and be found at the hospital.
    pub skills: &'static [Skill],
    /// Youngest and oldest patients, years.
    pub ages: (u8, u8),
    /// Words for the crew.
    pub note: &'static str,
}

use Skill::{Als, ChestPain, Maternal, NegativePressure, Newborn, Stroke, Trauma};

/// All complaints.
pub const KINDS: [Kind; 20] = [
    kind("胸痛", 9.0, [2.0, 6.0, 2.0, 0.0], &[Als, ChestPain], (38, 88), "大汗，放射至左肩"),
    kind("呼吸心跳骤停", 2.0, [10.0, 0.0, 0.0, 0.0], &[Als, ChestPain], (45, 92), "家属正在胸外按压"),
    kind("突发偏瘫、言语不清", 7.0, [1.0, 7.0, 2.0, 0.0], &[Stroke], (50, 90), "发病约半小时"),
    kind("交通事故外伤", 11.0, [1.0, 3.0, 5.0, 1.0], &[Trauma], (12, 75), "两车相撞，一人被困"),
    kind("高处坠落", 3.0, [3.0, 5.0, 2.0, 0.0], &[Als, Trauma], (20, 65), "工地，约五米高"),
    kind("摔倒，髋部疼痛", 9.0, [0.0, 1.0, 6.0, 3.0], &[], (62, 95), "不能站立"),
    kind("呼吸困难", 8.0, [2.0, 5.0, 3.0, 0.0], &[Als], (30, 92), "端坐呼吸"),
    kind("意识不清", 7.0, [4.0, 5.0, 1.0, 0.0], &[Als], (25, 92), "有糖尿病史"),
    kind("醉酒", 6.0, [0.0, 1.0, 4.0, 5.0], &[], (18, 60), "呕吐，能叫醒"),
    kind("腹痛", 7.0, [0.0, 1.0, 6.0, 3.0], &[], (8, 85), "持续两小时"),
    kind("头晕呕吐", 7.0, [0.0, 1.0, 5.0, 4.0], &[], (35, 88), "血压高"),
    kind("抽搐", 3.0, [2.0, 5.0, 3.0, 0.0], &[Als], (2, 70), "已停止，未清醒"),
    kind("孕妇临产", 2.5, [1.0, 5.0, 4.0, 0.0], &[Maternal], (20, 42), "孕 38 周，已破水"),
    kind("新生儿面色青紫", 0.6, [6.0, 4.0, 0.0, 0.0], &[Als, Newborn], (0, 0), "生后三天"),
    kind("高热伴呼吸道症状", 4.0, [0.0, 1.0, 6.0, 3.0], &[NegativePressure], (3, 85), "发热三天"),
    kind("消化道出血", 2.5, [2.0, 6.0, 2.0, 0.0], &[Als], (35, 85), "呕血一次"),
    kind("药物中毒", 2.0, [2.0, 5.0, 3.0, 0.0], &[Als], (15, 70), "药瓶在旁"),
    kind("打架外伤", 3.0, [0.0, 2.0, 6.0, 2.0], &[], (16, 55), "警察已到场"),
    kind("烧烫伤", 1.5, [1.0, 3.0, 5.0, 1.0], &[Trauma], (1, 70), "热油，手臂"),
    kind("路人倒地，原因不明", 5.0, [2.0, 4.0, 3.0, 1.0], &[], (30, 88), "过路人报警"),
];

const fn kind(
    complaint: &'static str,
    share: f64,
    levels: [f64; 4],
    skills: &'static [Skill],
    ages: (u8, u8),
    note: &'static str,
) -> Kind {
    Kind { complaint, share, levels, skills, ages, note }
}

impl Kind {
    /// One of the complaints by its share.
    pub fn draw(chance: &mut Chance) -> &'static Self {
        &KINDS[chance.weighted(KINDS.iter().map(|kind| kind.share))]
    }

    /// A level of this complaint.
    pub fn draw_level(&self, chance: &mut Chance) -> Level {
        [Level::I, Level::II, Level::III, Level::IV][chance.weighted(self.levels.iter().copied())]
    }

    /// An age of this complaint, years.
    pub fn draw_age(&self, chance: &mut Chance) -> u8 {
        self.ages.0 + chance.below(usize::from(self.ages.1 - self.ages.0) + 1) as u8
    }
}
