//! Messages that come in packets. The packets of one message have numbers in a row, so that the first one's number and the kind name the message. Few
//! are put together at once, none may be larger than the standard's own use needs, and one that does not get whole in time is let go.

use std::time::{Duration, Instant};

use super::{Bad, Header};

/// Puts messages together.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    parts: Vec<Part>,
}

/// A message of which packets are missing.
#[derive(Debug)]
struct Part {
    id: u16,
    first_serial: u16,
    packets: Vec<Option<Vec<u8>>>,
    begun: Instant,
}

/// What a packet led to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fitted {
    /// The whole body, with the last packet.
    pub(crate) whole: Option<Vec<u8>>,
    /// Messages that were let go, because they did not get whole.
    pub(crate) let_go: u64,
}

impl Assembly {
    /// Takes a packet.
    pub(crate) fn take(&mut self, header: &Header, body: &[u8], now: Instant) -> Result<Fitted, Bad> {
        let (total, number) = header.packet.ok_or(Bad::Packet)?;
        if number == 0 || number > total || total > PACKETS_MAX {
            return Err(Bad::Packet);
        }
        let first_serial = header.serial.wrapping_sub(number - 1);
        let before = self.parts.len();
        self.parts.retain(|part| now.saturating_duration_since(part.begun) < WHOLE_WITHIN);
        let mut let_go = before - self.parts.len();
        let known = self.parts.iter().position(|part| {
            (part.id, part.first_serial, part.packets.len()) == (header.id, first_serial, usize::from(total))
        });
        let place = known.unwrap_or_else(|| {
            if self.parts.len() == PARTS_MAX {
                self.parts.remove(0);
                let_go += 1;
            }
            let packets = vec![None; usize::from(total)];
            self.parts.push(Part { id: header.id, first_serial, packets, begun: now });
            self.parts.len() - 1
        });
        self.parts[place].packets[usize::from(number - 1)] = Some(body.to_vec());
        let complete = self.parts[place].packets.iter().all(Option::is_some);
        let whole =
            complete.then(|| self.parts.remove(place).packets.into_iter().flatten().flatten().collect());
        Ok(Fitted { whole, let_go: let_go as u64 })
    }
}

/// Messages put together at once on one connection.
const PARTS_MAX: usize = 2;
/// Packets of one message: 32 KiB, which is more than a thousand positions.
const PACKETS_MAX: u16 = 32;
/// A message whose packets do not come within this is let go.
const WHOLE_WITHIN: Duration = Duration::from_mins(2);

#[cfg(test)]
mod tests {
    use super::super::{Edition, Phone};
    use super::*;

    fn packet(serial: u16, total: u16, number: u16) -> Header {
        let phone = Phone::parse("13800138000").unwrap();
        Header { id: 0x0704, edition: Edition::Of2013, phone, serial, packet: Some((total, number)) }
    }

    #[test]
    fn packets_make_a_message_in_whatever_order_they_come() {
        let now = Instant::now();
        let mut assembly = Assembly::default();
        let mut take =
            |serial, number, body: &[u8]| assembly.take(&packet(serial, 3, number), body, now).unwrap().whole;
        // The numbers go over the end of sixteen bits.
        assert_eq!(take(0, 3, b"cc"), None);
        assert_eq!(take(65_534, 1, b"a"), None);
        assert_eq!(take(65_534, 1, b"a"), None, "sent twice");
        assert_eq!(take(65_535, 2, b"bbb"), Some(b"abbbcc".to_vec()));
        assert_eq!(take(65_535, 2, b"bbb"), None, "what came late begins anew");
    }

    #[test]
    fn what_does_not_get_whole_is_let_go() {
        let now = Instant::now();
        let mut assembly = Assembly::default();
        for message in 0..10_u16 {
            let fitted = assembly.take(&packet(message * 100, 2, 1), &[0; 1_023], now).unwrap();
            assert_eq!(fitted.let_go, u64::from(message >= 2), "{message}");
        }
        assert_eq!(assembly.parts.len(), PARTS_MAX);
        let later = now + WHOLE_WITHIN;
        let fitted = assembly.take(&packet(901, 2, 2), b"late", later).unwrap();
        assert_eq!(fitted, Fitted { whole: None, let_go: 2 });
    }

    #[test]
    fn packets_that_cannot_be_are_refused() {
        let mut assembly = Assembly::default();
        for (total, number) in [(0, 0), (0, 1), (3, 0), (3, 4), (PACKETS_MAX + 1, 1), (u16::MAX, u16::MAX)] {
            let taken = assembly.take(&packet(7, total, number), b"x", Instant::now());
            assert_eq!(taken, Err(Bad::Packet), "{number} of {total}");
        }
        assert!(assembly.parts.is_empty());
        let alone = assembly.take(&packet(7, 1, 1), b"x", Instant::now()).unwrap();
        assert_eq!(alone.whole, Some(b"x".to_vec()));
    }
}
