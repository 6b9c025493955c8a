//! Uploads: the growing part of a deposit, its writer and its stored pieces.
//!
//! At most one request writes to an upload. A writer names itself with a fresh text; every write repeats it and
//! the offset it starts from, so a request that was given up (its connection looked dead) can change nothing once
//! another one took over. The bytes themselves are in `objects`. The row of an upload that has ended, whose deposit is
//! no longer receiving, only says that its pieces may still be there: nobody may write to it.

use crate::column::{Column, instant, parse};
use crate::schema::{deposits, upload_segments, uploads};
use crate::{Conn, Error, Result, Tx, clock};
use balado_domain::deposit::{Deposit, DepositState, Upload, UploadSegment};
use balado_domain::{DepositId, Timestamp, Viewer};
use chrono::NaiveDateTime;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

/// What a write answers when another writer took over, or the offset is not the one it starts from.
pub const WRITER_CONFLICT: &str = "uploads(writer)";

#[derive(Queryable, Insertable)]
#[diesel(table_name = uploads)]
struct UploadRow {
    deposit_id: String,
    owner_id: String,
    length: Option<i64>,
    received: i64,
    reserved_bytes: i64,
    metadata: String,
    writer: Option<String>,
    writer_until: Option<NaiveDateTime>,
    expires_at: NaiveDateTime,
}

impl UploadRow {
    fn into_entity(self) -> Result<Upload> {
        Ok(Upload {
            deposit_id: parse(self.deposit_id)?,
            owner_id: parse(self.owner_id)?,
            length: self.length,
            offset: self.received,
            metadata: self.metadata,
            expires_at: self.expires_at.load()?,
        })
    }
}

/// One step of one upload: bytes `[from_offset, to_offset)` are durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    /// Which upload.
    pub id: DepositId,
    /// Who writes.
    pub writer: String,
    /// Where the writer began.
    pub from_offset: i64,
    /// Where it stopped.
    pub to_offset: i64,
    /// When the upload is given up unless something more happens.
    pub expires_at: Timestamp,
}

