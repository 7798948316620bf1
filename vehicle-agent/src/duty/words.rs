//! The words of the terminal's interface for the link's numbers, and the labels that people read.

use link::v1::{AbortReason, CrewRole, Level, RecallKind, Stage};

const STAGES: [(Stage, &str); 9] = [
    (Stage::Acknowledged, "acknowledged"),
    (Stage::Rolling, "rolling"),
    (Stage::OnScene, "on_scene"),
    (Stage::AtPatient, "at_patient"),
    (Stage::LeftScene, "left_scene"),
    (Stage::AtHospital, "at_hospital"),
    (Stage::HandedOver, "handed_over"),
    (Stage::Available, "available"),
    (Stage::BackAtStation, "back_at_station"),
];

const ROLES: [(CrewRole, &str); 4] = [
    (CrewRole::Driver, "driver"),
    (CrewRole::Doctor, "doctor"),
    (CrewRole::Nurse, "nurse"),
    (CrewRole::Stretcher, "stretcher"),
];

/// One reason to abort.
#[derive(Clone, Copy, Debug)]
pub struct AbortWords {
    /// On the link.
    pub reason: AbortReason,
    /// In the interface.
    pub word: &'static str,
    /// On the button.
    pub zh: &'static str,
    /// On the button.
    pub en: &'static str,
    /// Offered only from on scene on (true), or only before (false); `None`: at both.
    pub from_scene: Option<bool>,
}

const fn abort(
    reason: AbortReason,
    word: &'static str,
    zh: &'static str,
    en: &'static str,
    from_scene: Option<bool>,
) -> AbortWords {
    AbortWords { reason, word, zh, en, from_scene }
}

/// Every reason to abort, in the order they are shown.
pub const ABORTS: [AbortWords; 9] = [
    abort(AbortReason::VehicleBroken, "vehicle_broken", "车辆故障", "Vehicle broken", Some(false)),
    abort(AbortReason::Crash, "crash", "途中事故", "Crash on the way", Some(false)),
    abort(AbortReason::RoadBlocked, "road_blocked", "道路不通", "Road blocked", Some(false)),
    abort(AbortReason::OtherTask, "other_task", "途中接其他任务", "Took another task", Some(false)),
    abort(AbortReason::NoPatient, "no_patient", "到场无患者", "No patient found", Some(true)),
    abort(AbortReason::PatientDeclined, "patient_declined", "患者拒绝", "Patient declined", Some(true)),
    abort(
        AbortReason::TreatedOnScene,
        "treated_on_scene",
        "现场处置未运送",
        "Treated, not conveyed",
        Some(true),
    ),
    abort(AbortReason::DeadNotConveyed, "dead_not_conveyed", "死亡未运送", "Dead, not conveyed", Some(true)),
    abort(AbortReason::Other, "other", "其他", "Other", Some(false)),
];

/// The interface's word for a stage; empty for none.
pub fn stage_word(stage: Stage) -> &'static str {
    STAGES.iter().find(|(one, _)| *one == stage).map_or("", |(_, word)| word)
}

/// The stage that a word names.
pub fn stage_of(word: &str) -> Option<Stage> {
    STAGES.iter().find(|(_, one)| *one == word).map(|(stage, _)| *stage)
}

/// The interface's word for a role; empty for none.
pub fn role_word(role: CrewRole) -> &'static str {
    ROLES.iter().find(|(one, _)| *one == role).map_or("", |(_, word)| word)
}

/// The role that a word names.
pub fn role_of(word: &str) -> Option<CrewRole> {
    ROLES.iter().find(|(_, one)| *one == word).map(|(role, _)| *role)
}

/// The interface's word for a level; `None` when the call was not triaged.
pub fn level_word(level: Level) -> Option<&'static str> {
    match level {
        Level::Unspecified => None,
        Level::I => Some("I"),
        Level::Ii => Some("II"),
        Level::Iii => Some("III"),
        Level::Iv => Some("IV"),
    }
}

/// The interface's word for how a recall ended an order.
pub fn recall_word(kind: RecallKind) -> &'static str {
    match kind {
        RecallKind::Unspecified | RecallKind::Cancelled => "recalled_cancelled",
        RecallKind::Diverted => "recalled_diverted",
        RecallKind::Replaced => "recalled_replaced",
    }
}
