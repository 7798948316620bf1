//! Every tile of a city at once, for a vehicle that will have no centre to ask.

use std::ops::RangeInclusive;

use super::mercator::TileId;
use super::{TileError, TileMaker, compressed, tile};

impl TileMaker {
    /// Draws the tiles of these zooms in which something of the city is seen, and gives each to `keep`, gzipped. Comes back with how many
    /// there were.
    pub(crate) fn draw_all<E: From<TileError>>(
        &self,
        zooms: RangeInclusive<u8>,
        mut keep: impl FnMut(TileId, &[u8]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut count = 0;
        for id in zooms.flat_map(|z| self.ids_at(z)) {
            let drawn = tile::draw(&self.index, id).map_err(TileError::from)?;
            if !drawn.is_empty() {
                keep(id, &compressed(&drawn)?)?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// The tiles that the city's roads touch.
    fn ids_at(&self, z: u8) -> Vec<TileId> {
        let tiles = f64::from(1_u32 << z);
        let at = |share: f64| (share.clamp(0.0, 1.0) * tiles).floor().min(tiles - 1.0) as u32;
        let (columns, rows) =
            (at(self.extent.west)..=at(self.extent.east), at(self.extent.north)..=at(self.extent.south));
        columns.flat_map(|x| rows.clone().filter_map(move |y| TileId::new(z, x, y))).collect()
    }
}
