//! The CSV files of a case: several named tables in one file, each a line with its name, a line with its columns, its rows, and a
//! line without contents.

use csv::StringRecord;

use super::{CaseError, Point};

/// The tables of one file.
#[derive(Debug)]
pub struct Tables {
    file: String,
    tables: Vec<Table>,
}

/// One table.
#[derive(Debug)]
pub struct Table {
    file: String,
    name: String,
    first_line: u64,
    header_line: u64,
    columns: Vec<String>,
    rows: Vec<StringRecord>,
}

/// One row of a table, with words for what is wrong in it.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    table: &'a Table,
    cells: &'a StringRecord,
}

/// Where a column stands in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column(usize);

impl Tables {
    /// Reads the bytes of a file that is one table and has no name in it: its first line is that of the columns.
    pub fn read_one(file: &str, name: &str, bytes: &[u8]) -> Result<Self, CaseError> {
        let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = String::from_utf8_lossy(plain);
        let named = format!("{name}\n{text}");
        // The line with the name is not in the file: its lines count from 0.
        let table = Table::read(file, named.as_bytes(), 0, delimiter(text.as_bytes()))?;
        Ok(Self { file: file.to_owned(), tables: table.into_iter().collect() })
    }

    /// Reads the bytes of a file.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, CaseError> {
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return Err(CaseError::new(file, "is UTF-16 text: save it as UTF-8"));
        }
        let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        // Names in older encodings are nothing to fail for: what is reckoned with is digits.
        let text = String::from_utf8_lossy(plain);
        let bytes = text.as_bytes();
        let delimiter = delimiter(bytes);
        let mut tables: Vec<Table> = Vec::new();
        let (mut begin, mut first_line) = (0, 1);
        let (mut at, mut quoted) = (0, false);
        for (line, text) in (1..).zip(bytes.split_inclusive(|&byte| byte == b'\n')) {
            if !quoted && parts_tables(text, delimiter) {
                tables.extend(Table::read(file, &bytes[begin..at], first_line, delimiter)?);
                (begin, first_line) = (at + text.len(), line + 1);
            }
            // A quoted cell may hold a line's end.
            quoted = text.iter().fold(quoted, |quoted, &byte| quoted ^ (byte == b'"'));
            at += text.len();
        }
        tables.extend(Table::read(file, &bytes[begin..], first_line, delimiter)?);
        Ok(Self { file: file.to_owned(), tables })
    }

    /// The table with this name.
    pub fn table(&self, name: &str) -> Result<&Table, CaseError> {
        self.tables.iter().find(|table| table.name == name).ok_or_else(|| {
            let there: Vec<String> =
                self.tables.iter().take(SHOWN_MAX).map(|table| format!("`{:.40}`", table.name)).collect();
            let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
            CaseError::new(&self.file, format!("has no table `{name}`; tables in it: {there}"))
        })
    }
}

/// A line whose first cell is empty parts tables.
fn parts_tables(line: &[u8], delimiter: u8) -> bool {
    let first = line.split(|&byte| byte == delimiter).next().unwrap_or_default();
    first.iter().all(u8::is_ascii_whitespace)
}

/// A record with the line on which it begins: the reader counts the empty lines before it as its own.
fn placed(mut record: StringRecord, bytes: &[u8]) -> StringRecord {
    let Some(mut at) = record.position().cloned() else { return record };
    let from = bytes.get(at.byte() as usize..).unwrap_or_default();
    let ends = from.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    let empty = ends.filter(|byte| **byte == b'\n').count();
    at.set_line(at.line() + empty as u64);
    record.set_position(Some(at));
    record
}

/// What parts the cells: the sign met most in the first two lines, a name and its columns.
fn delimiter(bytes: &[u8]) -> u8 {
    let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.starts_with(b"#"));
    let head = lines.take(2).flatten();
    let count = |sign: u8| head.clone().filter(|&&byte| byte == sign).count();
    // Of equals the last: the comma.
    *b"\t;,".iter().max_by_key(|sign| count(**sign)).unwrap_or(&b',')
}

