//! The drawing board of a generated city: metres east and north of its south-west corner, and the way back to the earth.

use roads::Wgs84;

/// A point of the drawing board: metres east and north of the city's south-west corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Metres east.
    pub x: f64,
    /// Metres north.
    pub y: f64,
}

impl Point {
    /// A point from metres east and north.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// Where it lies on the earth. A flat board is wrong by under 0.1 % over a city's height, which nobody can see.
    pub fn on_earth(self) -> Wgs84 {
        let longitude = CORNER_LONGITUDE + self.x / M_PER_DEGREE_EAST;
        let latitude = CORNER_LATITUDE + self.y / M_PER_DEGREE_NORTH;
        Wgs84::new(longitude, latitude)
            .expect("invariant: the city lies well inside the degrees of the earth")
    }

    /// Metres to another point.
    pub fn distance_m(self, other: Self) -> f64 {
        ((self.x - other.x).powi(2) + (self.y - other.y).powi(2)).sqrt()
    }

    /// The point at a fraction (0 to 1) of the way to another.
    #[must_use]
    pub fn towards(self, other: Self, fraction: f64) -> Self {
        Self { x: self.x + (other.x - self.x) * fraction, y: self.y + (other.y - self.y) * fraction }
    }
}

/// Width of the city in metres.
pub const WIDTH_M: f64 = 24_960.0;
/// Height of the city in metres.
pub const HEIGHT_M: f64 = 19_200.0;

const CORNER_LONGITUDE: f64 = 118.20;
const CORNER_LATITUDE: f64 = 29.05;
const M_PER_DEGREE_NORTH: f64 = 111_195.08;
/// At the latitude of the city's middle.
const M_PER_DEGREE_EAST: f64 = 97_120.0;
