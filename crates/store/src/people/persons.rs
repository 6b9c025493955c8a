//! Persons and the identities by which they prove who they are.

use crate::column::{row, texts};
use crate::schema::{identities, persons};
use crate::{Conn, Error, Result, Tx};
use balado_domain::people::{Identity, Person};
use balado_domain::{IdentityId, PersonId};
use chrono::NaiveDateTime;
use diesel::prelude::*;

row! {
    #[derive(Queryable, Insertable, AsChangeset)]
    #[diesel(table_name = persons, treat_none_as_null = true)]
    PersonRow of Person {
        id: String,
        given_name: String,
        family_name: String,
        email: Option<String>,
        locale: Option<String>,
        quota_bytes: Option<i64>,
        disabled_at: Option<NaiveDateTime>,
        created_at: NaiveDateTime,
    }
}

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = identities)]
    IdentityRow of Identity {
        id: String,
        person_id: String,
        provider: String,
        subject: String,
        secret_hash: Option<String>,
    }
}

/// Adds a person.
///
/// # Errors
/// When the database fails.
pub fn insert_person(tx: &mut Tx<'_>, person: &Person) -> Result<()> {
    diesel::insert_into(persons::table).values(PersonRow::from(person)).execute(&mut **tx)?;
    Ok(())
}

/// Replaces what is stored of a person.
///
/// # Errors
/// [`Error::NotFound`].
pub fn update_person(tx: &mut Tx<'_>, person: &Person) -> Result<()> {
    let target = persons::table.find(person.id.to_string());
    let changed = diesel::update(target).set(PersonRow::from(person)).execute(&mut **tx)?;
    if changed == 0 { Err(Error::NotFound("person")) } else { Ok(()) }
}

/// One person.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get_person(conn: &mut Conn, id: PersonId) -> Result<Person> {
    let row: Option<PersonRow> = persons::table.find(id.to_string()).first(conn).optional()?;
    row.ok_or(Error::NotFound("person"))?.into_entity()
}

/// Makes other transactions that lock the same person wait until this one ends, so that what they add up about
/// the person (a quota) cannot change under them. SQLite has one writer at a time anyway.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Unavailable`] when the other one takes too long.
pub fn lock_person(tx: &mut Tx<'_>, id: PersonId) -> Result<()> {
    let person = persons::table.find(id.to_string()).select(persons::id);
    let found: Option<String> = match &mut **tx {
        Conn::Sqlite(conn) => person.first(conn).optional()?,
        Conn::Pg(conn) => person.for_update().first(conn).optional()?,
    };
    found.map(drop).ok_or(Error::NotFound("person"))
}

/// The persons with those ids, by name; unknown ids are left out.
///
/// # Errors
/// When the database fails.
pub fn list_persons(conn: &mut Conn, ids: &[PersonId]) -> Result<Vec<Person>> {
    let rows: Vec<PersonRow> = persons::table
        .filter(persons::id.eq_any(texts(ids)))
        .order((persons::family_name, persons::given_name, persons::id))
        .load(conn)?;
    rows.into_iter().map(PersonRow::into_entity).collect()
}

/// The person a provider knows under that subject, and the identity that says so.
///
/// # Errors
/// When the database fails.
pub fn find_person_by_identity(
    conn: &mut Conn,
    provider: &str,
    subject: &str,
) -> Result<Option<(Person, Identity)>> {
    let found: Option<IdentityRow> = identities::table
        .filter(identities::provider.eq(provider))
        .filter(identities::subject.eq(subject))
        .first(conn)
        .optional()?;
    let Some(row) = found else { return Ok(None) };
    let identity = row.into_entity()?;
    Ok(Some((get_person(conn, identity.person_id)?, identity)))
}

/// The identities of a person.
///
/// # Errors
/// When the database fails.
pub fn list_identities(conn: &mut Conn, person: PersonId) -> Result<Vec<Identity>> {
    let rows: Vec<IdentityRow> = identities::table
        .filter(identities::person_id.eq(person.to_string()))
        .order((identities::provider, identities::subject))
        .load(conn)?;
    rows.into_iter().map(IdentityRow::into_entity).collect()
}

/// Adds an identity.
///
/// # Errors
/// [`Error::Conflict`] on `identities(provider,subject)`.
pub fn insert_identity(tx: &mut Tx<'_>, identity: &Identity) -> Result<()> {
    diesel::insert_into(identities::table).values(IdentityRow::from(identity)).execute(&mut **tx)?;
    Ok(())
}

/// Replaces the secret of an identity: a PHC string, or nothing.
///
/// # Errors
/// [`Error::NotFound`].
pub fn set_identity_secret(tx: &mut Tx<'_>, id: IdentityId, secret_hash: Option<&str>) -> Result<()> {
    let target = identities::table.find(id.to_string());
    let changed = diesel::update(target).set(identities::secret_hash.eq(secret_hash)).execute(&mut **tx)?;
    if changed == 0 { Err(Error::NotFound("identity")) } else { Ok(()) }
}