impl Table {
    /// A table from its lines; `None` where there are none.
    fn read(file: &str, bytes: &[u8], first_line: u64, delimiter: u8) -> Result<Option<Self>, CaseError> {
        let mut builder = csv::ReaderBuilder::new();
        let mut reader = builder.has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
        let mut records = reader.records();
        let mut next = || {
            for record in records.by_ref() {
                let record = record.map_err(|error| {
                    CaseError::new(file, format!("line {first_line} and on: not CSV: {error}"))
                })?;
                if !record.get(0).is_some_and(|cell| cell.starts_with(COMMENT)) {
                    return Ok(Some(placed(record, bytes)));
                }
            }
            Ok(None)
        };
        let Some(title) = next()? else { return Ok(None) };
        let columns = next()?.unwrap_or_default();
        let header_line =
            columns.position().map_or(first_line, |at| (at.line() + first_line).saturating_sub(1));
        let mut rows = Vec::new();
        while let Some(row) = next()? {
            rows.push(row);
        }
        Ok(Some(Self {
            file: file.to_owned(),
            name: title.get(0).unwrap_or_default().trim().to_owned(),
            first_line,
            header_line,
            columns: columns.iter().map(|cell| cell.trim().to_owned()).collect(),
            rows,
        }))
    }
}

impl Table {
    /// A column that must be there.
    pub fn column(&self, name: &str) -> Result<Column, CaseError> {
        self.find(name).ok_or_else(|| self.bad(&format!("has no column `{name}`")))
    }

    /// A column that may be there.
    pub fn find(&self, name: &str) -> Option<Column> {
        self.columns.iter().position(|column| column == name).map(Column)
    }

    /// The rows in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { table: self, cells })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The first row, which must be there.
    pub fn first(&self) -> Result<Row<'_>, CaseError> {
        self.rows().next().ok_or_else(|| self.bad("has no row"))
    }

    fn bad(&self, problem: &str) -> CaseError {
        let line = self.header_line;
        CaseError::new(&self.file, format!("line {line}: table `{}` {problem}", self.name))
    }
}

impl<'a> Row<'a> {
    /// The text of a cell; empty where the row is too short.
    pub fn text(self, column: Column) -> &'a str {
        self.cells.get(column.0).unwrap_or_default().trim()
    }

    /// A finite number.
    pub fn number(self, column: Column) -> Result<f64, CaseError> {
        let text = self.text(column);
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| self.bad(column, text, "a number"))
    }

    /// A number that is not negative.
    pub fn amount(self, column: Column) -> Result<f64, CaseError> {
        let number = self.number(column)?;
        if number < 0.0 { Err(self.bad(column, self.text(column), "0 or more")) } else { Ok(number) }
    }

    /// A time in days, from 0 to [`DAYS_MAX`].
    pub fn days(self, column: Column) -> Result<f64, CaseError> {
        let days = self.amount(column)?;
        if days <= DAYS_MAX {
            return Ok(days);
        }
        Err(self.bad(column, self.text(column), &format!("at most {DAYS_MAX}: times are in days")))
    }

    /// A place.
    pub fn point(self, x: Column, y: Column) -> Result<Point, CaseError> {
        let coordinate = |column| match self.number(column)? {
            degrees if degrees.abs() <= COORDINATE_MAX => Ok(degrees),
            _ => Err(self.bad(
                column,
                self.text(column),
                &format!("from -{COORDINATE_MAX} to {COORDINATE_MAX}"),
            )),
        };
        Ok(Point { x: coordinate(x)?, y: coordinate(y)? })
    }

    /// A whole number from 1 to `count`, given back counted from 0: what indices are.
    pub fn index(self, column: Column, count: usize) -> Result<usize, CaseError> {
        let number = self.number(column)?;
        let whole = number.fract() == 0.0 && number >= 1.0 && number <= count as f64;
        if whole {
            Ok(number as usize - 1)
        } else {
            Err(self.bad(column, self.text(column), &format!("a whole number from 1 to {count}")))
        }
    }

    /// 0 or 1, `false` or `true`.
    pub fn flag(self, column: Column) -> Result<bool, CaseError> {
        match self.text(column) {
            "0" | "0.0" | "false" | "FALSE" | "False" => Ok(false),
            "1" | "1.0" | "true" | "TRUE" | "True" => Ok(true),
            other => Err(self.bad(column, other, "0 or 1")),
        }
    }

    /// What is wrong with a cell.
    pub fn bad(self, column: Column, found: &str, wanted: &str) -> CaseError {
        let name = self.table.columns.get(column.0).map_or("?", String::as_str);
        let line =
            (self.cells.position().map_or(0, csv::Position::line) + self.table.first_line).saturating_sub(1);
        let found: String = found.chars().take(40).collect();
        CaseError::new(&self.table.file, format!("line {line}: `{name}` is `{found}`, not {wanted}"))
    }
}

