//! Stations and hospitals, and the ambulances that stand at the stations.

use super::streets::in_order;
use super::{CaseError, Folder, Network, Spot};

/// A station or a hospital.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Its name; its kind and number where the file gives none.
    pub name: String,
    /// Where it is, tied to the nearest node.
    pub spot: Spot,
}

pub(super) fn read(
    folder: &Folder,
    file: &str,
    kind: &str,
    network: &Network,
) -> Result<Vec<Site>, CaseError> {
    let tables = folder.tables(file)?;
    let table = tables.table(kind)?;
    let (index, x, y) = (table.column("index")?, table.column("x")?, table.column("y")?);
    let name = table.find("name").or_else(|| table.find("NAME"));
    let mut sites = Vec::with_capacity(table.len());
    for row in table.rows() {
        in_order(row.index(index, table.len())?, sites.len(), row, index)?;
        let at = row.point(x, y)?;
        let spot = network.ground().nearest(at);
        if spot.off_road_km > NEAR_KM_MAX {
            let km = spot.off_road_km;
            let wanted = format!(
                "near a road: with `y` {} it is {km:.0} km from the nearest; are they the wrong way round?",
                row.text(y)
            );
            return Err(row.bad(x, row.text(x), &wanted));
        }
        let given = name.map_or("", |column| row.text(column));
        let name = if given.is_empty() { format!("{kind} {}", sites.len() + 1) } else { given.to_owned() };
        sites.push(Site { name, spot });
    }
    if sites.is_empty() {
        return Err(CaseError::new(file, format!("has no {kind}")));
    }
    Ok(sites)
}

pub(super) fn read_ambulances(
    folder: &Folder,
    file: &str,
    station_count: usize,
) -> Result<Vec<usize>, CaseError> {
    let tables = folder.tables(file)?;
    let table = tables.table("ambulances")?;
    let (index, station) = (table.column("index")?, table.column("stationIndex")?);
    let mut ambulances = Vec::with_capacity(table.len());
    for row in table.rows() {
        in_order(row.index(index, table.len())?, ambulances.len(), row, index)?;
        ambulances.push(row.index(station, station_count)?);
    }
    if ambulances.is_empty() {
        return Err(CaseError::new(file, "has no ambulances"));
    }
    Ok(ambulances)
}

/// Nobody is sent to places further from any road.
pub const NEAR_KM_MAX: f64 = 200.0;
