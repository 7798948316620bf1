//! What the streets must go around: a river with bends, a lake, two hills, a railway; and how densely each part is built.

use super::plane::{HEIGHT_M, Point, WIDTH_M};

/// How densely a part of the city is built. A street grid of 160 m is thinned out by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Density {
    /// Fields and villages: a road about every kilometre.
    Rural,
    /// Housing estates and works: every 320 m.
    Suburb,
    /// The core of the city or of the county town: every 160 m.
    Dense,
}

/// Middle of the city's core.
pub const CORE: Point = Point::new(11_000.0, 9_900.0);
/// Middle of the county town, across the river and out.
pub const COUNTY_TOWN: Point = Point::new(21_300.0, 4_100.0);
/// Middle of the lake.
pub const LAKE: Point = Point::new(6_700.0, 12_600.0);
/// Middle of the hill park in the city.
pub const HILL: Point = Point::new(13_700.0, 14_600.0);

/// The river's middle line: metres north at a place east. Its bends are what makes straight distance wrong.
pub fn river_y(x: f64) -> f64 {
    9_300.0 + 1_900.0 * wave(x / 13_500.0 + 0.1) + 520.0 * wave(x / 4_700.0 + 0.35)
}

/// Half the river's width in metres.
pub fn river_half_m(x: f64) -> f64 {
    250.0 + 70.0 * wave(x / 6_100.0)
}

/// Metres from the river's edge, north positive and south negative; `None` in the water.
pub fn off_river_m(p: Point) -> Option<f64> {
    let above = p.y - river_y(p.x);
    let half = river_half_m(p.x);
    (above.abs() > half).then_some(if above > 0.0 { above - half } else { above + half })
}

/// The railway: metres north at a place east.
pub fn railway_y(x: f64) -> f64 {
    13_150.0 + 0.06 * (x - 11_000.0) + 350.0 * wave(x / 17_000.0 + 0.6)
}

/// Whether nobody can build a street here: lake or hill. (The river is treated apart, for its banks have roads.)
pub fn blocked(p: Point) -> bool {
    in_oval(p, LAKE, 1_250.0, 760.0)
        || in_oval(p, HILL, 1_000.0, 820.0)
        || in_oval(p, FAR_HILL, 2_300.0, 2_600.0)
}

/// How densely the part around a point is built.
pub fn density(p: Point) -> Density {
    if in_oval(p, CORE, 5_000.0, 4_300.0) || in_oval(p, COUNTY_TOWN, 1_700.0, 1_400.0) {
        Density::Dense
    } else if in_oval(p, CORE, 8_400.0, 6_600.0) || in_oval(p, COUNTY_TOWN, 3_000.0, 2_500.0) {
        Density::Suburb
    } else {
        Density::Rural
    }
}

/// Whether a point lies in an oval with half axes `rx` and `ry`.
pub fn in_oval(p: Point, middle: Point, rx: f64, ry: f64) -> bool {
    ((p.x - middle.x) / rx).powi(2) + ((p.y - middle.y) / ry).powi(2) < 1.0
}

/// Points of an oval, closed, counter-clockwise; `steps` to a quarter. Made from fractions alone: (1−t²)/(1+t²), 2t/(1+t²).
pub fn oval(middle: Point, rx: f64, ry: f64, steps: u32) -> Vec<Point> {
    let quarter: Vec<(f64, f64)> = (0..steps)
        .map(|step| {
            let t = f64::from(step) / f64::from(steps);
            ((1.0 - t * t) / (1.0 + t * t), 2.0 * t / (1.0 + t * t))
        })
        .collect();
    let turned = |quarters: usize, (x, y): (f64, f64)| match quarters {
        0 => (x, y),
        1 => (-y, x),
        2 => (-x, -y),
        _ => (y, -x),
    };
    let mut points: Vec<Point> = (0..4)
        .flat_map(|quarters| quarter.iter().map(move |&at| turned(quarters, at)))
        .map(|(x, y)| Point::new(middle.x + rx * x, middle.y + ry * y))
        .collect();
    points.push(points[0]);
    points
}

/// The river as a closed ring, a little beyond the city at both ends.
pub fn river_ring() -> Vec<Point> {
    let xs = || (-2..=127).map(|step| f64::from(step) * 200.0);
    let mut ring: Vec<Point> = xs().map(|x| Point::new(x, river_y(x) + river_half_m(x))).collect();
    ring.extend(xs().rev().map(|x| Point::new(x, river_y(x) - river_half_m(x))));
    ring.push(ring[0]);
    ring
}

/// The railway as a line.
pub fn railway_line() -> Vec<Point> {
    (0..=62).map(|step| f64::from(step) * 400.0).map(|x| Point::new(x, railway_y(x))).collect()
}

/// Middle of the hills in the north-east, where no road leads.
pub const FAR_HILL: Point = Point::new(21_000.0, 15_800.0);

/// Bends the even grid: how far a point of the grid is moved. Fades out at the border of the city.
pub fn bend(p: Point) -> Point {
    let edge = (p.x.min(WIDTH_M - p.x).min(p.y).min(HEIGHT_M - p.y) / 1_500.0).clamp(0.0, 1.0);
    let dx = 240.0 * wave(p.y / 7_300.0 + 0.2) + 110.0 * wave((p.x + p.y) / 5_100.0);
    let dy = 260.0 * wave(p.x / 8_700.0 + 0.7) + 100.0 * wave((p.x - p.y) / 4_300.0 + 0.4);
    Point::new(p.x + dx * edge, p.y + dy * edge)
}

/// A smooth wave of height 1 and length 1, from multiplication alone, so that it is the same on every machine.
fn wave(at: f64) -> f64 {
    let turn = at - at.floor();
    let (half, sign) = if turn < 0.5 { (turn * 2.0, 1.0) } else { (turn * 2.0 - 1.0, -1.0) };
    sign * 4.0 * half * (1.0 - half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_lies_on_both_banks() {
        let along = |x: f64| density(Point::new(x, river_y(x))) == Density::Dense;
        assert!((8..13).all(|km| along(f64::from(km) * 1_000.0)));
        assert_eq!(off_river_m(Point::new(9_000.0, river_y(9_000.0))), None);
        assert!(off_river_m(Point::new(9_000.0, 18_000.0)).unwrap() > 0.0);
        assert!(off_river_m(Point::new(9_000.0, 1_000.0)).unwrap() < 0.0);
    }

    #[test]
    fn an_oval_closes_and_keeps_its_size() {
        let ring = oval(CORE, 200.0, 100.0, 8);
        assert_eq!((ring.len(), ring[0]), (33, ring[32]));
        let off = |p: &Point| ((p.x - CORE.x) / 200.0).powi(2) + ((p.y - CORE.y) / 100.0).powi(2);
        assert!(ring.iter().all(|p| (off(p) - 1.0).abs() < 1e-9));
    }
}
