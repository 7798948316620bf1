//! Makes a map from nodes, ways and turn rules, wherever they come from: an OpenStreetMap extract, a generated city, a study's
//! own network. What comes out is the same `RoadMap` in every case.

mod bans;
mod compact;
mod connected;
mod pieces;

use std::collections::BTreeMap;

use crate::base_map::{District, HospitalSite, MapArea, MapLabel, MapLine};
use crate::{BaseMap, MapError, Progress, RoadClass, RoadMap, Stage, TravelTime, Wgs84, tables};

/// A node given to the builder, numbered from 0 in the order of adding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeKey(pub u32);

/// In which direction of its nodes a way may be driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both.
    Both,
    /// In the order of its nodes.
    Forward,
    /// Against the order of its nodes.
    Backward,
}

/// A road to add. [`WaySpec::new`] fills the optional fields.
#[derive(Clone, Debug)]
pub struct WaySpec {
    /// Its id, unique in the map.
    pub id: i64,
    /// Its nodes in order; two at least. Ways meet where they share a node.
    pub nodes: Vec<NodeKey>,
    /// Its class.
    pub class: RoadClass,
    /// Its name; may be empty.
    pub name: String,
    /// One-way or not.
    pub direction: Direction,
    /// Speed limit in km/h, instead of the class's speed.
    pub speed_kmh: Option<f64>,
    /// On a bridge.
    pub bridge: bool,
    /// In a tunnel.
    pub tunnel: bool,
    /// Private or for residents: open to emergency vehicles, at half speed.
    pub restricted: bool,
    /// Exact times over the whole way, for networks that bring their own; the way must have exactly two nodes.
    pub fixed_times: Option<FixedTimes>,
}

/// Times over a way that no speed model may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedTimes {
    /// With lights and sirens.
    pub lights_and_sirens: TravelTime,
    /// Without.
    pub ordinary: TravelTime,
}

/// Something on the road at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// Nothing on four wheels passes.
    Closed,
    /// Opens for an ambulance after a wait (gate, lift gate): [`GATE_DELAY_S`].
    Gate,
}

/// Whether a turn is forbidden or the only one allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnRule {
    /// This turn is forbidden. From a way onto itself it forbids the U-turn.
    Forbidden,
    /// Every other turn is forbidden.
    Only,
}

/// Collects what a map is made of.
#[derive(Debug, Default)]
pub struct MapBuilder {
    nodes: Vec<[i32; 2]>,
    ways: Vec<WaySpec>,
    turn_rules: Vec<TurnRestriction>,
    barriers: BTreeMap<u32, Barrier>,
    base: BaseMap,
}

#[derive(Clone, Copy, Debug)]
struct TurnRestriction {
    rule: TurnRule,
    from_way: i64,
    via: u32,
    to_way: i64,
}

impl WaySpec {
    /// A two-way road without name or limit.
    pub fn new(id: i64, class: RoadClass, nodes: Vec<NodeKey>) -> Self {
        Self {
            id,
            nodes,
            class,
            name: String::new(),
            direction: Direction::Both,
            speed_kmh: None,
            bridge: false,
            tunnel: false,
            restricted: false,
            fixed_times: None,
        }
    }
}

impl MapBuilder {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node; positions are kept to 1e-7 degrees (about 1 cm).
    pub fn add_node(&mut self, position: Wgs84) -> NodeKey {
        self.nodes.push(position.to_e7());
        NodeKey(self.nodes.len() as u32 - 1)
    }

    /// Adds a road; it is checked by [`MapBuilder::build`].
    pub fn add_way(&mut self, way: WaySpec) {
        self.ways.push(way);
    }

    /// Adds a turn rule at a node that both ways share; rules about ways or nodes that are not there are ignored, as extracts
    /// cut restrictions apart at their border.
    pub fn add_turn_rule(&mut self, rule: TurnRule, from_way: i64, via: NodeKey, to_way: i64) {
        self.turn_rules.push(TurnRestriction { rule, from_way, via: via.0, to_way });
    }

    /// Puts a barrier on a node.
    pub fn add_barrier(&mut self, at: NodeKey, barrier: Barrier) {
        self.barriers.insert(at.0, barrier);
    }

    /// Adds an area to draw.
    pub fn add_area(&mut self, area: MapArea) {
        self.base.areas.push(area);
    }

    /// Adds a line to draw.
    pub fn add_line(&mut self, line: MapLine) {
        self.base.lines.push(line);
    }

    /// Adds the name of a place.
    pub fn add_label(&mut self, label: MapLabel) {
        self.base.labels.push(label);
    }

    /// Adds a district.
    pub fn add_district(&mut self, district: District) {
        self.base.districts.push(district);
    }

    /// Adds a hospital.
    pub fn add_hospital(&mut self, hospital: HospitalSite) {
        self.base.hospitals.push(hospital);
    }

    /// Makes the map: roads are cut at junctions, turn rules applied, the largest part kept in which every road can be reached
    /// from every other and left again.
    pub fn build(mut self, progress: &mut dyn FnMut(Progress)) -> Result<RoadMap, MapError> {
        let steps = |done| Progress { stage: Stage::BuildingNetwork, done, total: 4 };
        progress(steps(0));
        self.check()?;
        let mut network = pieces::cut(&self)?;
        progress(steps(1));
        network.banned_turns = bans::resolve(&self.turn_rules, &network);
        network.derive();
        progress(steps(2));
        let keep = connected::largest_part(&network);
        progress(steps(3));
        let network = compact::keep_arcs(&network, &keep);
        if network.arcs.is_empty() {
            return Err(MapError::NoRoads);
        }
        progress(steps(4));
        progress(Progress { stage: Stage::OrderingTables, done: 0, total: 1 });
        let order = tables::contraction_order(&network);
        progress(Progress { stage: Stage::OrderingTables, done: 1, total: 1 });
        Ok(RoadMap::assemble(network, self.base, order))
    }

    fn check(&mut self) -> Result<(), MapError> {
        if self.nodes.len() > NODES_MAX {
            return Err(MapError::TooLarge { what: "nodes", max: NODES_MAX });
        }
        self.ways.sort_by_key(|way| way.id);
        if let Some(pair) = self.ways.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(MapError::BadWay { way_id: pair[0].id, detail: "given twice".into() });
        }
        for way in &self.ways {
            let bad = |detail: &str| Err(MapError::BadWay { way_id: way.id, detail: detail.into() });
            if way.nodes.len() < 2 {
                return bad("a road needs two nodes at least");
            }
            if way.nodes.iter().any(|key| key.0 as usize >= self.nodes.len()) {
                return bad("names a node that was not added");
            }
            if way.speed_kmh.is_some_and(|speed| !(1.0..=250.0).contains(&speed)) {
                return bad("its speed is not between 1 and 250 km/h");
            }
            if let Some(times) = way.fixed_times {
                let limit = TravelTime::from_us(u64::from(ARC_TIME_MAX_US));
                if way.nodes.len() != 2 || times.lights_and_sirens > limit || times.ordinary > limit {
                    return bad("fixed times need exactly two nodes and at most 71 minutes");
                }
            }
        }
        Ok(())
    }
}

/// Most nodes of one map: a province with room to spare.
pub const NODES_MAX: usize = 100_000_000;
/// Wait at a gate that opens for an ambulance, in seconds. Assumption, to be set per centre.
pub const GATE_DELAY_S: f64 = 15.0;
/// Longest time over one arc: what fits 32 bits of microseconds beside the mark for "closed".
pub(crate) const ARC_TIME_MAX_US: u32 = u32::MAX - 1;
