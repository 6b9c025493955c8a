//! Cuts of deposits, and the deposits they became.
//!
//! Whoever may see a deposit as its owner sees its cuts; nobody else does.

use crate::column::{instant, parse, row};
use crate::schema::{cut_parts, cuts};
use crate::{Conn, Error, Result, Tx};
use balado_domain::cut::{Cut, CutState};
use balado_domain::{CutId, DepositId, PersonId, Timestamp, Viewer};
use chrono::NaiveDateTime;
use diesel::dsl::exists;
use diesel::prelude::*;

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = cuts)]
    CutRow of Cut {
        id: String,
        deposit_id: String,
        school_id: String,
        requested_by: String,
        wish: String,
        state: String,
        failure_code: Option<String>,
        created_at: NaiveDateTime,
        finished_at: Option<NaiveDateTime>,
    }
}

/// Adds a cut.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, cut: &Cut) -> Result<()> {
    diesel::insert_into(cuts::table).values(CutRow::from(cut)).execute(&mut **tx)?;
    Ok(())
}

/// One cut, for Balado itself.
///
/// # Errors
/// [`Error::NotFound`] when there is none, and for any other viewer.
pub fn get_for(conn: &mut Conn, viewer: &Viewer, id: CutId) -> Result<Cut> {
    if *viewer != Viewer::System {
        return Err(Error::NotFound("cut"));
    }
    let row: Option<CutRow> = cuts::table.find(id.to_string()).first(conn).optional()?;
    row.ok_or(Error::NotFound("cut"))?.into_entity()
}

/// The cuts of a deposit that the viewer asked for, newest first.
///
/// # Errors
/// When the database fails.
pub fn list_of_deposit(conn: &mut Conn, viewer: &Viewer, deposit: DepositId, limit: i64) -> Result<Vec<Cut>> {
    let mut query = cuts::table
        .filter(cuts::deposit_id.eq(deposit.to_string()))
        .order((cuts::created_at.desc(), cuts::id.desc()))
        .limit(limit)
        .into_boxed();
    match (viewer, viewer.person()) {
        (Viewer::System, _) => {}
        (_, Some(person)) => query = query.filter(cuts::requested_by.eq(person.id.to_string())),
        (_, None) => return Ok(Vec::new()),
    }
    let rows: Vec<CutRow> = query.load(conn)?;
    rows.into_iter().map(CutRow::into_entity).collect()
}

/// Whether something was cut from a deposit, or waits to be.
///
/// # Errors
/// When the database fails.
pub fn is_source(conn: &mut Conn, deposit: DepositId) -> Result<bool> {
    let cut = cuts::table
        .filter(cuts::deposit_id.eq(deposit.to_string()))
        .filter(cuts::state.ne(CutState::Failed.as_str()));
    Ok(diesel::select(exists(cut)).get_result(conn)?)
}

/// Cuts that failed or were called off between two moments, first ended first.
///
/// # Errors
/// When the database fails.
pub fn list_failed(conn: &mut Conn, after: Timestamp, before: Timestamp) -> Result<Vec<Cut>> {
    let rows: Vec<CutRow> = cuts::table
        .filter(cuts::state.eq(CutState::Failed.as_str()))
        .filter(cuts::finished_at.between(instant(after), instant(before)))
        .order((cuts::finished_at, cuts::id))
        .load(conn)?;
    rows.into_iter().map(CutRow::into_entity).collect()
}

/// How many cuts of a person wait for their jobs.
///
/// # Errors
/// When the database fails.
pub fn count_waiting(conn: &mut Conn, person: PersonId) -> Result<i64> {
    let waiting = cuts::table
        .filter(cuts::requested_by.eq(person.to_string()))
        .filter(cuts::state.eq(CutState::Waiting.as_str()));
    Ok(waiting.count().get_result(conn)?)
}

/// Waiting to done, with the deposits it became, in order. `false`, and nothing is changed, when it waits no longer.
///
/// # Errors
/// When the database fails.
pub fn set_done(tx: &mut Tx<'_>, id: CutId, parts: &[DepositId], at: Timestamp) -> Result<bool> {
    let change = (cuts::state.eq(CutState::Done.as_str()), cuts::finished_at.eq(instant(at)));
    let waiting = cuts::table.find(id.to_string()).filter(cuts::state.eq(CutState::Waiting.as_str()));
    if diesel::update(waiting).set(change).execute(&mut **tx)? == 0 {
        return Ok(false);
    }
    for (position, deposit) in (0_i32..).zip(parts) {
        diesel::insert_into(cut_parts::table)
            .values((
                cut_parts::cut_id.eq(id.to_string()),
                cut_parts::position.eq(position),
                cut_parts::deposit_id.eq(deposit.to_string()),
            ))
            .execute(&mut **tx)?;
    }
    Ok(true)
}

/// Waiting to failed, with the stable code of what went wrong. `false` when it waits no longer.
///
/// # Errors
/// When the database fails.
pub fn set_failed(tx: &mut Tx<'_>, id: CutId, code: &str, at: Timestamp) -> Result<bool> {
    let change = (
        cuts::state.eq(CutState::Failed.as_str()),
        cuts::failure_code.eq(code),
        cuts::finished_at.eq(instant(at)),
    );
    let waiting = cuts::table.find(id.to_string()).filter(cuts::state.eq(CutState::Waiting.as_str()));
    Ok(diesel::update(waiting).set(change).execute(&mut **tx)? > 0)
}

/// The deposits a cut became, in order.
///
/// # Errors
/// When the database fails.
pub fn list_parts(conn: &mut Conn, id: CutId) -> Result<Vec<DepositId>> {
    let rows: Vec<String> = cut_parts::table
        .filter(cut_parts::cut_id.eq(id.to_string()))
        .order(cut_parts::position)
        .select(cut_parts::deposit_id)
        .load(conn)?;
    rows.into_iter().map(parse).collect()
}
