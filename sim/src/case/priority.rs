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
            "highPriority" => Ok(Self::High),
            "medPriority" => Ok(Self::Medium),
            "lowPriority" => Ok(Self::Low),
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
    let (name, target) = (table.column("name")?, table.column("targetResponseTime")?);
    let travels = table.find("responseTravelPriority");
    let mut promises = [None; 3];
    for row in table.rows() {
        let priority = Priority::named(row, name)?;
        let travels_as = travels.map_or(Ok(priority), |column| Priority::named(row, column))?;
        promises[priority.index()] = Some(Promise { target_days: row.amount(target)?, travels_as });
    }
    let [Some(high), Some(medium), Some(low)] = promises else {
        return Err(CaseError::new(file, "must name highPriority, medPriority and lowPriority"));
    };
    Ok([high, medium, low])
}

/// Reads which priorities may take a unit from which: pairs of (from, to). None where the file switches it off.
pub(super) fn read_redispatch(folder: &Folder, file: &str) -> Result<Vec<(Priority, Priority)>, CaseError> {
    let tables = folder.tables(file)?;
    let misc = tables.table("miscData")?;
    if !misc.first()?.flag(misc.column("allowRedispatch")?)? {
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
    Ok(pairs)
}
