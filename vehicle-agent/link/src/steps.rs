//! What a centre that sets nothing gets: the crew's steps with their labels, and the intervals and clocks.

use crate::v1::{Settings, Stage, Step};

/// The crew's steps in order, with the words of the control room.
pub fn default_steps() -> Vec<Step> {
    [
        (Stage::Acknowledged, "接令", "Acknowledge"),
        (Stage::Rolling, "出车", "Rolling"),
        (Stage::OnScene, "到达现场", "On scene"),
        (Stage::AtPatient, "到达患者身边", "At patient"),
        (Stage::LeftScene, "离开现场", "Left scene"),
        (Stage::AtHospital, "到达医院", "At hospital"),
        (Stage::HandedOver, "交接完成", "Handed over"),
        (Stage::Available, "待命", "Available"),
    ]
    .into_iter()
    .map(|(stage, zh, en)| Step { stage: stage.into(), label_zh: zh.into(), label_en: en.into() })
    .collect()
}

/// Settings of a centre that has none of its own.
pub fn default_settings() -> Settings {
    Settings {
        position_interval_on_task_ms: 1_000,
        position_interval_standby_ms: 1_000,
        position_interval_off_duty_ms: 10_000,
        ping_interval_ms: 10_000,
        acknowledge_within_s: 30,
        departure_warn_s: 120,
        departure_alarm_s: 180,
        steps: default_steps(),
        hospitals: Vec::new(),
    }
}

/// The step that comes after `reached` in a centre's list; the first one when nothing is reached yet.
pub fn next_step(steps: &[Step], reached: Option<Stage>) -> Option<&Step> {
    let Some(reached) = reached else { return steps.first() };
    steps.iter().find(|step| step.stage() as i32 > reached as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_each_other_also_where_a_centre_leaves_some_out() {
        let all = default_steps();
        let few: Vec<Step> = all.iter().filter(|step| step.stage() != Stage::AtPatient).cloned().collect();
        for (steps, reached, expected) in [
            (&all, None, Some(Stage::Acknowledged)),
            (&all, Some(Stage::OnScene), Some(Stage::AtPatient)),
            (&few, Some(Stage::OnScene), Some(Stage::LeftScene)),
            (&few, Some(Stage::AtPatient), Some(Stage::LeftScene)),
            (&all, Some(Stage::Available), None),
        ] {
            assert_eq!(next_step(steps, reached).map(Step::stage), expected, "{reached:?}");
        }
    }
}
