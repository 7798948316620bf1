//! The frame of a PBF file: blocks with a length each. All lengths are checked against the file before anything is read, and each
//! block is read behind a wall that turns a panic of the reader into an error.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use osmpbf::{BlobReader, BlobType, Element, PrimitiveBlock};

use crate::MapError;

/// The data blocks of one file.
pub(super) struct Blocks<'a> {
    bytes: &'a [u8],
    frames: Vec<Frame>,
}

struct Frame {
    start: usize,
    end: usize,
    holds_ways: bool,
    holds_nodes: bool,
}

impl<'a> Blocks<'a> {
    /// Checks the whole frame and the header.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, MapError> {
        if bytes.is_empty() {
            return Err(MapError::Empty);
        }
        let mut frames = Vec::new();
        let mut start = 0;
        while start < bytes.len() {
            let number = frames.len();
            let (end, kind) = frame_at(bytes, start, number)?;
            if number == 0 {
                if kind != Kind::Header {
                    return Err(MapError::NotPbf {
                        detail: "it does not begin with an OSMHeader block".into(),
                    });
                }
                check_header(&bytes[start..end])?;
            }
            frames.push((Frame { start, end, holds_ways: false, holds_nodes: false }, kind));
            start = end;
        }
        let frames =
            frames.into_iter().filter(|(_, kind)| *kind == Kind::Data).map(|(frame, _)| frame).collect();
        Ok(Self { bytes, frames })
    }

    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    /// Blocks in which ways were seen.
    pub(super) fn with_ways(&self) -> Vec<usize> {
        (0..self.frames.len()).filter(|&b| self.frames[b].holds_ways).collect()
    }

    /// Blocks in which nodes were seen.
    pub(super) fn with_nodes(&self) -> Vec<usize> {
        (0..self.frames.len()).filter(|&b| self.frames[b].holds_nodes).collect()
    }

    /// Hands every element of a block to `each`.
    pub(super) fn each_element(
        &mut self,
        number: usize,
        mut each: impl FnMut(Element<'_>) -> Result<(), MapError>,
    ) -> Result<(), MapError> {
        let frame = &mut self.frames[number];
        let bytes = &self.bytes[frame.start..frame.end];
        // The reader adds differences without checking them, so a damaged block can overflow inside it.
        let read = catch_unwind(AssertUnwindSafe(|| {
            for element in primitive_block(bytes, number)?.elements() {
                match element {
                    Element::Way(_) => frame.holds_ways = true,
                    Element::Node(_) | Element::DenseNode(_) => frame.holds_nodes = true,
                    Element::Relation(_) => {}
                }
                each(element)?;
            }
            Ok(())
        }));
        read.unwrap_or_else(|_| Err(damaged(number, "its numbers do not add up")))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Header,
    Data,
    Other,
}

/// Where the block at `start` ends and what it holds.
fn frame_at(bytes: &[u8], start: usize, number: usize) -> Result<(usize, Kind), MapError> {
    let not_pbf = |detail: &str| {
        if number == 0 { MapError::NotPbf { detail: detail.into() } } else { damaged(number, detail) }
    };
    let truncated = |missing: usize| MapError::Truncated { block: number, offset: start, missing };
    let rest = &bytes[start..];
    let Some(length) = rest.first_chunk::<4>() else {
        return Err(if number == 0 {
            not_pbf("it is only a few bytes long")
        } else {
            truncated(4 - rest.len())
        });
    };
    let header_length = u32::from_be_bytes(*length) as usize;
    if header_length == 0 || header_length >= HEADER_LENGTH_MAX {
        return Err(not_pbf("it has no block header"));
    }
    if rest.len() < 4 + header_length {
        return Err(if number == 0 {
            not_pbf("it has no block header")
        } else {
            truncated(4 + header_length - rest.len())
        });
    }
    let mut reader = BlobReader::new_seekable(Cursor::new(rest)).map_err(|e| not_pbf(&e.to_string()))?;
    let (header, _) = match catch_unwind(AssertUnwindSafe(|| reader.next_header_skip_blob())) {
        Ok(Some(Ok(header))) => header,
        Ok(Some(Err(error))) => return Err(not_pbf(&error.to_string())),
        Ok(None) | Err(_) => return Err(not_pbf("its block header cannot be read")),
    };
    let size = usize::try_from(header.get_blob_size()).unwrap_or(usize::MAX);
    if size > BLOCK_LENGTH_MAX {
        return Err(not_pbf("a block is larger than the format allows"));
    }
    let needed = 4 + header_length + size;
    if rest.len() < needed {
        return Err(truncated(needed - rest.len()));
    }
    let kind = match header.blob_type() {
        BlobType::OsmHeader => Kind::Header,
        BlobType::OsmData => Kind::Data,
        BlobType::Unknown(_) => Kind::Other,
    };
    Ok((start + needed, kind))
}

fn check_header(bytes: &[u8]) -> Result<(), MapError> {
    let read = catch_unwind(AssertUnwindSafe(|| {
        let blob = BlobReader::new(bytes).next().ok_or_else(|| "its header is missing".to_owned())?;
        blob.and_then(|blob| blob.to_headerblock()).map_err(|error| error.to_string())
    }));
    let header = read
        .unwrap_or_else(|_| Err("its header cannot be read".to_owned()))
        .map_err(|detail| MapError::NotPbf { detail })?;
    match header.required_features().iter().find(|feature| !FEATURES.contains(&feature.as_str())) {
        Some(feature) => Err(MapError::UnsupportedFeature { feature: feature.clone() }),
        None => Ok(()),
    }
}

fn primitive_block(bytes: &[u8], number: usize) -> Result<PrimitiveBlock, MapError> {
    let blob = BlobReader::new(bytes).next().ok_or_else(|| damaged(number, "it is empty"))?;
    blob.and_then(|blob| blob.to_primitiveblock()).map_err(|error| damaged(number, &error.to_string()))
}

fn damaged(block: usize, detail: &str) -> MapError {
    MapError::DamagedBlock { block, detail: detail.to_owned() }
}

/// Features of the format that this reader knows.
const FEATURES: [&str; 2] = ["OsmSchema-V0.6", "DenseNodes"];
/// The format's own bound of a block's header.
const HEADER_LENGTH_MAX: usize = 64 * 1024;
/// The format's own bound of a block; the reader keeps the same bound for what comes out of decompression.
const BLOCK_LENGTH_MAX: usize = 32 * 1024 * 1024;
