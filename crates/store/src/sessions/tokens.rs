//! Bearer tokens for scripts.

use crate::column::{instant, row};
use crate::schema::api_tokens;
use crate::{Conn, Error, Result, Tx};
use balado_domain::{ApiTokenId, PersonId, Timestamp};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A bearer token, without the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// Whose rights it carries.
    pub person_id: PersonId,
    /// SHA-256 of the token, lower-case hex.
    pub token_hash: String,
    /// What its owner calls it.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = api_tokens)]
    ApiTokenRow of ApiToken {
        id: String,
        person_id: String,
        token_hash: String,
        label: String,
        created_at: NaiveDateTime,
        revoked_at: Option<NaiveDateTime>,
    }
}

/// Adds a bearer token.
///
/// # Errors
/// When the database fails.
pub fn insert_api_token(tx: &mut Tx<'_>, token: &ApiToken) -> Result<()> {
    diesel::insert_into(api_tokens::table).values(ApiTokenRow::from(token)).execute(&mut **tx)?;
    Ok(())
}

/// The token with that digest, unless it was revoked.
///
/// # Errors
/// When the database fails.
pub fn find_api_token(conn: &mut Conn, token_hash: &str) -> Result<Option<ApiToken>> {
    let row: Option<ApiTokenRow> = api_tokens::table
        .filter(api_tokens::token_hash.eq(token_hash))
        .filter(api_tokens::revoked_at.is_null())
        .first(conn)
        .optional()?;
    row.map(ApiTokenRow::into_entity).transpose()
}

/// The tokens of a person, revoked ones too, newest first.
///
/// # Errors
/// When the database fails.
pub fn list_api_tokens(conn: &mut Conn, person: PersonId) -> Result<Vec<ApiToken>> {
    let rows: Vec<ApiTokenRow> = api_tokens::table
        .filter(api_tokens::person_id.eq(person.to_string()))
        .order((api_tokens::created_at.desc(), api_tokens::id.desc()))
        .load(conn)?;
    rows.into_iter().map(ApiTokenRow::into_entity).collect()
}

/// Revokes a token of a person; one that is revoked already keeps its date.
///
/// # Errors
/// [`Error::NotFound`] when the person has no such token.
pub fn revoke_api_token(tx: &mut Tx<'_>, person: PersonId, id: ApiTokenId, at: Timestamp) -> Result<()> {
    let own = api_tokens::table.find(id.to_string()).filter(api_tokens::person_id.eq(person.to_string()));
    let revoked: Option<Option<NaiveDateTime>> =
        own.clone().select(api_tokens::revoked_at).first(&mut **tx).optional()?;
    match revoked {
        None => return Err(Error::NotFound("API token")),
        Some(Some(_)) => {}
        Some(None) => {
            diesel::update(own).set(api_tokens::revoked_at.eq(instant(at))).execute(&mut **tx)?;
        }
    }
    Ok(())
}
