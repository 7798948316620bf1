//! Little-endian numbers, texts and positions to and from bytes; every read is checked, and no length in the file makes us
//! allocate more than the file itself could fill.

use crate::network::point;
use crate::{MapError, Wgs84};

/// Appends to a file.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn i64(&mut self, value: i64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn text(&mut self, value: &str) {
        self.u32(value.len() as u32);
        self.bytes.extend_from_slice(value.as_bytes());
    }

    pub(super) fn e7(&mut self, [lon, lat]: [i32; 2]) {
        self.bytes.extend_from_slice(&lon.to_le_bytes());
        self.bytes.extend_from_slice(&lat.to_le_bytes());
    }

    pub(super) fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.u32(items.len() as u32);
        for item in items {
            each(self, item);
        }
    }

    pub(super) fn line(&mut self, points: &[Wgs84]) {
        self.list(points, |w, p| w.e7(p.to_e7()));
    }
}

/// Reads a file from front to back.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

type Read<T> = Result<T, MapError>;

impl<'a> Reader<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn u8(&mut self) -> Read<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Read<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Read<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Read<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Read<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub(super) fn text(&mut self) -> Read<String> {
        let length = self.u32()? as usize;
        let bytes = self.take(length)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| damaged("a text is not UTF-8"))
    }

    /// A position, checked to be on the earth.
    pub(super) fn e7(&mut self) -> Read<[i32; 2]> {
        let e7 = [self.array().map(i32::from_le_bytes)?, self.array().map(i32::from_le_bytes)?];
        Wgs84::from_e7(e7).map(|_| e7).ok_or_else(|| damaged("a position is not on the earth"))
    }

    pub(super) fn list<T>(&mut self, mut each: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let count = self.u32()? as usize;
        // Each item takes a byte at least: a false count ends at the end of the file, not in an allocation.
        let mut items = Vec::with_capacity(count.min(self.rest.len() / size_of::<T>().max(1) + 1));
        for _ in 0..count {
            items.push(each(self)?);
        }
        Ok(items)
    }

    pub(super) fn line(&mut self) -> Read<Vec<Wgs84>> {
        self.list(|r| r.e7().map(point))
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        self.take(N).map(|bytes| bytes.try_into().expect("invariant: take gives as many as asked"))
    }

    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| damaged("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }
}

pub(super) fn damaged(detail: &str) -> MapError {
    MapError::DamagedMapFile { detail: detail.into() }
}
