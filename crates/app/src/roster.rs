//! Importing a roster: everything in it, in one transaction, or nothing. Importing the same file again changes nothing.

use crate::error::Result;
use crate::sign_in::LOCAL;
use crate::start::App;
pub use balado_directory::read_csv;
use balado_directory::{Roster, RosterPerson};
use balado_domain::audit::AuditEntry;
use balado_domain::people::{Group, Guardianship, Identity, Membership, Person, School, SchoolYear};
use balado_domain::{
    AuditId, Clock, GroupId, IdentityId, MembershipId, PersonId, SchoolId, SchoolYearId, Timestamp, Viewer,
};
use balado_store::{Tx, audit, people, sessions};
use chrono::{NaiveTime, TimeDelta, TimeZone, Utc};
use std::collections::HashMap;
use std::sync::Arc;

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Schools made.
    pub schools: usize,
    /// Classes and groups made.
    pub groups: usize,
    /// People made.
    pub people: usize,
    /// People known already.
    pub known: usize,
    /// Guardian links of the file.
    pub guardianships: usize,
    /// Logins with the passwords Balado made for them: to be printed once and handed out.
    pub passwords: Vec<(String, String)>,
}

/// The passwords of people who are new, hashed before the transaction: hashing is slow on purpose.
struct Credential {
    secret_hash: String,
    /// The password Balado made, to be shown once; absent when the file gave one.
    made: Option<String>,
}

impl App {
    /// Loads a roster.
    ///
    /// # Errors
    /// When the database does not answer; nothing was changed then.
    pub async fn import_roster(&self, roster: Roster) -> Result<ImportReport> {
        let (app, now) = (self.clone(), self.now());
        let roster = Arc::new(roster);
        let credentials = self.credentials(Arc::clone(&roster)).await?;
        self.database()
            .write(move |tx| {
                let clock = app.clock();
                let mut import = Import {
                    tx,
                    roster: &roster,
                    credentials,
                    clock,
                    now,
                    app: &app,
                    report: ImportReport::default(),
                    schools: Vec::new(),
                    years: Vec::new(),
                    groups: Vec::new(),
                };
                import.places()?;
                import.everybody()?;
                Ok(import.report)
            })
            .await
    }

    async fn credentials(&self, roster: Arc<Roster>) -> Result<HashMap<String, Credential>> {
        let app = self.clone();
        self.database()
            .read(move |c| {
                let mut credentials = HashMap::new();
                for person in &roster.people {
                    if people::find_person_by_identity(c, LOCAL, &person.login)?.is_none() {
                        credentials.insert(person.login.clone(), credential(&app, person)?);
                    }
                }
                Ok(credentials)
            })
            .await
    }

    /// Switches an account off: sessions, bearer tokens, feeds and calendar of that person are dead at once.
    ///
    /// # Errors
    /// `not-found` when nobody has that login.
    pub async fn disable_person(&self, login: &str) -> Result<()> {
        let login = login.trim().to_lowercase();
        let (now, clock) = (self.now(), self.clock());
        self.database()
            .write(move |tx| {
                let found = people::find_person_by_identity(tx, LOCAL, &login)?;
                let (person, _) = found.ok_or_else(|| crate::error::not_found("person"))?;
                let id = person.id;
                people::update_person(tx, &Person { disabled_at: Some(now), ..person })?;
                shut_out(tx, id, now)?;
                Ok(audit::append(tx, &account_entry(clock.as_ref(), "person.disable", id, now))?)
            })
            .await
    }

