//! Private calendar addresses, and the digests of their tokens.

use crate::column::{insert_unless_present, row};
use crate::feeds::At;
use crate::schema::{calendar_addresses, calendar_tokens};
use crate::{Conn, Error, Result, Tx};
use balado_domain::feed::CalendarAddress;
use balado_domain::{CalendarId, PersonId, Timestamp};
use chrono::NaiveDateTime;
use diesel::prelude::*;

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = calendar_addresses)]
    CalendarRow of CalendarAddress {
        id: String,
        person_id: String,
        generation: i64,
        created_at: NaiveDateTime,
        revoked_at: Option<NaiveDateTime>,
    }
}

/// The calendar address of a person, made now with generation 1 unless there is one that was not revoked.
///
/// # Errors
/// When the database fails.
pub fn ensure_for(tx: &mut Tx<'_>, person: PersonId, now: Timestamp) -> Result<CalendarAddress> {
    let fresh = CalendarAddress {
        id: CalendarId::generate(&At(now)),
        person_id: person,
        generation: 1,
        created_at: now,
        revoked_at: None,
    };
    insert_unless_present!(tx, calendar_addresses::table, CalendarRow::from(&fresh))?;
    let row: Option<CalendarRow> = calendar_addresses::table
        .filter(calendar_addresses::person_id.eq(person.to_string()))
        .filter(calendar_addresses::revoked_at.is_null())
        .first(&mut **tx)
        .optional()?;
    row.ok_or(Error::NotFound("calendar"))?.into_entity()
}

/// The calendar address of a person, if there is one that was not revoked.
///
/// # Errors
/// When the database fails.
pub fn find_for(conn: &mut Conn, person: PersonId) -> Result<Option<CalendarAddress>> {
    let row: Option<CalendarRow> = calendar_addresses::table
        .filter(calendar_addresses::person_id.eq(person.to_string()))
        .filter(calendar_addresses::revoked_at.is_null())
        .first(conn)
        .optional()?;
    row.map(CalendarRow::into_entity).transpose()
}

/// Starts the next generation of a calendar address and gives its number.
///
/// # Errors
/// [`Error::NotFound`] when there is none that was not revoked.
pub fn rotate(tx: &mut Tx<'_>, id: CalendarId) -> Result<i64> {
    let live =
        calendar_addresses::table.find(id.to_string()).filter(calendar_addresses::revoked_at.is_null());
    let generation: Option<i64> = diesel::update(live)
        .set(calendar_addresses::generation.eq(calendar_addresses::generation + 1))
        .returning(calendar_addresses::generation)
        .get_result(&mut **tx)
        .optional()?;
    generation.ok_or(Error::NotFound("calendar"))
}

/// Adds the digest (SHA-256, lower-case hex) of the token of one generation. One that is there already is fine.
///
/// # Errors
/// When the database fails.
pub fn insert_calendar_token(
    tx: &mut Tx<'_>,
    token_hash: &str,
    calendar: CalendarId,
    generation: i64,
) -> Result<()> {
    let row = (
        calendar_tokens::token_hash.eq(token_hash),
        calendar_tokens::calendar_id.eq(calendar.to_string()),
        calendar_tokens::generation.eq(generation),
    );
    insert_unless_present!(tx, calendar_tokens::table, row)?;
    Ok(())
}

/// The calendar address a token's digest belongs to and the generation it was derived from: an old one unless the
/// two generations are the same.
///
/// # Errors
/// When the database fails.
pub fn find_by_calendar_token(conn: &mut Conn, token_hash: &str) -> Result<Option<(CalendarAddress, i64)>> {
    let found: Option<(i64, CalendarRow)> = calendar_tokens::table
        .inner_join(calendar_addresses::table.on(calendar_addresses::id.eq(calendar_tokens::calendar_id)))
        .filter(calendar_tokens::token_hash.eq(token_hash))
        .select((calendar_tokens::generation, calendar_addresses::all_columns))
        .first(conn)
        .optional()?;
    found.map(|(generation, row)| Ok((row.into_entity()?, generation))).transpose()
}
