//! `pack-map`: the city's map as one file for vehicles, in the `MBTiles` form that other programs read, too.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use roads::RoadMap;
use rusqlite::{Connection, params};

use super::say;
use crate::map::{TileError, TileId, TileMaker};

/// From the whole city on the screen to a street; browsers enlarge the last one further.
const ZOOMS: std::ops::RangeInclusive<u8> = 8..=15;

pub(super) fn pack(map: &RoadMap, name: &str, attribution: &str, out: &Path) -> anyhow::Result<()> {
    let begun = Instant::now();
    // Under another name until it is whole: a broken pack must not pass for a map.
    let partial = out.with_extension("mbtiles.partial");
    let _ = std::fs::remove_file(&partial);
    let count = write(map, name, attribution, &partial)
        .with_context(|| format!("cannot write {}", partial.display()))?;
    std::fs::rename(&partial, out).with_context(|| format!("cannot write {}", out.display()))?;
    let bytes = std::fs::metadata(out)?.len();
    say(&format!(
        "{}: {count} tiles of map {}, {bytes} bytes, {:.1} s",
        out.display(),
        map.id(),
        begun.elapsed().as_secs_f64()
    ))
}

fn write(map: &RoadMap, name: &str, attribution: &str, path: &Path) -> anyhow::Result<u64> {
    let mut db = Connection::open(path)?;
    let transaction = db.transaction()?;
    transaction.execute_batch(
        "CREATE TABLE metadata (name TEXT, value TEXT);
         CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
         CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row);",
    )?;
    let bounds = map.bounds();
    let (low, high) = (bounds.south_west, bounds.north_east);
    let bounds = format!("{},{},{},{}", low.longitude(), low.latitude(), high.longitude(), high.latitude());
    let layers = ["water", "green", "built", "districts", "railways", "roads", "labels"];
    let layers: Vec<_> = layers.iter().map(|id| serde_json::json!({ "id": id, "fields": {} })).collect();
    for (key, value) in [
        ("name", name),
        ("format", "pbf"),
        ("bounds", &bounds),
        ("minzoom", &ZOOMS.start().to_string()),
        ("maxzoom", &ZOOMS.end().to_string()),
        ("attribution", attribution),
        ("version", map.id()),
        ("json", &serde_json::json!({ "vector_layers": layers }).to_string()),
    ] {
        transaction.execute("INSERT INTO metadata VALUES (?1, ?2)", [key, value])?;
    }
    let mut insert = transaction.prepare("INSERT INTO tiles VALUES (?1, ?2, ?3, ?4)")?;
    let count = TileMaker::of(map).draw_all(ZOOMS, |id, bytes| -> Result<(), PackError> {
        insert.execute(params![id.z, id.x, row_from_the_south(id), bytes])?;
        Ok(())
    })?;
    drop(insert);
    transaction.commit()?;
    db.close().map_err(|(_, error)| error)?;
    Ok(count)
}

/// As `MBTiles` counts rows.
fn row_from_the_south(id: TileId) -> u32 {
    (1 << id.z) - 1 - id.y
}

#[derive(Debug, thiserror::Error)]
enum PackError {
    #[error(transparent)]
    Tile(#[from] TileError),
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TempFolder;

    #[test]
    fn a_pack_holds_the_tiles_that_the_centre_draws() {
        let folder = TempFolder::new("pack");
        let map = crate::api::small_city();
        let out = folder.path().join("city.mbtiles");
        pack(&map, "试城", "© OpenStreetMap", &out).unwrap();
        let db = Connection::open(&out).unwrap();
        let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert!(count("SELECT count(*) FROM tiles WHERE zoom_level = 15") >= 1);
        assert_eq!(count("SELECT min(zoom_level) FROM tiles"), 8);
        // The tile of the middle, found by its number from the south, is gzip and not empty.
        let middle = map.bounds().south_west;
        let column = ((middle.longitude() / 360.0 + 0.5) * 256.0).floor() as i64;
        let tile: Vec<u8> = db
            .query_row(
                "SELECT tile_data FROM tiles WHERE zoom_level = 8 AND tile_column = ?1",
                [column],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(tile[..2], [0x1f, 0x8b]);
        assert!(!folder.path().join("city.mbtiles.partial").exists());
    }
}
