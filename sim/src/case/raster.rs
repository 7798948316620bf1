//! A raster of where people are: `raster.json` says where its cells lie, `raster.f32.gz` how much is in each.

use flate2::read::GzDecoder;
use serde::Deserialize;

use super::{CaseError, Folder, Point};

/// Amounts on a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    columns: usize,
    rows: usize,
    /// Corner, and steps per column and per row: the order is that of GDAL.
    origin: Point,
    step: Point,
    /// Row by row, the north first.
    cells: Vec<f32>,
}

#[derive(Deserialize)]
struct Header {
    nx: usize,
    ny: usize,
    geotransform_gdal: [f64; 6],
}

impl Raster {
    /// Reads the raster of a case.
    pub fn read(folder: &Folder) -> Result<Self, CaseError> {
        let header: Header = serde_json::from_str(&folder.text(HEADER)?)
            .map_err(|error| CaseError::new(HEADER, error.to_string()))?;
        let [x, dx, skew_x, y, skew_y, dy] = header.geotransform_gdal;
        if skew_x != 0.0 || skew_y != 0.0 {
            return Err(CaseError::new(HEADER, "is a turned raster, which is not supported"));
        }
        let bytes = super::folder::unpack(GzDecoder::new(folder.bytes(CELLS)?.as_slice()))
            .map_err(|error| CaseError::new(CELLS, error.to_string()))?;
        let wanted = header.nx.checked_mul(header.ny).and_then(|count| count.checked_mul(4));
        if wanted != Some(bytes.len()) {
            let problem =
                format!("has {} bytes, not 4 for each of {} x {}", bytes.len(), header.nx, header.ny);
            return Err(CaseError::new(CELLS, problem));
        }
        let cells: Vec<f32> =
            bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if cells.iter().any(|amount| !amount.is_finite() || *amount < 0.0) {
            return Err(CaseError::new(CELLS, "holds an amount that is negative or no number"));
        }
        let (origin, step) = (Point { x, y }, Point { x: dx, y: dy });
        Ok(Self { columns: header.nx, rows: header.ny, origin, step, cells })
    }

    /// The cells with anything in them, column by column from the west, each from the south: its middle and its amount.
    pub fn cells(&self) -> impl Iterator<Item = (Point, f64)> + '_ {
        (0..self.columns).flat_map(move |column| {
            (0..self.rows).rev().filter_map(move |row| {
                let amount = f64::from(self.cells[row * self.columns + column]);
                (amount > 0.0).then(|| (self.point(column as f64 + 0.5, row as f64 + 0.5), amount))
            })
        })
    }

    /// Width and height of a cell, degrees; both positive.
    pub fn cell_size(&self) -> Point {
        Point { x: self.step.x.abs(), y: self.step.y.abs() }
    }

    fn point(&self, column: f64, row: f64) -> Point {
        Point { x: self.origin.x + column * self.step.x, y: self.origin.y + row * self.step.y }
    }
}

const HEADER: &str = "raster.json";
const CELLS: &str = "raster.f32.gz";
