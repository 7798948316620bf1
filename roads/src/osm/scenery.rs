//! What OpenStreetMap's tags mean to the drawing: water, green, built-up areas, railways, names, hospitals.

use super::Tags;
use crate::Wgs84;
use crate::base_map::{AreaKind, HospitalSite, LineKind, MapLabel, PlaceKind};

/// What a way or a shape shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scenery {
    /// A closed area.
    Area(AreaKind),
    /// A line.
    Line(LineKind),
    /// The grounds of a hospital, which is also a place to drive to.
    Hospital {
        /// What the map says of its emergency department.
        emergency: Option<bool>,
    },
}

/// A node worth a name.
pub(super) enum Place {
    Label(MapLabel),
    Hospital(HospitalSite),
}

pub(super) fn of_way(tags: &Tags<'_>, is_ring: bool) -> Option<Scenery> {
    if tags.is_empty() {
        return None;
    }
    if is_ring && let Some(area) = area(tags) {
        return Some(area);
    }
    let hidden = tags.get("tunnel").is_some_and(|value| value != "no");
    let waterway = matches!(tags.get("waterway"), Some("river" | "canal"));
    // The sea itself is not in an extract; its edge is.
    let coast = tags.is("natural", "coastline");
    let railway =
        matches!(tags.get("railway"), Some("rail" | "light_rail" | "narrow_gauge" | "monorail" | "subway"));
    match (waterway || coast, railway) {
        _ if hidden => None,
        (true, _) => Some(Scenery::Line(LineKind::Waterway)),
        (_, true) => Some(Scenery::Line(LineKind::Railway)),
        _ => None,
    }
}

/// What a closed area shows, as a way or as a multipolygon.
pub(super) fn area(tags: &Tags<'_>) -> Option<Scenery> {
    if tags.is("amenity", "hospital") {
        return Some(Scenery::Hospital { emergency: emergency(tags) });
    }
    let water = tags.is("natural", "water")
        || tags.is("waterway", "riverbank")
        || matches!(tags.get("landuse"), Some("reservoir" | "basin"));
    let green = matches!(
        tags.get("landuse"),
        Some("forest" | "grass" | "meadow" | "cemetery" | "recreation_ground" | "village_green" | "orchard")
    ) || matches!(
        tags.get("leisure"),
        Some("park" | "garden" | "golf_course" | "nature_reserve")
    ) || matches!(tags.get("natural"), Some("wood" | "scrub" | "grassland" | "heath"));
    let built_up =
        matches!(tags.get("landuse"), Some("residential" | "commercial" | "industrial" | "retail"));
    match (water, green, built_up) {
        (true, ..) => Some(Scenery::Area(AreaKind::Water)),
        (_, true, _) => Some(Scenery::Area(AreaKind::Green)),
        (.., true) => Some(Scenery::Area(AreaKind::BuiltUp)),
        _ => None,
    }
}

pub(super) fn of_node(tags: &Tags<'_>, position: Wgs84) -> Option<Place> {
    let name = tags.name();
    if name.is_empty() {
        return None;
    }
    if tags.is("amenity", "hospital") {
        return Some(Place::Hospital(HospitalSite { name, position, emergency: emergency(tags) }));
    }
    let kind = match tags.get("place")? {
        "city" => PlaceKind::City,
        "town" => PlaceKind::Town,
        "suburb" | "borough" | "district" => PlaceKind::Suburb,
        "village" => PlaceKind::Village,
        "quarter" | "neighbourhood" | "hamlet" => PlaceKind::Neighbourhood,
        _ => return None,
    };
    Some(Place::Label(MapLabel { kind, name, position }))
}

fn emergency(tags: &Tags<'_>) -> Option<bool> {
    match tags.get("emergency") {
        Some("yes" | "designated") => Some(true),
        Some("no") => Some(false),
        _ => None,
    }
}
