//! Reading publications: one, several, an author's, what a reader may hear, what a feed shows.

use super::visibility::{addressed_to, published, visible};
use super::{PublicationRow, assemble};
use crate::column::{Column, instant, parse, texts};
use crate::schema::{publication_companions, publications};
use crate::{Conn, Error, Result};
use balado_domain::publication::{Publication, Stage};
use balado_domain::{DepositId, GroupId, PublicationId, SchoolId, SchoolYearId, Timestamp, Viewer};
use chrono::NaiveDateTime;
use diesel::dsl::{exists, max, min};
use diesel::prelude::*;

/// The most items a feed shows.
const FEED_ITEMS: i64 = 500;

/// Which publications to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PublicationFilter {
    /// Only those addressed to that class or group.
    pub group: Option<GroupId>,
    /// Only those of that school.
    pub school: Option<SchoolId>,
    /// Only those that entered their feeds at or after that instant.
    pub since: Option<Timestamp>,
}

/// One publication the viewer may see at `now`.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or not for this viewer at that instant.
pub fn get_for(conn: &mut Conn, viewer: &Viewer, id: PublicationId, now: Timestamp) -> Result<Publication> {
    get_many_for(conn, viewer, &[id], now)?.pop().ok_or(Error::NotFound("publication"))
}

/// The publications with those ids that the viewer may see at `now`, oldest first.
///
/// # Errors
/// When the database fails.
pub fn get_many_for(
    conn: &mut Conn,
    viewer: &Viewer,
    ids: &[PublicationId],
    now: Timestamp,
) -> Result<Vec<Publication>> {
    let rows: Vec<PublicationRow> = publications::table
        .filter(publications::id.eq_any(texts(ids)))
        .filter(visible(viewer, now))
        .order((publications::created_at, publications::id))
        .load(conn)?;
    assemble(conn, rows)
}

