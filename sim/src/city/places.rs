//! What is drawn under the roads of a generated city: water, green, built-up blocks, the railway, place names, districts.

use dispatch_core::incident::AreaClass;
use roads::base_map::{AreaKind, District, LineKind, MapArea, MapLabel, MapLine, PlaceKind, Polygon};
use roads::{MapBuilder, Wgs84};

use super::plane::{HEIGHT_M, Point, WIDTH_M};
use super::streets::{BLOCK, COLUMNS, ROWS, STEP_M};
use super::terrain::{
    CORE, COUNTY_TOWN, Density, FAR_HILL, HILL, LAKE, bend, density, off_river_m, oval, railway_line,
    river_ring, river_y,
};

/// A district of the city with the class of area that decides its response target.
#[derive(Debug, Clone)]
pub struct CityDistrict {
    /// Its name.
    pub name: String,
    /// Its class.
    pub area: AreaClass,
    /// Its border, closed, WGS-84.
    pub border: Vec<Wgs84>,
}

/// Adds everything that is not a road.
pub fn draw(map: &mut MapBuilder) {
    let area = |kind, name: &str, points: Vec<Point>| MapArea {
        kind,
        name: name.to_owned(),
        polygon: Polygon { outer: on_earth(&points), holes: Vec::new() },
    };
    for block in built_up() {
        map.add_area(area(AreaKind::BuiltUp, "", block));
    }
    map.add_area(area(AreaKind::Green, "凤凰山公园", oval(HILL, 1_000.0, 820.0, 10)));
    map.add_area(area(AreaKind::Green, "云岭", oval(FAR_HILL, 2_300.0, 2_600.0, 12)));
    for (name, middle, rx, ry) in PARKS {
        map.add_area(area(AreaKind::Green, name, oval(middle, rx, ry, 6)));
    }
    map.add_area(area(AreaKind::Water, "锦江", river_ring()));
    map.add_area(area(AreaKind::Water, "海棠湖", oval(LAKE, 1_180.0, 700.0, 12)));
    map.add_line(MapLine {
        kind: LineKind::Railway,
        name: "海临铁路".into(),
        points: on_earth(&railway_line()),
    });
    for (kind, name, at) in LABELS {
        map.add_label(MapLabel { kind, name: name.to_owned(), position: at.on_earth() });
    }
    for (rank, district) in districts().into_iter().rev().enumerate() {
        let polygons = vec![Polygon { outer: district.border, holes: Vec::new() }];
        map.add_district(District { name: district.name, admin_level: 6 + rank.min(4) as u8, polygons });
    }
}

/// The districts, the smallest first: a place belongs to the first that holds it.
pub fn districts() -> Vec<CityDistrict> {
    let (west, east, south, north) = (2_600.0, 19_400.0, 3_300.0, 16_500.0);
    let district = |name: &str, area, points: Vec<Point>| CityDistrict {
        name: name.to_owned(),
        area,
        border: on_earth(&points),
    };
    vec![
        district("临溪县城", AreaClass::CountyCore, oval(COUNTY_TOWN, 2_600.0, 2_200.0, 8)),
        district("江北区", AreaClass::CityCore, beside_river(west, east, north)),
        district("江南区", AreaClass::CityCore, beside_river(west, east, south)),
        district("临溪县", AreaClass::Rural, beside_river(0.0, WIDTH_M, 0.0)),
        district("云岭县", AreaClass::Rural, beside_river(0.0, WIDTH_M, HEIGHT_M)),
    ]
}

/// The land between the river's middle and a straight border, from west to east.
fn beside_river(west: f64, east: f64, border_y: f64) -> Vec<Point> {
    let steps = ((east - west) / 400.0).floor() as u32;
    let along = |step: u32| west + (east - west) * f64::from(step) / f64::from(steps);
    let mut ring: Vec<Point> =
        (0..=steps).map(|step| Point::new(along(step), river_y(along(step)))).collect();
    ring.push(Point::new(east, border_y));
    ring.push(Point::new(west, border_y));
    ring.push(ring[0]);
    ring
}

