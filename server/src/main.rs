//! The binary `dispatchd`: see the library of this crate.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::run()
}
