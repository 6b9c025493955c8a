//! The links between guardians and pupils.

use super::persons::PersonRow;
use crate::column::insert_unless_present;
use crate::schema::{guardianships, persons};
use crate::{Conn, Result, Tx};
use balado_domain::PersonId;
use balado_domain::people::{Guardianship, Person};
use diesel::dsl::exists;
use diesel::prelude::*;

/// Links a guardian to a pupil; a link that is there already stays as it is.
///
/// # Errors
/// When the database fails.
pub fn insert_guardianship(tx: &mut Tx<'_>, guardianship: &Guardianship) -> Result<()> {
    let link = (
        guardianships::guardian_id.eq(guardianship.guardian_id.to_string()),
        guardianships::pupil_id.eq(guardianship.pupil_id.to_string()),
        guardianships::school_id.eq(guardianship.school_id.to_string()),
    );
    insert_unless_present!(tx, guardianships::table, link)?;
    Ok(())
}

/// The pupils of a guardian, by name.
///
/// # Errors
/// When the database fails.
pub fn list_children(conn: &mut Conn, guardian: PersonId) -> Result<Vec<Person>> {
    let rows: Vec<PersonRow> = guardianships::table
        .inner_join(persons::table.on(persons::id.eq(guardianships::pupil_id)))
        .filter(guardianships::guardian_id.eq(guardian.to_string()))
        .select(persons::all_columns)
        .order((persons::family_name, persons::given_name, persons::id))
        .load(conn)?;
    rows.into_iter().map(PersonRow::into_entity).collect()
}

/// The guardians of a pupil, by name.
///
/// # Errors
/// When the database fails.
pub fn list_guardians(conn: &mut Conn, pupil: PersonId) -> Result<Vec<Person>> {
    let rows: Vec<PersonRow> = guardianships::table
        .inner_join(persons::table.on(persons::id.eq(guardianships::guardian_id)))
        .filter(guardianships::pupil_id.eq(pupil.to_string()))
        .select(persons::all_columns)
        .order((persons::family_name, persons::given_name, persons::id))
        .load(conn)?;
    rows.into_iter().map(PersonRow::into_entity).collect()
}

/// Whether the one is a guardian of the other.
///
/// # Errors
/// When the database fails.
pub fn is_guardian(conn: &mut Conn, guardian: PersonId, pupil: PersonId) -> Result<bool> {
    let link = guardianships::table.find((guardian.to_string(), pupil.to_string()));
    Ok(diesel::select(exists(link)).get_result(conn)?)
}
