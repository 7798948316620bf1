//! In which district a place lies, by the centre's own borders: it decides the response target, so it is filled in before
//! a command reaches the centre and is part of its record.

use std::sync::Arc;

use dispatch_core::Action;
use dispatch_core::incident::{AreaClass, Place};
use geo::{BoundingRect, Contains, Coord, LineString, Point, Polygon, Rect};
use roads::Wgs84;

/// A district of the centre's area.
#[derive(Debug, Clone, PartialEq)]
pub struct District {
    /// Its name.
    pub name: String,
    /// The class of area that decides the response target.
    pub area: AreaClass,
    polygon: Polygon<f64>,
    bounds: Option<Rect<f64>>,
}

/// The districts of the centre's area, the first one that holds a place counts.
#[derive(Debug, Clone, Default)]
pub struct Districts(Vec<District>);

impl District {
    /// A district from its border, which closes by itself.
    pub fn new(name: String, area: AreaClass, border: &[Wgs84]) -> Self {
        let ring: LineString<f64> =
            border.iter().map(|p| Coord { x: p.longitude(), y: p.latitude() }).collect();
        let polygon = Polygon::new(ring, Vec::new());
        let bounds = polygon.bounding_rect();
        Self { name, area, polygon, bounds }
    }

    fn contains(&self, place: Point<f64>) -> bool {
        self.bounds.is_some_and(|bounds| bounds.contains(&place)) && self.polygon.contains(&place)
    }
}

impl Districts {
    /// The districts in the order of the configuration.
    pub fn new(districts: Vec<District>) -> Self {
        Self(districts)
    }

    /// The district that a position lies in.
    pub fn at(&self, position: Wgs84) -> Option<&District> {
        let place = Point::new(position.longitude(), position.latitude());
        self.0.iter().find(|district| district.contains(place))
    }

    /// Fills in the district of every place that a command names.
    pub(crate) fn fill_in(&self, action: &mut Action) {
        match action {
            Action::ReceiveCall { place, .. } | Action::LocateCall { place, .. } => self.resolve(place),
            Action::CreateIncident { sketch, .. } | Action::SplitCall { sketch, .. } => {
                self.resolve(&mut Arc::make_mut(sketch).place);
            }
            Action::EnterPaperForm { form, .. } => {
                self.resolve(&mut form.call.place);
                self.resolve(&mut Arc::make_mut(&mut form.sketch).place);
            }
            Action::ChangeIncident { change, .. } => {
                if let Some(place) = &mut change.place {
                    self.resolve(place);
                }
            }
            _ => {}
        }
    }

    /// A place outside every district is rural: no target is claimed for it. Without any borders nothing is changed.
    fn resolve(&self, place: &mut Place) {
        let Some(position) = place.position else { return };
        if self.0.is_empty() {
            return;
        }
        let district = self.at(position);
        place.district = district.map(|it| it.name.clone());
        place.area = district.map_or(AreaClass::Rural, |it| it.area);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(longitude: f64, latitude: f64) -> Wgs84 {
        Wgs84::new(longitude, latitude).unwrap()
    }

    #[test]
    fn the_first_district_around_a_place_counts_and_outside_is_rural() {
        let inner = [at(1.0, 1.0), at(2.0, 1.0), at(2.0, 2.0), at(1.0, 2.0)];
        let outer = [at(0.0, 0.0), at(5.0, 0.0), at(5.0, 5.0), at(0.0, 5.0)];
        let districts = Districts::new(vec![
            District::new("城区".to_owned(), AreaClass::CityCore, &inner),
            District::new("县城".to_owned(), AreaClass::CountyCore, &outer),
        ]);
        for (position, district, area) in [
            (at(1.5, 1.5), Some("城区"), AreaClass::CityCore),
            (at(4.0, 4.0), Some("县城"), AreaClass::CountyCore),
            (at(9.0, 9.0), None, AreaClass::Rural),
        ] {
            let mut place = Place { position: Some(position), ..Place::default() };
            districts.resolve(&mut place);
            assert_eq!((place.district.as_deref(), place.area), (district, area));
        }
    }
}