/// The viewer's own publications at every stage, newest first; those made before `before`, the last of the page
/// before. Empty for a viewer who does not act in their own name.
///
/// # Errors
/// When the database fails.
pub fn list_for_author(
    conn: &mut Conn,
    viewer: &Viewer,
    limit: i64,
    before: Option<(Timestamp, PublicationId)>,
) -> Result<Vec<Publication>> {
    let Some(author) = viewer.person() else { return Ok(Vec::new()) };
    let mut query = publications::table
        .filter(publications::author_id.eq(author.id.to_string()))
        .order((publications::created_at.desc(), publications::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some((at, id)) = before {
        let older = publications::created_at.lt(instant(at));
        let same = publications::created_at.eq(instant(at)).and(publications::id.lt(id.to_string()));
        query = query.filter(older.or(same));
    }
    let rows: Vec<PublicationRow> = query.load(conn)?;
    assemble(conn, rows)
}

/// What is published at `now` and the viewer may see, newest first by the date it entered its feeds; those that
/// entered before `before`, the last of the page before.
///
/// # Errors
/// When the database fails.
pub fn list_visible(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &PublicationFilter,
    limit: i64,
    before: Option<(Timestamp, PublicationId)>,
    now: Timestamp,
) -> Result<Vec<Publication>> {
    let date = publications::pub_date.assume_not_null();
    let mut query = publications::table
        .filter(publications::pub_date.is_not_null())
        .filter(published(now))
        .filter(visible(viewer, now))
        .order((publications::pub_date.desc(), publications::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(group) = filter.group {
        query = query.filter(addressed_to(group));
    }
    if let Some(school) = filter.school {
        query = query.filter(publications::school_id.eq(school.to_string()));
    }
    if let Some(since) = filter.since {
        query = query.filter(date.ge(instant(since)));
    }
    if let Some((at, id)) = before {
        let same = date.eq(instant(at)).and(publications::id.lt(id.to_string()));
        query = query.filter(date.lt(instant(at)).or(same));
    }
    let rows: Vec<PublicationRow> = query.load(conn)?;
    assemble(conn, rows)
}

/// What the feed of a class or group shows that viewer at `now`, newest first, at most 500 items.
///
/// # Errors
/// When the database fails.
pub fn list_of_feed(
    conn: &mut Conn,
    viewer: &Viewer,
    group: GroupId,
    now: Timestamp,
) -> Result<Vec<Publication>> {
    let filter = PublicationFilter { group: Some(group), ..PublicationFilter::default() };
    list_visible(conn, viewer, &filter, FEED_ITEMS, None, now)
}

/// The offered publications that show a deposit, as what they publish or as a companion.
///
/// # Errors
/// When the database fails.
pub fn list_showing(conn: &mut Conn, deposit: DepositId) -> Result<Vec<PublicationId>> {
    let accompanied = publication_companions::table
        .filter(publication_companions::deposit_id.eq(deposit.to_string()))
        .select(publication_companions::publication_id);
    let ids: Vec<String> = publications::table
        .filter(publications::stage.eq(Stage::Offered.as_str()))
        .filter(publications::deposit_id.eq(deposit.to_string()).or(publications::id.eq_any(accompanied)))
        .order(publications::id)
        .select(publications::id)
        .load(conn)?;
    ids.into_iter().map(parse).collect()
}

/// The viewer's own publications of a deposit, oldest first; every one for the system.
///
/// # Errors
/// When the database fails.
pub fn list_of_deposit(conn: &mut Conn, viewer: &Viewer, deposit: DepositId) -> Result<Vec<PublicationId>> {
    let mut query = publications::table
        .filter(publications::deposit_id.eq(deposit.to_string()))
        .order(publications::id)
        .select(publications::id)
        .into_boxed();
    if *viewer != Viewer::System {
        let Some(author) = viewer.person() else { return Ok(Vec::new()) };
        query = query.filter(publications::author_id.eq(author.id.to_string()));
    }
    let ids: Vec<String> = query.load(conn)?;
    ids.into_iter().map(parse).collect()
}

/// Whether a publication, at any stage, publishes a deposit or has it as a companion.
///
/// # Errors
/// When the database fails.
pub fn is_published(conn: &mut Conn, deposit: DepositId) -> Result<bool> {
    let main = publications::table.filter(publications::deposit_id.eq(deposit.to_string()));
    let companion =
        publication_companions::table.filter(publication_companions::deposit_id.eq(deposit.to_string()));
    Ok(diesel::select(exists(main).or(exists(companion))).get_result(conn)?)
}

/// The publications of a deposit that wait for their enclosure.
///
/// # Errors
/// When the database fails.
pub fn list_awaiting(conn: &mut Conn, deposit: DepositId) -> Result<Vec<PublicationId>> {
    let ids: Vec<String> = publications::table
        .filter(publications::deposit_id.eq(deposit.to_string()))
        .filter(publications::stage.eq(Stage::AwaitingMedia.as_str()))
        .order(publications::id)
        .select(publications::id)
        .load(conn)?;
    ids.into_iter().map(parse).collect()
}

/// Whether a publication of that school year has that file name.
///
/// # Errors
/// When the database fails.
pub fn file_name_taken(conn: &mut Conn, year: SchoolYearId, file_name: &str) -> Result<bool> {
    let same = publications::table
        .filter(publications::school_year_id.eq(year.to_string()))
        .filter(publications::file_name.eq(file_name));
    Ok(diesel::select(exists(same)).get_result(conn)?)
}

/// The last instant up to `now`, and the next one after it, at which a date makes what is addressed to a class or
/// group appear or vanish. Between the two, only a new revision changes its feed.
///
/// # Errors
/// When the database fails.
pub fn boundaries(
    conn: &mut Conn,
    group: GroupId,
    now: Timestamp,
) -> Result<(Option<Timestamp>, Option<Timestamp>)> {
    let at = instant(now);
    let begins = publications::publish_at;
    let ends = publications::until_at;
    let offered = || {
        publications::table
            .filter(publications::stage.eq(Stage::Offered.as_str()))
            .filter(addressed_to(group))
    };
    let begun: Option<NaiveDateTime> = offered().filter(begins.le(at)).select(max(begins)).first(conn)?;
    let ended: Option<NaiveDateTime> = offered().filter(ends.le(at)).select(max(ends)).first(conn)?;
    let will_begin: Option<NaiveDateTime> =
        offered().filter(begins.gt(at)).select(min(begins)).first(conn)?;
    let will_end: Option<NaiveDateTime> = offered().filter(ends.gt(at)).select(min(ends)).first(conn)?;
    let last = begun.max(ended);
    let next = [will_begin, will_end].into_iter().flatten().min();
    Ok((last.load()?, next.load()?))
}

/// Whether a publication the viewer may see at `now` shows that deposit, as its subject or as a companion.
pub(crate) fn shows(conn: &mut Conn, viewer: &Viewer, deposit: DepositId, now: Timestamp) -> Result<bool> {
    let accompanied = publication_companions::table
        .filter(publication_companions::deposit_id.eq(deposit.to_string()))
        .select(publication_companions::publication_id);
    let found: Option<String> = publications::table
        .filter(publications::deposit_id.eq(deposit.to_string()).or(publications::id.eq_any(accompanied)))
        .filter(visible(viewer, now))
        .select(publications::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Which of those publications the viewer wrote; all of them for Balado itself.
pub(crate) fn list_authored_ids(
    conn: &mut Conn,
    viewer: &Viewer,
    ids: &[PublicationId],
) -> Result<Vec<String>> {
    if *viewer == Viewer::System {
        return Ok(texts(ids));
    }
    let Some(author) = viewer.person() else { return Ok(Vec::new()) };
    let own = publications::table
        .filter(publications::id.eq_any(texts(ids)))
        .filter(publications::author_id.eq(author.id.to_string()))
        .select(publications::id);
    Ok(own.load(conn)?)
}
