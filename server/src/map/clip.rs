//! Cuts lines and rings to a tile and drops what is too fine to see there.

use geo::{Coord, LineString, Simplify};

use super::mercator::{Frame, Spot};

/// The parts of a line that lie in the frame.
pub(super) fn cut_line(points: &[Spot], frame: Frame) -> Vec<Vec<Spot>> {
    let mut parts: Vec<Vec<Spot>> = Vec::new();
    let mut inside_before = false;
    for pair in points.windows(2) {
        let Some((from, to, reaches_end)) = cut_segment(pair[0], pair[1], frame) else {
            inside_before = false;
            continue;
        };
        match parts.last_mut() {
            Some(part) if inside_before => part.push(to),
            _ => parts.push(vec![from, to]),
        }
        inside_before = reaches_end;
    }
    parts
}

/// The part of a ring that lies in the frame, by cutting at one side after the other (Sutherland and Hodgman). Parts of a
/// hollow ring stay joined along the frame's edge, which lies outside what is seen.
pub(super) fn cut_ring(ring: &[Spot], frame: Frame) -> Vec<Spot> {
    let sides: [(Axis, f64, f64); 4] = [
        (|p| p.x, frame.west, 1.0),
        (|p| p.x, frame.east, -1.0),
        (|p| p.y, frame.north, 1.0),
        (|p| p.y, frame.south, -1.0),
    ];
    let open = ring.strip_suffix(&ring[..1.min(ring.len())]).unwrap_or(ring);
    sides.into_iter().fold(open.to_vec(), |points, (of, bound, sign)| {
        let depth = |p: Spot| (of(p) - bound) * sign;
        let mut kept = Vec::with_capacity(points.len() + 4);
        for (number, &to) in points.iter().enumerate() {
            let from = points[(number + points.len() - 1) % points.len()];
            let (before, after) = (depth(from), depth(to));
            if (before < 0.0) != (after < 0.0) {
                kept.push(between(from, to, before / (before - after)));
            }
            if after >= 0.0 {
                kept.push(to);
            }
        }
        kept
    })
}

/// Drops points that lie within `tolerance` of the line through their neighbours (Douglas and Peucker).
pub(super) fn simplified(points: &[Spot], tolerance: f64) -> Vec<Spot> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let line: LineString<f64> = points.iter().map(|p| Coord { x: p.x, y: p.y }).collect();
    line.simplify(tolerance).into_iter().map(|c| Spot { x: c.x, y: c.y }).collect()
}

/// A segment's part in the frame, and whether that reaches the segment's end (Liang and Barsky).
fn cut_segment(from: Spot, to: Spot, frame: Frame) -> Option<(Spot, Spot, bool)> {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let bounds = [
        (-dx, from.x - frame.west),
        (dx, frame.east - from.x),
        (-dy, from.y - frame.north),
        (dy, frame.south - from.y),
    ];
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for (towards, room) in bounds {
        if towards == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if towards < 0.0 {
            enter = enter.max(room / towards);
        } else {
            leave = leave.min(room / towards);
        }
    }
    (enter <= leave).then(|| {
        let reaches_end = leave >= 1.0;
        (between(from, to, enter), if reaches_end { to } else { between(from, to, leave) }, reaches_end)
    })
}

/// Which of the two coordinates a side is straight in.
type Axis = fn(Spot) -> f64;

fn between(from: Spot, to: Spot, fraction: f64) -> Spot {
    Spot { x: from.x + (to.x - from.x) * fraction, y: from.y + (to.y - from.y) * fraction }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UNIT: Frame = Frame { west: 0.0, north: 0.0, east: 1.0, south: 1.0 };

    fn spots(points: &[(f64, f64)]) -> Vec<Spot> {
        points.iter().map(|&(x, y)| Spot { x, y }).collect()
    }

    fn area(ring: &[Spot]) -> f64 {
        (0..ring.len())
            .map(|i| (ring[i], ring[(i + 1) % ring.len()]))
            .map(|(a, b)| a.x * b.y - b.x * a.y)
            .sum::<f64>()
            / 2.0
    }

    #[test]
    fn a_line_that_leaves_and_returns_is_two_lines() {
        let parts = cut_line(&spots(&[(-1.0, 0.2), (0.5, 0.2), (2.0, 0.2), (2.0, 0.8), (0.5, 0.8)]), UNIT);
        assert_eq!(parts, [spots(&[(0.0, 0.2), (0.5, 0.2), (1.0, 0.2)]), spots(&[(1.0, 0.8), (0.5, 0.8)])]);
        assert!(cut_line(&spots(&[(2.0, 0.0), (2.0, 1.0)]), UNIT).is_empty());
        assert!(cut_line(&spots(&[(-0.5, 0.4), (0.4, -0.5)]), UNIT).is_empty());
    }

    #[test]
    fn a_ring_around_the_frame_becomes_the_frame() {
        let around =
            cut_ring(&spots(&[(-1.0, -1.0), (2.0, -1.0), (2.0, 2.0), (-1.0, 2.0), (-1.0, -1.0)]), UNIT);
        assert!((area(&around) - 1.0).abs() < 1e-12, "{around:?}");
        assert!(cut_ring(&spots(&[(2.0, 2.0), (3.0, 2.0), (3.0, 3.0), (2.0, 2.0)]), UNIT).is_empty());
        assert!(cut_ring(&[], UNIT).is_empty());
    }

    proptest! {
        #[test]
        fn what_is_cut_lies_in_the_frame(points in prop::collection::vec((-3.0..3.0f64, -3.0..3.0f64), 0..12)) {
            let inside = |p: &Spot| (-1e-9..=1.0 + 1e-9).contains(&p.x) && (-1e-9..=1.0 + 1e-9).contains(&p.y);
            prop_assert!(cut_line(&spots(&points), UNIT).iter().flatten().all(inside));
            prop_assert!(cut_ring(&spots(&points), UNIT).iter().all(inside));
        }
    }
}
