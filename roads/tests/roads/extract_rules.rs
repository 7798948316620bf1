//! Every one-way street and every turn rule of a real extract, read a second time straight from the file, holds in the map.

use std::collections::BTreeMap;

use osmpbf::{Element, ElementReader, RelMemberType};
use roads::{ArcId, Network, RoadMap, Wgs84};

use crate::extracts::{extract, porto};

/// What the file says, without the crate's reader.
#[derive(Default)]
struct Said {
    nodes: BTreeMap<i64, (i32, i32)>,
    one_way: BTreeMap<i64, Vec<i64>>,
    /// from way, via node, to way
    forbidden: Vec<(i64, i64, i64)>,
}

fn said(bytes: &[u8]) -> Said {
    let mut said = Said::default();
    let reader = ElementReader::new(bytes);
    reader
        .for_each(|element| match element {
            Element::DenseNode(node) => {
                said.nodes.insert(node.id(), (node.decimicro_lon(), node.decimicro_lat()));
            }
            Element::Node(node) => {
                said.nodes.insert(node.id(), (node.decimicro_lon(), node.decimicro_lat()));
            }
            Element::Way(way) => {
                let tags: BTreeMap<&str, &str> = way.tags().collect();
                if tags.contains_key("highway") && tags.get("oneway") == Some(&"yes") {
                    said.one_way.insert(way.id(), way.refs().collect());
                }
            }
            Element::Relation(relation) => {
                let tags: BTreeMap<&str, &str> = relation.tags().collect();
                let plain = !tags.contains_key("except");
                if plain && tags.get("restriction").is_some_and(|kind| kind.starts_with("no_")) {
                    let member = |role: &str, kind: RelMemberType| {
                        let mut found = relation
                            .members()
                            .filter(|m| m.role().is_ok_and(|r| r == role) && m.member_type == kind);
                        found.next().map(|m| m.member_id)
                    };
                    if let (Some(from), Some(via), Some(to)) = (
                        member("from", RelMemberType::Way),
                        member("via", RelMemberType::Node),
                        member("to", RelMemberType::Way),
                    ) {
                        said.forbidden.push((from, via, to));
                    }
                }
            }
        })
        .expect("a sound extract");
    said
}

fn e7(p: Wgs84) -> (i32, i32) {
    ((p.longitude() * 1e7).round() as i32, (p.latitude() * 1e7).round() as i32)
}

fn arcs_at(network: &Network, way: i64, place: (i32, i32), at_head: bool) -> Vec<ArcId> {
    let end = |arc: ArcId| if at_head { network.arc_ends(arc).1 } else { network.arc_ends(arc).0 };
    network.arcs_of_way(way).filter(|&arc| e7(network.node_position(end(arc))) == place).collect()
}

#[test]
fn every_one_way_street_of_porto_leads_as_drawn() {
    let (Some(map), Some(bytes)) = (porto(), extract("porto-2015.osm.pbf")) else { return };
    let said = said(&bytes);
    let mut checked = 0;
    for (way, refs) in &said.one_way {
        let drawn: Vec<(i32, i32)> = refs.iter().filter_map(|id| said.nodes.get(id).copied()).collect();
        for arc in map.network().arcs_of_way(*way) {
            assert_eq!(map.network().twin(arc), None, "way {way} may be driven both ways");
            let points: Vec<(i32, i32)> = map.network().arc_points(arc).into_iter().map(e7).collect();
            let as_drawn = drawn.windows(points.len()).any(|part| part == points);
            // Nodes given twice in a row are kept once.
            assert!(
                as_drawn || drawn.windows(2).any(|pair| pair[0] == pair[1]),
                "way {way} is driven against its drawing"
            );
            checked += 1;
        }
    }
    assert!(checked > 1_000, "only {checked} one-way pieces");
}

#[test]
fn every_forbidden_turn_of_porto_is_forbidden() {
    let (Some(map), Some(bytes)) = (porto(), extract("porto-2015.osm.pbf")) else { return };
    let said = said(&bytes);
    let checked: usize = said.forbidden.iter().map(|&rule| check_turn(map, &said, rule)).sum();
    assert!(checked > 20, "only {checked} forbidden turns of {}", said.forbidden.len());
}

fn check_turn(map: &RoadMap, said: &Said, (from_way, via, to_way): (i64, i64, i64)) -> usize {
    let network = map.network();
    let Some(&place) = said.nodes.get(&via) else { return 0 };
    let mut checked = 0;
    for from in arcs_at(network, from_way, place, true) {
        for to in arcs_at(network, to_way, place, false) {
            if from_way != to_way || network.twin(from) == Some(to) {
                assert!(
                    !network.may_turn(from, to),
                    "the turn from way {from_way} over node {via} to way {to_way}"
                );
                checked += 1;
            }
        }
    }
    checked
}
