//! Two machines and a PostgreSQL under everything that goes wrong between them: the production core beside the production leadership, in
//! one thread by seed (`sim faults`). A failure names the seed, and one command repeats it.

pub mod aside;
pub mod fleet;
pub mod laws;
mod people;
pub mod postgres;
mod shell;
pub mod site;
pub mod weather;
pub mod wire;
pub mod world;

use std::fmt;

use crate::check::Broken;
pub use world::{Tally, World};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Anything at any time: nothing that was promised may break.
    Safety,
    /// From half-way on only what is broken for good stays broken: the rest must come to rest, and somebody must lead.
    Liveness,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Safety => "safety",
            Self::Liveness => "liveness",
        })
    }
}

/// A run in which a law was broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "law broken: {} at step {step}: {}\nrepeat it with: cargo run -p sim -- faults --seed {seed} --steps {steps} --mode {mode}",
    .broken.law, .broken.how
)]
pub struct Failed {
    /// The seed.
    pub seed: u64,
    /// How many steps the run should have had.
    pub steps: u64,
    /// What went wrong in it.
    pub mode: Mode,
    /// At which step.
    pub step: u64,
    /// The law.
    pub broken: Broken,
}

/// Runs so many steps of 20 ms under a seed, all laws watched.
pub fn run(seed: u64, steps: u64, mode: Mode) -> Result<Tally, Box<Failed>> {
    run_in(World::new(seed, mode, laws::all()), seed, steps)
}

fn run_in(mut world: World, seed: u64, steps: u64) -> Result<Tally, Box<Failed>> {
    let mode = world.mode;
    let failed = |step, broken| Box::new(Failed { seed, steps, mode, step, broken });
    for step in 0..steps {
        world.settle_weather(step, steps);
        world.step().map_err(|broken| failed(step, broken))?;
    }
    let rested = world.calm;
    world.check(|law, world| law.end(world, rested)).map_err(|broken| failed(steps, broken))?;
    Ok(world.tally)
}

/// Seeds that once failed, with the mode they failed in, one a line.
pub const SEEDS_THAT_FAILED: &str = include_str!("seeds");

#[cfg(test)]
mod tests;
