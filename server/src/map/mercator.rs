//! From degrees to the square that web maps are cut from: Web Mercator, 0 to 1 from west to east and north to south.

use roads::{Bounds, Wgs84};

/// A point of the square: `x` grows eastwards, `y` southwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A box of the square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub(super) west: f64,
    pub(super) north: f64,
    pub(super) east: f64,
    pub(super) south: f64,
}

/// The number of one tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TileId {
    /// Zoom: the square is cut into 2^z by 2^z tiles.
    pub(crate) z: u8,
    /// Column from the west.
    pub(crate) x: u32,
    /// Row from the north.
    pub(crate) y: u32,
}

impl Spot {
    pub(super) fn of(position: Wgs84) -> Self {
        // Beyond this latitude the projection runs away; nobody is dispatched there.
        let latitude = position.latitude().clamp(-85.051_128, 85.051_128).to_radians();
        let y = 0.5 - latitude.tan().asinh() / std::f64::consts::TAU;
        Self { x: position.longitude() / 360.0 + 0.5, y }
    }
}

impl Frame {
    /// The smallest box around the points; `None` without points.
    pub(super) fn around(points: &[Spot]) -> Option<Self> {
        let first = points.first()?;
        let start = Self { west: first.x, north: first.y, east: first.x, south: first.y };
        Some(points.iter().fold(start, |frame, p| Self {
            west: frame.west.min(p.x),
            north: frame.north.min(p.y),
            east: frame.east.max(p.x),
            south: frame.south.max(p.y),
        }))
    }

    pub(super) fn of(bounds: Bounds) -> Self {
        let (low, high) = (Spot::of(bounds.south_west), Spot::of(bounds.north_east));
        Self { west: low.x, north: high.y, east: high.x, south: low.y }
    }

    /// The longer side.
    pub(super) fn side(&self) -> f64 {
        (self.east - self.west).max(self.south - self.north)
    }

    pub(super) fn grown(self, by: f64) -> Self {
        Self { west: self.west - by, north: self.north - by, east: self.east + by, south: self.south + by }
    }
}

impl TileId {
    /// A tile that exists; `None` for a zoom we do not cut or a number beyond the square.
    pub(crate) fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        let exists = (ZOOM_MIN..=ZOOM_MAX).contains(&z) && x < 1 << z && y < 1 << z;
        exists.then_some(Self { z, x, y })
    }

    /// How many units of the tile the whole square measures.
    pub(super) fn units(self) -> f64 {
        f64::from(1u32 << self.z) * f64::from(EXTENT)
    }

    /// The part of the square it shows.
    pub(super) fn frame(self) -> Frame {
        let side = 1.0 / f64::from(1u32 << self.z);
        let (west, north) = (f64::from(self.x) * side, f64::from(self.y) * side);
        Frame { west, north, east: west + side, south: north + side }
    }
}

/// Units along a tile's side.
pub(super) const EXTENT: u32 = 4096;
/// The smallest zoom cut: a province on the screen.
pub(crate) const ZOOM_MIN: u8 = 6;
/// The largest zoom cut: browsers enlarge it further by themselves.
pub(crate) const ZOOM_MAX: u8 = 18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_places_fall_into_known_tiles() {
        let wuhan = Spot::of(Wgs84::new(114.305, 30.593).unwrap());
        // Worked out with the formula by hand: 14/13394/6728.
        let tile = TileId::new(14, (wuhan.x * 16384.0) as u32, (wuhan.y * 16384.0) as u32).unwrap();
        assert_eq!((tile.x, tile.y), (13394, 6728));
        let frame = tile.frame();
        assert!((frame.west..frame.east).contains(&wuhan.x) && (frame.north..frame.south).contains(&wuhan.y));
        let middle = Spot::of(Wgs84::new(0.0, 0.0).unwrap());
        assert!((middle.x - 0.5).abs() < 1e-12 && (middle.y - 0.5).abs() < 1e-12);
    }

    #[test]
    fn tiles_that_do_not_exist_are_refused() {
        assert!(TileId::new(5, 0, 0).is_none() && TileId::new(19, 0, 0).is_none());
        assert!(TileId::new(6, 64, 0).is_none() && TileId::new(6, 0, 64).is_none());
        assert!(TileId::new(18, (1 << 18) - 1, (1 << 18) - 1).is_some());
    }
}