/// Opens an upload; its declared length, if any, is reserved at once.
///
/// # Errors
/// [`Error::Conflict`] on `uploads(deposit_id)`.
pub fn insert(tx: &mut Tx<'_>, upload: &Upload) -> Result<()> {
    let row = UploadRow {
        deposit_id: upload.deposit_id.to_string(),
        owner_id: upload.owner_id.to_string(),
        length: upload.length,
        received: upload.offset,
        reserved_bytes: upload.length.unwrap_or(upload.offset),
        metadata: upload.metadata.clone(),
        writer: None,
        writer_until: None,
        expires_at: instant(upload.expires_at),
    };
    diesel::insert_into(uploads::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// One upload, for the person who opened it or for Balado itself.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or not for this viewer.
pub fn get_for(conn: &mut Conn, viewer: &Viewer, id: DepositId) -> Result<Upload> {
    let mut query = uploads::table.find(id.to_string()).into_boxed();
    match (viewer, viewer.person()) {
        (Viewer::System, _) => {}
        (_, Some(person)) => query = query.filter(uploads::owner_id.eq(person.id.to_string())),
        (_, None) => return Err(Error::NotFound("upload")),
    }
    let row: Option<UploadRow> = query.first(conn).optional()?;
    row.ok_or(Error::NotFound("upload"))?.into_entity()
}

/// The deposit of an upload, while it receives.
macro_rules! receiving {
    ($id:expr) => {
        deposits::table
            .filter(deposits::id.eq($id))
            .filter(deposits::state.eq(DepositState::Receiving.as_str()))
    };
}

/// Makes `writer` the one that writes, whoever was before, for that many seconds of the database's clock.
/// The offset returned is the one to continue from.
///
/// # Errors
/// [`Error::NotFound`], also when it has ended.
pub fn take_writer(tx: &mut Tx<'_>, id: DepositId, writer: &str, for_secs: u32) -> Result<Upload> {
    let until = instant(clock::lease_end(clock::now(tx)?, for_secs));
    let target = uploads::table.find(id.to_string()).filter(exists(receiving!(id.to_string())));
    let row: Option<UploadRow> = diesel::update(target)
        .set((uploads::writer.eq(writer), uploads::writer_until.eq(until)))
        .returning(uploads::all_columns)
        .get_result(&mut **tx)
        .optional()?;
    row.ok_or(Error::NotFound("upload"))?.into_entity()
}

/// Makes `writer` the one that writes unless another one is at it, or it has ended: `None` then.
///
/// # Errors
/// [`Error::NotFound`].
pub fn try_take_writer(
    tx: &mut Tx<'_>,
    id: DepositId,
    writer: &str,
    for_secs: u32,
) -> Result<Option<Upload>> {
    let now = clock::now(tx)?;
    let target = uploads::table
        .find(id.to_string())
        .filter(exists(receiving!(id.to_string())))
        .filter(uploads::writer.is_null().or(uploads::writer_until.assume_not_null().lt(instant(now))));
    let row: Option<UploadRow> = diesel::update(target)
        .set((uploads::writer.eq(writer), uploads::writer_until.eq(instant(clock::lease_end(now, for_secs)))))
        .returning(uploads::all_columns)
        .get_result(&mut **tx)
        .optional()?;
    match row {
        Some(row) => row.into_entity().map(Some),
        None => get_for(tx, &Viewer::System, id).map(|_| None),
    }
}

/// Gives the place of the writer back, unless another one has it already.
///
/// # Errors
/// When the database fails.
pub fn release_writer(tx: &mut Tx<'_>, id: DepositId, writer: &str) -> Result<()> {
    let target = uploads::table.find(id.to_string()).filter(uploads::writer.eq(writer));
    diesel::update(target)
        .set((uploads::writer.eq(None::<String>), uploads::writer_until.eq(None::<NaiveDateTime>)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Notes that bytes `[from_offset, to_offset)` are durable: moves the offset, the deposit's size, the reservation
/// of an upload without declared length, and the expiry.
///
/// # Errors
/// [`Error::Conflict`] on [`WRITER_CONFLICT`] when the writer or the offset changed; nothing is changed then.
pub fn advance(
    tx: &mut Tx<'_>,
    id: DepositId,
    writer: &str,
    from_offset: i64,
    to_offset: i64,
    expires_at: Timestamp,
) -> Result<()> {
    let target = uploads::table
        .find(id.to_string())
        .filter(uploads::writer.eq(writer))
        .filter(uploads::received.eq(from_offset));
    let length: Option<Option<i64>> = diesel::update(target)
        .set((uploads::received.eq(to_offset), uploads::expires_at.eq(instant(expires_at))))
        .returning(uploads::length)
        .get_result(&mut **tx)
        .optional()?;
    let Some(length) = length else { return Err(Error::stale(WRITER_CONFLICT)) };
    if length.is_none() {
        diesel::update(uploads::table.find(id.to_string()))
            .set(uploads::reserved_bytes.eq(to_offset))
            .execute(&mut **tx)?;
    }
    diesel::update(
        deposits::table.find(id.to_string()).filter(deposits::state.eq(DepositState::Receiving.as_str())),
    )
    .set(deposits::size_bytes.eq(to_offset))
    .execute(&mut **tx)?;
    Ok(())
}

/// [`advance`] for many uploads in one transaction, so that many small appends share one commit. One that
/// conflicts is told so in its place; the others go on.
///
/// # Errors
/// When the database fails: then none is noted.
pub fn advance_many(tx: &mut Tx<'_>, steps: &[Advance]) -> Result<Vec<Result<()>>> {
    // In order of id, so that two groups that share uploads wait for each other instead of deadlocking.
    let mut order: Vec<(usize, &Advance)> = steps.iter().enumerate().collect();
    order.sort_by_key(|(_, step)| step.id);
    let mut results = Vec::with_capacity(steps.len());
    for (place, step) in order {
        let result = advance(tx, step.id, &step.writer, step.from_offset, step.to_offset, step.expires_at);
        match result {
            Ok(()) | Err(Error::Conflict { .. }) => results.push((place, result)),
            Err(error) => return Err(error),
        }
    }
    results.sort_by_key(|(place, _)| *place);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// Declares the length of an upload that had none, and reserves it.
///
/// # Errors
/// [`Error::Conflict`] on `uploads(length)` when another length was declared or more bytes are here already;
/// [`Error::NotFound`].
pub fn set_length(tx: &mut Tx<'_>, id: DepositId, length: i64) -> Result<()> {
    let target = uploads::table
        .find(id.to_string())
        .filter(uploads::length.is_null().or(uploads::length.assume_not_null().eq(length)))
        .filter(uploads::received.le(length));
    let changed = diesel::update(target)
        .set((uploads::length.eq(length), uploads::reserved_bytes.eq(length)))
        .execute(&mut **tx)?;
    if changed == 0 {
        get_for(tx, &Viewer::System, id)?;
        return Err(Error::stale("uploads(length)"));
    }
    Ok(())
}

/// Notes one stored piece.
///
/// # Errors
/// [`Error::Conflict`] on `upload_segments(deposit_id,start_byte)`.
pub fn add_segment(tx: &mut Tx<'_>, id: DepositId, segment: &UploadSegment) -> Result<()> {
    diesel::insert_into(upload_segments::table)
        .values((
            upload_segments::deposit_id.eq(id.to_string()),
            upload_segments::start_byte.eq(segment.start),
            upload_segments::size_bytes.eq(segment.size),
            upload_segments::object_key.eq(&segment.key),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The stored pieces, in order.
///
/// # Errors
/// When the database fails.
pub fn list_segments(conn: &mut Conn, id: DepositId) -> Result<Vec<UploadSegment>> {
    let rows: Vec<(i64, i64, String)> = upload_segments::table
        .filter(upload_segments::deposit_id.eq(id.to_string()))
        .order(upload_segments::start_byte)
        .select((upload_segments::start_byte, upload_segments::size_bytes, upload_segments::object_key))
        .load(conn)?;
    Ok(rows.into_iter().map(|(start, size, key)| UploadSegment { start, size, key }).collect())
}

/// Forgets the stored pieces and returns them in order, for their objects to be removed.
///
/// # Errors
/// When the database fails.
pub fn take_segments(tx: &mut Tx<'_>, id: DepositId) -> Result<Vec<UploadSegment>> {
    let segments = list_segments(tx, id)?;
    diesel::delete(upload_segments::table.filter(upload_segments::deposit_id.eq(id.to_string())))
        .execute(&mut **tx)?;
    Ok(segments)
}

/// Drops an upload and what is noted of its pieces; one that is gone already is fine.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, id: DepositId) -> Result<()> {
    take_segments(tx, id)?;
    diesel::delete(uploads::table.find(id.to_string())).execute(&mut **tx)?;
    Ok(())
}

/// Remembers, until `until` at least, that files of a deposit that has ended may still be there, or come: for the sweep.
///
/// # Errors
/// When the database fails.
pub fn remember_ended(tx: &mut Tx<'_>, deposit: &Deposit, until: Timestamp) -> Result<()> {
    delete(tx, deposit.id)?;
    let ended = Upload {
        deposit_id: deposit.id,
        owner_id: deposit.owner_id,
        length: Some(deposit.size_bytes),
        offset: deposit.size_bytes,
        metadata: String::new(),
        expires_at: until,
    };
    insert(tx, &ended)
}

/// Uploads that have not ended and whose time is over, oldest first.
///
/// # Errors
/// When the database fails.
pub fn list_expired(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<Upload>> {
    let rows: Vec<UploadRow> = uploads::table
        .filter(uploads::expires_at.le(instant(now)))
        .filter(exists(receiving!(uploads::deposit_id)))
        .order((uploads::expires_at, uploads::deposit_id))
        .limit(limit)
        .load(conn)?;
    rows.into_iter().map(UploadRow::into_entity).collect()
}

/// Uploads that have ended and whose pieces may still be there, those that would have expired first in front.
///
/// # Errors
/// When the database fails.
pub fn list_ended(conn: &mut Conn, limit: i64) -> Result<Vec<DepositId>> {
    let rows: Vec<String> = uploads::table
        .filter(not(exists(receiving!(uploads::deposit_id))))
        .order((uploads::expires_at, uploads::deposit_id))
        .limit(limit)
        .select(uploads::deposit_id)
        .load(conn)?;
    rows.into_iter().map(parse).collect()
}
