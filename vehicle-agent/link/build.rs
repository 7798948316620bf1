//! Compiles the protocols' source files, without a `protoc` of the system.

use std::io::{Error, Result};

const PROTOS: [&str; 4] = [
    "proto/jichi/link/v1/link.proto",
    "proto/jichi/link/v1/patient.proto",
    "proto/jichi/link/v1/bulk.proto",
    "proto/jichi/enrolment/v1/enrolment.proto",
];

fn main() -> Result<()> {
    for proto in PROTOS {
        println!("cargo:rerun-if-changed={proto}");
    }
    let files = protox::compile(PROTOS, ["proto"]).map_err(|error| Error::other(format!("{error:?}")))?;
    prost_build::Config::new()
        // A caller's number, or a token, must not reach a log by accident: `v1.rs` and `enrolment.rs` write these by hand.
        .skip_debug([
            ".jichi.link.v1.Order",
            ".jichi.link.v1.CrewSignOn",
            ".jichi.link.v1.CrewSignOff",
            ".jichi.link.v1.Findings",
            ".jichi.link.v1.FilePart",
            ".jichi.enrolment.v1.Request",
        ])
        .compile_fds(files)
}
