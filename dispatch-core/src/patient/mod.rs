//! What is known of a patient while a unit has them: measured, found, scored, and the alert that asks a hospital to be ready.
//!
//! An entry comes from the vehicle with the time it is true of. One that comes late fills the chart's past and never moves what counts
//! now (law 8).

mod chart;
mod file;

use serde::{Deserialize, Serialize};

pub use chart::{Chart, Timed};
pub use file::{FILES_MAX, FileCard, FileKind};

use crate::incident::Sex;
use crate::private::Private;

/// Patients of one assignment: a coach's worth.
pub const PATIENTS_MAX: u8 = 20;

/// One entry in a patient's chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum PatientEntry {
    /// What one measuring gave.
    Vitals(Vitals),
    /// What the crew found and did. The newest counts as a whole.
    Findings(Findings),
    /// A score with its items.
    Score(Score),
    /// A hospital is asked to be ready, or needs to be no longer.
    Alert(Alert),
    /// There is a file: an ECG, a photo. What is in it is kept apart.
    File(FileCard),
}

/// What one measuring gave; what was not measured is `None`, never 0.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Vitals {
    /// Who measured.
    pub source: VitalsSource,
    /// Which device; empty by hand.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub device: String,
    /// The device, or the crew, does not trust it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubtful: bool,
    /// Beats a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heart_rate_per_min: Option<u16>,
    /// Systolic blood pressure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub systolic_mmhg: Option<u16>,
    /// Diastolic blood pressure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diastolic_mmhg: Option<u16>,
    /// Oxygen saturation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spo2_percent: Option<u16>,
    /// Breaths a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respiration_per_min: Option<u16>,
    /// Of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature_c: Option<f32>,
    /// Carbon dioxide at the end of a breath.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etco2_mmhg: Option<u16>,
    /// Blood sugar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glucose_mmol_l: Option<f32>,
}

/// Who measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VitalsSource {
    /// The crew, by hand.
    #[default]
    Crew,
    /// A device.
    Monitor,
}

/// What the crew found and did.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Findings {
    /// The patient's name; empty when unknown.
    #[serde(with = "crate::private::journal")]
    pub name: Private,
    /// Unknown when `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Unknown when `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_years: Option<u8>,
    /// How bad it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// 主诉.
    pub complaint: String,
    /// 既往史, allergies among it.
    pub history: String,
    /// 初步判断.
    pub judgement: String,
    /// 处置: what was done and given.
    pub measures: String,
}

/// How bad it is, in the words of a hospital's notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 危重.
    Critical,
    /// 中.
    Medium,
    /// 其他.
    Other,
}

/// A score with its items. What items there are is the vehicle link's affair; here it is kept and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Which.
    pub kind: ScoreKind,
    /// Its items in their order.
    pub items: Vec<u8>,
    /// Their sum.
    pub total: u8,
}

/// Which score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreKind {
    /// Glasgow coma scale, 3 to 15.
    Gcs,
    /// 创伤指数, 2 to 30.
    TraumaIndex,
    /// Apgar, 0 to 10.
    Apgar,
    /// Face, arm, speech: 0 to 3 signs.
    Fast,
}

/// 绿色通道: a hospital is asked to be ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// For what.
    pub kind: AlertKind,
    /// It needs to be no longer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// For what a hospital is asked to be ready: the five centres of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// 胸痛.
    ChestPain,
    /// 卒中.
    Stroke,
    /// 创伤.
    Trauma,
    /// 危重孕产妇.
    Maternal,
    /// 危重新生儿.
    Newborn,
}
