//! The steps of an assignment, as a table: what may follow what, and what people call it.

use serde::{Deserialize, Serialize};

/// A step of one unit's work on one incident, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 派车: the order is given; the departure clock runs.
    Ordered,
    /// 接令: the crew has read it.
    Acknowledged,
    /// 出车: wheels roll; the departure clock stops.
    Rolling,
    /// 到达现场: the response clock stops.
    OnScene,
    /// 到达患者身边.
    AtPatient,
    /// 离开现场, with the patient.
    LeftScene,
    /// 到达医院.
    AtHospital,
    /// 交接完成.
    HandedOver,
    /// 待命: free again. The assignment is over.
    Available,
}

/// One row of the table of steps.
#[derive(Debug)]
pub struct StageRow {
    /// The step.
    pub stage: Stage,
    /// Its Chinese name.
    pub zh: &'static str,
    /// Its English name.
    pub en: &'static str,
    /// The step a terminal offers next. The others that may follow are in `follows`.
    pub next: Option<Stage>,
    /// The steps it may follow. A later step may follow an earlier one directly: a crew that forgot a press is
    /// not made to invent a time, and the figures show the gap.
    pub follows: &'static [Stage],
}

use Stage::{
    Acknowledged, AtHospital, AtPatient, Available, HandedOver, LeftScene, OnScene, Ordered, Rolling,
};

/// Every step, in order.
pub const STAGES: [StageRow; 9] = [
    StageRow { stage: Ordered, zh: "派车", en: "ordered", next: Some(Acknowledged), follows: &[] },
    StageRow {
        stage: Acknowledged,
        zh: "接令",
        en: "acknowledged",
        next: Some(Rolling),
        follows: &[Ordered],
    },
    StageRow {
        stage: Rolling,
        zh: "出车",
        en: "rolling",
        next: Some(OnScene),
        follows: &[Ordered, Acknowledged],
    },
    StageRow {
        stage: OnScene,
        zh: "到达现场",
        en: "on scene",
        next: Some(AtPatient),
        follows: &[Ordered, Acknowledged, Rolling],
    },
    StageRow {
        stage: AtPatient,
        zh: "到达患者身边",
        en: "at patient",
        next: Some(LeftScene),
        follows: &[Ordered, Acknowledged, Rolling, OnScene],
    },
    StageRow {
        stage: LeftScene,
        zh: "离开现场",
        en: "left scene",
        next: Some(AtHospital),
        follows: &[Ordered, Acknowledged, Rolling, OnScene, AtPatient],
    },
    StageRow {
        stage: AtHospital,
        zh: "到达医院",
        en: "at hospital",
        next: Some(HandedOver),
        follows: &[OnScene, AtPatient, LeftScene],
    },
    StageRow {
        stage: HandedOver,
        zh: "交接完成",
        en: "handed over",
        next: Some(Available),
        follows: &[AtHospital],
    },
    StageRow {
        stage: Available,
        zh: "待命",
        en: "available",
        next: None,
        follows: &[OnScene, AtPatient, LeftScene, AtHospital, HandedOver],
    },
];

impl Stage {
    /// Its row of the table.
    pub fn row(self) -> &'static StageRow {
        &STAGES[self as usize]
    }

    /// Whether `self` may be reported while the assignment stands at `now_at`.
    pub fn may_follow(self, now_at: Self) -> bool {
        self.row().follows.contains(&now_at)
    }

    /// Whether a patient may be on board: such a unit is never taken for another call.
    pub fn may_carry_patient(self) -> bool {
        (OnScene..HandedOver).contains(&self)
    }

    /// How many steps there are.
    pub const COUNT: usize = STAGES.len();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_never_goes_back() {
        for (place, row) in STAGES.iter().enumerate() {
            assert_eq!(row.stage as usize, place);
            assert!(row.follows.iter().all(|&earlier| earlier < row.stage), "{row:?}");
            if let Some(next) = row.next {
                assert!(next.may_follow(row.stage), "{row:?}");
            }
        }
    }

    #[test]
    fn what_may_follow_what() {
        let table =
            |stage: Stage| STAGES.iter().map(move |row| if row.stage.may_follow(stage) { 'x' } else { '.' });
        let drawn: Vec<String> = STAGES.iter().map(|row| table(row.stage).collect()).collect();
        expect_test::expect![[r"
            .xxxxx...
            ..xxxx...
            ...xxx...
            ....xxx.x
            .....xx.x
            ......x.x
            .......xx
            ........x
            ........."]]
        .assert_eq(&drawn.join("\n"));
    }
}