/// Built-up land: runs of blocks from west to east, one polygon each.
fn built_up() -> Vec<Vec<Point>> {
    let corner = |column: usize, row: usize| bend(Point::new(column as f64 * STEP_M, row as f64 * STEP_M));
    let built = |column: usize, row: usize| {
        let half = BLOCK / 2;
        density(Point::new((column + half) as f64 * STEP_M, (row + half) as f64 * STEP_M)) > Density::Rural
    };
    let mut polygons = Vec::new();
    for row in (0..ROWS - 1).step_by(BLOCK) {
        let mut start = None;
        for column in (0..COLUMNS).step_by(BLOCK) {
            let inside = column < COLUMNS - 1 && built(column, row);
            match (start, inside) {
                (None, true) => start = Some(column),
                (Some(first), false) => {
                    let south = (first..=column).map(|c| corner(c, row));
                    let north = (first..=column).rev().map(|c| corner(c, row + BLOCK));
                    let mut ring: Vec<Point> = south.chain(north).collect();
                    ring.push(ring[0]);
                    polygons.push(ring);
                    start = None;
                }
                (None, false) | (Some(_), true) => {}
            }
        }
    }
    polygons
}

fn on_earth(points: &[Point]) -> Vec<Wgs84> {
    points.iter().map(|p| p.on_earth()).collect()
}

const PARKS: [(&str, Point, f64, f64); 4] = [
    ("人民公园", Point::new(10_400.0, 10_480.0), 230.0, 190.0),
    ("滨江公园", Point::new(12_350.0, 8_900.0), 260.0, 150.0),
    ("江南植物园", Point::new(13_200.0, 6_300.0), 520.0, 380.0),
    ("体育公园", Point::new(7_400.0, 9_600.0), 330.0, 260.0),
];

/// Names of places; the villages are where few people live and help is far.
pub const LABELS: [(PlaceKind, &str, Point); 22] = [
    (PlaceKind::City, "海棠市", CORE),
    (PlaceKind::Town, "临溪", COUNTY_TOWN),
    (PlaceKind::Suburb, "江北", Point::new(10_200.0, 11_600.0)),
    (PlaceKind::Suburb, "江南新区", Point::new(11_200.0, 6_200.0)),
    (PlaceKind::Suburb, "老城", Point::new(10_700.0, 9_200.0)),
    (PlaceKind::Suburb, "大学城", Point::new(16_300.0, 12_600.0)),
    (PlaceKind::Suburb, "高新区", Point::new(15_600.0, 8_300.0)),
    (PlaceKind::Suburb, "湖滨", Point::new(5_200.0, 11_100.0)),
    (PlaceKind::Suburb, "西站", Point::new(4_600.0, 6_300.0)),
    (PlaceKind::Town, "云岭镇", Point::new(17_700.0, 17_300.0)),
    (PlaceKind::Town, "西山镇", Point::new(1_500.0, 10_500.0)),
    (PlaceKind::Town, "沙洲镇", Point::new(22_600.0, 9_900.0)),
    (PlaceKind::Village, "桃源村", Point::new(3_100.0, 17_400.0)),
    (PlaceKind::Village, "竹溪村", Point::new(8_700.0, 18_000.0)),
    (PlaceKind::Village, "柳家湾", Point::new(1_800.0, 2_900.0)),
    (PlaceKind::Village, "石桥村", Point::new(6_900.0, 1_900.0)),
    (PlaceKind::Village, "枫林村", Point::new(12_500.0, 1_700.0)),
    (PlaceKind::Village, "茶亭村", Point::new(17_200.0, 2_200.0)),
    (PlaceKind::Village, "白鹭村", Point::new(23_600.0, 1_300.0)),
    (PlaceKind::Village, "上坪村", Point::new(13_400.0, 17_700.0)),
    (PlaceKind::Village, "渔梁村", Point::new(2_700.0, 6_100.0)),
    (PlaceKind::Village, "东塘村", Point::new(18_600.0, 5_100.0)),
];

/// Which side of the river a point lies on, for tests and for stations on both banks.
pub fn north_of_river(p: Point) -> bool {
    off_river_m(p).map_or(p.y > river_y(p.x), |m| m > 0.0)
}
