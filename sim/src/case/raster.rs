//! Where people are: a raster of amounts, or, in a case without one, the nodes of its roads, all alike.
//!
//! A raster named `X.tif` in a case's files is `X.json` with `X.f32.gz`, or `X.xyz`, or the one that the case has: `raster.json`, which
//! says where the cells lie, with `raster.f32.gz`, which says how much is in each.

use serde::Deserialize;

use super::folder::base_name;
use super::{CaseError, Folder, Point};

/// Amounts at places.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    /// The middle of each cell with anything in it, and how much.
    cells: Vec<(Point, f32)>,
    /// Width and height of a cell, degrees.
    size: Point,
}

#[derive(Deserialize)]
struct Header {
    nx: usize,
    ny: usize,
    geotransform_gdal: [f64; 6],
}

impl Raster {
    /// Reads the raster that a case's files name; `None` where the case has no raster at all.
    pub fn read(folder: &Folder, named: Option<&str>) -> Result<Option<Self>, CaseError> {
        let name = base_name(named.unwrap_or(SHARED));
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        for stem in [stem, SHARED] {
            // Packed or not: the folder unpacks it.
            let (header, cells) = (format!("{stem}.json"), format!("{stem}.f32"));
            if folder.has(&header) {
                return Self::of_grid(folder, &header, &cells).map(Some);
            }
        }
        let list = format!("{stem}.xyz");
        if folder.has(&list) {
            return Self::of_list(&list, &folder.text(&list)?).map(Some);
        }
        Ok(None)
    }

    /// Whether there is a raster of any name.
    pub fn is_in(folder: &Folder) -> bool {
        folder.any_ends_with(".f32.gz") || folder.any_ends_with(".f32") || folder.any_ends_with(".xyz")
    }

    /// The same amount at each of some places.
    pub fn even(places: impl Iterator<Item = Point>) -> Self {
        Self { cells: places.map(|place| (place, 1.0)).collect(), size: Point { x: 0.0, y: 0.0 } }
    }

    fn of_grid(folder: &Folder, header_file: &str, cells_file: &str) -> Result<Self, CaseError> {
        let header: Header = serde_json::from_str(&folder.text(header_file)?)
            .map_err(|error| CaseError::new(header_file, error.to_string()))?;
        let [x, dx, skew_x, y, skew_y, dy] = header.geotransform_gdal;
        if skew_x != 0.0 || skew_y != 0.0 {
            return Err(CaseError::new(header_file, "is a turned raster, which is not supported"));
        }
        if !(dx > 0.0 && dx.is_finite() && dy != 0.0 && dy.is_finite() && x.is_finite() && y.is_finite()) {
            let problem = "`geotransform_gdal` must be [west, width, 0, north, 0, -height] in degrees";
            return Err(CaseError::new(header_file, problem));
        }
        let bytes = folder.bytes(cells_file)?;
        let wanted = header.nx.checked_mul(header.ny).and_then(|count| count.checked_mul(4));
        if wanted != Some(bytes.len()) {
            let problem =
                format!("has {} bytes, not 4 for each of {} x {}", bytes.len(), header.nx, header.ny);
            return Err(CaseError::new(cells_file, problem));
        }
        let amounts = bytes.as_chunks::<4>().0;
        let middle = |column: usize, row: usize| Point {
            x: x + (column as f64 + 0.5) * dx,
            y: y + (row as f64 + 0.5) * dy,
        };
        // Column by column from the west, each from the south: which cell a draw hits hangs on this order.
        let southward: Vec<usize> =
            if dy < 0.0 { (0..header.ny).rev().collect() } else { (0..header.ny).collect() };
        let all = (0..header.nx).flat_map(|column| southward.iter().map(move |row| (column, *row)));
        let cells = all.filter_map(|(column, row)| {
            let amount = f32::from_le_bytes(amounts[row * header.nx + column]);
            may_count(amount).then(|| (middle(column, row), amount))
        });
        // Most cells of most rasters are empty: only the others are ever held.
        let mut held = Vec::with_capacity(
            amounts.iter().filter(|amount| may_count(f32::from_le_bytes(**amount))).count(),
        );
        held.extend(cells);
        Self::of_cells(cells_file, held, Point { x: dx.abs(), y: dy.abs() })
    }

