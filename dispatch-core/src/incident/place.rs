//! Where somebody is: words, and a position when there is one.

use roads::Wgs84;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// Where a call or an incident is. A call may have words and no position yet.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Place {
    /// Position, WGS-84.
    pub position: Option<Wgs84>,
    /// The address in words.
    #[serde(default)]
    pub address: String,
    /// Where somebody will wait for the ambulance (等车地点).
    #[serde(default)]
    pub waiting_place: String,
    /// The district it lies in, by the centre's own map.
    #[serde(default)]
    pub district: Option<String>,
    /// The class of area that decides its response target.
    #[serde(default)]
    pub area: AreaClass,
}

impl Place {
    /// Refuses texts beyond their bound.
    pub fn check(&self) -> Result<(), Refusal> {
        let chars_max = super::IncidentSketch::TEXT_CHARS_MAX;
        let texts = [&self.address, &self.waiting_place];
        if texts.iter().any(|text| text.chars().count() > chars_max) {
            return Err(Refusal::TooLong { chars_max });
        }
        Ok(())
    }
}

/// The class of area that decides the response target: 15 minutes in a city's core, 10 in a county's (浙卫发〔2020〕21号).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaClass {
    /// 设区市城区: under 15 minutes.
    #[default]
    CityCore,
    /// 县(市)城区: under 10 minutes.
    CountyCore,
    /// Everywhere else: no target in the policy.
    Rural,
}
