//! Free ports of the loopback address. The system hands them out in turn, so that two tests at once get different ones.

use std::net::{TcpListener, UdpSocket};

use anyhow::{Context, Result};

/// A TCP port that nobody listens on.
pub fn tcp() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free TCP port")?;
    Ok(listener.local_addr()?.port())
}

/// A UDP port that nobody listens on.
pub fn udp() -> Result<u16> {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).context("no free UDP port")?;
    Ok(socket.local_addr()?.port())
}
