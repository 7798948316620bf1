//! The CSV files of a case: several named tables in one file, each a line with its name, a line with its columns, its rows, and a
//! line without contents.

use csv::StringRecord;

use super::CaseError;

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
    /// Reads the bytes of a file.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, CaseError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
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
        self.tables
            .iter()
            .find(|table| table.name == name)
            .ok_or_else(|| CaseError::new(&self.file, format!("has no table `{name}`")))
    }
}

/// A line whose first cell is empty parts tables.
fn parts_tables(line: &[u8], delimiter: u8) -> bool {
    let first = line.split(|&byte| byte == delimiter).next().unwrap_or_default();
    first.iter().all(u8::is_ascii_whitespace)
}

/// What parts the cells: the sign met most in the first two lines, a name and its columns.
fn delimiter(bytes: &[u8]) -> u8 {
    let head = bytes.split(|&byte| byte == b'\n').take(2).flatten();
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
            let record = records.next().transpose();
            record
                .map_err(|error| CaseError::new(file, format!("line {first_line} and on: not CSV: {error}")))
        };
        let Some(title) = next()? else { return Ok(None) };
        let columns = next()?.unwrap_or_default();
        let mut rows = Vec::new();
        while let Some(row) = next()? {
            rows.push(row);
        }
        Ok(Some(Self {
            file: file.to_owned(),
            name: title.get(0).unwrap_or_default().trim().to_owned(),
            first_line,
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
        CaseError::new(&self.file, format!("table `{}` {problem}", self.name))
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
        let line = self.cells.position().map_or(0, csv::Position::line) + self.table.first_line - 1;
        let found: String = found.chars().take(40).collect();
        CaseError::new(&self.table.file, format!("line {line}: `{name}` is `{found}`, not {wanted}"))
    }
}

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
        assert_eq!(error, "t.csv: has no table `calls`");
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
    fn an_empty_line_parts_tables_like_one_of_commas() {
        let tables = Tables::read("t.csv", TWO.replace(",,\nsites", "\nsites").as_bytes()).unwrap();
        assert_eq!(tables.table("misc").unwrap().len(), 1);
        assert_eq!(tables.table("sites").unwrap().len(), 2);
    }
}
