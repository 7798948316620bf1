//! The city's map, packed ahead: an `MBTiles` file of vector tiles, as `dispatchd pack-map` makes it. Without it the terminal draws the way
//! alone.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use serde::Serialize;
use thiserror::Error;

/// Why there is no map.
#[derive(Debug, Error)]
pub enum MapError {
    /// Not there, or no `MBTiles`.
    #[error("map {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// Of another kind.
    #[error("map {path}: {problem}")]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: &'static str,
    },
}

/// What a page must know to draw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MapAbout {
    /// The smallest zoom that is packed.
    pub zoom_min: u8,
    /// The largest; a page enlarges it further.
    pub zoom_max: u8,
    /// Whose data it is, to be shown.
    pub attribution: String,
}

/// An open map.
#[derive(Debug)]
pub struct PackedMap {
    db: Mutex<Connection>,
    about: MapAbout,
}

impl PackedMap {
    /// Opens a file. Nothing is ever written to it.
    pub fn open(path: &Path) -> Result<Self, MapError> {
        let at = |source| MapError::Unreadable { path: path.to_owned(), source };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(at)?;
        let text = |name: &str| -> Result<Option<String>, MapError> {
            db.query_row("SELECT value FROM metadata WHERE name = ?1", [name], |row| row.get(0))
                .optional()
                .map_err(at)
        };
        let unfit = |problem| MapError::Unfit { path: path.to_owned(), problem };
        if text("format")?.as_deref() != Some("pbf") {
            return Err(unfit("it holds no vector tiles: pack it with dispatchd pack-map"));
        }
        let zoom = |text: Option<String>| text.and_then(|text| text.parse().ok());
        let (Some(zoom_min), Some(zoom_max)) = (zoom(text("minzoom")?), zoom(text("maxzoom")?)) else {
            return Err(unfit("it does not say which zooms it holds"));
        };
        let attribution = text("attribution")?.unwrap_or_default();
        Ok(Self { about: MapAbout { zoom_min, zoom_max, attribution }, db: Mutex::new(db) })
    }

    /// What it holds.
    pub fn about(&self) -> &MapAbout {
        &self.about
    }

    /// A tile, gzipped; `None` where nothing is seen. `y` counts from the north.
    pub fn tile(&self, z: u8, x: u32, y: u32) -> rusqlite::Result<Option<Vec<u8>>> {
        let Some(south) = 1_u32.checked_shl(z.into()).and_then(|rows| rows.checked_sub(1)?.checked_sub(y))
        else {
            return Ok(None);
        };
        let db = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        let mut find = db.prepare_cached(
            "SELECT tile_data FROM tiles WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3",
        )?;
        find.query_row(params![z, x, south], |row| row.get(0)).optional()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(format: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("jichi-map-{}.mbtiles", uuid::Uuid::now_v7()));
        let db = Connection::open(&path).unwrap();
        db.execute_batch(&format!(
            "CREATE TABLE metadata (name TEXT, value TEXT);
             CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
             INSERT INTO metadata VALUES ('format', '{format}'), ('minzoom', '8'), ('maxzoom', '15');
             INSERT INTO tiles VALUES (8, 3, 255, x'1f8b');"
        ))
        .unwrap();
        path
    }

    #[test]
    fn a_tile_is_found_by_its_row_from_the_north() {
        let path = packed("pbf");
        let map = PackedMap::open(&path).unwrap();
        assert_eq!((map.about().zoom_min, map.about().zoom_max), (8, 15));
        assert_eq!(map.tile(8, 3, 0).unwrap(), Some(vec![0x1f, 0x8b]));
        for (z, x, y) in [(8, 3, 255), (8, 3, 256), (40, 0, 0), (8, 4, 0)] {
            assert_eq!(map.tile(z, x, y).unwrap(), None, "{z}/{x}/{y}");
        }
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn what_is_no_map_is_said_in_words() {
        let path = packed("png");
        let problem = PackedMap::open(&path).unwrap_err().to_string();
        assert!(problem.contains("pack-map"), "{problem}");
        std::fs::write(&path, "no database at all").unwrap();
        assert!(matches!(PackedMap::open(&path).unwrap_err(), MapError::Unreadable { .. }));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(PackedMap::open(&path).unwrap_err(), MapError::Unreadable { .. }));
    }
}