/// Longer than any study, and far from where nanoseconds end.
const DAYS_MAX: f64 = 10_000.0;
/// Degrees; or kilometres, in a case whose places are on a plane.
const COORDINATE_MAX: f64 = 100_000.0;
/// A line that begins so is for people.
const COMMENT: char = '#';
/// How many names an error lists.
const SHOWN_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str =
        "misc,,\nform,n,\ndirected,2,\n,,\nsites,1,from: here,\nindex,x,name\n1,174.5,\"A, B\"\n2,nan,C\n";

    #[test]
    fn tables_are_found_by_name_and_cells_by_column() {
        let tables = Tables::read("t.csv", TWO.as_bytes()).unwrap();
        let misc = tables.table("misc").unwrap();
        assert_eq!(misc.first().unwrap().text(misc.column("form").unwrap()), "directed");
        let sites = tables.table("sites").unwrap();
        let (index, x, name) =
            (sites.column("index").unwrap(), sites.column("x").unwrap(), sites.column("name").unwrap());
        let rows: Vec<_> = sites.rows().collect();
        assert_eq!((rows[0].index(index, 2).unwrap(), rows[0].number(x).unwrap()), (0, 174.5));
        assert_eq!(rows[0].text(name), "A, B");
        let error = rows[1].number(x).unwrap_err().to_string();
        assert_eq!(error, "t.csv: line 8: `x` is `nan`, not a number");
        let error = tables.table("calls").unwrap_err().to_string();
        assert_eq!(error, "t.csv: has no table `calls`; tables in it: `misc`, `sites`");
    }

    #[test]
    fn cells_may_be_parted_by_semicolons_and_hold_commas_and_line_ends() {
        let text =
            "\u{feff}sites;2;3\nindex;x;name\n1;2.5;\"a, b\n;c\"\n2;3.5;d\n;;note of nobody\nmore\nx\n9\n";
        let tables = Tables::read("t.csv", text.as_bytes()).unwrap();
        let sites = tables.table("sites").unwrap();
        assert_eq!(sites.len(), 2);
        assert_eq!(sites.first().unwrap().text(sites.column("name").unwrap()), "a, b\n;c");
        assert_eq!(tables.table("more").unwrap().len(), 1);
    }

    #[test]
    fn lines_for_people_are_passed_over_and_counted() {
        let text = TWO.replace("sites,", "# from the survey\nsites,").replace("2,nan", "#\n2,nan");
        let tables = Tables::read("t.csv", format!("# by hand\n{text}").as_bytes()).unwrap();
        let sites = tables.table("sites").unwrap();
        let error = sites.rows().nth(1).unwrap().number(sites.column("x").unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "t.csv: line 11: `x` is `nan`, not a number");
        let error = sites.column("z").unwrap_err().to_string();
        assert_eq!(error, "t.csv: line 8: table `sites` has no column `z`");
    }

    #[test]
    fn a_file_of_one_table_counts_its_own_lines() {
        let tables = Tables::read_one("c.csv", "calls", b"index,x\n1,2\n\n2,far\n").unwrap();
        let calls = tables.table("calls").unwrap();
        assert_eq!(calls.len(), 2);
        let error = calls.rows().nth(1).unwrap().number(calls.column("x").unwrap()).unwrap_err().to_string();
        assert_eq!(error, "c.csv: line 4: `x` is `far`, not a number");
        assert_eq!(
            calls.column("y").unwrap_err().to_string(),
            "c.csv: line 1: table `calls` has no column `y`"
        );
    }

    #[test]
    fn names_in_an_older_encoding_are_no_reason_to_fail() {
        let tables = Tables::read("t.csv", b"sites,\nindex,name\n1,Montr\xe9al\n").unwrap();
        assert_eq!(tables.table("sites").unwrap().len(), 1);
        let error = Tables::read("t.csv", b"\xff\xfes\0").unwrap_err().to_string();
        assert_eq!(error, "t.csv: is UTF-16 text: save it as UTF-8");
    }

    #[test]
    fn an_empty_line_parts_tables_like_one_of_commas() {
        let tables = Tables::read("t.csv", TWO.replace(",,\nsites", "\nsites").as_bytes()).unwrap();
        assert_eq!(tables.table("misc").unwrap().len(), 1);
        assert_eq!(tables.table("sites").unwrap().len(), 2);
    }
}
