//! What can be drawn, ready to be cut: projected once at start, found by place, each with the zoom from which it is seen.

use roads::base_map::{AreaKind, LineKind, PlaceKind, Polygon};
use roads::{BaseMap, RoadMap, Wgs84};
use rstar::{AABB, RTree, RTreeObject};

use super::mercator::{Frame, Spot, ZOOM_MIN};
use super::stitch::stitched_roads;

/// The layers of a tile, in the order in which they are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LayerName {
    Built,
    Green,
    Water,
    Districts,
    Railways,
    Roads,
    Labels,
}

/// One thing to draw.
#[derive(Debug)]
pub(super) struct MapFeature {
    pub(super) layer: LayerName,
    /// Seen from this zoom on.
    pub(super) zoom_min: u8,
    pub(super) shape: Shape,
    pub(super) tags: Tags,
}

#[derive(Debug)]
pub(super) enum Shape {
    Point(Spot),
    Line(Vec<Spot>),
    /// The outer ring first, then the holes. Rings repeat their first point.
    Area(Vec<Vec<Spot>>),
}

/// What a style can ask of a feature.
#[derive(Debug, Default, Clone)]
pub(super) struct Tags {
    /// `kind` of an area or a label, `class` of a road.
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) bridge: bool,
    pub(super) tunnel: bool,
    pub(super) way: Option<i64>,
}

/// Every feature of a map, found by place.
#[derive(Debug)]
pub(super) struct FeatureIndex {
    features: Vec<MapFeature>,
    tree: RTree<Entry>,
}

#[derive(Debug)]
struct Entry {
    frame: Frame,
    number: u32,
}

impl RTreeObject for Entry {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.frame.west, self.frame.north], [self.frame.east, self.frame.south])
    }
}

impl FeatureIndex {
    pub(super) fn of(map: &RoadMap) -> Self {
        let mut features = Vec::new();
        areas_and_lines(map.base_map(), &mut features);
        districts(map.base_map(), &mut features);
        roads(map, &mut features);
        labels(map.base_map(), &mut features);
        let entry = |(number, feature): (usize, &MapFeature)| {
            feature.frame().map(|frame| Entry { frame, number: number as u32 })
        };
        let tree = RTree::bulk_load(features.iter().enumerate().filter_map(entry).collect());
        Self { features, tree }
    }

    /// The features seen at a zoom that touch the frame, in the order of drawing.
    pub(super) fn seen(&self, frame: Frame, z: u8) -> Vec<&MapFeature> {
        let envelope = AABB::from_corners([frame.west, frame.north], [frame.east, frame.south]);
        let mut numbers: Vec<u32> =
            self.tree.locate_in_envelope_intersecting(envelope).map(|entry| entry.number).collect();
        numbers.sort_unstable();
        let features = numbers.into_iter().map(|number| &self.features[number as usize]);
        features.filter(|feature| feature.zoom_min <= z).collect()
    }
}

impl MapFeature {
    fn frame(&self) -> Option<Frame> {
        match &self.shape {
            Shape::Point(spot) => Frame::around(&[*spot]),
            Shape::Line(points) => Frame::around(points),
            Shape::Area(rings) => Frame::around(rings.first()?),
        }
    }
}

fn areas_and_lines(base: &BaseMap, features: &mut Vec<MapFeature>) {
    for area in &base.areas {
        let (layer, zoom_min, kind) = match area.kind {
            AreaKind::BuiltUp => (LayerName::Built, 9, "built_up"),
            AreaKind::HospitalGrounds => (LayerName::Built, 12, "hospital_grounds"),
            AreaKind::Green => (LayerName::Green, 9, "green"),
            AreaKind::Water => (LayerName::Water, ZOOM_MIN, "area"),
        };
        let tags = Tags { kind, name: area.name.clone(), ..Tags::default() };
        features.push(MapFeature { layer, zoom_min, shape: shape_of(&area.polygon), tags });
    }
    for line in &base.lines {
        let (layer, zoom_min, kind) = match line.kind {
            LineKind::Waterway => (LayerName::Water, 10, "line"),
            LineKind::Railway => (LayerName::Railways, 11, "railway"),
        };
        let tags = Tags { kind, name: line.name.clone(), ..Tags::default() };
        features.push(MapFeature { layer, zoom_min, shape: Shape::Line(spots(&line.points)), tags });
    }
}

fn districts(base: &BaseMap, features: &mut Vec<MapFeature>) {
    for district in &base.districts {
        for polygon in &district.polygons {
            let tags = Tags { kind: "district", name: district.name.clone(), ..Tags::default() };
            let zoom_min = if district.admin_level <= 6 { ZOOM_MIN } else { 10 };
            features.push(MapFeature {
                layer: LayerName::Districts,
                zoom_min,
                shape: shape_of(polygon),
                tags,
            });
        }
    }
}

fn roads(map: &RoadMap, features: &mut Vec<MapFeature>) {
    for road in stitched_roads(map.network()) {
        let tags = Tags {
            kind: road.way.class.name(),
            name: road.way.name.to_owned(),
            bridge: road.way.bridge,
            tunnel: road.way.tunnel,
            way: Some(road.way.id),
        };
        let zoom_min = super::stitch::zoom_min(road.way.class);
        let shape = Shape::Line(spots(&road.points));
        features.push(MapFeature { layer: LayerName::Roads, zoom_min, shape, tags });
    }
}

fn labels(base: &BaseMap, features: &mut Vec<MapFeature>) {
    for label in &base.labels {
        let (zoom_min, kind) = match label.kind {
            PlaceKind::City => (ZOOM_MIN, "city"),
            PlaceKind::Town => (9, "town"),
            PlaceKind::Suburb => (10, "suburb"),
            PlaceKind::Village => (12, "village"),
            PlaceKind::Neighbourhood => (13, "neighbourhood"),
        };
        let tags = Tags { kind, name: label.name.clone(), ..Tags::default() };
        let shape = Shape::Point(Spot::of(label.position));
        features.push(MapFeature { layer: LayerName::Labels, zoom_min, shape, tags });
    }
}

fn shape_of(polygon: &Polygon) -> Shape {
    Shape::Area(std::iter::once(&polygon.outer).chain(&polygon.holes).map(|ring| spots(ring)).collect())
}

fn spots(points: &[Wgs84]) -> Vec<Spot> {
    points.iter().copied().map(Spot::of).collect()
}
