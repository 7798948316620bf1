//! `issue-certificate`: a unit's or a node's certificate from the authority at hand, or the signature under a vehicle's own request.

use std::path::Path;

use anyhow::Context;
use dispatch_core::ids::UnitId;

use super::say;
use crate::config::Config;
use crate::vehicles::certificates::{ensure_authority, issue_node, issue_unit, sign_unit};

/// Without a unit it is the nodes'.
pub(super) fn issue(
    config: &Config,
    unit: Option<UnitId>,
    request: Option<&Path>,
    out: &Path,
) -> anyhow::Result<()> {
    let vehicles = config.vehicles.as_ref();
    let vehicles = vehicles.context("the configuration has no [vehicles] with a folder of certificates")?;
    let Some(unit) = unit else {
        ensure_authority(&vehicles.certificates)?;
        issue_node(&vehicles.certificates, out)?;
        return say(&format!("{}: certificate of the centre's nodes", out.display()));
    };
    anyhow::ensure!(
        config.units.iter().any(|known| known.id == unit),
        "{unit} is not among the units of {}",
        config.path.display()
    );
    ensure_authority(&vehicles.certificates)?;
    match request {
        Some(request) => sign_unit(&vehicles.certificates, unit.as_str(), request, out)?,
        None => issue_unit(&vehicles.certificates, unit.as_str(), out)?,
    }
    say(&format!("{}: certificate of {unit}", out.display()))
}
