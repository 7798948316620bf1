//! The city's map for browsers: vector tiles made on the fly from the same extract as the roads, with no internet.

mod cache;
mod clip;
mod feature;
mod mercator;
mod pack;
mod stitch;
mod tile;

use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use roads::RoadMap;
use tokio::sync::Semaphore;

use cache::TileCache;
use feature::FeatureIndex;
use mercator::Frame;
pub(crate) use mercator::{TileId, ZOOM_MAX, ZOOM_MIN};

/// Cuts, compresses and keeps the tiles of one map.
#[derive(Debug)]
pub(crate) struct TileMaker {
    map_id: String,
    extent: Frame,
    index: FeatureIndex,
    cache: TileCache,
    work: Semaphore,
}

/// Why a tile could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TileError {
    /// The encoder refused a shape.
    #[error("the tile could not be drawn")]
    Draw(#[from] mvt::Error),
    /// Compression into memory failed.
    #[error("the tile could not be compressed")]
    Compress(#[from] std::io::Error),
    /// The drawing thread ended early, as it does when the process stops.
    #[error("the tile was not finished")]
    Unfinished,
}

impl TileMaker {
    /// Projects and indexes everything drawable: some hundred milliseconds for a city.
    pub(crate) fn of(map: &RoadMap) -> Self {
        Self {
            map_id: map.id().to_owned(),
            extent: Frame::of(map.bounds()),
            index: FeatureIndex::of(map),
            cache: TileCache::new(CACHE_BYTES_MAX),
            work: Semaphore::new(WORK_MAX),
        }
    }

    /// The hash of the map: equal ids give equal tiles.
    pub(crate) fn map_id(&self) -> &str {
        &self.map_id
    }

    /// The tile, gzipped; `None` when nothing is seen there. Drawn on a thread of its own kind, a few at a time, so that a
    /// browser that scrolls wildly takes nothing from dispatching.
    pub(crate) async fn tile(self: &Arc<Self>, id: TileId) -> Result<Option<Arc<[u8]>>, TileError> {
        let (tile, reach) = (id.frame(), 1.0 / id.units() * 128.0);
        let (shown, extent) = (tile.grown(reach), self.extent.grown(EXTENT_MARGIN));
        let apart = shown.east < extent.west
            || shown.west > extent.east
            || shown.south < extent.north
            || shown.north > extent.south;
        if apart {
            return Ok(None);
        }
        let bytes = match self.cache.get(id) {
            Some(bytes) => bytes,
            None => self.draw(id).await?,
        };
        Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    async fn draw(self: &Arc<Self>, id: TileId) -> Result<Arc<[u8]>, TileError> {
        let _turn = self.work.acquire().await.map_err(|_| TileError::Unfinished)?;
        if let Some(bytes) = self.cache.get(id) {
            return Ok(bytes);
        }
        let maker = Arc::clone(self);
        let drawn = tokio::task::spawn_blocking(move || compressed(&tile::draw(&maker.index, id)?)).await;
        let bytes: Arc<[u8]> = drawn.map_err(|_| TileError::Unfinished)??.into();
        self.cache.put(id, Arc::clone(&bytes));
        Ok(bytes)
    }
}

fn compressed(tile: &[u8]) -> Result<Vec<u8>, TileError> {
    if tile.is_empty() {
        return Ok(Vec::new());
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(tile)?;
    Ok(gzip.finish()?)
}

/// Bytes of drawn tiles kept in memory.
const CACHE_BYTES_MAX: usize = 64 << 20;
/// Tiles drawn at the same time: the rest of the machine belongs to dispatching.
const WORK_MAX: usize = 2;
/// How far what is drawn may reach beyond the roads, in parts of the square: a lake at the edge, some 40 km.
const EXTENT_MARGIN: f64 = 1e-3;

#[cfg(test)]
mod tests;