    /// Gives the person with that login a new password and ends their sessions and bearer tokens; it is shown once.
    ///
    /// # Errors
    /// `not-found` when nobody has that login.
    pub async fn reset_password(&self, login: &str) -> Result<String> {
        let password = balado_sso::initial_password();
        let secret_hash = self.hasher().hash(&password)?;
        let login = login.trim().to_lowercase();
        let (now, clock) = (self.now(), self.clock());
        self.database()
            .write(move |tx| {
                let found = people::find_person_by_identity(tx, LOCAL, &login)?;
                let (person, identity) = found.ok_or_else(|| crate::error::not_found("person"))?;
                people::set_identity_secret(tx, identity.id, Some(&secret_hash))?;
                shut_out(tx, person.id, now)?;
                Ok(audit::append(tx, &account_entry(clock.as_ref(), "password.reset", person.id, now))?)
            })
            .await?;
        Ok(password)
    }
}

/// Ends every session and bearer token of a person.
fn shut_out(tx: &mut Tx<'_>, person: PersonId, now: Timestamp) -> Result<()> {
    sessions::delete_all_of(tx, person)?;
    for token in sessions::list_api_tokens(tx, person)? {
        sessions::revoke_api_token(tx, person, token.id, now)?;
    }
    Ok(())
}

/// What the administrator's command line did to an account.
fn account_entry(clock: &dyn Clock, verb: &str, person: PersonId, at: Timestamp) -> AuditEntry {
    AuditEntry {
        id: AuditId::generate(clock),
        at,
        actor_id: None,
        on_behalf_of: None,
        verb: verb.to_owned(),
        object_kind: "person".to_owned(),
        object_id: person.to_string(),
        school_id: None,
    }
}

struct Import<'i, 't> {
    tx: &'i mut Tx<'t>,
    roster: &'i Roster,
    credentials: HashMap<String, Credential>,
    clock: Arc<dyn Clock>,
    now: Timestamp,
    app: &'i App,
    report: ImportReport,
    schools: Vec<SchoolId>,
    years: Vec<SchoolYear>,
    groups: Vec<GroupId>,
}

impl Import<'_, '_> {
    fn places(&mut self) -> Result<()> {
        for school in &self.roster.schools {
            let known = match &school.uai {
                Some(uai) => people::find_school_by_uai(self.tx, uai)?,
                None => people::list_schools(self.tx)?.into_iter().find(|known| known.name == school.name),
            };
            let id = match known {
                Some(known) => known.id,
                None => self.make_school(&school.name, school.uai.clone())?,
            };
            self.schools.push(id);
        }
        for year in &self.roster.years {
            let school_id = self.schools[year.school.0];
            let known =
                people::list_school_years(self.tx, school_id)?.into_iter().find(|y| y.label == year.label);
            let found = match known {
                Some(known) => known,
                None => {
                    let made = SchoolYear {
                        id: SchoolYearId::generate(self.clock.as_ref()),
                        school_id,
                        label: year.label.clone(),
                        starts_on: year.starts_on,
                        ends_on: year.ends_on,
                    };
                    people::insert_school_year(self.tx, &made)?;
                    made
                }
            };
            self.years.push(found);
        }
        for group in &self.roster.groups {
            let year = &self.years[group.year.0];
            let id = match people::find_group_by_name(self.tx, year.id, &group.name)? {
                Some(known) => known.id,
                None => {
                    let made = Group {
                        id: GroupId::generate(self.clock.as_ref()),
                        school_id: year.school_id,
                        school_year_id: year.id,
                        name: group.name.clone(),
                        kind: group.kind,
                        year_level: None,
                    };
                    people::insert_group(self.tx, &made)?;
                    self.report.groups += 1;
                    made.id
                }
            };
            self.groups.push(id);
        }
        Ok(())
    }

    fn make_school(&mut self, name: &str, uai: Option<String>) -> Result<SchoolId> {
        let limits = self.app.configuration().limits;
        let school = School {
            id: SchoolId::generate(self.clock.as_ref()),
            uai,
            name: name.to_owned(),
            locale: "fr".to_owned(),
            timezone: "Europe/Paris".to_owned(),
            accent: None,
            teacher_quota_bytes: limits.teacher_quota_bytes,
            pupil_quota_bytes: limits.pupil_quota_bytes,
            recipe: None,
        };
        people::insert_school(self.tx, &school)?;
        self.app.scribe(&Viewer::System, school.id).journal(
            self.tx,
            "school.create",
            "school",
            school.id.to_string(),
        )?;
        self.report.schools += 1;
        Ok(school.id)
    }

