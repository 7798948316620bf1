//! Positions on the earth. One datum (WGS-84), named in the type; every distance in this crate comes from `Wgs84::distance_m`,
//! so that lower bounds and travel times are measured with the same ruler.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A position in WGS-84 degrees, always finite and in range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawPosition")]
pub struct Wgs84 {
    longitude: f64,
    latitude: f64,
}

impl Wgs84 {
    /// A position from degrees; refuses what is not finite or out of range.
    pub fn new(longitude: f64, latitude: f64) -> Result<Self, PositionError> {
        // A NaN fails both range checks.
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(PositionError::Longitude(longitude));
        }
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(PositionError::Latitude(latitude));
        }
        Ok(Self { longitude, latitude })
    }

    /// Degrees east, −180 to 180.
    pub fn longitude(self) -> f64 {
        self.longitude
    }

    /// Degrees north, −90 to 90.
    pub fn latitude(self) -> f64 {
        self.latitude
    }

    /// Great-circle distance in metres on a sphere of the earth's mean radius (0.5 % of the ellipsoid at worst).
    pub fn distance_m(self, other: Self) -> f64 {
        let (lat_a, lat_b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half_lat = ((lat_b - lat_a) / 2.0).sin();
        let half_lon = ((other.longitude - self.longitude).to_radians() / 2.0).sin();
        let h = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lon * half_lon;
        2.0 * EARTH_RADIUS_M * h.min(1.0).sqrt().asin()
    }

    /// Initial bearing towards `other` in degrees clockwise from north, 0 to 360.
    pub fn bearing_deg(self, other: Self) -> f64 {
        let (lat_a, lat_b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let lon = (other.longitude - self.longitude).to_radians();
        let y = lon.sin() * lat_b.cos();
        let x = lat_a.cos() * lat_b.sin() - lat_a.sin() * lat_b.cos() * lon.cos();
        y.atan2(x).to_degrees().rem_euclid(360.0)
    }

    /// The point at `fraction` (0 to 1) of the straight line to `other`.
    #[must_use]
    pub fn towards(self, other: Self, fraction: f64) -> Self {
        let f = fraction.clamp(0.0, 1.0);
        Self {
            longitude: self.longitude + (other.longitude - self.longitude) * f,
            latitude: self.latitude + (other.latitude - self.latitude) * f,
        }
    }

    /// Rounded to 1e-7 degrees (about 1 cm), the precision of OpenStreetMap and of our map file.
    pub(crate) fn to_e7(self) -> [i32; 2] {
        [(self.longitude * E7).round() as i32, (self.latitude * E7).round() as i32]
    }

    /// The opposite of [`Wgs84::to_e7`]; `None` when out of range.
    pub(crate) fn from_e7(e7: [i32; 2]) -> Option<Self> {
        Self::new(f64::from(e7[0]) / E7, f64::from(e7[1]) / E7).ok()
    }
}

/// Why a position was refused.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum PositionError {
    /// The longitude is not a number between −180 and 180.
    #[error("longitude {0} is not between -180 and 180 degrees")]
    Longitude(f64),
    /// The latitude is not a number between −90 and 90.
    #[error("latitude {0} is not between -90 and 90 degrees")]
    Latitude(f64),
}

/// A box of positions, corners included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// South-west corner.
    pub south_west: Wgs84,
    /// North-east corner.
    pub north_east: Wgs84,
}

impl Bounds {
    /// The smallest box around the positions; `None` when there are none.
    pub fn around(positions: impl IntoIterator<Item = Wgs84>) -> Option<Self> {
        let mut positions = positions.into_iter();
        let first = positions.next()?;
        let mut bounds = Self { south_west: first, north_east: first };
        for p in positions {
            bounds.south_west.longitude = bounds.south_west.longitude.min(p.longitude);
            bounds.south_west.latitude = bounds.south_west.latitude.min(p.latitude);
            bounds.north_east.longitude = bounds.north_east.longitude.max(p.longitude);
            bounds.north_east.latitude = bounds.north_east.latitude.max(p.latitude);
        }
        Some(bounds)
    }

    /// Whether the position lies in the box.
    pub fn contains(&self, p: Wgs84) -> bool {
        (self.south_west.longitude..=self.north_east.longitude).contains(&p.longitude)
            && (self.south_west.latitude..=self.north_east.latitude).contains(&p.latitude)
    }

    /// The middle of the box.
    pub fn centre(&self) -> Wgs84 {
        self.south_west.towards(self.north_east, 0.5)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPosition {
    longitude: f64,
    latitude: f64,
}

impl TryFrom<RawPosition> for Wgs84 {
    type Error = PositionError;

    fn try_from(raw: RawPosition) -> Result<Self, PositionError> {
        Self::new(raw.longitude, raw.latitude)
    }
}

/// Mean radius of the earth in metres (IUGG R1).
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

const E7: f64 = 1e7;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(longitude: f64, latitude: f64) -> Wgs84 {
        Wgs84::new(longitude, latitude).unwrap()
    }

    #[test]
    fn distances_and_bearings_of_known_places() {
        // One degree of latitude on the mean sphere: pi/180 * 6371008.8 m.
        assert!((at(114.0, 30.0).distance_m(at(114.0, 31.0)) - 111_195.08).abs() < 0.01);
        // Along 60 degrees north a degree of longitude is half as long.
        let along = at(10.0, 60.0).distance_m(at(11.0, 60.0));
        assert!((along - 55_597.0).abs() < 5.0, "{along}");
        assert!((at(0.0, 0.0).bearing_deg(at(0.0, 1.0)) - 0.0).abs() < 1e-9);
        assert!((at(0.0, 0.0).bearing_deg(at(1.0, 0.0)) - 90.0).abs() < 1e-9);
        assert!((at(0.0, 0.0).bearing_deg(at(-1.0, 0.0)) - 270.0).abs() < 1e-9);
    }

    #[test]
    fn impossible_positions_are_refused() {
        assert_eq!(Wgs84::new(180.1, 0.0), Err(PositionError::Longitude(180.1)));
        assert_eq!(Wgs84::new(0.0, -90.5), Err(PositionError::Latitude(-90.5)));
        assert!(Wgs84::new(f64::NAN, 0.0).is_err() && Wgs84::new(0.0, f64::INFINITY).is_err());
        assert!(serde_json::from_str::<Wgs84>(r#"{"longitude":200,"latitude":0}"#).is_err());
        let p: Wgs84 = serde_json::from_str(r#"{"longitude":114.3,"latitude":30.5}"#).unwrap();
        assert_eq!(serde_json::to_string(&p).unwrap(), r#"{"longitude":114.3,"latitude":30.5}"#);
    }

    #[test]
    fn bounds_hold_what_they_were_made_from() {
        let b = Bounds::around([at(1.0, 5.0), at(3.0, 2.0)]).unwrap();
        assert!(b.contains(at(2.0, 3.0)) && !b.contains(at(2.0, 5.1)));
        assert_eq!(b.centre(), at(2.0, 3.5));
        assert!(Bounds::around([]).is_none());
    }
}
