//! The ring road: two one-way carriageways above the streets, reached by ramps alone, over the river on two bridges and under a
//! hill through a tunnel.

use roads::{Direction, RoadClass};

use super::plane::Point;
use super::streets::{Grid, Sheet};
use super::terrain::{CORE, blocked, off_river_m, oval};

const RADIUS_EAST_M: f64 = 7_200.0;
const RADIUS_NORTH_M: f64 = 5_700.0;
/// Half the distance between the carriageways.
const APART_M: f64 = 14.0;
const STEPS_A_QUARTER: u32 = 28;
/// A ramp is looked for at every so many nodes.
const RAMP_EVERY: usize = 8;
const RAMP_LENGTH_M_MAX: f64 = 1_100.0;

/// Draws the ring road. Traffic keeps right: the outer carriageway runs counter-clockwise, the inner one clockwise.
pub fn draw(sheet: &mut Sheet, grid: &Grid) {
    let outer = carriageway(sheet, APART_M, "绕城快速路外环", false);
    let inner = carriageway(sheet, -APART_M, "绕城快速路内环", true);
    let count = outer.len();
    for place in (0..count).step_by(RAMP_EVERY) {
        let at = sheet.nodes[outer[place] as usize];
        if off_river_m(at).is_none_or(|m| m.abs() < 300.0) || blocked(at) {
            continue;
        }
        let Some(crossing) = grid.main_crossing_near(sheet, at, RAMP_LENGTH_M_MAX) else { continue };
        let (before, after) = ((place + count - 1) % count, (place + 1) % count);
        ramp(sheet, outer[before], crossing);
        ramp(sheet, crossing, outer[after]);
        ramp(sheet, inner[after], crossing);
        ramp(sheet, crossing, inner[before]);
    }
}

fn ramp(sheet: &mut Sheet, from: u32, to: u32) {
    sheet.street("绕城快速路匝道", RoadClass::TrunkLink, vec![from, to]).direction = Direction::Forward;
}

/// One carriageway; its nodes counter-clockwise, without the first one repeated.
fn carriageway(sheet: &mut Sheet, off_m: f64, name: &str, clockwise: bool) -> Vec<u32> {
    let points = oval(CORE, RADIUS_EAST_M + off_m, RADIUS_NORTH_M + off_m, STEPS_A_QUARTER);
    let nodes: Vec<u32> = points[..points.len() - 1].iter().map(|&p| sheet.node(p)).collect();
    let kind = |a: Point, b: Point| match (off_river_m(a), off_river_m(b)) {
        (Some(a_m), Some(b_m)) if a_m * b_m > 0.0 => {
            if blocked(a.towards(b, 0.5)) {
                Over::Tunnel
            } else {
                Over::Ground
            }
        }
        _ => Over::Bridge,
    };
    let mut start = 0;
    while start < nodes.len() {
        let at = |place: usize| sheet.nodes[nodes[place % nodes.len()] as usize];
        let over = kind(at(start), at(start + 1));
        let mut end = start + 1;
        while end < nodes.len() && end - start < 10 && kind(at(end), at(end + 1)) == over {
            end += 1;
        }
        let west = at(start).x < CORE.x;
        let stretch: Vec<u32> = (start..=end).map(|place| nodes[place % nodes.len()]).collect();
        let name = match over {
            Over::Ground => name,
            Over::Tunnel => "凤凰山隧道",
            Over::Bridge if west => "绕城西大桥",
            Over::Bridge => "绕城东大桥",
        };
        let street = sheet.street(name, RoadClass::Trunk, stretch);
        street.direction = if clockwise { Direction::Backward } else { Direction::Forward };
        street.bridge = over == Over::Bridge;
        street.tunnel = over == Over::Tunnel;
        start = end;
    }
    nodes
}

/// What a stretch of the ring road runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Ground,
    Bridge,
    Tunnel,
}
