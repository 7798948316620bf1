//! Road classes and the speeds assumed for them. All numbers here are assumptions for a city without measured speeds; a centre
//! replaces them through `SpeedFactors` and, per road, through `Weights::with_factor`.

use serde::{Deserialize, Serialize};

use crate::Profile;

/// The class of a road, from widest to narrowest; the order is the order of drawing as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum RoadClass {
    /// 高速公路.
    Motorway = 0,
    /// Ramp of a motorway.
    MotorwayLink = 1,
    /// 快速路, national road.
    Trunk = 2,
    /// Ramp of a trunk road.
    TrunkLink = 3,
    /// 主干路.
    Primary = 4,
    /// Ramp of a primary road.
    PrimaryLink = 5,
    /// 次干路.
    Secondary = 6,
    /// Ramp of a secondary road.
    SecondaryLink = 7,
    /// 支路.
    Tertiary = 8,
    /// Ramp of a tertiary road.
    TertiaryLink = 9,
    /// Minor through road.
    Unclassified = 10,
    /// Street of houses.
    Residential = 11,
    /// Shared with people on foot.
    LivingStreet = 12,
    /// Yards, car parks, compounds, bus lanes.
    Service = 13,
    /// Unmade road.
    Track = 14,
}

impl RoadClass {
    /// All classes, by their number in the map file.
    pub const ALL: [Self; 15] = [
        Self::Motorway,
        Self::MotorwayLink,
        Self::Trunk,
        Self::TrunkLink,
        Self::Primary,
        Self::PrimaryLink,
        Self::Secondary,
        Self::SecondaryLink,
        Self::Tertiary,
        Self::TertiaryLink,
        Self::Unclassified,
        Self::Residential,
        Self::LivingStreet,
        Self::Service,
        Self::Track,
    ];

    /// Speed in km/h where the road carries no limit of its own.
    pub fn speed_kmh(self) -> f64 {
        match self {
            Self::Motorway => 100.0,
            Self::Trunk => 80.0,
            Self::Primary | Self::MotorwayLink => 60.0,
            Self::Secondary | Self::TrunkLink => 50.0,
            Self::Tertiary | Self::PrimaryLink | Self::SecondaryLink => 40.0,
            Self::Unclassified | Self::TertiaryLink => 35.0,
            Self::Residential => 30.0,
            Self::LivingStreet | Self::Service | Self::Track => 15.0,
        }
    }

    /// Short name as in OpenStreetMap's `highway` tag.
    pub fn name(self) -> &'static str {
        match self {
            Self::Motorway => "motorway",
            Self::MotorwayLink => "motorway_link",
            Self::Trunk => "trunk",
            Self::TrunkLink => "trunk_link",
            Self::Primary => "primary",
            Self::PrimaryLink => "primary_link",
            Self::Secondary => "secondary",
            Self::SecondaryLink => "secondary_link",
            Self::Tertiary => "tertiary",
            Self::TertiaryLink => "tertiary_link",
            Self::Unclassified => "unclassified",
            Self::Residential => "residential",
            Self::LivingStreet => "living_street",
            Self::Service => "service",
            Self::Track => "track",
        }
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// How fast a profile drives in relation to a road's limit (or its class's speed): a whole-journey mean, so it holds lights,
/// junctions and ordinary traffic.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpeedFactors {
    /// Motorways and trunk roads with their ramps.
    pub fast_roads: f64,
    /// Primary to tertiary roads with their ramps.
    pub main_roads: f64,
    /// Everything smaller.
    pub small_roads: f64,
}

impl SpeedFactors {
    /// The assumed factors of a profile. Lights and sirens win most where queues stand at junctions and little on fast roads.
    pub fn assumed(profile: Profile) -> Self {
        match profile {
            Profile::LightsAndSirens => Self { fast_roads: 0.95, main_roads: 0.85, small_roads: 0.85 },
            Profile::Ordinary => Self { fast_roads: 0.85, main_roads: 0.62, small_roads: 0.70 },
        }
    }

    /// No different from the usual.
    pub const USUAL: Self = Self { fast_roads: 1.0, main_roads: 1.0, small_roads: 1.0 };

    /// These factors where everybody drives by others faster: a profile's at an hour.
    #[must_use]
    pub fn times(&self, others: &Self) -> Self {
        Self {
            fast_roads: self.fast_roads * others.fast_roads,
            main_roads: self.main_roads * others.main_roads,
            small_roads: self.small_roads * others.small_roads,
        }
    }

    /// The factor for a class.
    pub fn of(&self, class: RoadClass) -> f64 {
        if class <= RoadClass::TrunkLink {
            self.fast_roads
        } else if class <= RoadClass::TertiaryLink {
            self.main_roads
        } else {
            self.small_roads
        }
    }

    pub(crate) fn are_usable(&self) -> bool {
        [self.fast_roads, self.main_roads, self.small_roads].iter().all(|f| (0.05..=5.0).contains(f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_the_map_file_are_stable() {
        for (number, class) in RoadClass::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, number);
            assert_eq!(RoadClass::from_number(number as u8), Some(class));
        }
        assert_eq!(RoadClass::from_number(15), None);
    }

    #[test]
    fn lights_and_sirens_are_faster_on_every_class() {
        let lights = SpeedFactors::assumed(Profile::LightsAndSirens);
        let ordinary = SpeedFactors::assumed(Profile::Ordinary);
        assert!(RoadClass::ALL.iter().all(|&c| lights.of(c) > ordinary.of(c)));
    }
}
