//! Priorities of a case: three, by name, with the response time each is promised; and which may take a unit from which.

use super::{CaseError, Column, Folder, Row};

/// How urgent a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// The most urgent.
    High,
    /// In between.
    Medium,
    /// The least urgent.
    Low,
}

impl Priority {
    /// All three, the most urgent first.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// Its place among the three, from 0.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The priority a cell names.
    pub fn named(row: Row<'_>, column: Column) -> Result<Self, CaseError> {
        match row.text(column) {
            "highPriority" | "1" | "1.0" => Ok(Self::High),
            "medPriority" | "2" | "2.0" => Ok(Self::Medium),
            "lowPriority" | "3" | "3.0" => Ok(Self::Low),
            other => Err(row.bad(column, other, "highPriority, medPriority or lowPriority")),
        }
    }
}

/// What each priority is promised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Promise {
    /// Response within this time is on time, days.
    pub target_days: f64,
    /// As what priority its responses travel.
    pub travels_as: Priority,
}

/// Reads the promises, by priority.
pub(super) fn read_promises(folder: &Folder, file: &str) -> Result<[Promise; 3], CaseError> {
    let tables = folder.tables(file)?;
    let table = tables.table("priorities")?;
    // By name, or, without names, by number.
    let name = table.find("name").map_or_else(|| table.column("priority"), Ok)?;
    // The older name of the column does as well.
    let target =
        table.find("targetResponseDuration").map_or_else(|| table.column("targetResponseTime"), Ok)?;
    let travels = table.find("responseTravelPriority");
    let mut promises = [None; 3];
    for row in table.rows() {
        let priority = Priority::named(row, name)?;
        let travels_as = travels.map_or(Ok(priority), |column| Priority::named(row, column))?;
        let target_days = row.days(target)?;
        if target_days <= 0.0 {
            return Err(row.bad(target, row.text(target), "above 0"));
        }
        if promises[priority.index()].replace(Promise { target_days, travels_as }).is_some() {
            return Err(row.bad(name, row.text(name), "named once only"));
        }
    }
    let known = filled(promises).ok_or_else(|| CaseError::new(file, "`priorities` has no row"))?;
    // A priority the file leaves out is promised what its neighbour is, and travels as itself.
    Ok(Priority::ALL.map(|priority| {
        let neighbour = Promise { travels_as: priority, ..known[priority.index()] };
        promises[priority.index()].unwrap_or(neighbour)
    }))
}

/// What is given for some priorities, for all: one that is left out has what the next less urgent has, else the next more urgent.
pub(super) fn filled<T: Copy>(given: [Option<T>; 3]) -> Option<[T; 3]> {
    let [high, medium, low] = given;
    Some([high.or(medium).or(low)?, medium.or(low).or(high)?, low.or(medium).or(high)?])
}

/// Reads which priorities may take a unit from which: pairs of (from, to). None where the file switches it off.
pub(super) fn read_redispatch(folder: &Folder, file: &str) -> Result<Vec<(Priority, Priority)>, CaseError> {
    let tables = folder.tables(file)?;
    if let Ok(misc) = tables.table("miscData")
        && !misc.first()?.flag(misc.column("allowRedispatch")?)?
    {
        return Ok(Vec::new());
    }
    let table = tables.table("redispatchConditions")?;
    let from = table.column("fromCallPriority")?;
    let to = table.column("toCallPriority")?;
    let allowed = table.column("allowRedispatch")?;
    let mut pairs = Vec::new();
    for row in table.rows() {
        if row.flag(allowed)? {
            pairs.push((Priority::named(row, from)?, Priority::named(row, to)?));
        }
    }
    if has_ring(&pairs) {
        let problem = "lets priorities take a unit from each other in a ring: it would never arrive";
        return Err(CaseError::new(file, problem));
    }
    Ok(pairs)
}

/// Whether a unit could be taken from one priority to another and back to the first.
fn has_ring(pairs: &[(Priority, Priority)]) -> bool {
    let mut reached = pairs.to_vec();
    for _ in Priority::ALL {
        let longer: Vec<_> = reached
            .iter()
            .flat_map(|a| pairs.iter().filter(|b| a.1 == b.0).map(|b| (a.0, b.1)))
            .filter(|pair| !reached.contains(pair))
            .collect();
        reached.extend(longer);
    }
    reached.iter().any(|pair| pair.0 == pair.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_of_priorities_is_found() {
        use Priority::{High, Low, Medium};
        assert!(!has_ring(&[(Low, High), (Medium, High), (Low, Medium)]));
        assert!(has_ring(&[(High, High)]));
        assert!(has_ring(&[(High, Low), (Low, High)]));
        assert!(has_ring(&[(High, Low), (Low, Medium), (Medium, High)]));
    }

    #[test]
    fn a_priority_left_out_has_what_its_neighbour_has() {
        assert_eq!(filled([Some(1), None, Some(3)]), Some([1, 3, 3]));
        assert_eq!(filled([None, Some(2), None]), Some([2, 2, 2]));
        assert_eq!(filled([Some(1), None, None]), Some([1, 1, 1]));
        assert_eq!(filled::<u8>([None; 3]), None);
    }
}
