//! Asks the peer: writes the places, runs OSRM through its Python wheel, reads what it measured.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use roads::Wgs84;
use serde::Deserialize;
use serde_json::json;

use crate::town::Town;

/// What the peer measured.
#[derive(Debug, Deserialize)]
pub(crate) struct Peer {
    pub(crate) version: String,
    pub(crate) sets: Vec<Set>,
}

/// For one number of units.
#[derive(Debug, Deserialize)]
pub(crate) struct Set {
    /// Each table asked over HTTP, in milliseconds.
    pub(crate) http_ms: Vec<f64>,
    /// Each table asked in the peer's own process, in milliseconds.
    pub(crate) inside_ms: Vec<f64>,
    /// For each incident the drive of each unit in seconds.
    pub(crate) durations_s: Vec<Vec<Option<f64>>>,
}

impl Peer {
    pub(crate) fn ask(
        python: &Path,
        extract: &Path,
        folder: &Path,
        towns: &[Town],
    ) -> Result<Self, Box<dyn Error>> {
        std::fs::create_dir_all(folder)?;
        let (points, answer) = (folder.join("points.json"), folder.join("answer.json"));
        let largest = towns.last().ok_or("there is no town")?;
        let pairs = |places: &mut dyn Iterator<Item = Wgs84>| -> Vec<[f64; 2]> {
            places.map(|place| [place.longitude(), place.latitude()]).collect()
        };
        let asked = json!({
            "units": pairs(&mut largest.units.iter().copied()),
            "incidents": pairs(&mut largest.incidents.iter().map(|&(_, place)| place)),
            "sets": towns.iter().map(|town| town.units.len()).collect::<Vec<_>>(),
        });
        std::fs::write(&points, asked.to_string())?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/bench_proposal/osrm_table.py");
        let status =
            Command::new(python).arg(script).arg(extract).arg(folder).arg(&points).arg(&answer).status()?;
        if !status.success() {
            return Err(format!("the peer ended with {status}").into());
        }
        Ok(serde_json::from_slice(&std::fs::read(&answer)?)?)
    }
}

/// The middle of several measurements.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
