//! Schools, school years, classes and groups, persons and what they are to a school.

use crate::{GroupId, IdentityId, MembershipId, PersonId, SchoolId, SchoolYearId, Timestamp, text_enum};
use chrono::NaiveDate;

/// A school (établissement).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct School {
    /// Its id.
    pub id: SchoolId,
    /// National code (UAI), unique when present.
    pub uai: Option<String>,
    /// Name as shown.
    pub name: String,
    /// Default language of its pages, `fr` or `en`.
    pub locale: String,
    /// IANA time zone, e.g. `Europe/Paris`.
    pub timezone: String,
    /// Accent colour `#rrggbb`, if it chose one.
    pub accent: Option<String>,
    /// Storage each teacher gets, in bytes.
    pub teacher_quota_bytes: i64,
    /// Storage each pupil gets, in bytes.
    pub pupil_quota_bytes: i64,
    /// Name of the recipe its deposits follow; absent means the one every school starts with.
    pub recipe: Option<String>,
}

/// A school year (année scolaire). Both days belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchoolYear {
    /// Its id.
    pub id: SchoolYearId,
    /// The school it belongs to.
    pub school_id: SchoolId,
    /// Label, e.g. `2026-2027`.
    pub label: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
}

text_enum! {
    /// What a group is.
    pub enum GroupKind {
        /// A class (division).
        Class = "class",
        /// A teaching group across classes.
        Teaching = "teaching",
        /// A group made by hand.
        Manual = "manual",
    }
}

/// A class or group of one school year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its school.
    pub school_id: SchoolId,
    /// Its school year.
    pub school_year_id: SchoolYearId,
    /// Name, e.g. `5eB`.
    pub name: String,
    /// What it is.
    pub kind: GroupKind,
    /// Year level as the school writes it, e.g. `5e`.
    pub year_level: Option<String>,
}

/// A person of the instance. Roles are memberships, never a property of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// First name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Address for mail, if any.
    pub email: Option<String>,
    /// Preferred language, if chosen.
    pub locale: Option<String>,
    /// Personal quota that replaces the school's, in bytes.
    pub quota_bytes: Option<i64>,
    /// When the account was switched off.
    pub disabled_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Person {
    /// `Lou Martin`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    /// `Lou M.`: what feeds and shared pages show of a person.
    #[must_use]
    pub fn short_name(&self) -> String {
        match self.family_name.chars().next() {
            Some(initial) => format!("{} {initial}.", self.given_name),
            None => self.given_name.clone(),
        }
    }
}

/// One way a person proves who they are: `(provider, subject)` is unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Whose it is.
    pub person_id: PersonId,
    /// `local`, `cas:…`, `oidc:…`.
    pub provider: String,
    /// The name under which the provider knows the person; a login for `local`.
    pub subject: String,
    /// PHC string of the password for `local`, absent elsewhere.
    pub secret_hash: Option<String>,
}

text_enum! {
    /// What a person is to a school. Rights of several memberships add up (R13).
    pub enum Role {
        /// élève
        Pupil = "pupil",
        /// enseignant
        Teacher = "teacher",
        /// assistant d'éducation
        Assistant = "assistant",
        /// documentaliste
        Librarian = "librarian",
        /// responsable légal; the link to each pupil is a [`Guardianship`]
        Guardian = "guardian",
        /// inspecteur
        Inspector = "inspector",
        /// chef d'établissement
        Principal = "principal",
        /// administrateur
        Administrator = "administrator",
    }
}

/// A person's role in a school, for a time, within a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Its id.
    pub id: MembershipId,
    /// Who.
    pub person_id: PersonId,
    /// Where.
    pub school_id: SchoolId,
    /// In which school year; absent for roles that outlast one.
    pub school_year_id: Option<SchoolYearId>,
    /// As what.
    pub role: Role,
    /// The class or group it is about; absent means the school.
    pub group_id: Option<GroupId>,
    /// Subject taught, as the school writes it.
    pub subject: Option<String>,
    /// From when it holds.
    pub valid_from: Timestamp,
    /// Until when, exclusive; absent means until further notice.
    pub valid_until: Option<Timestamp>,
    /// Who lent this role (R14).
    pub delegated_by: Option<PersonId>,
}

impl Membership {
    /// Whether it holds at that instant.
    #[must_use]
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.valid_from <= now && self.valid_until.is_none_or(|until| now < until)
    }
}

/// The link between a guardian and a pupil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guardianship {
    /// The adult.
    pub guardian_id: PersonId,
    /// The child.
    pub pupil_id: PersonId,
    /// The school that recorded it.
    pub school_id: SchoolId,
}
