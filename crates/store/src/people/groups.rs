//! Classes and groups.

use crate::column::{row, texts};
use crate::schema::groups;
use crate::{Conn, Error, Result, Tx};
use balado_domain::people::Group;
use balado_domain::{GroupId, SchoolYearId};
use diesel::prelude::*;

row! {
    #[derive(Queryable, Insertable, AsChangeset)]
    #[diesel(table_name = groups, treat_none_as_null = true)]
    GroupRow of Group {
        id: String,
        school_id: String,
        school_year_id: String,
        name: String,
        kind: String,
        year_level: Option<String>,
    }
}

/// Adds a class or group.
///
/// # Errors
/// [`Error::Conflict`] on `groups(school_year_id,name)`.
pub fn insert_group(tx: &mut Tx<'_>, group: &Group) -> Result<()> {
    diesel::insert_into(groups::table).values(GroupRow::from(group)).execute(&mut **tx)?;
    Ok(())
}

/// Replaces what is stored of a class or group.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] on `groups(school_year_id,name)`.
pub fn update_group(tx: &mut Tx<'_>, group: &Group) -> Result<()> {
    let target = groups::table.find(group.id.to_string());
    let changed = diesel::update(target).set(GroupRow::from(group)).execute(&mut **tx)?;
    if changed == 0 { Err(Error::NotFound("group")) } else { Ok(()) }
}

/// One class or group.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get_group(conn: &mut Conn, id: GroupId) -> Result<Group> {
    let row: Option<GroupRow> = groups::table.find(id.to_string()).first(conn).optional()?;
    row.ok_or(Error::NotFound("group"))?.into_entity()
}

/// The class or group of that name in a school year.
///
/// # Errors
/// When the database fails.
pub fn find_group_by_name(conn: &mut Conn, year: SchoolYearId, name: &str) -> Result<Option<Group>> {
    let row: Option<GroupRow> = groups::table
        .filter(groups::school_year_id.eq(year.to_string()))
        .filter(groups::name.eq(name))
        .first(conn)
        .optional()?;
    row.map(GroupRow::into_entity).transpose()
}

/// The classes and groups of a school year, by name.
///
/// # Errors
/// When the database fails.
pub fn list_groups_of_school(conn: &mut Conn, year: SchoolYearId) -> Result<Vec<Group>> {
    let rows: Vec<GroupRow> = groups::table
        .filter(groups::school_year_id.eq(year.to_string()))
        .order((groups::name, groups::id))
        .load(conn)?;
    rows.into_iter().map(GroupRow::into_entity).collect()
}

/// The classes and groups with those ids, by name; unknown ids are left out.
///
/// # Errors
/// When the database fails.
pub fn list_groups(conn: &mut Conn, ids: &[GroupId]) -> Result<Vec<Group>> {
    let rows: Vec<GroupRow> =
        groups::table.filter(groups::id.eq_any(texts(ids))).order((groups::name, groups::id)).load(conn)?;
    rows.into_iter().map(GroupRow::into_entity).collect()
}
