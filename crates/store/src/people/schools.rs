//! Schools and their school years.

use crate::column::row;
use crate::schema::{school_years, schools};
use crate::{Conn, Error, Result, Tx};
use balado_domain::people::{School, SchoolYear};
use balado_domain::{SchoolId, SchoolYearId};
use chrono::NaiveDate;
use diesel::prelude::*;

row! {
    #[derive(Queryable, Insertable, AsChangeset)]
    #[diesel(table_name = schools, treat_none_as_null = true)]
    SchoolRow of School {
        id: String,
        uai: Option<String>,
        name: String,
        locale: String,
        timezone: String,
        accent: Option<String>,
        teacher_quota_bytes: i64,
        pupil_quota_bytes: i64,
        recipe: Option<String>,
    }
}

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = school_years)]
    SchoolYearRow of SchoolYear {
        id: String,
        school_id: String,
        label: String,
        starts_on: NaiveDate,
        ends_on: NaiveDate,
    }
}

/// Adds a school.
///
/// # Errors
/// [`Error::Conflict`] on `schools(uai)`.
pub fn insert_school(tx: &mut Tx<'_>, school: &School) -> Result<()> {
    diesel::insert_into(schools::table).values(SchoolRow::from(school)).execute(&mut **tx)?;
    Ok(())
}

/// Replaces what is stored of a school.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] on `schools(uai)`.
pub fn update_school(tx: &mut Tx<'_>, school: &School) -> Result<()> {
    let target = schools::table.find(school.id.to_string());
    let changed = diesel::update(target).set(SchoolRow::from(school)).execute(&mut **tx)?;
    if changed == 0 { Err(Error::NotFound("school")) } else { Ok(()) }
}

/// One school.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get_school(conn: &mut Conn, id: SchoolId) -> Result<School> {
    let row: Option<SchoolRow> = schools::table.find(id.to_string()).first(conn).optional()?;
    row.ok_or(Error::NotFound("school"))?.into_entity()
}

/// Every school, by name.
///
/// # Errors
/// When the database fails.
pub fn list_schools(conn: &mut Conn) -> Result<Vec<School>> {
    let rows: Vec<SchoolRow> = schools::table.order((schools::name, schools::id)).load(conn)?;
    rows.into_iter().map(SchoolRow::into_entity).collect()
}

/// The school with that national code.
///
/// # Errors
/// When the database fails.
pub fn find_school_by_uai(conn: &mut Conn, uai: &str) -> Result<Option<School>> {
    let row: Option<SchoolRow> = schools::table.filter(schools::uai.eq(uai)).first(conn).optional()?;
    row.map(SchoolRow::into_entity).transpose()
}

/// Adds a school year.
///
/// # Errors
/// [`Error::Conflict`] on `school_years(school_id,label)`.
pub fn insert_school_year(tx: &mut Tx<'_>, year: &SchoolYear) -> Result<()> {
    diesel::insert_into(school_years::table).values(SchoolYearRow::from(year)).execute(&mut **tx)?;
    Ok(())
}

/// One school year.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get_school_year(conn: &mut Conn, id: SchoolYearId) -> Result<SchoolYear> {
    let row: Option<SchoolYearRow> = school_years::table.find(id.to_string()).first(conn).optional()?;
    row.ok_or(Error::NotFound("school year"))?.into_entity()
}

/// The school year that day belongs to; the later one when two overlap.
///
/// # Errors
/// When the database fails.
pub fn find_current_school_year(
    conn: &mut Conn,
    school: SchoolId,
    on: NaiveDate,
) -> Result<Option<SchoolYear>> {
    let row: Option<SchoolYearRow> = school_years::table
        .filter(school_years::school_id.eq(school.to_string()))
        .filter(school_years::starts_on.le(on))
        .filter(school_years::ends_on.ge(on))
        .order((school_years::starts_on.desc(), school_years::id))
        .first(conn)
        .optional()?;
    row.map(SchoolYearRow::into_entity).transpose()
}

/// The school years of a school, latest first.
///
/// # Errors
/// When the database fails.
pub fn list_school_years(conn: &mut Conn, school: SchoolId) -> Result<Vec<SchoolYear>> {
    let rows: Vec<SchoolYearRow> = school_years::table
        .filter(school_years::school_id.eq(school.to_string()))
        .order((school_years::starts_on.desc(), school_years::id))
        .load(conn)?;
    rows.into_iter().map(SchoolYearRow::into_entity).collect()
}
