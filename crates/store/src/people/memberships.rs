//! Memberships: what a person is to a school, for how long, and who that makes an audience.

use super::persons::PersonRow;
use crate::column::{instant, parse, row, texts};
use crate::schema::{memberships, persons};
use crate::{Conn, Error, Result, Tx};
use balado_domain::audience::AudienceTarget;
use balado_domain::people::{Membership, Person, Role};
use balado_domain::{Audience, GroupId, MembershipId, PersonId, SchoolId, Timestamp};
use chrono::NaiveDateTime;
use diesel::prelude::*;

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = memberships)]
    MembershipRow of Membership {
        id: String,
        person_id: String,
        school_id: String,
        school_year_id: Option<String>,
        role: String,
        group_id: Option<String>,
        subject: Option<String>,
        valid_from: NaiveDateTime,
        valid_until: Option<NaiveDateTime>,
        delegated_by: Option<String>,
    }
}

/// Memberships that hold at an instant, of persons who are not switched off.
macro_rules! holding {
    ($now:expr) => {
        memberships::table
            .inner_join(persons::table.on(persons::id.eq(memberships::person_id)))
            .filter(persons::disabled_at.is_null())
            .filter(memberships::valid_from.le(instant($now)))
            .filter(memberships::valid_until.is_null().or(memberships::valid_until.gt(instant($now))))
    };
}

/// Adds a membership. Ask [`find_membership`] first where the same one may be given twice.
///
/// # Errors
/// When the database fails.
pub fn insert_membership(tx: &mut Tx<'_>, membership: &Membership) -> Result<()> {
    diesel::insert_into(memberships::table).values(MembershipRow::from(membership)).execute(&mut **tx)?;
    Ok(())
}

/// Ends a membership at an instant, exclusive.
///
/// # Errors
/// [`Error::NotFound`].
pub fn end_membership(tx: &mut Tx<'_>, id: MembershipId, until: Timestamp) -> Result<()> {
    let target = memberships::table.find(id.to_string());
    let changed =
        diesel::update(target).set(memberships::valid_until.eq(instant(until))).execute(&mut **tx)?;
    if changed == 0 { Err(Error::NotFound("membership")) } else { Ok(()) }
}

/// The membership of a person in a school (or in one of its groups) with that role, whenever it holds; the one
/// that started last when there are several.
///
/// # Errors
/// When the database fails.
pub fn find_membership(
    conn: &mut Conn,
    person: PersonId,
    school: SchoolId,
    role: Role,
    group: Option<GroupId>,
) -> Result<Option<Membership>> {
    let mut query = memberships::table
        .filter(memberships::person_id.eq(person.to_string()))
        .filter(memberships::school_id.eq(school.to_string()))
        .filter(memberships::role.eq(role.as_str()))
        .order((memberships::valid_from.desc(), memberships::id))
        .into_boxed();
    query = match group {
        Some(group) => query.filter(memberships::group_id.eq(group.to_string())),
        None => query.filter(memberships::group_id.is_null()),
    };
    let row: Option<MembershipRow> = query.first(conn).optional()?;
    row.map(MembershipRow::into_entity).transpose()
}

/// Every membership of a person, past and future ones too.
///
/// # Errors
/// When the database fails.
pub fn list_memberships(conn: &mut Conn, person: PersonId) -> Result<Vec<Membership>> {
    let rows: Vec<MembershipRow> = memberships::table
        .filter(memberships::person_id.eq(person.to_string()))
        .order((memberships::valid_from, memberships::id))
        .load(conn)?;
    rows.into_iter().map(MembershipRow::into_entity).collect()
}

/// Who is in a class or group with that role at `now`, by name, each once.
///
/// # Errors
/// When the database fails.
pub fn list_members(conn: &mut Conn, group: GroupId, role: Role, now: Timestamp) -> Result<Vec<Person>> {
    let rows: Vec<PersonRow> = holding!(now)
        .filter(memberships::group_id.eq(group.to_string()))
        .filter(memberships::role.eq(role.as_str()))
        .select(persons::all_columns)
        .distinct()
        .order((persons::family_name, persons::given_name, persons::id))
        .load(conn)?;
    rows.into_iter().map(PersonRow::into_entity).collect()
}

/// Who has that role anywhere in a school at `now`, by name, each once.
///
/// # Errors
/// When the database fails.
pub fn list_school_members(
    conn: &mut Conn,
    school: SchoolId,
    role: Role,
    now: Timestamp,
) -> Result<Vec<Person>> {
    let rows: Vec<PersonRow> = holding!(now)
        .filter(memberships::school_id.eq(school.to_string()))
        .filter(memberships::role.eq(role.as_str()))
        .select(persons::all_columns)
        .distinct()
        .order((persons::family_name, persons::given_name, persons::id))
        .load(conn)?;
    rows.into_iter().map(PersonRow::into_entity).collect()
}

/// The persons an audience names or contains at `now` who hold one of the roles, each once.
///
/// A public audience adds nobody: it is addressed to no one in particular.
///
/// # Errors
/// When the database fails.
pub fn people_in_audience(
    conn: &mut Conn,
    audience: &Audience,
    roles: &[Role],
    now: Timestamp,
) -> Result<Vec<PersonId>> {
    let (mut groups, mut people, mut schools) = (Vec::new(), Vec::new(), Vec::new());
    for target in &audience.targets {
        match target {
            AudienceTarget::Group(id) => groups.push(id.to_string()),
            AudienceTarget::Person(id) => people.push(id.to_string()),
            AudienceTarget::School(id) => schools.push(id.to_string()),
            AudienceTarget::Public => {}
        }
    }
    let ids: Vec<String> = holding!(now)
        .filter(memberships::role.eq_any(texts(roles)))
        .filter(
            memberships::school_id
                .eq_any(schools)
                .or(memberships::person_id.eq_any(people))
                .or(memberships::group_id.assume_not_null().eq_any(groups)),
        )
        .select(memberships::person_id)
        .distinct()
        .order(memberships::person_id)
        .load(conn)?;
    ids.into_iter().map(parse).collect()
}
