//! A log of calls as centres publish them: a row for each unit sent, with the times of its way, in local time.

use jiff::civil::DateTime;

use crate::case::{CaseError, Column, Row, Table, Tables};

/// One unit on one call.
#[derive(Debug, Clone, PartialEq)]
pub struct Trip {
    /// The call it belongs to.
    pub call: String,
    /// What kind of unit it was.
    pub unit_type: String,
    /// What kind of call it was.
    pub call_type: String,
    /// How urgent it turned out to be.
    pub priority: String,
    /// Where, longitude and latitude; `None` where the log does not say.
    pub at: Option<(f64, f64)>,
    /// The times of its way.
    pub stamps: Stamps,
}

/// When what happened, local time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stamps {
    /// The call came in.
    pub received: DateTime,
    /// The call was understood.
    pub entered: Option<DateTime>,
    /// The unit was sent.
    pub dispatched: Option<DateTime>,
    /// It rolled.
    pub rolled: Option<DateTime>,
    /// It arrived.
    pub on_scene: Option<DateTime>,
    /// It left with the patient.
    pub left: Option<DateTime>,
    /// It reached the hospital.
    pub at_hospital: Option<DateTime>,
    /// It was free.
    pub available: Option<DateTime>,
}

/// Reads a log.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<Trip>, CaseError> {
    let tables = Tables::read_one(file, "log", bytes)?;
    let table = tables.table("log")?;
    let columns = Columns::of(table)?;
    table.rows().map(|row| columns.trip(row)).collect()
}

struct Columns {
    call: Column,
    unit_type: Column,
    call_type: Column,
    priority: Column,
    place: Column,
    received: Column,
    others: [Column; 7],
}

impl Columns {
    fn of(table: &Table) -> Result<Self, CaseError> {
        let others = [
            "Entry DtTm",
            "Dispatch DtTm",
            "Response DtTm",
            "On Scene DtTm",
            "Transport DtTm",
            "Hospital DtTm",
            "Available DtTm",
        ];
        let mut found = Vec::new();
        for name in others {
            found.push(table.column(name)?);
        }
        let others = found.try_into().expect("invariant: as many columns as names");
        Ok(Self {
            call: table.column("Call Number")?,
            unit_type: table.column("Unit Type")?,
            call_type: table.column("Call Type")?,
            priority: table.column("Final Priority")?,
            place: table.column("Location")?,
            received: table.column("Received DtTm")?,
            others,
        })
    }

    fn trip(&self, row: Row<'_>) -> Result<Trip, CaseError> {
        let optional = |column| match row.text(column) {
            "" => Ok(None),
            _ => stamp(row, column).map(Some),
        };
        let [entered, dispatched, rolled, on_scene, left, at_hospital, available] = self.others;
        let stamps = Stamps {
            received: stamp(row, self.received)?,
            entered: optional(entered)?,
            dispatched: optional(dispatched)?,
            rolled: optional(rolled)?,
            on_scene: optional(on_scene)?,
            left: optional(left)?,
            at_hospital: optional(at_hospital)?,
            available: optional(available)?,
        };
        let text = |column| row.text(column).to_owned();
        Ok(Trip {
            call: text(self.call),
            unit_type: text(self.unit_type),
            call_type: text(self.call_type),
            priority: text(self.priority),
            at: place(row.text(self.place)),
            stamps,
        })
    }
}

fn stamp(row: Row<'_>, column: Column) -> Result<DateTime, CaseError> {
    let text = row.text(column);
    let forms = ["%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"];
    let read = forms.iter().find_map(|form| DateTime::strptime(form, text).ok());
    let read = read.or_else(|| text.split_once('.').and_then(|(whole, _)| whole.parse().ok()));
    read.ok_or_else(|| row.bad(column, text, "a time such as 12/31/2016 11:57:56 PM or 2016-12-31 23:57:56"))
}

/// `(37.74, -122.45)`: latitude and longitude, as the log writes them.
fn place(text: &str) -> Option<(f64, f64)> {
    let (latitude, longitude) = text.trim_matches(['(', ')']).split_once(',')?;
    let number = |part: &str| part.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    Some((number(longitude)?, number(latitude)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "Call Number,Call Type,Unit Type,Final Priority,Received DtTm,Entry DtTm,Dispatch DtTm,Response DtTm,On Scene DtTm,Transport DtTm,Hospital DtTm,Available DtTm,Location\n\
        7,Medical Incident,MEDIC,3,12/31/2016 11:57:56 PM,12/31/2016 11:59:31 PM,01/01/2017 12:00:01 AM,01/01/2017 12:00:31 AM,,,,01/01/2017 12:05:00 AM,\"(37.74, -122.45)\"\n";

    #[test]
    fn a_row_is_read_and_a_wrong_time_is_named() {
        let trips = read("log.csv", LOG.as_bytes()).unwrap();
        assert_eq!((trips.len(), trips[0].at), (1, Some((-122.45, 37.74))));
        let stamps = trips[0].stamps;
        let since = |later: Option<DateTime>| later.unwrap().since(stamps.received).unwrap();
        assert_eq!(since(stamps.dispatched).total(jiff::Unit::Second).unwrap() as i64, 125);
        assert_eq!(stamps.on_scene, None);
        let error = read("log.csv", LOG.replace("11:57:56 PM", "soon").as_bytes()).unwrap_err().to_string();
        assert!(
            error.starts_with("log.csv: line 2: `Received DtTm` is `12/31/2016 soon`, not a time"),
            "{error}"
        );
        let error = read("log.csv", LOG.replace("Entry DtTm", "Entered").as_bytes()).unwrap_err().to_string();
        assert!(error.ends_with("has no column `Entry DtTm`"), "{error}");
    }
}
