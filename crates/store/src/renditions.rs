//! Renditions: the outputs of a deposit.

use crate::column::{insert_unless_present, row, texts};
use crate::schema::renditions;
use crate::{Conn, Error, Result, Tx, deposits, publications, words};
use balado_domain::deposit::{Rendition, RenditionKind};
use balado_domain::{DepositId, RenditionId, Timestamp, Viewer};
use chrono::NaiveDateTime;
use diesel::prelude::*;

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = renditions)]
    RenditionRow of Rendition {
        id: String,
        deposit_id: String,
        school_id: String,
        kind: String,
        recipe: String,
        size_bytes: i64,
        sha256: String,
        duration_ms: Option<i64>,
        width: Option<i32>,
        height: Option<i32>,
        pages: Option<i32>,
        created_at: NaiveDateTime,
    }
}

/// Records an output. `false` when the deposit has one of that recipe and kind already: a job that ran twice
/// records once, and the first stays.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, rendition: &Rendition) -> Result<bool> {
    let inserted = insert_unless_present!(tx, renditions::table, RenditionRow::from(rendition))?;
    Ok(inserted > 0)
}

/// The outputs of a deposit, in the order they were recorded, for a viewer who may see the deposit or a
/// publication that shows it at `now`. Empty for anybody else.
///
/// # Errors
/// When the database fails.
pub fn list_of_deposit(
    conn: &mut Conn,
    viewer: &Viewer,
    deposit: DepositId,
    now: Timestamp,
) -> Result<Vec<Rendition>> {
    if !may_see(conn, viewer, deposit, now)? {
        return Ok(Vec::new());
    }
    let rows: Vec<RenditionRow> = renditions::table
        .filter(renditions::deposit_id.eq(deposit.to_string()))
        .order((renditions::created_at, renditions::id))
        .load(conn)?;
    rows.into_iter().map(RenditionRow::into_entity).collect()
}

/// The outputs of several deposits, for Balado itself.
///
/// # Errors
/// [`Error::NotFound`] for any other viewer.
pub fn list_of_deposits(conn: &mut Conn, viewer: &Viewer, ids: &[DepositId]) -> Result<Vec<Rendition>> {
    if *viewer != Viewer::System {
        return Err(Error::NotFound("rendition"));
    }
    let rows: Vec<RenditionRow> = renditions::table
        .filter(renditions::deposit_id.eq_any(texts(ids)))
        .order((renditions::deposit_id, renditions::created_at, renditions::id))
        .load(conn)?;
    rows.into_iter().map(RenditionRow::into_entity).collect()
}

/// The output of that kind, for a viewer who may see the deposit or a publication that shows it at `now`; the
/// first one recorded when several recipes made one.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or not for this viewer.
pub fn get_for(
    conn: &mut Conn,
    viewer: &Viewer,
    deposit: DepositId,
    kind: RenditionKind,
    now: Timestamp,
) -> Result<Rendition> {
    if !may_see(conn, viewer, deposit, now)? {
        return Err(Error::NotFound("rendition"));
    }
    let row: Option<RenditionRow> = renditions::table
        .filter(renditions::deposit_id.eq(deposit.to_string()))
        .filter(renditions::kind.eq(kind.as_str()))
        .order((renditions::created_at, renditions::id))
        .first(conn)
        .optional()?;
    row.ok_or(Error::NotFound("rendition"))?.into_entity()
}

/// Forgets the outputs of a deposit and returns them, for their blobs to be removed.
///
/// # Errors
/// When the database fails; when a publication still points at one of them.
pub fn delete_of_deposit(tx: &mut Tx<'_>, deposit: DepositId) -> Result<Vec<Rendition>> {
    words::delete_of_deposit(tx, deposit)?;
    let target = renditions::table.filter(renditions::deposit_id.eq(deposit.to_string()));
    let rows: Vec<RenditionRow> =
        diesel::delete(target).returning(renditions::all_columns).get_results(&mut **tx)?;
    rows.into_iter().map(RenditionRow::into_entity).collect()
}

/// Forgets the outputs of one kind and returns them, for their blobs to be removed.
///
/// # Errors
/// When the database fails; when a publication still points at one of them.
pub fn delete_kind(tx: &mut Tx<'_>, deposit: DepositId, kind: RenditionKind) -> Result<Vec<Rendition>> {
    let target = renditions::table
        .filter(renditions::deposit_id.eq(deposit.to_string()))
        .filter(renditions::kind.eq(kind.as_str()));
    let rows: Vec<RenditionRow> =
        diesel::delete(target).returning(renditions::all_columns).get_results(&mut **tx)?;
    rows.into_iter().map(RenditionRow::into_entity).collect()
}

/// The outputs with those ids, whoever asks: only for publications that were already found for a viewer.
pub(crate) fn list_by_ids(conn: &mut Conn, ids: &[RenditionId]) -> Result<Vec<Rendition>> {
    let rows: Vec<RenditionRow> = renditions::table.filter(renditions::id.eq_any(texts(ids))).load(conn)?;
    rows.into_iter().map(RenditionRow::into_entity).collect()
}

fn may_see(conn: &mut Conn, viewer: &Viewer, deposit: DepositId, now: Timestamp) -> Result<bool> {
    Ok(deposits::is_visible(conn, viewer, deposit)? || publications::shows(conn, viewer, deposit, now)?)
}
