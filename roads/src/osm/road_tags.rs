//! What OpenStreetMap's tags mean to an ambulance: which ways it may drive, in which direction, how fast, and what a gate does.
//! Follows the wiki's access hierarchy for motor vehicles, with `emergency=*` above all.

use super::Tags;
use crate::{Barrier, Direction, RoadClass};

/// A way an ambulance may drive.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RoadTags {
    pub(super) class: RoadClass,
    pub(super) name: String,
    pub(super) direction: Direction,
    pub(super) speed_kmh: Option<f64>,
    pub(super) bridge: bool,
    pub(super) tunnel: bool,
    pub(super) restricted: bool,
}

/// `None` for everything that is not such a way: footways, cycleways, closed or unbuilt roads.
pub(super) fn road(tags: &Tags<'_>) -> Option<RoadTags> {
    let class = class_of(tags)?;
    if tags.is("area", "yes") {
        return None;
    }
    let access = access_of(tags, class)?;
    Some(RoadTags {
        class,
        name: tags.first(&["name", "ref"]).unwrap_or_default().to_owned(),
        direction: direction_of(tags, class)?,
        speed_kmh: tags.first(&["maxspeed", "maxspeed:forward"]).and_then(speed_kmh),
        bridge: tags.get("bridge").is_some_and(|value| value != "no"),
        tunnel: tags.get("tunnel").is_some_and(|value| value != "no"),
        restricted: access == Access::Restricted,
    })
}

/// What stands on a node, if it stops or delays an ambulance.
pub(super) fn barrier(tags: &Tags<'_>) -> Option<Barrier> {
    let kind = tags.get("barrier")?;
    let allowed = tags.first(&["emergency", "motorcar", "motor_vehicle", "vehicle", "access"]);
    let open = matches!(allowed, Some("yes" | "designated" | "permissive"));
    match kind {
        "gate" | "lift_gate" | "swing_gate" | "sliding_gate" | "sliding_beam" | "chain"
        | "hampshire_gate" | "rope" => {
            if tags.is("emergency", "no") {
                Some(Barrier::Closed)
            } else {
                Some(Barrier::Gate)
            }
        }
        "bollard" if matches!(tags.get("bollard"), Some("removable" | "rising" | "foldable")) => {
            Some(Barrier::Gate)
        }
        "bollard"
        | "block"
        | "jersey_barrier"
        | "log"
        | "debris"
        | "cycle_barrier"
        | "motorcycle_barrier"
        | "planter"
        | "stile"
        | "kissing_gate"
        | "turnstile"
        | "full-height_turnstile"
        | "horse_stile"
        | "bus_trap"
        | "wall"
        | "fence"
        | "kerb_raised" => (!open).then_some(Barrier::Closed),
        _ => None,
    }
}

