//! What the centre sets on its vehicles: intervals, clocks, the crew's steps, and the directory of hospitals.

use dispatch_core::assignment::Stage;
use dispatch_core::destination::Hospital;
use dispatch_core::incident::Skill;
use dispatch_core::{Record, Span};
use link::v1;

use super::card::place;
use crate::config::{StepConfig, TerminalConfig};

/// The centre's settings for its vehicles.
pub(super) fn of(record: &Record, terminal: &TerminalConfig) -> v1::Settings {
    let rules = record.rules();
    let default = link::default_settings();
    let seconds = |span: Span| (span.micros() / 1_000_000).clamp(1, i64::from(u32::MAX)) as u32;
    v1::Settings {
        acknowledge_within_s: seconds(rules.acknowledge_within_s),
        departure_warn_s: seconds(rules.roll_warn_s),
        departure_alarm_s: seconds(rules.roll_within_s),
        position_interval_on_task_ms: terminal
            .position_on_task_ms
            .unwrap_or(default.position_interval_on_task_ms),
        position_interval_standby_ms: terminal
            .position_standby_ms
            .unwrap_or(default.position_interval_standby_ms),
        position_interval_off_duty_ms: terminal
            .position_off_duty_ms
            .unwrap_or(default.position_interval_off_duty_ms),
        steps: if terminal.steps.is_empty() {
            default.steps
        } else {
            terminal.steps.iter().filter_map(step).collect()
        },
        hospitals: record.hospitals().values().take(link::HOSPITALS_MAX).map(|it| entry(it)).collect(),
        ping_interval_ms: default.ping_interval_ms,
    }
}

fn step(step: &StepConfig) -> Option<v1::Step> {
    let (label_zh, label_en) = (step.zh.clone(), step.en.clone());
    Some(v1::Step { stage: link_stage(step.stage)?.into(), label_zh, label_en })
}

/// The link's stage for the core's; `None` for the order, which is no button.
fn link_stage(stage: Stage) -> Option<v1::Stage> {
    Some(match stage {
        Stage::Ordered => return None,
        Stage::Acknowledged => v1::Stage::Acknowledged,
        Stage::Rolling => v1::Stage::Rolling,
        Stage::OnScene => v1::Stage::OnScene,
        Stage::AtPatient => v1::Stage::AtPatient,
        Stage::LeftScene => v1::Stage::LeftScene,
        Stage::AtHospital => v1::Stage::AtHospital,
        Stage::HandedOver => v1::Stage::HandedOver,
        Stage::Available => v1::Stage::Available,
    })
}

fn entry(hospital: &Hospital) -> v1::HospitalEntry {
    let spec = &hospital.spec;
    v1::HospitalEntry {
        hospital_id: spec.id.to_string(),
        name: spec.name.clone(),
        location: Some(place(spec.position)),
        skills: spec.skills.iter().map(|skill| skill_word(*skill).to_owned()).collect(),
        diverted: hospital.diversion.as_ref().map_or_else(String::new, |it| it.reason.clone()),
    }
}

/// As docs/api.md writes it.
fn skill_word(skill: Skill) -> &'static str {
    match skill {
        Skill::Als => "als",
        Skill::ChestPain => "chest_pain",
        Skill::Stroke => "stroke",
        Skill::Trauma => "trauma",
        Skill::Maternal => "maternal",
        Skill::Newborn => "newborn",
        Skill::NegativePressure => "negative_pressure",
        Skill::Bariatric => "bariatric",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_centres_own_steps_take_the_place_of_the_usual_ones() {
        let step = |stage, zh: &str| StepConfig { stage, zh: zh.to_owned(), en: "x".to_owned() };
        let steps = vec![step(Stage::Acknowledged, "接令"), step(Stage::Available, "回站")];
        let terminal =
            TerminalConfig { steps, position_standby_ms: Some(5_000), ..TerminalConfig::default() };
        let set = of(&Record::default(), &terminal);
        assert_eq!(set.steps.iter().map(|step| step.label_zh.as_str()).collect::<Vec<_>>(), ["接令", "回站"]);
        assert_eq!((set.position_interval_standby_ms, set.position_interval_on_task_ms), (5_000, 1_000));
        let usual = of(&Record::default(), &TerminalConfig::default());
        assert_eq!(usual.steps, link::default_steps());
    }
}
