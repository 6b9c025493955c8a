//! The roster: what every directory format is read into.
//!
//! Parts point at each other by their place in the lists of the same roster, because nothing has an id before it is
//! stored.

use balado_domain::people::{GroupKind, Role};
use chrono::NaiveDate;
use std::fmt;

/// Place of a school in [`Roster::schools`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchoolRef(pub usize);

/// Place of a school year in [`Roster::years`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct YearRef(pub usize);

/// Place of a class or group in [`Roster::groups`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupRef(pub usize);

/// Place of a person in [`Roster::people`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonRef(pub usize);

/// Schools with their years, classes and groups, and people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roster {
    /// Each once, in order of appearance.
    pub schools: Vec<RosterSchool>,
    /// Each once per school.
    pub years: Vec<RosterYear>,
    /// Each once per school year.
    pub groups: Vec<RosterGroup>,
    /// One per login, in the order of the file.
    pub people: Vec<RosterPerson>,
    /// Each pair once.
    pub guardianships: Vec<RosterGuardianship>,
}

/// A school: known by its national code when it has one, else by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterSchool {
    /// Name as shown.
    pub name: String,
    /// National code (UAI), upper-case.
    pub uai: Option<String>,
}

/// A school year, from 1 August to 31 July: it holds the days on which a school prepares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterYear {
    /// Its school.
    pub school: SchoolRef,
    /// `2026-2027`.
    pub label: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, included.
    pub ends_on: NaiveDate,
}

/// A class or teaching group. Its school is that of its year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterGroup {
    /// Its school year.
    pub year: YearRef,
    /// Name as first written in the file; case, accents and outer spaces do not make another.
    pub name: String,
    /// What it is.
    pub kind: GroupKind,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPerson {
    /// Line of the file it was read from, to tell the administrator of trouble met later.
    pub line: u64,
    /// Name to sign in with, lower-case, unique in the roster.
    pub login: String,
    /// First name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Address for mail.
    pub email: Option<String>,
    /// Their school.
    pub school: SchoolRef,
    /// Their school year.
    pub year: YearRef,
    /// What they are there, each once, at least one.
    pub roles: Vec<Role>,
    /// Classes and groups they attend or teach, each once.
    pub groups: Vec<GroupRef>,
    /// Subjects they teach, each once.
    pub subjects: Vec<String>,
    /// First password, when the file gives one.
    pub initial_password: Option<InitialPassword>,
}

/// What a person is to the school, one membership at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterMembership {
    /// As what.
    pub role: Role,
    /// The school year it ends with; absent for roles that outlast one.
    pub year: Option<YearRef>,
    /// The class or group it is about; absent means the school.
    pub group: Option<GroupRef>,
    /// Subject taught.
    pub subject: Option<String>,
}

impl RosterPerson {
    /// The memberships the roles, groups and subjects come to: a pupil has one per group, a teacher one per group and
    /// subject, everybody else one for the school. A pupil or teacher without a group has one for the school.
    #[must_use]
    pub fn memberships(&self) -> Vec<RosterMembership> {
        let mut memberships = Vec::new();
        for &role in &self.roles {
            match role {
                Role::Pupil => self.add_in_groups(&mut memberships, role, &[]),
                Role::Teacher => self.add_in_groups(&mut memberships, role, &self.subjects),
                _ => memberships.push(RosterMembership { role, year: None, group: None, subject: None }),
            }
        }
        memberships
    }

    fn add_in_groups(&self, memberships: &mut Vec<RosterMembership>, role: Role, subjects: &[String]) {
        for group in each_or_none(&self.groups) {
            for subject in each_or_none(subjects) {
                memberships.push(RosterMembership {
                    role,
                    year: Some(self.year),
                    group: group.copied(),
                    subject: subject.cloned(),
                });
            }
        }
    }
}

fn each_or_none<T>(items: &[T]) -> Vec<Option<&T>> {
    if items.is_empty() { vec![None] } else { items.iter().map(Some).collect() }
}

/// The link between a guardian and a pupil of the roster. It is recorded by the pupil's school.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RosterGuardianship {
    /// The adult.
    pub guardian: PersonRef,
    /// The child.
    pub pupil: PersonRef,
}

/// A password in clear, for as long as it takes to hash it. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct InitialPassword(String);

impl InitialPassword {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The password itself: for hashing, never for a log.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for InitialPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InitialPassword(…)")
    }
}