fn class_of(tags: &Tags<'_>) -> Option<RoadClass> {
    let highway = tags.get("highway")?;
    match highway {
        "road" => Some(RoadClass::Unclassified),
        "busway" | "emergency_bay" => Some(RoadClass::Service),
        // Field tracks would double a map for ways an ambulance does not take; paved ones are streets in all but name.
        "track" => {
            let usable = tags.is("tracktype", "grade1")
                || tags.is("emergency", "yes")
                || tags.is("motor_vehicle", "yes");
            usable.then_some(RoadClass::Track)
        }
        _ => RoadClass::ALL.into_iter().find(|class| class.name() == highway),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Access {
    Open,
    Restricted,
}

fn access_of(tags: &Tags<'_>, class: RoadClass) -> Option<Access> {
    match tags.get("emergency") {
        Some("yes" | "designated" | "official" | "permissive") => return Some(Access::Open),
        Some("no") => return None,
        _ => {}
    }
    let bus_only = tags.is("highway", "busway") || tags.is("bus", "yes") || tags.is("psv", "yes");
    match tags.first(&["motorcar", "motor_vehicle", "vehicle", "access"]) {
        Some("no") => bus_only.then_some(Access::Restricted),
        Some(
            "private" | "destination" | "delivery" | "customers" | "permit" | "residents" | "agricultural"
            | "forestry" | "military" | "employees" | "official",
        ) => Some(Access::Restricted),
        _ if class == RoadClass::Service && tags.is("highway", "busway") => Some(Access::Restricted),
        _ => Some(Access::Open),
    }
}

/// `None` for lanes whose direction changes by the hour: no map knows which way they lead.
fn direction_of(tags: &Tags<'_>, class: RoadClass) -> Option<Direction> {
    if tags.is("oneway:emergency", "no") {
        return Some(Direction::Both);
    }
    match tags.first(&["oneway:motor_vehicle", "oneway"]) {
        Some("yes" | "true" | "1") => Some(Direction::Forward),
        Some("-1" | "reverse") => Some(Direction::Backward),
        Some("no" | "false" | "0" | "alternating") => Some(Direction::Both),
        Some("reversible") => None,
        _ => {
            let round = matches!(tags.get("junction"), Some("roundabout" | "circular"));
            let motorway = matches!(class, RoadClass::Motorway | RoadClass::MotorwayLink);
            Some(if round || motorway { Direction::Forward } else { Direction::Both })
        }
    }
}

fn speed_kmh(value: &str) -> Option<f64> {
    let value = value.split(';').next()?.trim();
    let zone = value.split_once(':').map_or(value, |(_, zone)| zone);
    let speed = match zone {
        "walk" | "living_street" => 7.0,
        "urban" => 50.0,
        "rural" => 80.0,
        "trunk" => 100.0,
        "motorway" | "none" => 120.0,
        _ => {
            let digits = value.trim_end_matches(|c: char| !c.is_ascii_digit());
            let number: f64 = digits.parse().ok()?;
            if value.ends_with("mph") {
                number * 1.609_344
            } else if value.ends_with("knots") {
                number * 1.852
            } else {
                number
            }
        }
    };
    // Zero and thousands occur in the data; neither is a speed.
    (3.0..=250.0).contains(&speed).then(|| speed.clamp(5.0, 130.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &[(&'static str, &'static str)]) -> Option<RoadTags> {
        road(&Tags::of(list.iter().copied()))
    }

    #[test]
    fn directions() {
        let direction = |list: &[_]| read(list).map(|road| road.direction);
        assert_eq!(direction(&[("highway", "primary")]), Some(Direction::Both));
        assert_eq!(direction(&[("highway", "primary"), ("oneway", "-1")]), Some(Direction::Backward));
        assert_eq!(
            direction(&[("highway", "tertiary"), ("junction", "roundabout")]),
            Some(Direction::Forward)
        );
        assert_eq!(direction(&[("highway", "motorway")]), Some(Direction::Forward));
        assert_eq!(direction(&[("highway", "motorway"), ("oneway", "no")]), Some(Direction::Both));
        assert_eq!(direction(&[("highway", "primary"), ("oneway", "reversible")]), None);
        let for_us = [("highway", "primary"), ("oneway", "yes"), ("oneway:emergency", "no")];
        assert_eq!(direction(&for_us), Some(Direction::Both));
    }

    #[test]
    fn who_may_drive_where() {
        let restricted = |list: &[_]| read(list).map(|road| road.restricted);
        assert_eq!(restricted(&[("highway", "footway")]), None);
        assert_eq!(restricted(&[("highway", "cycleway")]), None);
        assert_eq!(restricted(&[("highway", "construction"), ("construction", "primary")]), None);
        assert_eq!(restricted(&[("highway", "service"), ("access", "private")]), Some(true));
        assert_eq!(restricted(&[("highway", "residential"), ("access", "destination")]), Some(true));
        assert_eq!(restricted(&[("highway", "residential"), ("motor_vehicle", "no")]), None);
        assert_eq!(
            restricted(&[("highway", "residential"), ("access", "no"), ("emergency", "yes")]),
            Some(false)
        );
        assert_eq!(
            restricted(&[("highway", "residential"), ("access", "no"), ("motor_vehicle", "yes")]),
            Some(false)
        );
        assert_eq!(
            restricted(&[("highway", "service"), ("motor_vehicle", "no"), ("psv", "yes")]),
            Some(true)
        );
        assert_eq!(restricted(&[("highway", "living_street")]), Some(false));
        assert_eq!(restricted(&[("highway", "service"), ("area", "yes")]), None);
    }

    #[test]
    fn speeds() {
        assert_eq!(speed_kmh("50"), Some(50.0));
        assert_eq!(speed_kmh("30 mph"), Some(48.280_32));
        assert_eq!(speed_kmh("CN:urban"), Some(50.0));
        assert_eq!(speed_kmh("60;80"), Some(60.0));
        assert_eq!(speed_kmh("walk"), Some(7.0));
        assert_eq!(
            (speed_kmh("signals"), speed_kmh("0"), speed_kmh("5000"), speed_kmh("")),
            (None, None, None, None)
        );
    }

    #[test]
    fn barriers() {
        let of = |list: &[(&'static str, &'static str)]| barrier(&Tags::of(list.iter().copied()));
        assert_eq!(of(&[("barrier", "bollard")]), Some(Barrier::Closed));
        assert_eq!(of(&[("barrier", "bollard"), ("bollard", "removable")]), Some(Barrier::Gate));
        assert_eq!(of(&[("barrier", "bollard"), ("emergency", "yes")]), None);
        assert_eq!(of(&[("barrier", "lift_gate"), ("access", "private")]), Some(Barrier::Gate));
        assert_eq!(of(&[("barrier", "toll_booth")]), None);
        assert_eq!(of(&[("amenity", "bench")]), None);
    }
}
