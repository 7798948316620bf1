//! A file of calls: one row a call, everything that chance decides in it, so that every policy meets the same day.

use std::path::Path;

use flate2::read::GzDecoder;

use super::priority::Priority;
use super::streets::days_to_ns;
use super::{CaseError, Point, Row, Table, Tables};

/// One call as the file gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRow {
    /// Its number in the file, from 1.
    pub index: u32,
    /// How urgent it is.
    pub priority: Priority,
    /// Where it is.
    pub at: Point,
    /// When it comes in, nanoseconds from the start.
    pub arrives_ns: u64,
    /// How long until somebody may be sent, nanoseconds.
    pub dispatch_delay_ns: u64,
    /// How long a unit stays with the patient, nanoseconds.
    pub on_scene_ns: u64,
    /// Whether the patient is taken along.
    pub transport: bool,
    /// How long the hospital takes to take over, nanoseconds.
    pub handover_ns: u64,
    /// To which hospital, counted from 0; `None` is the nearest.
    pub hospital: Option<usize>,
    /// How long a crew takes to roll from its station, nanoseconds. The reference knows no such time: 0.
    pub turnout_ns: u64,
    /// How long after the first unit was sent the call is called off, nanoseconds, if nobody has arrived by then.
    pub called_off_ns: Option<u64>,
}

/// Reads a file of calls, packed by gzip or not. Columns it does not know are left aside.
pub fn read_calls(path: &Path, hospital_count: usize) -> Result<Vec<CallRow>, CaseError> {
    let shown = path.display().to_string();
    let bytes = unpacked(path)?;
    // A file of one table begins with its columns; one in the form of the case's other files has a table `calls`.
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let named = plain.starts_with(b"miscData") || plain.starts_with(b"calls");
    let tables =
        if named { Tables::read(&shown, &bytes)? } else { Tables::read_one(&shown, "calls", plain)? };
    read_rows(&shown, tables.table("calls")?, hospital_count)
}

/// The same calls so many times over: each further time shifted round the span of the file by a day, so that every hour keeps its
/// own; in a file of few days by an even part of it.
pub fn multiplied(calls: &[CallRow], times: u32) -> Vec<CallRow> {
    let last_ns = calls.last().map_or(0, |call| call.arrives_ns);
    let days = last_ns / DAY + 1;
    let span_ns = days * DAY;
    let shift_ns = if days >= u64::from(times) { DAY } else { span_ns / u64::from(times.max(1)) };
    let mut all = calls.to_vec();
    for time in 1..u64::from(times) {
        all.extend(calls.iter().cloned().map(|mut call| {
            call.arrives_ns = (call.arrives_ns + time * shift_ns) % span_ns;
            call
        }));
    }
    all.sort_by_key(|call| call.arrives_ns);
    for (index, call) in (1..).zip(&mut all) {
        call.index = index;
    }
    all
}

/// The bytes of a file, packed by gzip or not.
pub fn unpacked(path: &Path) -> Result<Vec<u8>, CaseError> {
    let bad = |error: std::io::Error| CaseError::new(path.display().to_string(), error.to_string());
    let bytes = std::fs::read(path).map_err(bad)?;
    if bytes.starts_with(GZIP) {
        return super::folder::unpack(GzDecoder::new(bytes.as_slice())).map_err(bad);
    }
    Ok(bytes)
}

fn read_rows(shown: &str, table: &Table, hospital_count: usize) -> Result<Vec<CallRow>, CaseError> {
    let columns = Columns::of(table)?;
    let mut calls: Vec<CallRow> = Vec::with_capacity(table.len());
    for row in table.rows() {
        let call = columns.call(row, hospital_count)?;
        if call.index as usize != calls.len() + 1 {
            return Err(row.bad(columns.index, row.text(columns.index), "the next number, from 1"));
        }
        if calls.last().is_some_and(|last| last.arrives_ns > call.arrives_ns) {
            let problem = "not before the call above it: calls are in order of arrival";
            return Err(row.bad(columns.arrives, row.text(columns.arrives), problem));
        }
        calls.push(call);
    }
    if calls.is_empty() {
        return Err(CaseError::new(shown, "has no calls"));
    }
    Ok(calls)
}

struct Columns {
    index: super::Column,
    priority: super::Column,
    x: super::Column,
    y: super::Column,
    arrives: super::Column,
    delay: super::Column,
    on_scene: super::Column,
    transport: super::Column,
    handover: super::Column,
    hospital: Option<super::Column>,
    turnout: Option<super::Column>,
    called_off: Option<super::Column>,
}

impl Columns {
    fn of(table: &Table) -> Result<Self, CaseError> {
        // With the unit in the name, as reference files have it, or without, as the case's own have it.
        let timed = |name: &str| table.find(&format!("{name}_d")).map_or_else(|| table.column(name), Ok);
        // The older names of two columns do as well.
        let either = |found: Option<super::Column>, name: &str| found.map_or_else(|| timed(name), Ok);
        let old_handover =
            table.find("transferDuration").filter(|_| table.find("handoverDuration").is_none());
        let old_transport = table.find("transfer").filter(|_| table.find("transport").is_none());
        Ok(Self {
            index: table.column("index")?,
            priority: table.column("priority")?,
            x: table.column("x")?,
            y: table.column("y")?,
            arrives: timed("arrivalTime")?,
            delay: timed("dispatchDelay")?,
            on_scene: timed("onSceneDuration")?,
            transport: old_transport.map_or_else(|| table.column("transport"), Ok)?,
            handover: either(old_handover, "handoverDuration")?,
            hospital: table.find("hospitalIndex"),
            turnout: table.find("turnoutDuration_d").or_else(|| table.find("turnoutDuration")),
            called_off: table.find("calledOffAfter_d").or_else(|| table.find("calledOffAfter")),
        })
    }

    fn call(&self, row: Row<'_>, hospital_count: usize) -> Result<CallRow, CaseError> {
        let hospital = match self.hospital.map(|column| (column, row.text(column))) {
            None | Some((_, "" | "-1" | "0" | "-1.0" | "0.0")) => None,
            Some((column, _)) => Some(row.index(column, hospital_count)?),
        };
        let optional = |column: Option<super::Column>| {
            let given = column.filter(|column| !matches!(row.text(*column), "" | "-1"));
            given.map(|column| row.days(column).map(days_to_ns)).transpose()
        };
        let transport = row.flag(self.transport)?;
        // Who is not taken along is handed over to nobody, whatever stands there.
        let handover_days = if transport { row.days(self.handover)? } else { 0.0 };
        Ok(CallRow {
            index: row.index(self.index, u32::MAX as usize)? as u32 + 1,
            priority: Priority::named(row, self.priority)?,
            at: row.point(self.x, self.y)?,
            arrives_ns: days_to_ns(row.days(self.arrives)?),
            dispatch_delay_ns: days_to_ns(row.days(self.delay)?),
            on_scene_ns: days_to_ns(row.days(self.on_scene)?),
            transport,
            handover_ns: days_to_ns(handover_days),
            hospital,
            turnout_ns: optional(self.turnout)?.unwrap_or_default(),
            called_off_ns: optional(self.called_off)?,
        })
    }
}

const DAY: u64 = 86_400_000_000_000;
const GZIP: &[u8] = &[0x1f, 0x8b];
