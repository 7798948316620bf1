//! Load for a running centre, over its public contracts alone: a fleet that reports every second (`sim vehicles`), a vehicle that sends what
//! nobody should (`sim flood`), and a desk with its ambulances that times what a dispatcher waits for (`sim probe`). Nothing here sees the
//! inside of the centre; certificates are made from the development authority, as `dispatchd issue-certificate` makes them.

mod authority;
mod desk;
mod fleet;
mod flood;
mod probe;
mod session;
mod tally;
mod vehicle;

use std::net::SocketAddr;
use std::path::PathBuf;

pub use fleet::{FleetOptions, run_fleet};
pub use flood::{FloodKind, FloodOptions, run_flood};
pub use probe::{ProbeOptions, run_probe};

/// Where vehicles connect, and who vouches for them.
#[derive(Debug, Clone)]
pub struct Door {
    /// The nodes' addresses for vehicles; each attempt goes to the next one.
    pub addresses: Vec<SocketAddr>,
    /// The folder of the development authority: `authority.pem` and `authority.key`.
    pub authority: PathBuf,
}

/// The name in the centre's certificate.
const CENTRE_NAME: &str = "jichi-centre";
