//! OpenStreetMap extracts in PBF form, read in three passes so that only what is needed is ever held: relations say which ways matter,
//! ways which nodes, and the nodes then only give their positions. A block without the kind wanted is not read twice.

mod assemble;
mod blocks;
mod relations;
mod rings;
mod road_tags;
mod scenery;

use std::collections::BTreeMap;

use osmpbf::Element;

use crate::build::MapBuilder;
use crate::{Barrier, MapError, Progress, Stage};

use blocks::Blocks;
use relations::{Restriction, ShapeRelation};
use road_tags::RoadTags;
use scenery::{Place, Scenery};

/// Everything of an extract that a map is made from.
#[derive(Default)]
struct Extract {
    restrictions: Vec<Restriction>,
    shapes: Vec<ShapeRelation>,
    /// Ways that are part of a shape: their nodes.
    shape_ways: BTreeMap<i64, Vec<i64>>,
    roads: Vec<Road>,
    scenery: Vec<(Scenery, String, Vec<i64>)>,
    places: Vec<Place>,
    barriers: BTreeMap<i64, Barrier>,
    positions: Positions,
    refs: usize,
}

struct Road {
    id: i64,
    tags: RoadTags,
    refs: Vec<i64>,
}

/// Positions of the nodes that ways need.
#[derive(Default)]
struct Positions {
    ids: Vec<i64>,
    e7: Vec<Option<[i32; 2]>>,
}

/// Reads an extract; what is wrong with single elements is left out, what is wrong with the file is an error.
pub(crate) fn read(bytes: &[u8], progress: &mut dyn FnMut(Progress)) -> Result<MapBuilder, MapError> {
    let mut blocks = Blocks::open(bytes)?;
    let mut extract = Extract::default();
    let total = 2 * blocks.len() as u64;
    let mut ways_progress = |done| progress(Progress { stage: Stage::ReadingWays, done, total });
    for block in 0..blocks.len() {
        ways_progress(block as u64);
        blocks.each_element(block, |element| extract.first_pass(element))?;
    }
    extract.wanted_shape_ways();
    for block in blocks.with_ways() {
        ways_progress((blocks.len() + block) as u64);
        blocks.each_element(block, |element| extract.second_pass(&element))?;
    }
    extract.wanted_nodes();
    for block in blocks.with_nodes() {
        progress(Progress { stage: Stage::ReadingNodes, done: block as u64, total: blocks.len() as u64 });
        blocks.each_element(block, |element| extract.third_pass(&element))?;
    }
    Ok(extract.assemble())
}

impl Extract {
    fn first_pass(&mut self, element: Element<'_>) -> Result<(), MapError> {
        if let Element::Relation(relation) = element {
            let kept = relations::restriction(&relation, &mut self.restrictions)
                + relations::shape(&relation, &mut self.shapes);
            self.count(kept)?;
        }
        Ok(())
    }

    fn wanted_shape_ways(&mut self) {
        let members = self.shapes.iter().flat_map(|shape| &shape.members);
        self.shape_ways = members.map(|member| (member.way, Vec::new())).collect();
        self.refs = 0;
    }

    fn second_pass(&mut self, element: &Element<'_>) -> Result<(), MapError> {
        let Element::Way(way) = element else {
            return Ok(());
        };
        let tags = Tags::of(way.tags());
        let road = road_tags::road(&tags);
        let scenery = scenery::of_way(&tags, is_ring(way.raw_refs()));
        let of_shape = self.shape_ways.contains_key(&way.id());
        if road.is_none() && scenery.is_none() && !of_shape {
            return Ok(());
        }
        // Longer ways than the database allows are damage or malice.
        let mut refs: Vec<i64> = way.refs().take(WAY_NODES_MAX + 1).collect();
        refs.dedup();
        if refs.len() < 2 || refs.len() > WAY_NODES_MAX {
            return Ok(());
        }
        let users = usize::from(road.is_some()) + usize::from(scenery.is_some()) + usize::from(of_shape);
        self.count(refs.len() * users)?;
        if let Some(scenery) = scenery {
            self.scenery.push((scenery, tags.name(), refs.clone()));
        }
        if of_shape {
            self.shape_ways.insert(way.id(), refs.clone());
        }
        if let Some(tags) = road {
            self.roads.push(Road { id: way.id(), tags, refs });
        }
        Ok(())
    }

    fn wanted_nodes(&mut self) {
        let roads = self.roads.iter().map(|road| &road.refs);
        let scenery = self.scenery.iter().map(|(_, _, refs)| refs);
        let mut ids: Vec<i64> =
            roads.chain(scenery).chain(self.shape_ways.values()).flatten().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        self.positions = Positions { e7: vec![None; ids.len()], ids };
    }

    fn third_pass(&mut self, element: &Element<'_>) -> Result<(), MapError> {
        let (id, longitude, latitude, tags) = match element {
            Element::DenseNode(node) => (node.id(), node.lon(), node.lat(), Tags::of(node.tags())),
            Element::Node(node) => (node.id(), node.lon(), node.lat(), Tags::of(node.tags())),
            Element::Way(_) | Element::Relation(_) => return Ok(()),
        };
        let Ok(position) = crate::Wgs84::new(longitude, latitude) else {
            return Ok(());
        };
        self.positions.set(id, position.to_e7());
        if tags.is_empty() {
            return Ok(());
        }
        if let Some(barrier) = road_tags::barrier(&tags) {
            self.barriers.insert(id, barrier);
        }
        if let Some(place) = scenery::of_node(&tags, position) {
            self.places.push(place);
        }
        self.count(1)
    }

    /// Bounds what a hostile file can make us keep.
    fn count(&mut self, refs: usize) -> Result<(), MapError> {
        self.refs += refs;
        if self.refs > REFS_MAX {
            return Err(MapError::TooLarge { what: "points of roads and shapes", max: REFS_MAX });
        }
        Ok(())
    }
}

impl Positions {
    fn index(&self, id: i64) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    fn set(&mut self, id: i64, e7: [i32; 2]) {
        if let Some(at) = self.index(id) {
            self.e7[at] = Some(e7);
        }
    }

    fn get(&self, id: i64) -> Option<crate::Wgs84> {
        self.index(id).and_then(|at| self.e7[at]).and_then(crate::Wgs84::from_e7)
    }
}

/// The tags of one element.
struct Tags<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Tags<'a> {
    fn of(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self(tags.collect())
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(k, _)| *k == key).map(|&(_, value)| value)
    }

    fn is(&self, key: &str, value: &str) -> bool {
        self.get(key) == Some(value)
    }

    /// The value of the first of the keys that is there.
    fn first(&self, keys: &[&str]) -> Option<&'a str> {
        keys.iter().find_map(|key| self.get(key))
    }

    fn name(&self) -> String {
        self.get("name").unwrap_or_default().to_owned()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Refs are stored as differences: a ring's come back to where they began.
fn is_ring(deltas: &[i64]) -> bool {
    deltas.len() > 3 && deltas[1..].iter().fold(0i64, |sum, &delta| sum.wrapping_add(delta)) == 0
}

/// Most points of roads, shapes and relations kept from one extract: a large province's, some 160 MB.
const REFS_MAX: usize = 20_000_000;
/// OpenStreetMap's own bound is 2,000 nodes a way; older data goes beyond it.
const WAY_NODES_MAX: usize = 50_000;
