//! Where people call from: along the streets, most where most streets are, with an address that the caller could say.

use roads::{RoadClass, RoadMap, Wgs84};

use crate::chance::Chance;

/// The places of one map, heavier where more people are.
#[derive(Debug)]
pub struct Places {
    spots: Vec<Spot>,
    /// Sum of the weights up to and with each spot.
    reach: Vec<f64>,
    /// Names of places, for streets without one.
    labels: Vec<(String, Wgs84)>,
}

#[derive(Debug)]
struct Spot {
    points: [Wgs84; 2],
    street: String,
}

/// A place with its address.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// Where, WGS-84.
    pub position: Wgs84,
    /// In words.
    pub words: String,
}

impl Places {
    /// The places of a map.
    pub fn of(map: &RoadMap) -> Self {
        let network = map.network();
        let labels = map.base_map().labels.iter().map(|label| (label.name.clone(), label.position)).collect();
        let mut places = Self { spots: Vec::new(), reach: Vec::new(), labels };
        let mut sum = 0.0;
        for number in 0..network.road_piece_count() {
            let piece = network.road_piece(number);
            let weight = piece.length_m * people(piece.way.class);
            if weight <= 0.0 || piece.way.bridge || piece.way.tunnel {
                continue;
            }
            let middle = (piece.points.len() - 1) / 2;
            sum += weight;
            places.reach.push(sum);
            places.spots.push(Spot {
                points: [piece.points[middle], piece.points[middle + 1]],
                street: piece.way.name.into(),
            });
        }
        places
    }

    /// A place by chance; `None` on a map without streets.
    pub fn draw(&self, chance: &mut Chance) -> Option<Address> {
        let wanted = chance.unit() * self.reach.last()?;
        let spot =
            &self.spots[self.reach.partition_point(|&reach| reach <= wanted).min(self.spots.len() - 1)];
        let along = spot.points[0].towards(spot.points[1], chance.unit());
        // The house stands beside the street: up to 25 m off.
        let beside = |off: f64| off * 0.000_22;
        let position = Wgs84::new(
            along.longitude() + beside(chance.between(-1.0, 1.0)),
            along.latitude() + beside(chance.between(-1.0, 1.0)),
        )
        .unwrap_or(along);
        let street = if spot.street.is_empty() { self.near_label(along) } else { spot.street.clone() };
        let house = 1 + chance.below(380);
        let words = match chance.below(5) {
            0 => format!(
                "{street}{house}号{}栋{}室",
                1 + chance.below(12),
                101 + 100 * chance.below(18) + chance.below(4)
            ),
            1 => format!("{street}{house}号{}", chance.pick(&LANDMARKS)),
            _ => format!("{street}{house}号"),
        };
        Some(Address { position: rounded(position), words })
    }

    fn near_label(&self, at: Wgs84) -> String {
        let nearest = self.labels.iter().min_by(|a, b| a.1.distance_m(at).total_cmp(&b.1.distance_m(at)));
        nearest.map_or_else(|| "无名路".to_owned(), |(name, _)| format!("{name}附近小区"))
    }
}

/// To 1e-6 degrees (10 cm): what an API or a file shows is what was drawn.
fn rounded(p: Wgs84) -> Wgs84 {
    let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
    Wgs84::new(round(p.longitude()), round(p.latitude())).unwrap_or(p)
}

/// How many people are along a metre of road of a class, in relation to a street of houses.
fn people(class: RoadClass) -> f64 {
    match class {
        RoadClass::Residential | RoadClass::LivingStreet => 1.0,
        RoadClass::Secondary | RoadClass::Tertiary => 0.9,
        RoadClass::Primary => 0.6,
        RoadClass::Service => 0.5,
        RoadClass::Unclassified => 0.25,
        RoadClass::Trunk => 0.1,
        RoadClass::Motorway
        | RoadClass::MotorwayLink
        | RoadClass::TrunkLink
        | RoadClass::PrimaryLink
        | RoadClass::SecondaryLink
        | RoadClass::TertiaryLink
        | RoadClass::Track => 0.02,
    }
}

const LANDMARKS: [&str; 6] = ["超市门口", "小学旁", "公交站", "工地", "菜场北门", "社区服务站"];
