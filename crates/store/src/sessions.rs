//! What proves a request's person between sign-ins: browser sessions and bearer tokens, and the count of failed
//! sign-ins.
//!
//! Only digests are kept, so a stolen database opens nothing. Whether a session has been idle too long is decided
//! by `app`.

mod failures;
mod tokens;

pub use failures::*;
pub use tokens::*;

use crate::column::{instant, row};
use crate::schema::sessions;
use crate::{Conn, Error, Result, Tx};
use balado_domain::{PersonId, SessionId, Timestamp};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id.
    pub id: SessionId,
    /// SHA-256 of the cookie's value, lower-case hex.
    pub id_hash: String,
    /// Who is signed in.
    pub person_id: PersonId,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used, as far as it was noted.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens, exclusive.
    pub expires_at: Timestamp,
}

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = sessions)]
    StoredSession of SessionRow {
        id: String,
        id_hash: String,
        person_id: String,
        created_at: NaiveDateTime,
        last_seen_at: NaiveDateTime,
        expires_at: NaiveDateTime,
    }
}

/// Adds a session.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, session: &SessionRow) -> Result<()> {
    diesel::insert_into(sessions::table).values(StoredSession::from(session)).execute(&mut **tx)?;
    Ok(())
}

/// The session of that cookie, unless it has ended at `now`.
///
/// # Errors
/// When the database fails.
pub fn find_by_hash(conn: &mut Conn, id_hash: &str, now: Timestamp) -> Result<Option<SessionRow>> {
    let row: Option<StoredSession> = sessions::table
        .filter(sessions::id_hash.eq(id_hash))
        .filter(sessions::expires_at.gt(instant(now)))
        .first(conn)
        .optional()?;
    row.map(StoredSession::into_entity).transpose()
}

/// Notes that a session was used.
///
/// # Errors
/// [`Error::NotFound`] when it was ended meanwhile.
pub fn touch(tx: &mut Tx<'_>, id: SessionId, now: Timestamp) -> Result<()> {
    let target = sessions::table.find(id.to_string());
    let changed = diesel::update(target).set(sessions::last_seen_at.eq(instant(now))).execute(&mut **tx)?;
    if changed == 0 { Err(Error::NotFound("session")) } else { Ok(()) }
}

/// Ends a session; one that is gone already is fine.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, id: SessionId) -> Result<()> {
    diesel::delete(sessions::table.find(id.to_string())).execute(&mut **tx)?;
    Ok(())
}

/// Ends every session of a person and tells how many there were.
///
/// # Errors
/// When the database fails.
pub fn delete_all_of(tx: &mut Tx<'_>, person: PersonId) -> Result<usize> {
    let target = sessions::table.filter(sessions::person_id.eq(person.to_string()));
    Ok(diesel::delete(target).execute(&mut **tx)?)
}

/// Drops the sessions that have ended and tells how many there were.
///
/// # Errors
/// When the database fails.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize> {
    let target = sessions::table.filter(sessions::expires_at.le(instant(now)));
    Ok(diesel::delete(target).execute(&mut **tx)?)
}
