//! What can be wrong with the bytes a map is made from, in words an operator can act on; and how far an import has come.

use thiserror::Error;

/// Why no map could be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MapError {
    /// Nothing to read.
    #[error("the file is empty; give an OpenStreetMap extract (.osm.pbf)")]
    Empty,
    /// Not an OpenStreetMap PBF at all.
    #[error("this is not an OpenStreetMap PBF file ({detail}); give an extract that ends in .osm.pbf")]
    NotPbf {
        /// What was found instead.
        detail: String,
    },
    /// The file ends in the middle of a block.
    #[error(
        "the file is cut short: block {block} at byte {offset} needs {missing} bytes more; fetch it again"
    )]
    Truncated {
        /// Number of the block, from 0.
        block: usize,
        /// Where the block begins.
        offset: usize,
        /// Bytes that are not there.
        missing: usize,
    },
    /// A block cannot be read.
    #[error("block {block} of the file is damaged ({detail}); fetch the file again")]
    DamagedBlock {
        /// Number of the block, from 0.
        block: usize,
        /// What the reader said.
        detail: String,
    },
    /// The file asks for a feature this reader lacks.
    #[error(
        "the file needs the feature {feature:?}, which is not supported; convert it with `osmium cat` to a plain .osm.pbf"
    )]
    UnsupportedFeature {
        /// As named in the file's header.
        feature: String,
    },
    /// More than this system is built for, or a file made to exhaust memory.
    #[error(
        "the map has more than {max} {what}; cut out the area of the centre first, for example with `osmium extract`"
    )]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        max: usize,
    },
    /// No road in it that a car could use both ways out.
    #[error("no connected road for cars in this map; is it the right extract, and are its ways complete?")]
    NoRoads,
    /// The builder was given something impossible.
    #[error("way {way_id}: {detail}")]
    BadWay {
        /// The way.
        way_id: i64,
        /// What is wrong with it.
        detail: String,
    },
    /// Not a map file of ours.
    #[error("this is not a map file; make one with `dispatchd import-map FILE.osm.pbf`")]
    NotAMapFile,
    /// A map file of another version.
    #[error(
        "the map file has version {found}, this program reads version {expected}; import the extract again"
    )]
    OtherVersion {
        /// In the file.
        found: u32,
        /// In this program.
        expected: u32,
    },
    /// The map file does not match its checksum, or its contents contradict each other.
    #[error("the map file is damaged ({detail}); import the extract again")]
    DamagedMapFile {
        /// What was found.
        detail: String,
    },
}

/// How far the making of a map has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Done of `total` in this stage.
    pub done: u64,
    /// Size of this stage; its unit depends on the stage.
    pub total: u64,
}

/// The stages of making a map, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Blocks of the file: relations and ways.
    ReadingWays,
    /// Blocks of the file: the nodes those need.
    ReadingNodes,
    /// Junctions, arcs, turns, the connected part.
    BuildingNetwork,
    /// The order in which tables contract the network.
    OrderingTables,
}

impl Stage {
    /// A few words for a person who waits.
    pub fn words(self) -> &'static str {
        match self {
            Self::ReadingWays => "reading roads",
            Self::ReadingNodes => "reading positions",
            Self::BuildingNetwork => "building the network",
            Self::OrderingTables => "preparing travel time tables",
        }
    }
}
