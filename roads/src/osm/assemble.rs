//! From what was read to what the builder takes: ids become positions, gaps at an extract's border are cut out, outlines become
//! polygons.

use std::collections::BTreeMap;

use super::relations::{ShapeRelation, Shows};
use super::scenery::{Place, Scenery};
use super::{Extract, Road, rings};
use crate::base_map::{AreaKind, District, HospitalSite, MapArea, MapLine, Polygon};
use crate::{MapBuilder, NodeKey, WaySpec, Wgs84};

impl Extract {
    pub(super) fn assemble(mut self) -> MapBuilder {
        let mut builder = MapBuilder::new();
        let mut keys: BTreeMap<i64, NodeKey> = BTreeMap::new();
        let mut roads = std::mem::take(&mut self.roads);
        // A damaged extract may hold a way twice; the builder rightly refuses that.
        roads.sort_by_key(|road| road.id);
        roads.dedup_by_key(|road| road.id);
        for road in roads {
            self.add_road(road, &mut builder, &mut keys);
        }
        for rule in &self.restrictions {
            if let Some(&via) = keys.get(&rule.via_node) {
                builder.add_turn_rule(rule.rule, rule.from_way, via, rule.to_way);
            }
        }
        for (node, &barrier) in &self.barriers {
            if let Some(&key) = keys.get(node) {
                builder.add_barrier(key, barrier);
            }
        }
        self.add_scenery(&mut builder);
        for shape in &self.shapes {
            self.add_shape(shape, &mut builder);
        }
        for place in self.places {
            match place {
                Place::Label(label) => builder.add_label(label),
                Place::Hospital(hospital) => builder.add_hospital(hospital),
            }
        }
        builder
    }

    fn add_road(&self, road: Road, builder: &mut MapBuilder, keys: &mut BTreeMap<i64, NodeKey>) {
        let run = self.longest_run(&road.refs);
        if run.len() < 2 {
            return;
        }
        let mut nodes = Vec::with_capacity(run.len());
        for &id in run {
            if let Some(position) = self.positions.get(id) {
                nodes.push(*keys.entry(id).or_insert_with(|| builder.add_node(position)));
            }
        }
        let tags = road.tags;
        builder.add_way(WaySpec {
            name: tags.name,
            direction: tags.direction,
            speed_kmh: tags.speed_kmh,
            bridge: tags.bridge,
            tunnel: tags.tunnel,
            restricted: tags.restricted,
            ..WaySpec::new(road.id, tags.class, nodes)
        });
    }

    /// The longest part of a way whose nodes are all in the extract.
    fn longest_run<'r>(&self, refs: &'r [i64]) -> &'r [i64] {
        refs.split(|&id| self.positions.get(id).is_none()).max_by_key(|run| run.len()).unwrap_or_default()
    }

    fn add_scenery(&self, builder: &mut MapBuilder) {
        for (scenery, name, refs) in &self.scenery {
            match *scenery {
                Scenery::Line(kind) => {
                    let points = self.points(self.longest_run(refs));
                    if points.len() > 1 {
                        builder.add_line(MapLine { kind, name: name.clone(), points });
                    }
                }
                Scenery::Area(_) | Scenery::Hospital { .. } => {
                    let outer = self.points(refs);
                    // An outline with a node missing is not a ring any more.
                    if outer.len() == refs.len() {
                        add_area(builder, *scenery, name, Polygon { outer, holes: Vec::new() });
                    }
                }
            }
        }
    }

    fn add_shape(&self, shape: &ShapeRelation, builder: &mut MapBuilder) {
        let polygons = self.polygons(shape);
        match shape.shows {
            Shows::District { admin_level } => {
                if !polygons.is_empty() && !shape.name.is_empty() {
                    builder.add_district(District { name: shape.name.clone(), admin_level, polygons });
                }
            }
            Shows::Scenery(scenery) => {
                for polygon in polygons {
                    add_area(builder, scenery, &shape.name, polygon);
                }
            }
        }
    }

    fn polygons(&self, shape: &ShapeRelation) -> Vec<Polygon> {
        let rings = |is_hole: bool| -> Vec<Vec<Wgs84>> {
            let members = shape.members.iter().filter(|member| member.is_hole == is_hole);
            let lines: Vec<&[i64]> =
                members.filter_map(|m| self.shape_ways.get(&m.way)).map(Vec::as_slice).collect();
            let rings = rings::join(&lines);
            let points = rings.iter().map(|ring| (ring.len(), self.points(ring)));
            points.filter(|(nodes, points)| points.len() == *nodes).map(|(_, points)| points).collect()
        };
        let mut polygons: Vec<Polygon> =
            rings(false).into_iter().map(|outer| Polygon { outer, holes: Vec::new() }).collect();
        for hole in rings(true) {
            // A hole belongs to the outline around it; a hole in nothing is damage.
            if let Some(around) =
                polygons.iter_mut().find(|polygon| hole.first().is_some_and(|&p| polygon.contains(p)))
            {
                around.holes.push(hole);
            }
        }
        polygons
    }

    fn points(&self, refs: &[i64]) -> Vec<Wgs84> {
        refs.iter().filter_map(|&id| self.positions.get(id)).collect()
    }
}

fn add_area(builder: &mut MapBuilder, scenery: Scenery, name: &str, polygon: Polygon) {
    let kind = match scenery {
        Scenery::Area(kind) => kind,
        Scenery::Line(_) => return,
        Scenery::Hospital { emergency } => {
            if let (false, Some(bounds)) = (name.is_empty(), polygon.bounds()) {
                builder.add_hospital(HospitalSite {
                    name: name.to_owned(),
                    position: bounds.centre(),
                    emergency,
                });
            }
            AreaKind::HospitalGrounds
        }
    };
    builder.add_area(MapArea { kind, name: name.to_owned(), polygon });
}
