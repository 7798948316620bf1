//! Relations of an extract: turn restrictions, areas made of several ways, districts.

use osmpbf::{RelMember, RelMemberType, Relation};

use super::Tags;
use super::scenery::{self, Scenery};
use crate::TurnRule;

/// A turn rule by OpenStreetMap's ids.
#[derive(Clone, Copy, Debug)]
pub(super) struct Restriction {
    pub(super) rule: TurnRule,
    pub(super) from_way: i64,
    pub(super) via_node: i64,
    pub(super) to_way: i64,
}

/// An area or district whose outline is made of ways.
pub(super) struct ShapeRelation {
    pub(super) shows: Shows,
    pub(super) name: String,
    pub(super) members: Vec<ShapeMember>,
}

pub(super) enum Shows {
    Scenery(Scenery),
    District { admin_level: u8 },
}

#[derive(Clone, Copy)]
pub(super) struct ShapeMember {
    pub(super) way: i64,
    pub(super) is_hole: bool,
}

/// Adds the rules of a restriction that holds for an ambulance and says how many there were. Rules over a way in between and rules by the hour are left out:
/// a dispatch centre would rather propose a turn that is now and then forbidden than a way that does not exist.
pub(super) fn restriction(relation: &Relation<'_>, rules: &mut Vec<Restriction>) -> usize {
    let tags = Tags::of(relation.tags());
    if !tags.is("type", "restriction")
        || tags.get("except").is_some_and(|except| except.contains("emergency"))
    {
        return 0;
    }
    let Some(kind) = tags.first(&["restriction:motorcar", "restriction:motor_vehicle", "restriction"]) else {
        return 0;
    };
    let rule = if kind.starts_with("no_") {
        TurnRule::Forbidden
    } else if kind.starts_with("only_") {
        TurnRule::Only
    } else {
        return 0;
    };
    let with_role = |role: &str, member_type: &RelMemberType| -> Vec<i64> {
        let wanted = |m: &RelMember<'_>| m.role().is_ok_and(|r| r == role) && m.member_type == *member_type;
        relation.members().filter(wanted).take(MEMBERS_OF_ROLE_MAX).map(|m| m.member_id).collect()
    };
    let [via_node] = with_role("via", &RelMemberType::Node)[..] else {
        return 0;
    };
    let before = rules.len();
    let to_ways = with_role("to", &RelMemberType::Way);
    for from_way in with_role("from", &RelMemberType::Way) {
        rules.extend(to_ways.iter().map(|&to_way| Restriction { rule, from_way, via_node, to_way }));
    }
    rules.len() - before
}

/// Adds a relation that draws something or bounds a district, and says how much there is to keep.
pub(super) fn shape(relation: &Relation<'_>, shapes: &mut Vec<ShapeRelation>) -> usize {
    let tags = Tags::of(relation.tags());
    let shows = if tags.is("boundary", "administrative") {
        let level = tags.get("admin_level").and_then(|level| level.parse::<u8>().ok());
        // Below a province and above a street: what a person would call a district.
        level.filter(|level| (5..=10).contains(level)).map(|admin_level| Shows::District { admin_level })
    } else if tags.is("type", "multipolygon") {
        scenery::area(&tags).map(Shows::Scenery)
    } else {
        None
    };
    let Some(shows) = shows else {
        return 0;
    };
    let members = relation.members().filter(|member| member.member_type == RelMemberType::Way);
    let members: Vec<_> = members
        .map(|m| ShapeMember { way: m.member_id, is_hole: m.role().is_ok_and(|role| role == "inner") })
        .collect();
    let kept = members.len() + 1;
    shapes.push(ShapeRelation { shows, name: tags.name(), members });
    kept
}

/// A junction has a handful of roads; more is damage.
const MEMBERS_OF_ROLE_MAX: usize = 16;
