//! Assignments and to whom they are set.

use crate::column::{Column, instant, parse, texts};
use crate::conn::{Condition, constant};
use crate::publications::{target_columns, target_from};
use crate::schema::{assignment_audiences, assignments};
use crate::{Conn, Error, Result, Tx};
use balado_domain::audience::AudienceKind;
use balado_domain::homework::Assignment;
use balado_domain::people::Role;
use balado_domain::viewer::PersonViewer;
use balado_domain::{AssignmentId, Audience, Timestamp, Viewer};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::HashMap;

#[derive(Queryable, Insertable)]
#[diesel(table_name = assignments)]
struct AssignmentRow {
    id: String,
    school_id: String,
    school_year_id: String,
    author_id: String,
    title: String,
    instructions: String,
    model_id: Option<String>,
    opens_at: NaiveDateTime,
    due_at: NaiveDateTime,
    closes_at: Option<NaiveDateTime>,
    accepts: String,
    created_at: NaiveDateTime,
    withdrawn_at: Option<NaiveDateTime>,
}

impl From<&Assignment> for AssignmentRow {
    fn from(assignment: &Assignment) -> Self {
        Self {
            id: assignment.id.to_string(),
            school_id: assignment.school_id.to_string(),
            school_year_id: assignment.school_year_id.to_string(),
            author_id: assignment.author_id.to_string(),
            title: assignment.title.clone(),
            instructions: assignment.instructions.clone(),
            model_id: Column::store(&assignment.model_id),
            opens_at: instant(assignment.opens_at),
            due_at: instant(assignment.due_at),
            closes_at: assignment.closes_at.map(instant),
            accepts: texts(&assignment.accepts).join(","),
            created_at: instant(assignment.created_at),
            withdrawn_at: assignment.withdrawn_at.map(instant),
        }
    }
}

impl AssignmentRow {
    fn into_bare(self) -> Result<Assignment> {
        let accepts = self.accepts.split(',').filter(|family| !family.is_empty());
        Ok(Assignment {
            id: parse(self.id)?,
            school_id: parse(self.school_id)?,
            school_year_id: parse(self.school_year_id)?,
            author_id: parse(self.author_id)?,
            title: self.title,
            instructions: self.instructions,
            model_id: self.model_id.load()?,
            opens_at: self.opens_at.load()?,
            due_at: self.due_at.load()?,
            closes_at: self.closes_at.load()?,
            accepts: accepts.map(|family| parse(family.to_owned())).collect::<Result<_>>()?,
            audience: Audience::default(),
            created_at: self.created_at.load()?,
            withdrawn_at: self.withdrawn_at.load()?,
        })
    }
}

/// Sets an assignment.
///
/// # Errors
/// When the database fails.
pub fn insert_assignment(tx: &mut Tx<'_>, assignment: &Assignment) -> Result<()> {
    diesel::insert_into(assignments::table).values(AssignmentRow::from(assignment)).execute(&mut **tx)?;
    insert_audience(tx, assignment)
}

/// Replaces what its author may change of an assignment: everything but its school, year, author, and dates of
/// creation and withdrawal.
///
/// # Errors
/// [`Error::NotFound`].
pub fn update_assignment(tx: &mut Tx<'_>, assignment: &Assignment) -> Result<()> {
    let row = AssignmentRow::from(assignment);
    let changed = diesel::update(assignments::table.find(&row.id))
        .set((
            assignments::title.eq(row.title),
            assignments::instructions.eq(row.instructions),
            assignments::model_id.eq(row.model_id),
            assignments::opens_at.eq(row.opens_at),
            assignments::due_at.eq(row.due_at),
            assignments::closes_at.eq(row.closes_at),
            assignments::accepts.eq(row.accepts),
        ))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Err(Error::NotFound("assignment"));
    }
    let id = assignment.id.to_string();
    diesel::delete(assignment_audiences::table.filter(assignment_audiences::assignment_id.eq(id)))
        .execute(&mut **tx)?;
    insert_audience(tx, assignment)
}

/// Takes an assignment back. One that was taken back already keeps its date.
///
/// # Errors
/// [`Error::NotFound`].
pub fn set_assignment_withdrawn(tx: &mut Tx<'_>, id: AssignmentId, at: Timestamp) -> Result<()> {
    let standing = assignments::table.find(id.to_string()).filter(assignments::withdrawn_at.is_null());
    let changed =
        diesel::update(standing).set(assignments::withdrawn_at.eq(instant(at))).execute(&mut **tx)?;
    if changed == 0 {
        get_assignment_for(tx, &Viewer::System, id, at)?;
    }
    Ok(())
}

