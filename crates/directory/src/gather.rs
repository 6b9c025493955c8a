//! Puts the rows of a file together into a roster: schools, years and groups each once, people by login, children found.
//! For `read`.

use crate::error::{ImportError, LineFault};
use crate::fold::fold_name;
use crate::header::{Column, Header};
use crate::roster::{
    GroupRef, InitialPassword, PersonRef, Roster, RosterGroup, RosterGuardianship, RosterPerson,
    RosterSchool, RosterYear, SchoolRef, YearRef,
};
use balado_domain::people::{GroupKind, Role};
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

/// One good line of a file.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) line: u64,
    pub(crate) school: String,
    pub(crate) uai: Option<String>,
    pub(crate) first_year: i32,
    pub(crate) roles: Vec<Role>,
    pub(crate) login: String,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) classes: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) subjects: Vec<String>,
    pub(crate) email: Option<String>,
    pub(crate) children: Vec<String>,
    pub(crate) password: Option<InitialPassword>,
}

/// Builds the roster of those rows; `refused` holds the logins of lines that were refused already. What does not fit
/// together is added to `faults`; the roster is then not to be used.
pub(crate) fn gather(
    header: &Header,
    rows: Vec<Row>,
    refused: HashSet<String>,
    faults: &mut ImportError,
) -> Roster {
    let codes = codes_by_name(&rows);
    let mut gathering = Gathering {
        header,
        faults,
        refused,
        roster: Roster::default(),
        schools: HashMap::new(),
        years: HashMap::new(),
        groups: HashMap::new(),
        logins: HashMap::new(),
        children: Vec::new(),
    };
    for row in rows {
        gathering.add(row, &codes);
    }
    gathering.link_children();
    gathering.roster
}

/// The codes each school name comes with, so that a line without a code finds its school.
fn codes_by_name(rows: &[Row]) -> HashMap<String, HashSet<String>> {
    let mut codes: HashMap<String, HashSet<String>> = HashMap::new();
    for row in rows {
        if let Some(uai) = &row.uai {
            codes.entry(fold_name(&row.school)).or_default().insert(uai.clone());
        }
    }
    codes
}

struct Gathering<'a> {
    header: &'a Header,
    faults: &'a mut ImportError,
    refused: HashSet<String>,
    roster: Roster,
    schools: HashMap<String, SchoolRef>,
    years: HashMap<(SchoolRef, i32), YearRef>,
    groups: HashMap<(YearRef, String), GroupRef>,
    logins: HashMap<String, PersonRef>,
    children: Vec<(PersonRef, Vec<String>)>,
}

impl Gathering<'_> {
    fn add(&mut self, row: Row, codes: &HashMap<String, HashSet<String>>) {
        let place = self.school(&row, codes).and_then(|school| Some((school, self.year(&row, school)?)));
        let Some((school, year)) = place else {
            self.refused.insert(row.login);
            return;
        };
        let mut groups = self.groups(&row, year, &row.classes, GroupKind::Class);
        groups.extend(self.groups(&row, year, &row.groups, GroupKind::Teaching));
        let person = PersonRef(self.roster.people.len());
        if let Some(first) = self.logins.get(&row.login) {
            let line = self.roster.people.get(first.0).map_or(0, |person| person.line);
            let value = format!("{} = {line}", row.login);
            self.refuse(row.line, Column::Login, "login-repeated", &value);
            return;
        }
        self.logins.insert(row.login.clone(), person);
        if !row.children.is_empty() {
            self.children.push((person, row.children));
        }
        self.roster.people.push(RosterPerson {
            line: row.line,
            login: row.login,
            given_name: row.given_name,
            family_name: row.family_name,
            email: row.email,
            school,
            year,
            roles: row.roles,
            groups,
            subjects: row.subjects,
            initial_password: row.password,
        });
    }

    fn school(&mut self, row: &Row, codes: &HashMap<String, HashSet<String>>) -> Option<SchoolRef> {
        let folded = fold_name(&row.school);
        let uai = match (&row.uai, codes.get(&folded)) {
            (Some(uai), _) => Some(uai.clone()),
            (None, None) => None,
            (None, Some(known)) if known.len() == 1 => known.iter().next().cloned(),
            (None, Some(_)) => {
                self.refuse(row.line, Column::School, "school-ambiguous", &row.school);
                return None;
            }
        };
        let key = uai.clone().unwrap_or_else(|| folded.clone());
        let next = SchoolRef(self.roster.schools.len());
        let school = *self.schools.entry(key).or_insert(next);
        match self.roster.schools.get(school.0) {
            Some(known) if fold_name(&known.name) != folded => {
                self.refuse(row.line, Column::School, "school-name-differs", &row.school);
                return None;
            }
            Some(_) => {}
            None => self.roster.schools.push(RosterSchool { name: row.school.clone(), uai }),
        }
        Some(school)
    }

    fn year(&mut self, row: &Row, school: SchoolRef) -> Option<YearRef> {
        let first = row.first_year;
        if let Some(year) = self.years.get(&(school, first)) {
            return Some(*year);
        }
        let days = (NaiveDate::from_ymd_opt(first, 8, 1), NaiveDate::from_ymd_opt(first + 1, 7, 31));
        let (Some(starts_on), Some(ends_on)) = days else {
            self.refuse(row.line, Column::Year, "year-malformed", &first.to_string());
            return None;
        };
        let year = YearRef(self.roster.years.len());
        let label = format!("{first}-{}", first + 1);
        self.roster.years.push(RosterYear { school, label, starts_on, ends_on });
        self.years.insert((school, first), year);
        Some(year)
    }

    fn groups(&mut self, row: &Row, year: YearRef, names: &[String], kind: GroupKind) -> Vec<GroupRef> {
        let mut groups = Vec::with_capacity(names.len());
        for name in names {
            let next = GroupRef(self.roster.groups.len());
            let group = *self.groups.entry((year, fold_name(name))).or_insert(next);
            match self.roster.groups.get(group.0) {
                Some(known) if known.kind != kind => {
                    self.refuse(row.line, column_of(kind), "class-and-group", name);
                }
                Some(_) => {}
                None => self.roster.groups.push(RosterGroup { year, name: name.clone(), kind }),
            }
            groups.push(group);
        }
        groups
    }

    /// Children may come after their parents in the file, so they are looked for at the end.
    fn link_children(&mut self) {
        for (guardian, children) in std::mem::take(&mut self.children) {
            let line = self.roster.people.get(guardian.0).map_or(0, |person| person.line);
            for login in children {
                let pupil = self.logins.get(&login).copied();
                let is_pupil = pupil
                    .and_then(|pupil| self.roster.people.get(pupil.0))
                    .map(|person| person.roles.contains(&Role::Pupil));
                match (pupil, is_pupil) {
                    (Some(pupil), Some(true)) => {
                        self.roster.guardianships.push(RosterGuardianship { guardian, pupil });
                    }
                    (Some(_), _) => self.refuse(line, Column::Children, "child-not-a-pupil", &login),
                    (None, _) if self.refused.contains(&login) => {}
                    (None, _) => self.refuse(line, Column::Children, "child-unknown", &login),
                }
            }
        }
    }

    fn refuse(&mut self, line: u64, column: Column, code: &'static str, value: &str) {
        let column = self.header.name(column).to_owned();
        self.faults.push(LineFault { line, column, code, value: value.to_owned() });
    }
}

fn column_of(kind: GroupKind) -> Column {
    match kind {
        GroupKind::Class => Column::Classes,
        GroupKind::Teaching | GroupKind::Manual => Column::Groups,
    }
}
