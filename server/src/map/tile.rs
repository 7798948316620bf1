//! Draws one vector tile (Mapbox Vector Tile 2.1): the features seen there, cut with a margin, simplified, with their tags.

use mvt::{GeomData, GeomEncoder, GeomType, Layer, Tile};

use super::clip::{cut_line, cut_ring, simplified};
use super::feature::{FeatureIndex, LayerName, MapFeature, Shape};
use super::mercator::{EXTENT, Frame, Spot, TileId};

/// The tile's bytes; empty when nothing is seen there.
pub(super) fn draw(index: &FeatureIndex, id: TileId) -> Result<Vec<u8>, mvt::Error> {
    let pen = Pen::new(id);
    let mut tile = Tile::new(EXTENT);
    let mut layers: Vec<(LayerName, Layer)> = Vec::new();
    for feature in index.seen(pen.margin, id.z) {
        let Some(data) = pen.trace(&feature.shape)? else { continue };
        let layer = match layers.iter().position(|(name, _)| *name == feature.layer) {
            Some(at) => layers.swap_remove(at).1,
            None => tile.create_layer(feature.layer.text()),
        };
        layers.push((feature.layer, with_feature(layer, data, feature)));
    }
    layers.sort_by_key(|(name, _)| *name);
    for (_, layer) in layers {
        tile.add_layer(layer)?;
    }
    tile.to_bytes()
}

fn with_feature(layer: Layer, data: GeomData, feature: &MapFeature) -> Layer {
    let mut drawn = layer.into_feature(data);
    let tags = &feature.tags;
    let is_road = feature.layer == LayerName::Roads;
    drawn.add_tag_string(if is_road { "class" } else { "kind" }, tags.kind);
    if !tags.name.is_empty() {
        drawn.add_tag_string("name", &tags.name);
    }
    if let Some(way) = tags.way {
        drawn.add_tag_int("way", way);
        drawn.add_tag_bool("bridge", tags.bridge);
        drawn.add_tag_bool("tunnel", tags.tunnel);
    }
    drawn.into_layer()
}

impl LayerName {
    fn text(self) -> &'static str {
        match self {
            Self::Built => "built",
            Self::Green => "green",
            Self::Water => "water",
            Self::Districts => "districts",
            Self::Railways => "railways",
            Self::Roads => "roads",
            Self::Labels => "labels",
        }
    }
}

/// From the square to the units of one tile.
struct Pen {
    tile: Frame,
    /// The tile with what hangs over its edge, so that wide lines and their joints are whole on both sides.
    margin: Frame,
    units: f64,
}

impl Pen {
    fn new(id: TileId) -> Self {
        let units = id.units();
        let tile = id.frame();
        Self { tile, margin: tile.grown(f64::from(MARGIN_UNITS) / units), units }
    }

    fn trace(&self, shape: &Shape) -> Result<Option<GeomData>, mvt::Error> {
        match shape {
            Shape::Point(spot) => self.trace_point(*spot),
            Shape::Line(points) => self.trace_line(points),
            Shape::Area(rings) => self.trace_area(rings),
        }
    }

    fn trace_point(&self, spot: Spot) -> Result<Option<GeomData>, mvt::Error> {
        let (x, y) = self.units_of(spot);
        let data = GeomEncoder::new(GeomType::Point).point(x, y)?.encode()?;
        Ok(Some(data))
    }

    fn trace_line(&self, points: &[Spot]) -> Result<Option<GeomData>, mvt::Error> {
        let mut encoder = GeomEncoder::new(GeomType::Linestring);
        let mut drawn = false;
        for part in cut_line(&simplified(points, FINENESS_UNITS / self.units), self.margin) {
            let part = self.distinct(&part);
            if part.len() < 2 {
                continue;
            }
            for (x, y) in part {
                encoder.add_point(x, y)?;
            }
            encoder.complete_geom()?;
            drawn = true;
        }
        if drawn { encoder.encode().map(Some) } else { Ok(None) }
    }

    fn trace_area(&self, rings: &[Vec<Spot>]) -> Result<Option<GeomData>, mvt::Error> {
        let mut encoder = GeomEncoder::new(GeomType::Polygon);
        for (number, ring) in rings.iter().enumerate() {
            let is_outer = number == 0;
            let tiny =
                Frame::around(ring).is_none_or(|frame| frame.side() * self.units < AREA_SIDE_UNITS_MIN);
            let cut = cut_ring(&simplified(ring, FINENESS_UNITS / self.units), self.margin);
            let mut corners = self.distinct(&cut);
            if corners.len() > 1 && corners.first() == corners.last() {
                corners.pop();
            }
            let twice_area = twice_area(&corners);
            if tiny || corners.len() < 3 || twice_area == 0 {
                if is_outer {
                    return Ok(None);
                }
                continue;
            }
            // The format tells an outer ring from a hole by its turning.
            if (twice_area > 0) != is_outer {
                corners.reverse();
            }
            for (x, y) in corners {
                encoder.add_point(x, y)?;
            }
            encoder.complete_geom()?;
        }
        encoder.encode().map(Some)
    }

    fn units_of(&self, spot: Spot) -> (i32, i32) {
        let of = |value: f64, origin: f64| ((value - origin) * self.units).round() as i32;
        (of(spot.x, self.tile.west), of(spot.y, self.tile.north))
    }

    /// The points in units, none twice in a row.
    fn distinct(&self, points: &[Spot]) -> Vec<(i32, i32)> {
        let mut units: Vec<(i32, i32)> = points.iter().map(|&p| self.units_of(p)).collect();
        units.dedup();
        units
    }
}

/// Twice the ring's area in square units, above zero when it turns clockwise on the screen.
fn twice_area(ring: &[(i32, i32)]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1))
        .sum()
}

/// How far a tile reaches over its edge, in its units: 16 pixels of 512.
const MARGIN_UNITS: u32 = 128;
/// What is finer than this is dropped: half a pixel.
const FINENESS_UNITS: f64 = 4.0;
/// An area smaller than this is not drawn: a pixel and a half.
const AREA_SIDE_UNITS_MIN: f64 = 12.0;
