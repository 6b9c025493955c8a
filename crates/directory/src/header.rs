//! Finds the columns of a file from its first line, for `read`.

use crate::error::LineFault;
use crate::fold::fold_word;
use crate::lines::Splitter;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    School,
    Uai,
    Year,
    Roles,
    Login,
    GivenName,
    FamilyName,
    Classes,
    Groups,
    Subjects,
    Email,
    Children,
    Password,
}

/// Every column with the names it may have, folded. The README lists the same.
const NAMES: &[(Column, &[&str])] = &[
    (Column::School, &["etablissement", "ecole", "school"]),
    (Column::Uai, &["uai", "rne", "schoolcode"]),
    (Column::Year, &["annee", "anneescolaire", "year", "schoolyear"]),
    (Column::Roles, &["profil", "profils", "role", "roles"]),
    (Column::Login, &["login", "identifiant", "username"]),
    (Column::GivenName, &["prenom", "givenname", "firstname"]),
    (Column::FamilyName, &["nom", "nomdefamille", "familyname", "lastname", "surname"]),
    (Column::Classes, &["classe", "classes", "class"]),
    (Column::Groups, &["groupe", "groupes", "group", "groups"]),
    (Column::Subjects, &["matiere", "matieres", "subject", "subjects"]),
    (Column::Email, &["email", "courriel", "mail", "adressemail"]),
    (Column::Children, &["enfant", "enfants", "child", "children"]),
    (Column::Password, &["motdepasse", "password", "initialpassword"]),
];

/// Columns no file can do without, with the name to show when one is missing.
const REQUIRED: &[(Column, &str)] = &[
    (Column::School, "etablissement"),
    (Column::Year, "annee"),
    (Column::Roles, "profil"),
    (Column::Login, "login"),
    (Column::GivenName, "prenom"),
    (Column::FamilyName, "nom"),
];

const DELIMITERS: &[u8] = b";,\t";

/// The columns of a file, in its order.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) delimiter: u8,
    columns: Vec<(String, Option<Column>)>,
}

impl Header {
    /// Reads the header line, and what is wrong with it.
    pub(crate) fn parse(line: &str, number: u64) -> (Self, Vec<LineFault>) {
        let header = DELIMITERS
            .iter()
            .map(|delimiter| Self::with(line, *delimiter))
            .max_by_key(|header| (header.known(), header.delimiter == b';'))
            .unwrap_or(Self { delimiter: b';', columns: Vec::new() });
        let faults = header.faults(number);
        (header, faults)
    }

    fn with(line: &str, delimiter: u8) -> Self {
        let names = Splitter::new(delimiter).cells(line).unwrap_or_default();
        let columns = names.into_iter().map(|name| {
            let column = column_named(&name);
            (name, column)
        });
        Self { delimiter, columns: columns.collect() }
    }

    fn known(&self) -> usize {
        self.columns.iter().filter(|(_, column)| column.is_some()).count()
    }

    fn faults(&self, number: u64) -> Vec<LineFault> {
        let fault = |column: &str, code| LineFault {
            line: number,
            column: column.to_owned(),
            code,
            value: String::new(),
        };
        let mut faults = Vec::new();
        for (at, (name, column)) in self.columns.iter().enumerate() {
            let repeated = column.is_some() && self.columns.iter().take(at).any(|(_, other)| other == column);
            if repeated {
                faults.push(fault(name, "column-repeated"));
            } else if column.is_none() && !name.is_empty() {
                faults.push(fault(name, "column-unknown"));
            }
        }
        for (column, name) in REQUIRED {
            if !self.columns.iter().any(|(_, other)| *other == Some(*column)) {
                faults.push(fault(name, "column-missing"));
            }
        }
        faults
    }

    /// The column at that place; nothing when it has no name or does not exist.
    pub(crate) fn column(&self, at: usize) -> Option<Column> {
        self.columns.get(at).and_then(|(_, column)| *column)
    }

    /// The name the file gives that column; empty when the file has no such column.
    pub(crate) fn name(&self, column: Column) -> &str {
        let found = self.columns.iter().find(|(_, other)| *other == Some(column));
        found.map_or("", |(name, _)| name)
    }
}

fn column_named(name: &str) -> Option<Column> {
    let folded = fold_word(name);
    NAMES.iter().find(|(_, names)| names.contains(&folded.as_str())).map(|(column, _)| *column)
}
