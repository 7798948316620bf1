//! Where a receiver is: gpsd, a socket with NMEA 0183, or a serial line.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

use crate::config::is_host_and_port;

/// A text that names no receiver.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("write tcp://host:port (NMEA 0183), gpsd://host:port or a device, for example /dev/ttyUSB0:115200")]
pub struct BadSource;

/// A receiver, as `gnss` in the configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `tcp://host:port`: NMEA 0183.
    Nmea {
        /// `host:port`.
        address: String,
    },
    /// `gpsd://host:port`, or without a port 2947.
    Gpsd {
        /// `host:port`.
        address: String,
    },
    /// `/dev/ttyUSB0` or `/dev/ttyUSB0:115200`: NMEA 0183.
    Serial {
        /// The device.
        path: PathBuf,
        /// Bits per second.
        baud: u32,
    },
}

const GPSD_PORT: u16 = 2947;
/// What most receivers speak unless told otherwise.
const BAUD: u32 = 9600;
const BAUDS: [u32; 9] = [4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600];

impl FromStr for Source {
    type Err = BadSource;

    fn from_str(text: &str) -> Result<Self, BadSource> {
        if let Some(address) = text.strip_prefix("tcp://") {
            return is_host_and_port(address)
                .then(|| Self::Nmea { address: address.to_owned() })
                .ok_or(BadSource);
        }
        if let Some(address) = text.strip_prefix("gpsd://") {
            let address =
                if address.contains(':') { address.to_owned() } else { format!("{address}:{GPSD_PORT}") };
            return is_host_and_port(&address).then_some(Self::Gpsd { address }).ok_or(BadSource);
        }
        if !text.starts_with("/dev/") {
            return Err(BadSource);
        }
        let (path, baud) = match text.rsplit_once(':').map(|(path, baud)| (path, baud.parse())) {
            Some((path, Ok(baud))) => (path, baud),
            // Names under /dev/serial/by-path have colons in them.
            Some((_, Err(_))) | None => (text, BAUD),
        };
        BAUDS.contains(&baud).then(|| Self::Serial { path: path.into(), baud }).ok_or(BadSource)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nmea { address } => write!(f, "tcp://{address}"),
            Self::Gpsd { address } => write!(f, "gpsd://{address}"),
            Self::Serial { path, baud } => write!(f, "{}:{baud}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_one_way_to_write_it() {
        let told = |text: &str| text.parse::<Source>().map(|source| source.to_string());
        for (text, expected) in [
            ("tcp://10.0.0.7:9301", "tcp://10.0.0.7:9301"),
            ("gpsd://127.0.0.1:3000", "gpsd://127.0.0.1:3000"),
            ("gpsd://localhost", "gpsd://localhost:2947"),
            ("/dev/ttyUSB0", "/dev/ttyUSB0:9600"),
            ("/dev/ttyS1:115200", "/dev/ttyS1:115200"),
            (
                "/dev/serial/by-path/pci-0:00:14.0-usb-0:2:1.0",
                "/dev/serial/by-path/pci-0:00:14.0-usb-0:2:1.0:9600",
            ),
        ] {
            assert_eq!(told(text).as_deref(), Ok(expected), "{text}");
        }
        for text in
            ["", "tcp://10.0.0.7", "gpsd://", "gpsd://a:b", "ttyUSB0", "/dev/ttyS1:12345", "serial://x:1"]
        {
            assert_eq!(told(text), Err(BadSource), "{text}");
        }
    }
}
