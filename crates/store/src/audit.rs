//! The journal: appended in the transaction it tells of and never changed.

use crate::column::{row, texts};
use crate::schema::audit_entries;
use crate::{Conn, Result, Tx};
use balado_domain::Viewer;
use balado_domain::audit::AuditEntry;
use balado_domain::people::Role;
use chrono::NaiveDateTime;
use diesel::prelude::*;

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = audit_entries)]
    AuditRow of AuditEntry {
        id: String,
        at: NaiveDateTime,
        actor_id: Option<String>,
        on_behalf_of: Option<String>,
        verb: String,
        object_kind: String,
        object_id: String,
        school_id: Option<String>,
    }
}

/// Appends a line.
///
/// # Errors
/// When the database fails.
pub fn append(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    diesel::insert_into(audit_entries::table).values(AuditRow::from(entry)).execute(&mut **tx)?;
    Ok(())
}

/// What was done to an object, oldest first: for administrators of the school concerned and Balado itself. Empty for
/// anybody else.
///
/// # Errors
/// When the database fails.
pub fn list_for_object(
    conn: &mut Conn,
    viewer: &Viewer,
    object_kind: &str,
    object_id: &str,
) -> Result<Vec<AuditEntry>> {
    let mut query = audit_entries::table
        .filter(audit_entries::object_kind.eq(object_kind))
        .filter(audit_entries::object_id.eq(object_id))
        .order((audit_entries::at, audit_entries::id))
        .into_boxed();
    match (viewer, viewer.person()) {
        (Viewer::System, _) => {}
        (_, Some(person)) => {
            let schools = texts(person.schools_as(Role::Administrator));
            query = query.filter(audit_entries::school_id.assume_not_null().eq_any(schools));
        }
        (_, None) => return Ok(Vec::new()),
    }
    let rows: Vec<AuditRow> = query.load(conn)?;
    rows.into_iter().map(AuditRow::into_entity).collect()
}
