//! The map file: one file that a second start reads in well under a second. A header with a version and a SHA-256 of everything
//! after it, then the rows as they lie in memory, little-endian.

mod bytes;
mod sections;

use sha2::{Digest, Sha256};

use crate::weights::short_hex;
use crate::{BaseMap, MapError, Network, RoadMap};

use bytes::Reader;

pub(crate) fn write(network: &Network, base: &BaseMap, order: &[u32]) -> Vec<u8> {
    let payload = sections::write(network, base, order);
    let mut file = Vec::with_capacity(HEADER_LENGTH + payload.len());
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    file.extend_from_slice(&Sha256::digest(&payload));
    file.extend_from_slice(&payload);
    file
}

pub(crate) fn id_of(network: &Network, base: &BaseMap, order: &[u32]) -> String {
    short_hex(&Sha256::digest(sections::write(network, base, order)))
}

pub(crate) fn read(file: &[u8]) -> Result<RoadMap, MapError> {
    if file.len() < HEADER_LENGTH || !file.starts_with(MAGIC) {
        return Err(MapError::NotAMapFile);
    }
    let mut header = Reader::new(&file[MAGIC.len()..HEADER_LENGTH]);
    let found = header.u32()?;
    if found != VERSION {
        return Err(MapError::OtherVersion { found, expected: VERSION });
    }
    let length = header.u64()?;
    let payload = &file[HEADER_LENGTH..];
    if payload.len() as u64 != length {
        let detail = format!("{} bytes where {length} belong", payload.len());
        return Err(MapError::DamagedMapFile { detail });
    }
    let hash = Sha256::digest(payload);
    if hash[..] != file[HEADER_LENGTH - 32..HEADER_LENGTH] {
        return Err(MapError::DamagedMapFile { detail: "its checksum does not match".into() });
    }
    let (mut network, base, order) = sections::read(payload)?;
    network.id = short_hex(&hash);
    network.derive();
    Ok(RoadMap::index(network, base, order))
}

/// How a map file begins.
const MAGIC: &[u8; 8] = b"JICHIMAP";
/// Grows with every change of the contents; an older file is made again from its extract.
const VERSION: u32 = 1;
const HEADER_LENGTH: usize = 8 + 4 + 8 + 32;
