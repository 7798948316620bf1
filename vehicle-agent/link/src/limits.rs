//! Names and bounds that both ends must agree on, and what a vehicle asks of QUIC.

use std::time::Duration;

/// ALPN protocol name of the link's first version.
pub const ALPN: &[u8] = b"jichi-link/1";

/// Highest protocol version that this crate speaks.
pub const PROTOCOL_VERSION: u32 = 1;

/// Longest message in a frame, in bytes, without its four bytes of length.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;

/// Longest datagram, in bytes: below what QUIC carries before it has discovered the path's MTU.
pub const DATAGRAM_BYTES_MAX: usize = 1100;

/// Longest `effect_id`, in bytes.
pub const EFFECT_ID_BYTES_MAX: usize = 64;

/// Most orders that one vehicle holds open.
pub const ORDERS_HELD_MAX: usize = 32;

/// Most points of one route.
pub const ROUTE_POINTS_MAX: usize = 1000;

/// Most hospitals in the directory.
pub const HOSPITALS_MAX: usize = 100;

/// Most positions in one `PositionHistory`.
pub const BACKFILL_POSITIONS_MAX: usize = 200;

/// A vehicle's QUIC shows this often that it is there, so that no modem's network forgets it.
pub const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A connection on which nothing comes for so long is given up by QUIC, in milliseconds.
pub const IDLE_MS_MAX: u32 = 120_000;

/// What a vehicle lets the centre send on one stream before it has read, in bytes.
pub const STREAM_WINDOW_BYTES: u32 = 256 * 1024;

/// Datagrams that wait at either end of a vehicle's connection, in bytes: old positions are worth nothing.
pub const DATAGRAM_BUFFER_BYTES_MAX: usize = 16 * 1024;

/// What stands before the unit's name in the URI of its certificate.
pub const UNIT_URI_PREFIX: &str = "jichi:unit:";

const UNIT_BYTES_MAX: usize = 15;

/// The unit named by a certificate's URI (`jichi:unit:A12`), when it is one.
///
/// ```
/// assert_eq!(link::unit_of_uri("jichi:unit:A12"), Some("A12"));
/// assert_eq!(link::unit_of_uri("https://example.org"), None);
/// ```
pub fn unit_of_uri(uri: &str) -> Option<&str> {
    let unit = uri.strip_prefix(UNIT_URI_PREFIX)?;
    let sound = !unit.is_empty()
        && unit.len() <= UNIT_BYTES_MAX
        && unit
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte == b'.');
    sound.then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_short_and_plain() {
        for (uri, unit) in [
            ("jichi:unit:A12", Some("A12")),
            ("jichi:unit:east-03_b.1", Some("east-03_b.1")),
            ("jichi:unit:", None),
            ("jichi:unit:A 12", None),
            ("jichi:unit:../../etc", None),
            ("jichi:unit:急救1", None),
            ("jichi:unit:AAAAAAAAAAAAAAAA", None),
            ("jichi:centre:A12", None),
        ] {
            assert_eq!(unit_of_uri(uri), unit, "{uri}");
        }
    }
}
