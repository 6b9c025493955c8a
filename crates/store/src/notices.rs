//! Notices: what a module tells one recipient through one channel, each once.

use crate::column::{insert_unless_present, instant, row, texts};
use crate::schema::notices;
use crate::{Conn, Error, Result, Tx};
use balado_domain::notice::{Channel, Notice};
use balado_domain::{NoticeId, PersonId, Timestamp};
use chrono::NaiveDateTime;
use diesel::prelude::*;

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = notices)]
    NoticeRow of Notice {
        id: String,
        school_id: String,
        module: String,
        event_id: String,
        recipient_id: String,
        channel: String,
        topic: String,
        subject_id: String,
        created_at: NaiveDateTime,
        due_at: NaiveDateTime,
        sent_at: Option<NaiveDateTime>,
        read_at: Option<NaiveDateTime>,
    }
}

/// Notices in a recipient's inbox that are due.
macro_rules! inbox {
    ($recipient:expr, $now:expr) => {
        notices::table
            .filter(notices::recipient_id.eq($recipient.to_string()))
            .filter(notices::channel.eq(Channel::Inbox.as_str()))
            .filter(notices::due_at.le(instant($now)))
    };
}

/// Adds a notice. `false`, and nothing is added, when that module told that recipient of that event through that
/// channel already.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, notice: &Notice) -> Result<bool> {
    Ok(insert_unless_present!(tx, notices::table, NoticeRow::from(notice))? > 0)
}

/// One notice.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(conn: &mut Conn, id: NoticeId) -> Result<Notice> {
    let row: Option<NoticeRow> = notices::table.find(id.to_string()).first(conn).optional()?;
    row.ok_or(Error::NotFound("notice"))?.into_entity()
}

/// The inbox of a person at `now`, newest first.
///
/// # Errors
/// When the database fails.
pub fn list_inbox(conn: &mut Conn, recipient: PersonId, now: Timestamp, limit: i64) -> Result<Vec<Notice>> {
    let rows: Vec<NoticeRow> =
        inbox!(recipient, now).order((notices::due_at.desc(), notices::id.desc())).limit(limit).load(conn)?;
    rows.into_iter().map(NoticeRow::into_entity).collect()
}

/// How many notices of a person's inbox are unread at `now`.
///
/// # Errors
/// When the database fails.
pub fn count_unread(conn: &mut Conn, recipient: PersonId, now: Timestamp) -> Result<i64> {
    Ok(inbox!(recipient, now).filter(notices::read_at.is_null()).count().get_result(conn)?)
}

/// Notes that a person saw those notices of their inbox; those of other people, and those seen before, stay as they
/// are. Tells how many changed.
///
/// # Errors
/// When the database fails.
pub fn mark_read(tx: &mut Tx<'_>, recipient: PersonId, ids: &[NoticeId], at: Timestamp) -> Result<usize> {
    let target = notices::table
        .filter(notices::recipient_id.eq(recipient.to_string()))
        .filter(notices::id.eq_any(texts(ids)))
        .filter(notices::read_at.is_null());
    Ok(diesel::update(target).set(notices::read_at.eq(instant(at))).execute(&mut **tx)?)
}

/// Notes that a person saw everything that is in their inbox at that instant. Tells how many changed.
///
/// # Errors
/// When the database fails.
pub fn mark_all_read(tx: &mut Tx<'_>, recipient: PersonId, at: Timestamp) -> Result<usize> {
    let target = inbox!(recipient, at).filter(notices::read_at.is_null());
    Ok(diesel::update(target).set(notices::read_at.eq(instant(at))).execute(&mut **tx)?)
}

/// Notes that the relay took a notice; the first time stays. `false` when it was taken before.
///
/// # Errors
/// [`Error::NotFound`].
pub fn set_sent(tx: &mut Tx<'_>, id: NoticeId, at: Timestamp) -> Result<bool> {
    let unsent = notices::table.find(id.to_string()).filter(notices::sent_at.is_null());
    let changed = diesel::update(unsent).set(notices::sent_at.eq(instant(at))).execute(&mut **tx)?;
    if changed == 0 {
        get(tx, id)?;
    }
    Ok(changed > 0)
}