fn insert_audience(tx: &mut Tx<'_>, assignment: &Assignment) -> Result<()> {
    for target in &assignment.audience.targets {
        let (kind, target_id) = target_columns(target);
        diesel::insert_into(assignment_audiences::table)
            .values((
                assignment_audiences::assignment_id.eq(assignment.id.to_string()),
                assignment_audiences::kind.eq(kind.as_str()),
                assignment_audiences::target_id.eq(target_id),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// One assignment the viewer may see at `now`: its author always, its pupils from its opening until it is taken
/// back, their guardians as they do.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or not for this viewer at that instant.
pub fn get_assignment_for(
    conn: &mut Conn,
    viewer: &Viewer,
    id: AssignmentId,
    now: Timestamp,
) -> Result<Assignment> {
    let row: Option<AssignmentRow> =
        assignments::table.find(id.to_string()).filter(visible(viewer, now)).first(conn).optional()?;
    let rows: Vec<AssignmentRow> = row.into_iter().collect();
    assemble(conn, rows)?.pop().ok_or(Error::NotFound("assignment"))
}

/// The assignments the viewer may see at `now`, by due date, latest first.
///
/// # Errors
/// When the database fails.
pub fn list_assignments_for(conn: &mut Conn, viewer: &Viewer, now: Timestamp) -> Result<Vec<Assignment>> {
    let rows: Vec<AssignmentRow> = assignments::table
        .filter(visible(viewer, now))
        .order((assignments::due_at.desc(), assignments::id.desc()))
        .load(conn)?;
    assemble(conn, rows)
}

fn assemble(conn: &mut Conn, rows: Vec<AssignmentRow>) -> Result<Vec<Assignment>> {
    let mut list: Vec<Assignment> = rows.into_iter().map(AssignmentRow::into_bare).collect::<Result<_>>()?;
    let audiences: Vec<(String, String, String)> = assignment_audiences::table
        .filter(assignment_audiences::assignment_id.eq_any(texts(list.iter().map(|a| a.id))))
        .order((assignment_audiences::kind, assignment_audiences::target_id))
        .load(conn)?;
    let mut places: HashMap<AssignmentId, &mut Assignment> = list.iter_mut().map(|a| (a.id, a)).collect();
    for (id, kind, target_id) in audiences {
        if let Some(assignment) = places.get_mut(&parse(id)?) {
            assignment.audience.targets.push(target_from(kind, target_id)?);
        }
    }
    Ok(list)
}

fn visible(viewer: &Viewer, now: Timestamp) -> Condition<assignments::table> {
    match viewer {
        Viewer::System => constant(true),
        Viewer::Anonymous => constant(false),
        Viewer::Person(person) | Viewer::ApiToken { person, .. } => {
            let set = assignments::author_id
                .eq(person.id.to_string())
                .and(assignments::school_id.eq_any(texts(person.schools_as(Role::Teacher))));
            Box::new(set.or(open_to(person, now)))
        }
        Viewer::Guardian { pupil, .. } => open_to(pupil, now),
        // Its feed shows the answers, for which the teacher's address needs the assignment.
        Viewer::FeedToken(grant) | Viewer::MediaKey(grant) => {
            Box::new(assignments::author_id.eq(grant.beneficiary.id.to_string()))
        }
    }
}

/// Set to that person as a pupil, opened and not taken back. There is no homework for everyone in the world.
fn open_to(pupil: &PersonViewer, now: Timestamp) -> Condition<assignments::table> {
    let kind = assignment_audiences::kind;
    let target = assignment_audiences::target_id;
    let groups = texts(pupil.groups_as(Role::Pupil));
    let schools = texts(pupil.schools_as(Role::Pupil));
    let addressed = assignment_audiences::table
        .filter(
            kind.eq(AudienceKind::Person.as_str())
                .and(target.eq(pupil.id.to_string()))
                .or(kind.eq(AudienceKind::Group.as_str()).and(target.eq_any(groups)))
                .or(kind.eq(AudienceKind::School.as_str()).and(target.eq_any(schools))),
        )
        .select(assignment_audiences::assignment_id);
    Box::new(
        assignments::id
            .eq_any(addressed)
            .and(assignments::opens_at.le(instant(now)))
            .and(assignments::withdrawn_at.is_null()),
    )
}