    fn everybody(&mut self) -> Result<()> {
        let mut ids = Vec::with_capacity(self.roster.people.len());
        for person in &self.roster.people {
            ids.push(self.one(person)?);
        }
        for link in &self.roster.guardianships {
            let school_id = self.schools[self.roster.people[link.pupil.0].school.0];
            let (guardian_id, pupil_id) = (ids[link.guardian.0], ids[link.pupil.0]);
            people::insert_guardianship(self.tx, &Guardianship { guardian_id, pupil_id, school_id })?;
            self.report.guardianships += 1;
        }
        Ok(())
    }

    fn one(&mut self, person: &RosterPerson) -> Result<PersonId> {
        let id = match people::find_person_by_identity(self.tx, LOCAL, &person.login)? {
            Some((known, _)) => {
                self.report.known += 1;
                known.id
            }
            None => self.make_person(person)?,
        };
        self.join(person, id)?;
        Ok(id)
    }

    fn make_person(&mut self, person: &RosterPerson) -> Result<PersonId> {
        let credential = match self.credentials.remove(&person.login) {
            Some(credential) => credential,
            None => credential(self.app, person)?,
        };
        let made = Person {
            id: PersonId::generate(self.clock.as_ref()),
            given_name: person.given_name.clone(),
            family_name: person.family_name.clone(),
            email: person.email.clone(),
            locale: None,
            quota_bytes: None,
            disabled_at: None,
            created_at: self.now,
        };
        people::insert_person(self.tx, &made)?;
        let identity = Identity {
            id: IdentityId::generate(self.clock.as_ref()),
            person_id: made.id,
            provider: LOCAL.to_owned(),
            subject: person.login.clone(),
            secret_hash: Some(credential.secret_hash),
        };
        people::insert_identity(self.tx, &identity)?;
        self.report.people += 1;
        self.report.passwords.extend(credential.made.map(|password| (person.login.clone(), password)));
        let school = self.schools[person.school.0];
        self.app.scribe(&Viewer::System, school).journal(
            self.tx,
            "person.create",
            "person",
            made.id.to_string(),
        )?;
        Ok(made.id)
    }

    /// Adds the memberships that are not there yet. Those of a school year end with its last day.
    fn join(&mut self, person: &RosterPerson, id: PersonId) -> Result<()> {
        let school_id = self.schools[person.school.0];
        for wanted in person.memberships() {
            let group_id = wanted.group.map(|group| self.groups[group.0]);
            if people::find_membership(self.tx, id, school_id, wanted.role, group_id)?.is_some() {
                continue;
            }
            let year = wanted.year.map(|year| &self.years[year.0]);
            let membership = Membership {
                id: MembershipId::generate(self.clock.as_ref()),
                person_id: id,
                school_id,
                school_year_id: year.map(|year| year.id),
                role: wanted.role,
                group_id,
                subject: wanted.subject,
                valid_from: self.now,
                valid_until: year.map(|year| {
                    Utc.from_utc_datetime(&(year.ends_on + TimeDelta::days(1)).and_time(NaiveTime::MIN))
                }),
                delegated_by: None,
            };
            people::insert_membership(self.tx, &membership)?;
        }
        Ok(())
    }
}

/// Hashes the password of the file, or makes one that is shown once.
fn credential(app: &App, person: &RosterPerson) -> Result<Credential> {
    let made = person.initial_password.is_none().then(balado_sso::initial_password);
    let clear = person.initial_password.as_ref().map(|given| given.reveal().to_owned());
    let clear = clear.or_else(|| made.clone()).unwrap_or_default();
    Ok(Credential { secret_hash: app.hasher().hash(&clear)?, made })
}
