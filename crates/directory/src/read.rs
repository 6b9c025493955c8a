//! Reads a CSV directory: one line per person, columns in any order. For `app`'s import.

use crate::cells;
use crate::error::{Error, ImportError, LineFault};
use crate::gather::{Row, gather};
use crate::header::{Column, Header};
use crate::lines::{Line, Lines, Splitter};
use crate::roster::{InitialPassword, Roster};
use balado_domain::people::Role;
use std::collections::{HashMap, HashSet};
use std::io::Read;

/// Characters of a bad value that are shown back.
const VALUE_CHARS: usize = 80;

/// Reads a whole file. The encoding, the delimiter and the order of columns are found out.
///
/// # Errors
/// [`Error::Lines`] with every fault when any line is bad; otherwise what [`Error`] says of the file as a whole.
pub fn read_csv(input: impl Read) -> Result<Roster, Error> {
    let mut lines = Lines::new(input)?;
    let mut faults = ImportError::default();
    let Some(header) = read_header(&mut lines, &mut faults)? else {
        return Err(Error::Empty);
    };
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let mut splitter = Splitter::new(header.delimiter);
    let mut rows = Vec::new();
    let mut refused = HashSet::new();
    while let Some(line) = lines.next_line()? {
        match read_row(&header, &mut splitter, line, lines.number(), &mut faults) {
            Outcome::Good(row) => rows.push(*row),
            Outcome::Refused(login) => {
                refused.insert(login);
            }
            Outcome::Nothing => {}
        }
    }
    let roster = gather(&header, rows, refused, &mut faults);
    if !faults.is_empty() {
        faults.sort();
        return Err(faults.into());
    }
    if roster.people.is_empty() {
        return Err(Error::Empty);
    }
    Ok(roster)
}

/// The first line that holds something. Some spreadsheets put a `sep=;` line before it.
fn read_header<R: Read>(lines: &mut Lines<R>, faults: &mut ImportError) -> Result<Option<Header>, Error> {
    while let Some(line) = lines.next_line()? {
        let number = lines.number();
        let text = match line {
            Line::Text(text) => text,
            other => {
                faults.push(spoiled(&other, number));
                return Ok(Some(Header::parse("", number).0));
            }
        };
        if text.trim().is_empty() || text.to_ascii_lowercase().starts_with("sep=") {
            continue;
        }
        let (header, found) = Header::parse(&text, number);
        found.into_iter().for_each(|fault| faults.push(fault));
        return Ok(Some(header));
    }
    Ok(None)
}

fn spoiled(line: &Line, number: u64) -> LineFault {
    let code = match line {
        Line::NotUtf8 => "line-not-utf-8",
        _ => "line-too-long",
    };
    LineFault { line: number, column: String::new(), code, value: String::new() }
}

/// What a line came to.
enum Outcome {
    /// A person.
    Good(Box<Row>),
    /// Faults, on the line of the person with that login: enough not to call their children unknown as well.
    Refused(String),
    /// Nothing to keep: a blank line, or faults on a line that names nobody.
    Nothing,
}

fn read_row(
    header: &Header,
    splitter: &mut Splitter,
    line: Line,
    number: u64,
    faults: &mut ImportError,
) -> Outcome {
    let Line::Text(text) = line else {
        faults.push(spoiled(&line, number));
        return Outcome::Nothing;
    };
    let mut record = Record { header, number, values: HashMap::new(), faults, is_good: true };
    let Some(cells) = splitter.cells(&text) else {
        record.refuse("", "quote-open", "");
        return Outcome::Nothing;
    };
    if cells.iter().all(String::is_empty) {
        return Outcome::Nothing;
    }
    for (at, cell) in cells.into_iter().enumerate() {
        match header.column(at) {
            Some(column) => {
                record.values.insert(column, cell);
            }
            None if cell.is_empty() => {}
            // Not shown back: it may be a password pushed out of its column.
            None => record.refuse("", "cell-without-column", ""),
        }
    }
    record.row()
}

/// The cells of one line, and what was wrong with them so far.
struct Record<'a> {
    header: &'a Header,
    number: u64,
    values: HashMap<Column, String>,
    faults: &'a mut ImportError,
    is_good: bool,
}

impl Record<'_> {
    fn row(mut self) -> Outcome {
        let row = Row {
            line: self.number,
            school: self.take(Column::School, cells::name),
            uai: self.take(Column::Uai, cells::uai),
            first_year: self.take(Column::Year, cells::first_year),
            roles: self.take(Column::Roles, cells::roles),
            login: self.take(Column::Login, cells::login),
            given_name: self.take(Column::GivenName, cells::name),
            family_name: self.take(Column::FamilyName, cells::name),
            classes: self.take(Column::Classes, cells::names),
            groups: self.take(Column::Groups, cells::names),
            subjects: self.take(Column::Subjects, cells::names),
            email: self.take(Column::Email, cells::email),
            children: self.take(Column::Children, cells::logins),
            password: self.take(Column::Password, cells::password).as_deref().map(InitialPassword::new),
        };
        if self.is_good {
            self.check_roles(&row);
        }
        if self.is_good { Outcome::Good(Box::new(row)) } else { Outcome::Refused(row.login) }
    }

    /// Reads a cell; a bad one is noted and read as nothing, so that the other cells of the line are judged too.
    fn take<T: Default>(&mut self, column: Column, read: impl Fn(&str) -> Result<T, &'static str>) -> T {
        let text = self.values.remove(&column).unwrap_or_default();
        match read(&text) {
            Ok(value) => value,
            Err(code) => {
                let shown = if column == Column::Password { "" } else { text.as_str() };
                self.refuse(self.header.name(column), code, shown);
                T::default()
            }
        }
    }

    /// A cell that means nothing for the person's roles is a slip, most often a row moved by one.
    fn check_roles(&mut self, row: &Row) {
        let is_in_class = row.roles.iter().any(|role| matches!(role, Role::Pupil | Role::Teacher));
        let header = self.header;
        for (column, list) in [(Column::Classes, &row.classes), (Column::Groups, &row.groups)] {
            if !list.is_empty() && !is_in_class {
                self.refuse(header.name(column), "class-without-role", &list.join(", "));
            }
        }
        if !row.subjects.is_empty() && !row.roles.contains(&Role::Teacher) {
            self.refuse(header.name(Column::Subjects), "subject-without-role", &row.subjects.join(", "));
        }
        if !row.children.is_empty() && !row.roles.contains(&Role::Guardian) {
            self.refuse(header.name(Column::Children), "child-without-role", &row.children.join(", "));
        }
    }

    fn refuse(&mut self, column: &str, code: &'static str, value: &str) {
        self.is_good = false;
        let value = value.chars().filter(|c| !c.is_control()).take(VALUE_CHARS).collect();
        self.faults.push(LineFault { line: self.number, column: column.to_owned(), code, value });
    }
}
