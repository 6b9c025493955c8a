//! Writing publications. Each change that feeds show makes the revision grow by one.

use super::{PublicationRow, lists};
use crate::column::instant;
use crate::schema::publications;
use crate::{Conn, Error, Result, Tx};
use balado_domain::publication::{Publication, Stage};
use balado_domain::{PublicationId, RenditionId, Timestamp};
use diesel::prelude::*;

/// The enclosure a publication gets, once and for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetEnclosure<'a> {
    /// The rendition feeds point at.
    pub rendition_id: RenditionId,
    /// When the publication enters its feeds.
    pub pub_date: Timestamp,
    /// FAT32-safe name with extension, unique in the school year.
    pub file_name: &'a str,
    /// Where the publication stands from now on.
    pub stage: Stage,
    /// Now.
    pub at: Timestamp,
}

/// Adds a publication with its audience, tags, links and companions.
///
/// # Errors
/// [`Error::Conflict`] on `publications(school_year_id,file_name)`.
pub fn insert(tx: &mut Tx<'_>, publication: &Publication) -> Result<()> {
    diesel::insert_into(publications::table).values(PublicationRow::from(publication)).execute(&mut **tx)?;
    lists::insert(tx, publication)
}

/// Replaces what an author may change, lists included, and gives the new revision. The school, year, author, deposit,
/// enclosure, file name and dates of creation and withdrawal stay as they are.
///
/// # Errors
/// [`Error::Conflict`] on `publications(revision)` when it was changed since `publication` was read;
/// [`Error::NotFound`].
pub fn update(tx: &mut Tx<'_>, publication: &Publication) -> Result<i64> {
    let row = PublicationRow::from(publication);
    let target = publications::table
        .find(publication.id.to_string())
        .filter(publications::revision.eq(publication.revision));
    let revision: Option<i64> = diesel::update(target)
        .set((
            publications::title.eq(row.title),
            publications::description.eq(row.description),
            publications::language.eq(row.language),
            publications::stage.eq(row.stage),
            publications::hold_reason.eq(row.hold_reason),
            publications::publish_at.eq(row.publish_at),
            publications::until_at.eq(row.until_at),
            publications::pub_date.eq(row.pub_date),
            publications::updated_at.eq(row.updated_at),
            publications::revision.eq(publications::revision + 1),
        ))
        .returning(publications::revision)
        .get_result(&mut **tx)
        .optional()?;
    let Some(revision) = revision else {
        return Err(absent_or(tx, publication.id, "publications(revision)")?);
    };
    lists::replace(tx, publication)?;
    Ok(revision)
}

/// Gives a publication its enclosure and file name.
///
/// # Errors
/// [`Error::Conflict`] on `publications(enclosure_id)` when it has one already or no longer waits for one, on
/// `publications(school_year_id,file_name)` when the name is taken; [`Error::NotFound`].
pub fn set_enclosure(tx: &mut Tx<'_>, id: PublicationId, enclosure: &SetEnclosure<'_>) -> Result<()> {
    let target = publications::table
        .find(id.to_string())
        .filter(publications::enclosure_id.is_null())
        .filter(publications::stage.eq(Stage::AwaitingMedia.as_str()));
    let changed = diesel::update(target)
        .set((
            publications::enclosure_id.eq(enclosure.rendition_id.to_string()),
            publications::pub_date.eq(instant(enclosure.pub_date)),
            publications::file_name.eq(enclosure.file_name),
            publications::stage.eq(enclosure.stage.as_str()),
            publications::updated_at.eq(instant(enclosure.at)),
            publications::revision.eq(publications::revision + 1),
        ))
        .execute(&mut **tx)?;
    if changed == 0 { Err(absent_or(tx, id, "publications(enclosure_id)")?) } else { Ok(()) }
}

/// Takes a publication back. One that was taken back already keeps its date and revision.
///
/// # Errors
/// [`Error::NotFound`].
pub fn set_withdrawn(tx: &mut Tx<'_>, id: PublicationId, at: Timestamp) -> Result<()> {
    let target =
        publications::table.find(id.to_string()).filter(publications::stage.ne(Stage::Withdrawn.as_str()));
    let changed = diesel::update(target)
        .set((
            publications::stage.eq(Stage::Withdrawn.as_str()),
            publications::withdrawn_at.eq(instant(at)),
            publications::updated_at.eq(instant(at)),
            publications::revision.eq(publications::revision + 1),
        ))
        .execute(&mut **tx)?;
    if changed == 0 && !is_there(tx, id)? { Err(Error::NotFound("publication")) } else { Ok(()) }
}

fn absent_or(tx: &mut Tx<'_>, id: PublicationId, conflict: &str) -> Result<Error> {
    Ok(if is_there(tx, id)? { Error::stale(conflict) } else { Error::NotFound("publication") })
}

fn is_there(conn: &mut Conn, id: PublicationId) -> Result<bool> {
    let there = publications::table.find(id.to_string());
    Ok(diesel::select(diesel::dsl::exists(there)).get_result(conn)?)
}
