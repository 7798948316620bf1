//! Monitors at the patient: an adapter each way a monitor speaks, and one rule for all of them of what is kept.
//!
//! **To add one**, write what turns its words into [`Reading`]s and calls `heard` with each, for ever, opening its line again whenever it
//! breaks; name its address in [`Address`]. It says what was measured and by what; whose patient that is, when it was, what is kept
//! and what is sent is decided here and in `duty`.

mod encapsulated;
mod mllp;
mod oru;
mod thinning;

use std::str::FromStr;

use link::v1::Vitals;

pub use thinning::Thinning;

/// One measuring of one device.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Which device, for people.
    pub device: String,
    /// What it measured, if anything. When, is when it was heard: a monitor's own clock is nobody's duty.
    pub vitals: Option<Vitals>,
    /// Files that came along: an ECG.
    pub files: Vec<MonitorFile>,
}

/// A file of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorFile {
    /// One of those of an ECG.
    pub media_type: &'static str,
    /// What is in it.
    pub content: Vec<u8>,
}

/// Where monitors are heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `mllp://0.0.0.0:2575`: HL7 v2 (ORU^R01) over MLLP, from a monitor or its gateway, which connects to us.
    Mllp(String),
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let listened =
            text.strip_prefix("mllp://").filter(|rest| rest.parse::<std::net::SocketAddr>().is_ok());
        listened.map(|rest| Self::Mllp(rest.to_owned())).ok_or_else(|| {
            format!("{text:?}: write mllp://address:port, for example \"mllp://0.0.0.0:2575\"")
        })
    }
}

/// Hears monitors for ever, telling `heard` of every reading. `false` from it: the reading cannot be kept now.
pub async fn hear_monitors(address: Address, heard: impl FnMut(Reading) -> bool + Clone + Send + 'static) {
    match address {
        Address::Mllp(address) => mllp::listen(&address, heard).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_how_the_monitor_speaks() {
        assert_eq!("mllp://0.0.0.0:2575".parse(), Ok(Address::Mllp("0.0.0.0:2575".into())));
        for bad in ["0.0.0.0:2575", "mllp://", "mllp://monitor", "tcp://0.0.0.0:2575"] {
            assert!(bad.parse::<Address>().unwrap_err().contains("mllp://0.0.0.0:2575"), "{bad}");
        }
    }
}
