//! The rows the network is stored in: plain numbers, the same in memory and in the map file.

use crate::RoadClass;

/// "No arc here."
pub(crate) const NONE: u32 = u32::MAX;

/// A piece of road between two junctions, in the direction its way was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct EdgeRow {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) way: u32,
    pub(crate) length_mm: u32,
    /// First of its points in `shapes`; they end where the next edge's begin.
    pub(crate) shape_first: u32,
    /// The arc along the drawing and the one against it, or `NONE`.
    pub(crate) arcs: [u32; 2],
}

impl EdgeRow {
    pub(crate) fn length_m(&self) -> f64 {
        f64::from(self.length_mm) / 1000.0
    }
}

/// A piece of road driven in one direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ArcRow {
    pub(crate) tail: u32,
    pub(crate) head: u32,
    pub(crate) edge: u32,
    /// Against the drawing of its edge.
    pub(crate) reversed: bool,
    /// The other direction, or `NONE`.
    pub(crate) twin: u32,
    /// What gates and restricted access cost on top of driving, in microseconds; no profile's speed changes it.
    pub(crate) delay_us: u32,
}

/// A road as mapped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WayRow {
    pub(crate) id: i64,
    /// Index into the names; 0 is the empty name.
    pub(crate) name: u32,
    pub(crate) class: RoadClass,
    pub(crate) bridge: bool,
    pub(crate) tunnel: bool,
    /// Entered only where the journey needs it (private, destination): driven at half speed.
    pub(crate) restricted: bool,
    pub(crate) speed_tenth_kmh: u16,
}