    /// A list of `x y amount`, one cell a line.
    fn of_list(file: &str, text: &str) -> Result<Self, CaseError> {
        let mut cells = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let parts: Vec<&str> =
                line.split([' ', '\t', ',', ';']).filter(|part| !part.is_empty()).collect();
            let numbers: Vec<f64> = parts.iter().map_while(|part| part.parse().ok()).collect();
            match (numbers.as_slice(), parts.len()) {
                (&[x, y, amount], 3) => cells.push((Point { x, y }, amount as f32)),
                // A heading.
                ([], 0 | 3) if number == 1 || parts.is_empty() => {}
                _ => {
                    let problem = format!("line {number} is `{line}`, not `x y amount`");
                    return Err(CaseError::new(file, problem));
                }
            }
        }
        cells.sort_by(|a, b| a.0.x.total_cmp(&b.0.x).then(a.0.y.total_cmp(&b.0.y)));
        let step = |of: fn(&Point) -> f64| {
            let mut values: Vec<f64> = cells.iter().map(|(place, _)| of(place)).collect();
            values.sort_by(f64::total_cmp);
            let steps = values.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > 0.0);
            steps.fold(f64::INFINITY, f64::min)
        };
        let size = Point { x: step(|p| p.x), y: step(|p| p.y) };
        let whole = |degrees: f64| if degrees.is_finite() { degrees } else { 0.0 };
        Self::of_cells(file, cells, Point { x: whole(size.x), y: whole(size.y) })
    }

    fn of_cells(file: &str, mut cells: Vec<(Point, f32)>, size: Point) -> Result<Self, CaseError> {
        cells.retain(|(_, amount)| may_count(*amount));
        if cells.iter().any(|(_, amount)| !amount.is_finite() || *amount < 0.0) {
            return Err(CaseError::new(file, "holds an amount that is negative or no number"));
        }
        if cells.is_empty() {
            return Err(CaseError::new(file, "is empty: nobody calls"));
        }
        cells.shrink_to_fit();
        Ok(Self { cells, size })
    }

    /// The cells with anything in them, column by column from the west, each from the south: its middle and its amount.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = (Point, f64)> + '_ {
        self.cells.iter().map(|&(middle, amount)| (middle, f64::from(amount)))
    }

    /// Width and height of a cell, degrees; 0 where it is a point.
    pub fn cell_size(&self) -> Point {
        self.size
    }
}

/// Whether a cell is more than nothing: where nothing is known, rasters have no number, or the lowest there is.
fn may_count(amount: f32) -> bool {
    !amount.is_nan() && amount > NOTHING_KNOWN && amount != 0.0
}

const NOTHING_KNOWN: f32 = -1e30;
/// The raster of a case that has one.
const SHARED: &str = "raster";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_cells_is_a_raster() {
        let raster = Raster::of_list("t.xyz", "X Y Z\n0.02 0.06 8\n0.06 0.02 9\n0.02 0.02 0\n\n").unwrap();
        let cells: Vec<(f64, f64, f64)> = raster.cells().map(|(p, amount)| (p.x, p.y, amount)).collect();
        assert_eq!(cells, [(0.02, 0.06, 8.0), (0.06, 0.02, 9.0)]);
        assert!((raster.cell_size().x - 0.04).abs() < 1e-12 && (raster.cell_size().y - 0.04).abs() < 1e-12);
        for (text, problem) in [
            ("1 2 3\n1 2\n", "t.xyz: line 2 is `1 2`, not `x y amount`"),
            ("1 2 -3\n", "t.xyz: holds an amount that is negative or no number"),
            ("1 2 0\n", "t.xyz: is empty: nobody calls"),
        ] {
            assert_eq!(Raster::of_list("t.xyz", text).unwrap_err().to_string(), problem);
        }
    }
}
