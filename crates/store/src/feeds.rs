//! Feeds: what is shown to a class or group, or handed in to an assignment, and the revision that tells when it
//! changed. The items are read from `publications` and `homework`.

use crate::column::{Column, insert_unless_present, instant, parse, texts};
use crate::conn::{Condition, constant};
use crate::schema::{assignments, feeds};
use crate::{Conn, Error, Result, Tx};
use balado_domain::feed::{Feed, FeedKind, FeedScope};
use balado_domain::people::Role;
use balado_domain::viewer::PersonViewer;
use balado_domain::{Clock, FeedId, SchoolId, Timestamp, Viewer};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use uuid::Uuid;

#[derive(Queryable, Insertable)]
#[diesel(table_name = feeds)]
pub(crate) struct FeedRow {
    id: String,
    school_id: String,
    kind: String,
    scope_id: String,
    guid: String,
    revision: i64,
    revised_at: NaiveDateTime,
    created_at: NaiveDateTime,
}

impl FeedRow {
    pub(crate) fn into_entity(self) -> Result<Feed> {
        let scope = match parse::<FeedKind>(self.kind)? {
            FeedKind::Group => FeedScope::Group(parse(self.scope_id)?),
            FeedKind::Assignment => FeedScope::Assignment(parse(self.scope_id)?),
        };
        Ok(Feed {
            id: parse(self.id)?,
            school_id: parse(self.school_id)?,
            scope,
            guid: parse(self.guid)?,
            revision: self.revision,
            revised_at: self.revised_at.load()?,
            created_at: self.created_at.load()?,
        })
    }
}

/// The instant a row is made, as the clock its id is taken from.
pub(crate) struct At(pub(crate) Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

fn scope_columns(scope: FeedScope) -> (FeedKind, String) {
    match scope {
        FeedScope::Group(id) => (FeedKind::Group, id.to_string()),
        FeedScope::Assignment(id) => (FeedKind::Assignment, id.to_string()),
    }
}

/// The feed of a scope, made now with revision 1 unless it is there; one that is there keeps its guid.
///
/// # Errors
/// When the database fails.
pub fn ensure(
    tx: &mut Tx<'_>,
    scope: FeedScope,
    school: SchoolId,
    guid: Uuid,
    now: Timestamp,
) -> Result<Feed> {
    let (kind, scope_id) = scope_columns(scope);
    let row = FeedRow {
        id: FeedId::generate(&At(now)).to_string(),
        school_id: school.to_string(),
        kind: kind.to_string(),
        scope_id,
        guid: guid.to_string(),
        revision: 1,
        revised_at: instant(now),
        created_at: instant(now),
    };
    insert_unless_present!(tx, feeds::table, row)?;
    find_for_scope(tx, &Viewer::System, scope)?.ok_or(Error::NotFound("feed"))
}

/// One feed the viewer may read.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or not for this viewer.
pub fn get_for(conn: &mut Conn, viewer: &Viewer, id: FeedId) -> Result<Feed> {
    let row: Option<FeedRow> =
        feeds::table.find(id.to_string()).filter(visible(viewer)).first(conn).optional()?;
    row.ok_or(Error::NotFound("feed"))?.into_entity()
}

/// The feed of a scope, if the viewer may read it.
///
/// # Errors
/// When the database fails.
pub fn find_for_scope(conn: &mut Conn, viewer: &Viewer, scope: FeedScope) -> Result<Option<Feed>> {
    let (kind, scope_id) = scope_columns(scope);
    let row: Option<FeedRow> = feeds::table
        .filter(feeds::kind.eq(kind.as_str()))
        .filter(feeds::scope_id.eq(scope_id))
        .filter(visible(viewer))
        .first(conn)
        .optional()?;
    row.map(FeedRow::into_entity).transpose()
}

/// The feeds the viewer may read: of the classes and groups they attend or teach, of every group of a school whose
/// every publication they read, and of the assignments they set. Oldest first.
///
/// # Errors
/// When the database fails.
pub fn list_for_viewer(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Feed>> {
    let rows: Vec<FeedRow> =
        feeds::table.filter(visible(viewer)).order((feeds::created_at, feeds::id)).load(conn)?;
    rows.into_iter().map(FeedRow::into_entity).collect()
}

/// Makes the revision of each of those feeds grow by one; scopes without a feed are left out.
///
/// # Errors
/// When the database fails.
pub fn bump(tx: &mut Tx<'_>, scopes: &[FeedScope], now: Timestamp) -> Result<()> {
    let mut scopes: Vec<_> = scopes.iter().copied().map(scope_columns).collect();
    // Always in the same order, so that two transactions that share feeds wait for each other instead of deadlocking.
    scopes.sort();
    scopes.dedup();
    for (kind, scope_id) in scopes {
        let target = feeds::table.filter(feeds::kind.eq(kind.as_str())).filter(feeds::scope_id.eq(scope_id));
        diesel::update(target)
            .set((feeds::revision.eq(feeds::revision + 1), feeds::revised_at.eq(instant(now))))
            .execute(&mut **tx)?;
    }
    Ok(())
}

fn visible(viewer: &Viewer) -> Condition<feeds::table> {
    match viewer {
        Viewer::System => constant(true),
        Viewer::Anonymous => constant(false),
        Viewer::Person(person) | Viewer::ApiToken { person, .. } => {
            Box::new(read_by(person).or(set_by(person)))
        }
        Viewer::Guardian { pupil, .. } => read_by(pupil),
        Viewer::FeedToken(grant) | Viewer::MediaKey(grant) => Box::new(
            feeds::id
                .eq(grant.feed.to_string())
                .and(read_by(&grant.beneficiary).or(set_by(&grant.beneficiary))),
        ),
    }
}

/// Feeds of classes and groups that person reads.
fn read_by(person: &PersonViewer) -> Condition<feeds::table> {
    Box::new(
        feeds::kind.eq(FeedKind::Group.as_str()).and(
            feeds::scope_id
                .eq_any(texts(person.reading_groups()))
                .or(feeds::school_id.eq_any(texts(person.reading_schools()))),
        ),
    )
}

/// Feeds of the assignments that person set.
fn set_by(person: &PersonViewer) -> Condition<feeds::table> {
    let set = assignments::table
        .filter(assignments::author_id.eq(person.id.to_string()))
        .filter(assignments::school_id.eq_any(texts(person.schools_as(Role::Teacher))))
        .select(assignments::id);
    Box::new(feeds::kind.eq(FeedKind::Assignment.as_str()).and(feeds::scope_id.eq_any(set)))
}
