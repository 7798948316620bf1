//! Compiles the protocol's one source file, without a `protoc` of the system.

use std::io::{Error, Result};

const PROTO: &str = "proto/jichi/link/v1/link.proto";

fn main() -> Result<()> {
    println!("cargo:rerun-if-changed={PROTO}");
    let files = protox::compile([PROTO], ["proto"]).map_err(|error| Error::other(format!("{error:?}")))?;
    prost_build::Config::new()
        // A caller's number must not reach a log by accident: `v1.rs` writes these by hand.
        .skip_debug([".jichi.link.v1.Order", ".jichi.link.v1.CrewSignOn", ".jichi.link.v1.CrewSignOff"])
        .compile_fds(files)
}
