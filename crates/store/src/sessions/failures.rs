//! How often signing in failed lately, per digest of what is counted: a login, or an address.

use crate::column::{Column, insert_unless_present, instant};
use crate::schema::sign_in_failures;
use crate::{Conn, Result, Tx};
use balado_domain::Timestamp;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// The failures counted under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInFailures {
    /// How many since they were last cleared.
    pub failures: i32,
    /// Until when further tries are refused, exclusive.
    pub blocked_until: Option<Timestamp>,
    /// When the last one was counted.
    pub updated_at: Timestamp,
}

/// The failures counted under a key, if any.
///
/// # Errors
/// When the database fails.
pub fn get_failures(conn: &mut Conn, key: &str) -> Result<Option<SignInFailures>> {
    let row: Option<(String, i32, Option<NaiveDateTime>, NaiveDateTime)> =
        sign_in_failures::table.find(key).first(conn).optional()?;
    row.map(|(_, failures, blocked_until, updated_at)| {
        Ok(SignInFailures {
            failures,
            blocked_until: Column::load(blocked_until)?,
            updated_at: Column::load(updated_at)?,
        })
    })
    .transpose()
}

/// Counts one more failure and tells how many there are now.
///
/// # Errors
/// When the database fails.
pub fn record_failure(
    tx: &mut Tx<'_>,
    key: &str,
    blocked_until: Option<Timestamp>,
    now: Timestamp,
) -> Result<i32> {
    let first = (
        sign_in_failures::key.eq(key),
        sign_in_failures::failures.eq(0),
        sign_in_failures::updated_at.eq(instant(now)),
    );
    insert_unless_present!(tx, sign_in_failures::table, first)?;
    let failures = diesel::update(sign_in_failures::table.find(key))
        .set((
            sign_in_failures::failures.eq(sign_in_failures::failures + 1),
            sign_in_failures::blocked_until.eq(blocked_until.map(instant)),
            sign_in_failures::updated_at.eq(instant(now)),
        ))
        .returning(sign_in_failures::failures)
        .get_result(&mut **tx)?;
    Ok(failures)
}

/// Forgets the failures counted under a key.
///
/// # Errors
/// When the database fails.
pub fn clear_failures(tx: &mut Tx<'_>, key: &str) -> Result<()> {
    diesel::delete(sign_in_failures::table.find(key)).execute(&mut **tx)?;
    Ok(())
}

/// Forgets every key whose last failure is older than an instant, and tells how many there were.
///
/// # Errors
/// When the database fails.
pub fn delete_failures_before(tx: &mut Tx<'_>, before: Timestamp) -> Result<usize> {
    let target = sign_in_failures::table.filter(sign_in_failures::updated_at.lt(instant(before)));
    Ok(diesel::delete(target).execute(&mut **tx)?)
}
