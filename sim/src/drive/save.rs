//! What must outlive the process: where the vehicles are, which calls are open, up to when the city has called. One JSON file, replaced
//! whole: a crash leaves the old one or the new one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use dispatch_core::UtcTime;
use serde::{Deserialize, Serialize};

use super::vehicle::Vehicle;
use super::world::{Script, World};

/// The file's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// Of this file's form.
    pub version: u32,
    /// The city has called up to this moment, UTC.
    pub called_until: UtcTime,
    /// The vehicles by unit.
    pub vehicles: BTreeMap<String, Vehicle>,
    /// The open calls.
    pub scripts: Vec<Script>,
}

impl Saved {
    /// What is worth keeping of a world.
    pub fn of(world: &World) -> Self {
        Self {
            version: VERSION,
            called_until: world.called_until.get(),
            vehicles: world.vehicles.borrow().clone(),
            scripts: world.scripts.borrow().values().cloned().collect(),
        }
    }

    /// Reads the file; `None` when there is none yet.
    pub fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let again = || format!("{}: remove it to begin anew", path.display());
        let text = fs::read_to_string(path).with_context(again)?;
        let saved: Self = serde_json::from_str(&text).with_context(again)?;
        anyhow::ensure!(
            saved.version == VERSION,
            "{}: written by another version; {}",
            path.display(),
            again()
        );
        Ok(Some(saved))
    }

    /// Replaces the file.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let beside = path.with_extension("json.new");
        let mut file = File::create(&beside).with_context(|| format!("cannot write {}", beside.display()))?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(&beside, path).with_context(|| format!("cannot replace {}", path.display()))
    }
}

const VERSION: u32 = 1;
