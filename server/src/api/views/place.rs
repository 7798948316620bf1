//! Times, positions and places as the interface writes them.

use dispatch_core::incident::Place;
use dispatch_core::{Span, UtcTime};
use roads::Wgs84;
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::words::AreaWord;

/// A point in time: RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Time(pub(crate) UtcTime);

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("A point in time: RFC 3339 in UTC."))
            .examples(["2026-11-21T13:04:17.250Z"])
            .into()
    }
}

impl ToSchema for Time {}

impl From<UtcTime> for Time {
    fn from(time: UtcTime) -> Self {
        Self(time)
    }
}

/// A position in WGS-84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Position {
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180)]
    pub(crate) longitude: f64,
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90)]
    pub(crate) latitude: f64,
}

impl From<Wgs84> for Position {
    fn from(position: Wgs84) -> Self {
        Self { longitude: position.longitude(), latitude: position.latitude() }
    }
}

impl TryFrom<Position> for Wgs84 {
    type Error = roads::PositionError;

    fn try_from(position: Position) -> Result<Self, Self::Error> {
        Self::new(position.longitude, position.latitude)
    }
}

/// Where somebody is, with what the centre's own map says of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Place)]
pub(crate) struct PlaceView {
    /// Position; `null` while it is not known.
    position: Option<Position>,
    /// The address in words.
    address: String,
    /// Where somebody will wait for the ambulance (等车地点).
    waiting_place: String,
    /// The district it lies in.
    district: Option<String>,
    /// The class of area that decides its response target.
    area: AreaWord,
}

impl From<&Place> for PlaceView {
    fn from(place: &Place) -> Self {
        Self {
            position: place.position.map(Position::from),
            address: place.address.clone(),
            waiting_place: place.waiting_place.clone(),
            district: place.district.clone(),
            area: place.area.into(),
        }
    }
}

/// A span of seconds to the millisecond: finer than anybody acts on, coarse enough to read.
pub(crate) fn seconds(span: Span) -> f64 {
    (span.as_secs_f64() * 1000.0).round() / 1000.0
}

/// Millionths as a share.
pub(crate) fn share(ppm: u32) -> f64 {
    f64::from(ppm) / 1e6
}
